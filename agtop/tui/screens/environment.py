"""Environment: which variables a session's process was started with, never what they hold."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from agtop.text import line
from agtop.tui.screens.sheet import Sheet
from agtop.tui.tones import QUIET, STRONG
from agtop.tui.words import quiet, toned


class EnvironmentScreen(Sheet):
    NAME = "Environment"

    def __init__(self, whose: str, names: Sequence[str] | None) -> None:
        super().__init__()
        self._whose, self._names = whose, names

    def lines(self, _width: int, /) -> Sequence[Content]:
        head = [toned(line(self._whose), STRONG), Content("")]
        if self._names is None:
            return [*head, quiet("Its environment cannot be read: it ended, or is not yours.")]
        if not self._names:
            return [*head, quiet("It was started without any variables.")]
        rows = [Content.assemble(toned(line(n)), (" = redacted", QUIET)) for n in self._names]
        note = quiet("Values may be secrets: agtop keeps and shows only the names.")
        return [*head, *rows, Content(""), note]
