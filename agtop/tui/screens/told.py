"""What a verb answered, as the command line would have printed it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from agtop.text import cut, line, printable
from agtop.tui.screens.sheet import Sheet
from agtop.tui.words import quiet, toned


class ToldScreen(Sheet):
    def __init__(self, verb: str, lines: Sequence[str], called_off: bool = False) -> None:
        """
        Args:
            verb: what was asked: `agtop scan --all`.
            called_off: it is a part of the answer.
        """
        super().__init__()
        self.NAME = line(verb)
        self._lines = lines
        self._called_off = called_off

    def lines(self, width: int, /) -> Sequence[Content]:
        shown = [toned(cut(printable(each), width)) for each in self._lines]
        if self._called_off:
            shown.append(quiet("called off: this is what was found until then"))
        return shown
