"""Where is typed what to look for: the cursor goes there at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from agtop.tui.keys import bind
from agtop.tui.typing_bar import TypingBar


class SearchBar(TypingBar):
    """`Search: login`, and whether there is such a session."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("search.back", "escape", "back", "Back", "Back to where the search began"),
        bind("search.next", "f3,down", "next(1)", "Next", "The next session that matches"),
        bind("search.previous", "up", "next(-1)", "Previous", "The one before"),
    ]
    NAME = "Search"
    HINT = "Enter stays there, Esc goes back   F3 the next"
    REPLACES = True

    class Typed(TypingBar.Typed):
        """What to look for."""

    @dataclass
    class Stepped(Message):
        step: int

    class Closed(TypingBar.Closed):
        """Done; without `keep` the cursor goes back."""

    def open(self) -> None:
        self.error = ""
        super().open()

    def action_back(self) -> None:
        self.close(keep=False)

    def action_next(self, step: int) -> None:
        self.post_message(self.Stepped(step))
