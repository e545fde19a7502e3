"""A titled page over the screen that scrolls and goes away with Esc."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from agtop.tui.keys import bind
from agtop.tui.lines import text_of
from agtop.tui.tones import TITLE
from agtop.tui.words import toned


class Page(VerticalScroll):
    """The part of a sheet that scrolls."""

    DEFAULT_CSS = """
    Page { height: auto; max-height: 100%; padding: 0 1; }
    Page { scrollbar-size: 1 1; scrollbar-gutter: stable; }
    Page Static { height: auto; width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("sheet.up", "k", "scroll_up", "Up", "Scroll up"),
        bind("sheet.down", "j", "scroll_down", "Down", "Scroll down"),
        bind("sheet.top", "g", "scroll_home", "Top", "To the top"),
        bind("sheet.end", "G", "scroll_end", "End", "To the end"),
    ]


class Sheet(ModalScreen[None]):
    """Shows what `lines` makes for the width there is."""

    NAME = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("sheet.close", "escape,q,enter,f10", "dismiss", "Close", "Close this page", show=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._text = Static()

    def compose(self) -> ComposeResult:
        with Page() as page:
            page.border_title = toned(f" {self.NAME} ", TITLE)
            page.border_subtitle = Content(" Esc closes ")
            yield self._text

    def lines(self, width: int, /) -> Sequence[Content]:
        raise NotImplementedError

    def fail(self, reason: str) -> None:
        """A thread has failed: whoever waits for it shows why."""

    def on_mount(self) -> None:
        self.query_one(Page).focus()

    def on_resize(self) -> None:
        self.call_after_refresh(self.redraw)

    def redraw(self) -> None:
        width = self.query_one(Page).scrollable_content_region.width or self.size.width - 8
        self._text.update(text_of(self.lines(width)))
