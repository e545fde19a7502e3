"""Where is typed what to look for: the cursor goes there at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from agtop.tui.keys import bind
from agtop.tui.tones import QUIET, WARN


class SearchBar(Horizontal):
    """`Search: login`, and whether there is such a session."""

    DEFAULT_CSS = """
    SearchBar { height: 1; display: none; }
    SearchBar.-open { display: block; }
    SearchBar #search-name { width: auto; }
    SearchBar Input { width: 1fr; }
    SearchBar #search-hint { width: auto; text-wrap: nowrap; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("search.back", "escape", "back", "Back", "Back to where the search began"),
        bind("search.next", "f3,down", "next(1)", "Next", "The next session that matches"),
        bind("search.previous", "up", "next(-1)", "Previous", "The one before"),
    ]
    HINT = "Enter stays there, Esc goes back   F3 the next"

    @dataclass
    class Typed(Message):
        text: str

    @dataclass
    class Stepped(Message):
        step: int

    @dataclass
    class Closed(Message):
        """Done; without `keep` the cursor goes back."""

        keep: bool

    def compose(self) -> ComposeResult:
        yield Static(Content(" Search: "), id="search-name")
        yield Input(compact=True, select_on_focus=True, id="search-input")
        yield Static(id="search-hint")

    def open(self) -> None:
        self.add_class("-open")
        self.tell(found=True)
        self.screen.set_focus(self.query_one(Input))

    def tell(self, found: bool) -> None:
        text, tone = (self.HINT, QUIET) if found else ("no session matches", WARN)
        self.query_one("#search-hint", Static).update(Content.styled(f" {text} ", tone))

    def action_back(self) -> None:
        self._close(keep=False)

    def action_next(self, step: int) -> None:
        self.post_message(self.Stepped(step))

    def _close(self, keep: bool) -> None:
        self.remove_class("-open")
        self.post_message(self.Closed(keep))

    @on(Input.Changed)
    def change(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Typed(event.value))

    @on(Input.Submitted)
    def finish(self, event: Input.Submitted) -> None:
        event.stop()
        self._close(keep=True)
