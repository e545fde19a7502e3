"""A tab: one view of the selected session, drawn only while it shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.reactive import var
from textual.widget import Widget

from agtop.model import Session
from agtop.text import cut
from agtop.tui.keys import TAB_KEYS, bind
from agtop.tui.lines import text_of
from agtop.tui.messages import Selection
from agtop.tui.words import quiet


class Lines(Widget):
    """Lines of text, of which only those that changed are repainted."""

    DEFAULT_CSS = """
    Lines { width: 1fr; height: 0; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[Content] = ()

    def render(self) -> Content:
        return text_of(self._lines)

    def show(self, lines: Sequence[Content]) -> None:
        before, self._lines = self._lines, lines
        if len(before) != len(lines):
            # Of two `auto` heights before one layout Textual takes the first.
            self.styles.height = len(lines)
            self.refresh()
            return
        width = self.size.width
        pairs = enumerate(zip(before, lines, strict=True))
        changed = [Region(0, y, width, 1) for y, (old, new) in pairs if not _same(old, new)]
        if changed:
            self.refresh(*changed)


def _same(one: Content, other: Content) -> bool:
    return one.plain == other.plain and one.spans == other.spans


class Tab(VerticalScroll):
    """Scrolls what `draw` makes of the session."""

    TITLE: ClassVar[str]
    DEFAULT_CSS = """
    Tab { scrollbar-size: 1 1; scrollbar-gutter: stable; padding: 0 0 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("tab.up", "k", "scroll_up", "Up", "Scroll up"),
        bind("tab.down", "j", "scroll_down", "Down", "Scroll down"),
        bind("tab.top", "g", "scroll_home", "Top", "Scroll to the top"),
        bind("tab.end", "G", "scroll_end", "End", "Scroll to the end"),
        *TAB_KEYS,
    ]

    selection: var[Selection] = var(Selection())

    def __init__(self) -> None:
        super().__init__(id=self.TITLE.casefold())
        self._lines = Lines()
        self._key: str | None = None

    def compose(self) -> Sequence[Widget]:
        return (self._lines,)

    def draw(self, session: Session, now: float, width: int, /) -> Sequence[Content]:
        """The lines to show, each at most `width` cells."""
        raise NotImplementedError

    def draw_alone(self, width: int) -> Sequence[Content]:
        """The lines while no session is selected."""
        return [quiet(cut("No session is selected.", width))]

    def watch_selection(self) -> None:
        self.redraw()

    def on_show(self) -> None:
        self.redraw()

    def on_resize(self) -> None:
        self.redraw()

    @property
    def _is_shown(self) -> bool:
        return self.display and isinstance(self.parent, Widget) and self.parent.display

    def redraw(self) -> None:
        """Draw again, if anybody can see it."""
        if not self.is_mounted or not self._is_shown:
            return
        session, now = self.selection.session, self.selection.now
        width = max(20, self.scrollable_content_region.width)
        lines = self.draw_alone(width) if session is None else self.draw(session, now, width)
        key = None if session is None else session.key
        if key != self._key:
            self._key = key
            self.scroll_home(animate=False)
        self._lines.show(lines)
