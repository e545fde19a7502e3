"""Where a filter is typed: what is typed takes effect at once."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.widgets import Input

from agtop.tui.keys import bind
from agtop.tui.typing_bar import TypingBar


class FilterBar(TypingBar):
    """`Filter: agent:codex cost>1`, with a sentence beside it when that cannot be read."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("filter.clear", "escape", "clear", "Clear", "Show all sessions again", show=True),
        bind("filter.keep", "down", "keep", "Keep", "Back to the table"),
    ]
    NAME = "Filter"
    HINT = "Enter keeps, Esc clears   agent:codex  state:waiting  cost>1  !word"

    class Typed(TypingBar.Typed):
        """What is to be shown."""

    class Closed(TypingBar.Closed):
        """Done; without `keep` the filter goes."""

    def write(self, text: str) -> None:
        """Have what was filtered by elsewhere stand here too."""
        with self.prevent(Input.Changed):
            self.query_one(Input).value = text

    def action_clear(self) -> None:
        self.query_one(Input).clear()
        self.close(keep=False)

    def action_keep(self) -> None:
        self.close(keep=True)
