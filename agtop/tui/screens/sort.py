"""The menu of columns to sort by."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from agtop.columns import COLUMNS, Column
from agtop.text import cut
from agtop.tui.keys import bind
from agtop.tui.tones import QUIET, TITLE
from agtop.tui.words import toned


class SortMenu(ModalScreen[str | None]):
    """Answers with the name of a column, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("menu.close", "escape,q,f6", "dismiss(None)", "Close", "Leave the order", show=True),
        bind("menu.down", "j", "down", "Down", "The next column"),
        bind("menu.up", "k", "up", "Up", "The column before"),
    ]

    def __init__(self, sort: str, reverse: bool) -> None:
        super().__init__()
        self._sort = sort
        self._reverse = reverse

    def compose(self) -> ComposeResult:
        menu = OptionList(*(Option(self._line(column), id=column.name) for column in COLUMNS))
        menu.border_title = toned(" Sort by ", TITLE)
        menu.border_subtitle = Content(" Enter sorts, again turns the order ")
        menu.highlighted = [column.name for column in COLUMNS].index(self._sort)
        yield menu

    def _line(self, column: Column) -> Content:
        arrow = " "
        if column.name == self._sort:
            arrow = "▾" if column.descending != self._reverse else "▴"
        title = column.title.strip() or "●"
        about = cut(column.about.split(";")[0].split(". ")[0].rstrip("."), 56)
        return Content.assemble(f"{arrow} {title:<12} ", (about, QUIET))

    def action_down(self) -> None:
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        self.query_one(OptionList).action_cursor_up()

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)
