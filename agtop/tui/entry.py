"""A line to type into at the bottom of a tab: a filter, a search, a message."""

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
from agtop.tui.tones import QUIET, TITLE


class Entry(Horizontal):
    """`Filter: rate limit`, with what to type beside it."""

    DEFAULT_CSS = """
    Entry { height: 1; dock: bottom; display: none; }
    Entry.-open { display: block; }
    Entry Static { width: auto; text-wrap: nowrap; }
    Entry Input { width: 1fr; border: none; padding: 0; background: $background; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("entry.drop", "escape", "drop", "Drop", "Type nothing after all"),
    ]

    @dataclass
    class Typed(Message):
        """Something more, or less, stands there."""

        purpose: str
        text: str

    @dataclass
    class Closed(Message):
        """Done; without text when it was given up."""

        purpose: str
        text: str | None

    def __init__(self) -> None:
        super().__init__()
        self._purpose = ""
        self._name, self._input, self._hint = Static(), Input(compact=True), Static()

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    def compose(self) -> ComposeResult:
        yield self._name
        yield self._input
        yield self._hint

    def open(self, purpose: str, hint: str, text: str = "") -> None:
        """Ask for a text; `purpose` comes back with it, and is its name on the screen."""
        self._purpose = purpose
        self._name.update(Content.styled(f"{purpose}: ", TITLE))
        self._hint.update(Content.styled(f" {hint}", QUIET))
        self._input.value = text
        self._input.cursor_position = len(text)
        self.add_class("-open")
        self.screen.set_focus(self._input)

    def action_drop(self) -> None:
        self._close(None)

    def _close(self, text: str | None) -> None:
        self.remove_class("-open")
        self.post_message(self.Closed(self._purpose, text))

    @on(Input.Changed)
    def tell(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_open:
            self.post_message(self.Typed(self._purpose, event.value))

    @on(Input.Submitted)
    def finish(self, event: Input.Submitted) -> None:
        event.stop()
        self._close(event.value)
