"""Whatever a frame, a path or a summary is made of: lines of plain text come of it."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterable, Iterator

import pytest
from textual.content import Content

from agtop.bus.commands import row
from agtop.bus.message import Message, encode, load, message_of
from agtop.clashes import text
from agtop.errors import BusError
from agtop.listing import Page
from agtop.model import Conflict, Event, FileWrite, Writer, replace
from agtop.text import line, width
from agtop.trace.commands import Printer
from agtop.tui.tabs.bus import BusTab
from agtop.tui.tabs.changes import ChangesTab
from agtop.tui.tabs.trace import TraceTab
from tests.tui.records import NOW, session

PIECES = (
    "\x1b[31m", "\x1b]0;t\x07", "\x1b]52;c;aGk=\x07", "\x1bP1$r\x1b\\", "\x9b2J", "\x9d8;;x\x9c",
    "\x00", "\x07", "\x08", "\r", "\n", "\t", "\x0b", "\x7f", "\x85", "\u2028", "\u2029",
    "\u202e", "\u2066", "\u200f", "\ufeff", "\U000e0041", "\ud800", "[red]", "[/]", "[@click=app.quit]x[/]",
    "[link=http://a.b]", "\\[", "]", "日本", "e\u0301", "\U0001f469\u200d\U0001f4bb", "plain", " ", "%s", "{0}",
)  # fmt: skip
ROUNDS = 300
ROOM = 60


def words(seed: int) -> Iterator[str]:
    dice = random.Random(seed)
    for _ in range(ROUNDS):
        yield "".join(dice.choices(PIECES, k=dice.randrange(1, 12)))


def harmless(lines: Iterable[str]) -> bool:
    return all(each.isprintable() or each == "\u200d" for line in lines for each in line)


def kept(content: Content) -> str:
    """What is drawn, of which no part was taken for a style or a link of its own."""
    assert all("@" not in str(span.style) and "link" not in str(span.style) for span in content.spans)  # fmt: skip
    return content.plain


def message(said: str) -> Message | None:
    try:
        return Message(said, said, said, source=said, path=said, data={said: [said, {said: 1}]})
    except BusError:
        return None


def test_no_message_gets_at_the_terminal_or_the_screen() -> None:
    tab = BusTab()
    shown: list[str] = []
    for said in words(1):
        if (each := message(said)) is not None:
            shown += [row(each), kept(tab.row_line(each, NOW, ROOM, True)), *tab.row_body(each)]
            assert width(tab.row_line(each, NOW, ROOM, True).plain) <= ROOM

    assert len(shown) > ROUNDS
    assert harmless(shown)


def test_markup_in_a_message_is_told_as_it_was_written() -> None:
    told = Message("a:1", "t", "[red]it[/] leaks [link=x]")

    assert "[red]it[/] leaks [link=x]" in kept(BusTab().row_line(told, NOW, 100, False))


def test_no_frame_is_more_than_a_message_or_a_refusal() -> None:
    dice = random.Random(2)
    whole = encode(Message("a:1", "t", "s", path="f.py:1", data={"x": [1, "y"]})).rstrip(b"\n")
    shown: list[str] = []
    for said in words(2):
        raw = json.dumps({"agent": said, "topic": said, "summary": said, "id": said, "timestamp": said})  # fmt: skip
        spoilt = bytearray(whole if dice.random() < 0.5 else raw.encode())
        for _ in range(dice.randrange(4)):
            spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
        try:
            shown.append(row(message_of(load(bytes(spoilt)))))
        except BusError as error:
            shown.append(line(str(error)))

    assert shown
    assert harmless(shown)


@pytest.mark.parametrize("cells", [None, ROOM])
def test_no_event_gets_at_the_terminal_or_the_screen(cells: int | None) -> None:
    tab, out = TraceTab(), io.StringIO()
    shown: list[str] = []
    for said in words(3):
        event = Event(NOW, "claude", said, said, "tool call", said, said, said, said)
        shown += [kept(tab.row_line(event, NOW, ROOM, True)), *tab.row_body(event)]
        Printer(out, cells=cells, clock=lambda: NOW).events([event], who=True)

    assert harmless(shown)
    assert harmless(out.getvalue().split("\n"))
    assert out.getvalue().count("\n") == ROUNDS


def test_no_conflict_gets_at_the_terminal_or_the_screen() -> None:
    mine = session("11111111-2222-4333-8444-55555555abcd")
    shown: list[str] = []
    for said in words(4):
        path = f"/work/{said}"
        writers = (Writer(mine.key, NOW, NOW, 1), Writer(f"{said}:{said}", NOW, NOW, 1))
        conflict = Conflict("writes", "high", path, NOW, NOW, writers, said)
        shown += text([conflict], NOW, Page(ROOM, False))
        written = replace(mine.reading, cwd=f"/work/{said}", writes=(FileWrite(path, 1, NOW),))
        tab = ChangesTab(lambda found=conflict: (found,))
        shown += map(kept, tab.draw(replace(mine, reading=written), NOW, ROOM))

    assert harmless(shown)
