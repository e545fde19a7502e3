"""Activity: every effect agtop had on something outside itself, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from agtop.text import line
from agtop.tui.activity import Activity, Entry
from agtop.tui.screens.sheet import Sheet
from agtop.tui.tabs.facts import wrapped
from agtop.tui.tones import ACCENT, QUIET, STRONG
from agtop.tui.words import quiet, toned
from agtop.units import clock


class ActivityScreen(Sheet):
    NAME = "Activity"

    def __init__(self, activity: Activity) -> None:
        super().__init__()
        self._activity = activity

    def lines(self, width: int, /) -> Sequence[Content]:
        rows = [row for each in reversed(self._activity.entries) for row in _entry(each, width)]
        return rows or [quiet("agtop has changed nothing: no signal, no file, no command.")]


def _entry(entry: Entry, width: int) -> Iterator[Content]:
    yield Content.assemble(
        (f"{clock(entry.at)}  ", QUIET), (f"{entry.effect:<8}", ACCENT),
        toned(line(entry.what), STRONG), (f"   by {line(entry.by)}", QUIET),
    )  # fmt: skip
    for text in wrapped(entry.result, width - 10):
        yield Content.assemble(" " * 10, text)
