"""Activity: every effect agtop had on something outside itself, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from agtop.activity import Activity, Entry
from agtop.text import line
from agtop.tui.screens.sheet import Sheet
from agtop.tui.tabs.facts import wrapped
from agtop.tui.tones import ACCENT, QUIET, STRONG
from agtop.tui.words import toned
from agtop.units import clock

NOTHING = "agtop has changed nothing: no signal, no file, no command."


class ActivityScreen(Sheet):
    NAME = "Activity"

    def __init__(self, activity: Activity, now: float) -> None:
        super().__init__()
        self._activity, self._now = activity, now

    def lines(self, width: int, /) -> Sequence[Content]:
        entries = self._activity.entries
        rows = [row for each in reversed(entries) for row in _entry(each, self._now, width)]
        return rows or [each.stylize(QUIET) for each in wrapped(NOTHING, width)]


def _entry(entry: Entry, now: float, width: int) -> Iterator[Content]:
    yield Content.assemble(
        (f"{clock(entry.at, now)}  ", QUIET), (f"{entry.effect:<8}", ACCENT),
        toned(line(entry.what), STRONG), (f"   by {line(entry.by)}", QUIET),
    )  # fmt: skip
    for text in wrapped(entry.result, width - 10):
        yield Content.assemble(" " * 10, text)
