"""What the meters of several agents are built from."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from agtop.agents.arguments import best, opened
from agtop.agents.document import DAMAGED, Document
from agtop.agents.facts import Facts
from agtop.agents.lines import LineMeter
from agtop.agents.writes import replaced
from agtop.model import Response, Tokens


class Note(msgspec.Struct):
    id: str
    at: float = 0.0
    text: str = ""


class Notes(LineMeter):
    """A meter for lines of notes; each is an answer of one token."""

    def _named(self) -> str:
        return Path(self.path).stem

    def _take(self, line: bytes) -> bool:
        try:
            note = msgspec.json.decode(line, type=Note)
        except msgspec.MsgspecError:
            return False
        self._facts.seen(note.at)
        self._facts.replied(note.id)
        self._facts.answered(note.text, note.at)
        self._claim(Response(note.id, note.at, "m", Tokens(output=1)))
        return True


def line(**note: object) -> bytes:
    return msgspec.json.encode(note) + b"\n"


def test_lines_are_taken_once_and_damaged_ones_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    path.write_bytes(line(id="a", at=5.0) + b"{torn\n" + line(id="b", at=6.0)[:-1])
    meter = Notes(str(path))
    (first,) = meter.read()
    assert (first.records, first.skipped, first.replies) == (1, 1, 1)
    with path.open("ab") as file:
        file.write(b"\n")
    (second,) = meter.read()
    assert (second.records, second.replies, second.last_active) == (2, 2, 6.0)
    assert [claim.response.key for claim in meter.claims()] == ["a", "b"]
    assert meter.claims() == []


def test_nothing_new_is_the_same_object(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    path.write_bytes(line(id="a"))
    meter = Notes(str(path))
    assert meter.read() is meter.read()
    assert not meter.changed()


def test_a_replaced_file_is_read_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    path.write_bytes(line(id="a") + line(id="b"))
    meter = Notes(str(path))
    meter.read()
    path.write_bytes(line(id="c"))
    (reading,) = meter.read()
    assert (reading.replies, meter.restarts) == (1, 1)


def test_every_claim_is_born_with_its_transcript(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    path.write_bytes(line(id="a", at=5.0) + line(id="b", at=9.0))
    meter = Notes(str(path))
    meter.read()
    assert [claim.born_at for claim in meter.claims()] == [5.0, 5.0]


def test_a_torn_document_says_what_it_said_before(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_bytes(b'{"id": "a"}')
    document = Document(str(path), Note)
    assert document.read()
    path.write_bytes(b'{"id": "b", "te')
    assert not document.read()
    assert document.value is not None
    assert (document.value.id, document.wrong) == ("a", DAMAGED)
    path.write_bytes(b'{"id": "b", "text": ""}')
    assert document.read()
    assert (document.value.id, document.wrong) == ("b", None)
    assert not document.read()


def test_a_document_that_need_not_exist_is_no_error(tmp_path: Path) -> None:
    assert not Document(str(tmp_path / "none.json"), Note).look()


def test_calls_wait_for_their_results() -> None:
    facts = Facts("s")
    facts.prompted("fix it", 1.0)
    facts.called("1", "shell", "make  all", 2.0)
    facts.called("2", "ask_user", "which?", 3.0, asks=True)
    reading = facts.freeze("t")
    assert (reading.activity.phase, reading.action) == ("question", "ask_user: which?")
    facts.resolved("2", 4.0)
    assert facts.freeze("t").activity.phase == "tool"
    facts.resolved("1", 5.0, is_error=True)
    reading = facts.freeze("t")
    assert (reading.activity.phase, reading.tool_calls, reading.tool_errors) == ("requested", 2, 1)
    facts.answered("Done. Anything else?", 6.0)
    assert facts.freeze("t").activity.phase == "asks"
    assert facts.freeze("t").title == "fix it"


def test_a_call_told_twice_counts_once() -> None:
    facts = Facts("s")
    for _ in range(2):
        facts.called("1", "shell", "ls", 1.0)
        facts.resolved("1", 2.0)
    assert facts.freeze("t").tool_calls == 1


def test_the_context_knows_its_peak_and_its_compactions() -> None:
    facts = Facts("s")
    facts.filled(900, 1000)
    facts.compacted(before=950, after=100)
    context = facts.freeze("t").context
    assert context is not None
    assert (context.used, context.window, context.peak, context.compactions) == (100, 1000, 950, 1)


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("", "a\nb\n", (2, 0)),
        ("a\nb\nc", "a\nB\nB2\nc", (2, 1)),
        ("a\na", "a", (0, 1)),
        ("same", "same", (0, 0)),
        ("a", "", (0, 1)),
    ],
)
def test_what_took_the_place_of_a_text_is_counted_by_lines(
    old: str, new: str, lines: tuple[int, int]
) -> None:
    assert replaced(old, new) == lines


def test_the_most_telling_argument_names_a_call() -> None:
    assert best({"content": "long text", "path": "/a"}) == "/a"
    assert best({"timeout": 5, "note": "x"}) == "x"
    assert best({"path": " ", "nothing": None}) == ""


@pytest.mark.parametrize("recorded", [b"", b"[1]", b"{torn", b"null"])
def test_arguments_that_are_no_object_are_none(recorded: bytes) -> None:
    assert opened(recorded) == {}
    assert opened(b'{"path": "/a"}') == {"path": "/a"}
