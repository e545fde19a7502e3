"""A line to type into below the table, with a sentence beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widgets import Input, Static

from agtop.text import line, printable
from agtop.tui.tones import QUIET, WARN


class TypingBar(Horizontal):
    """`Search: login`; what is typed is told at once."""

    DEFAULT_CSS = """
    TypingBar { height: 1; display: none; }
    TypingBar.-open { display: block; }
    TypingBar .bar-name { width: auto; }
    TypingBar Input { width: 1fr; }
    TypingBar .bar-hint { width: auto; max-width: 60%; }
    TypingBar .bar-hint { text-wrap: nowrap; text-overflow: ellipsis; }
    """
    NAME: ClassVar[str] = ""
    HINT: ClassVar[str] = ""
    REPLACES: ClassVar[bool] = False
    """Whether the first letter takes the place of what stands there."""

    error: var[str] = var("")
    """What is wrong with the text, or nothing."""

    @dataclass
    class Typed(Message):
        text: str

    @dataclass
    class Closed(Message):
        """Done; without `keep` all is as it was before."""

        keep: bool

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        name = self.NAME.casefold()
        yield Static(Content(f" {self.NAME}: "), id=f"{name}-name", classes="bar-name")
        yield Input(self._text, compact=True, select_on_focus=self.REPLACES, id=f"{name}-input")
        yield Static(id=f"{name}-hint", classes="bar-hint")

    def on_mount(self) -> None:
        self._advise()

    def watch_error(self) -> None:
        if self.is_mounted:
            self._advise()

    def open(self) -> None:
        self.add_class("-open")
        self.screen.set_focus(self.query_one(Input))

    def close(self, keep: bool) -> None:
        self.remove_class("-open")
        self.post_message(self.Closed(keep))

    def _advise(self) -> None:
        text, tone = (line(printable(self.error)), WARN) if self.error else (self.HINT, QUIET)
        self.query_one(".bar-hint", Static).update(Content.styled(f" {text} ", tone))

    @on(Input.Changed)
    def tell(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Typed(event.value))

    @on(Input.Submitted)
    def finish(self, event: Input.Submitted) -> None:
        event.stop()
        self.close(keep=True)
