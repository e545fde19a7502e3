"""The tabs below the table: they follow the selected session, and only one of them draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.style import Style
from textual.widget import Widget

from agtop.columns.cells import short_id
from agtop.text import cut, line, printable
from agtop.tui.keys import bind
from agtop.tui.lines import ruled
from agtop.tui.messages import Selection
from agtop.tui.tabs.base import Tab
from agtop.tui.tones import ACCENT, QUIET, TITLE
from agtop.tui.words import quiet, toned


class TabsRule(Widget):
    """`─ Info │ Process │ Cost ───── claude 2b91aa · its title ─`: click a name to see it."""

    DEFAULT_CSS = """
    TabsRule { height: 1; text-wrap: nowrap; }
    """

    @dataclass
    class Chosen(Message):
        """The name of a tab was clicked."""

        tab: str

    active: var[str] = var("info")
    selection: var[Selection] = var(Selection())

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__()
        self._titles = titles

    def watch_active(self) -> None:
        self.refresh()

    def watch_selection(self) -> None:
        self.refresh()

    def render(self) -> Content:
        names = quiet(" │ ").join(
            [self._named(number, title) for number, title in enumerate(self._titles, 1)]
        )
        return ruled(self.size.width, names, self._whose(self.size.width - names.cell_length - 7))

    def _named(self, number: int, title: str) -> Content:
        """A tab's name behind the key that shows it."""
        name = title.casefold()
        click = Style.from_meta({"tab": name})
        shown = toned(title, TITLE if name == self.active else QUIET)
        return Content.assemble((f"{number} ", QUIET), shown).stylize(click)

    def on_click(self, event: events.Click) -> None:
        name = event.style.meta.get("tab")
        if isinstance(name, str):
            self.post_message(self.Chosen(name))

    def _whose(self, room: int) -> Content:
        """Whose tabs these are, as far as their names leave room."""
        session = self.selection.session
        if session is None:
            return Content("")
        name = f" {line(short_id(session))}"
        left = room - len(session.agent) - len(name)
        if left < 0:
            return Content("")
        title = line(printable(session.reading.title or session.project or ""))
        shown = quiet(f" · {cut(title, left - 3)}" if title and left > 6 else "")
        return Content.assemble(toned(session.agent, ACCENT), toned(name), shown)


class Panel(Vertical):
    """A rule with the names of the tabs, and the tab that shows."""

    DEFAULT_CSS = """
    Panel { height: 40%; min-height: 6; max-height: 24; }
    Panel Tab { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("panel.leave", "escape,enter", "leave", "Back", "Back to the table"),
    ]

    selection: var[Selection] = var(Selection())
    active: var[str] = var("info")

    class Left(Message):
        """The keys belong to the table again."""

    def __init__(self, tabs: Sequence[Tab]) -> None:
        super().__init__()
        self._tabs = tabs

    def compose(self) -> ComposeResult:
        titles = [tab.TITLE for tab in self._tabs]
        yield TabsRule(titles).data_bind(Panel.selection, Panel.active)
        for tab in self._tabs:
            tab.display = tab.id == self.active
            yield tab.data_bind(Panel.selection)

    def watch_active(self, active: str) -> None:
        focused = self.has_focus_within
        for tab in self._tabs:
            tab.display = tab.id == active
        if focused:
            self.take_focus()

    def take_focus(self) -> None:
        """Give the keys to the tab that shows."""
        self.shown.focus()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(tab.TITLE.casefold() for tab in self._tabs)

    @property
    def shown(self) -> Tab:
        return next(tab for tab in self._tabs if tab.id == self.active)

    def action_leave(self) -> None:
        self.post_message(self.Left())
