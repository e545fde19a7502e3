"""Which events are shown, and what a line of them says."""

from __future__ import annotations

import pytest

from agtop.trace.choice import Choice, kinds
from agtop.trace.line import document, parts, shortened
from tests.trace.events import event


def text(*args: object, **more: object) -> str:
    return "".join(part.text for part in parts(event(*args, **more), 1.0))  # type: ignore[arg-type]


def test_kinds_may_be_written_in_several_ways() -> None:
    assert kinds(["tool-call,Errors", "files"]) == {"tool call", "error", "file written"}


def test_a_kind_that_is_none_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r'called "foo"; there are prompt, .*file-written'):
        kinds(["foo"])


def test_a_text_is_looked_for_in_title_body_and_tool() -> None:
    events = [event("Hello"), event("x", body="say HELLO"), event("y", tool="hello"), event("z")]

    assert [Choice(text="hello").matches(each) for each in events] == [True, True, True, False]


def test_only_the_chosen_kinds_match() -> None:
    choice = Choice(frozenset(["error"]))

    assert [choice.matches(event(kind=kind)) for kind in ("error", "text")] == [True, False]


def test_a_failed_result_says_so_with_its_duration_and_tool() -> None:
    shown = text("no rule", "result", failed=True, duration=5.25, tool="Bash", scope="agent-a189cb")

    assert shown == "00:00:01  result        ⤷ a189cb  Bash: no rule  ✗ failed  5.2s"


def test_a_hostile_title_stays_text_on_one_line() -> None:
    shown = text("a\x1b]0;x\x07\nb\u202ec")

    assert set("\x1b\x07\n\u202e").isdisjoint(shown)


def test_a_line_is_cut_to_the_cells_there_are() -> None:
    cut = shortened(parts(event("漢" * 80), 1.0), 40)

    assert "".join(part.text for part in cut).endswith("…")
    assert len("".join(part.text for part in cut)) < 40


def test_the_document_has_null_for_what_is_unknown() -> None:
    told = document(event(at=None))

    assert (told["at"], told["call"], told["duration_secs"]) == (None, None, None)
    assert told["kind"] == "text"
    assert told["body"] == "Hello"
