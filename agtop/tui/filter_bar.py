"""Where a filter is typed: what is typed takes effect at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widgets import Input, Static

from agtop.text import line, printable
from agtop.tui.keys import bind
from agtop.tui.tones import QUIET, WARN


class FilterBar(Horizontal):
    """`Filter: agent:codex cost>1`, with a sentence beside it when that cannot be read."""

    DEFAULT_CSS = """
    FilterBar { height: 1; display: none; }
    FilterBar.-open { display: block; }
    FilterBar #filter-name { width: auto; }
    FilterBar Input { width: 1fr; }
    FilterBar #filter-hint { width: auto; max-width: 60%; }
    FilterBar #filter-hint { text-wrap: nowrap; text-overflow: ellipsis; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("filter.clear", "escape", "clear", "Clear", "Show all sessions again", show=True),
        bind("filter.keep", "down", "keep", "Keep", "Back to the table"),
    ]
    HINT = "Enter keeps, Esc clears   agent:codex  state:waiting  cost>1  !word"

    error: var[str] = var("")
    """Why the text is not a filter, or nothing."""

    @dataclass
    class Typed(Message):
        text: str

    @dataclass
    class Closed(Message):
        """Done; without `keep` the filter goes."""

        keep: bool

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        yield Static(Content(" Filter: "), id="filter-name")
        yield Input(self._text, compact=True, select_on_focus=False, id="filter-input")
        yield Static(id="filter-hint")

    def on_mount(self) -> None:
        self._hint()

    def write(self, text: str) -> None:
        """Have what was filtered by elsewhere stand here too."""
        with self.prevent(Input.Changed):
            self.query_one(Input).value = text

    def open(self) -> None:
        self.add_class("-open")
        self.screen.set_focus(self.query_one(Input))

    def watch_error(self) -> None:
        if self.is_mounted:
            self._hint()

    def _hint(self) -> None:
        text, tone = (line(printable(self.error)), WARN) if self.error else (self.HINT, QUIET)
        self.query_one("#filter-hint", Static).update(Content.styled(f" {text} ", tone))

    def action_clear(self) -> None:
        self.query_one(Input).clear()
        self._close(keep=False)

    def action_keep(self) -> None:
        self._close(keep=True)

    def _close(self, keep: bool) -> None:
        self.remove_class("-open")
        self.post_message(self.Closed(keep))

    @on(Input.Changed)
    def tell(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Typed(event.value))

    @on(Input.Submitted)
    def finish(self, event: Input.Submitted) -> None:
        event.stop()
        self._close(keep=True)
