"""An app that shows some sessions, in some order."""

from __future__ import annotations

from collections.abc import Iterator

from textual import on
from textual.reactive import var

from agtop import columns
from agtop.config import meant
from agtop.filters import EVERYTHING, Filter, parse, readable
from agtop.themes import THEMES
from agtop.tui.collecting import Collecting
from agtop.tui.commanding import Commanding
from agtop.tui.commands import Command, only
from agtop.tui.filter_bar import FilterBar
from agtop.tui.looks import Looks
from agtop.tui.picking import Picking
from agtop.tui.screens.sort import SortMenu
from agtop.tui.session_table import SessionTable
from agtop.tui.tabs.stream import stream_of


class Narrowing(Commanding, Looks, Collecting):
    """Which sessions the table shows, and how they are sorted."""

    table: Picking
    filter: var[Filter] = var(EVERYTHING)
    sort: var[str] = var(columns.DEFAULT_SORT)
    reverse: var[bool] = var(False)
    show_ended: var[bool] = var(True)

    def commands(self) -> Iterator[Command]:
        names, themes = only(lambda: columns.BY_NAME), only(lambda: THEMES)
        yield Command("sort", "Sort by a column", self._sort_by, "COLUMN", names)
        yield Command("filter", "Show only some sessions", self._filter_by, "[WORDS]")
        yield Command("theme", "Change the colours", self.set_theme, "NAME", themes)
        yield from super().commands()

    # Order

    @on(SessionTable.SortChosen)
    def sort_chosen(self, message: SessionTable.SortChosen) -> None:
        self.action_sort(message.column)

    def action_sort(self, column: str) -> None:
        """Sort by `column`; when that is done already, turn the order round."""
        if column == self.sort:
            self.reverse = not self.reverse
        else:
            self.sort, self.reverse = column, False

    def action_invert(self) -> None:
        self.reverse = not self.reverse

    def action_sort_next(self, step: int) -> None:
        names = self.table.shown_columns
        here = names.index(self.sort) if self.sort in names else 0
        self.sort, self.reverse = names[(here + step) % len(names)], False

    def action_sort_menu(self) -> None:
        def chosen(column: str | None) -> None:
            if column is not None:
                self.action_sort(column)

        self.push_screen(SortMenu(self.sort, self.reverse), chosen)

    # Filter

    def action_filter(self) -> None:
        stream = stream_of(self.focused)
        if stream is not None:
            stream.action_filter()  # it has a filter of its own
            return
        self.query_one(FilterBar).open()

    @on(FilterBar.Typed)
    def typed(self, message: FilterBar.Typed) -> None:
        """Take what can be read, and say what cannot."""
        self.filter, error = readable(message.text)
        self.query_one(FilterBar).error = error

    @on(FilterBar.Closed)
    def closed(self, message: FilterBar.Closed) -> None:
        if not message.keep:
            self.filter = EVERYTHING
        self.table.focus()

    def action_clear_filter(self) -> None:
        self.query_one(FilterBar).action_clear()

    def action_toggle_ended(self) -> None:
        self.show_ended = not self.show_ended

    def _sort_by(self, column: str) -> None:
        if column not in columns.BY_NAME:
            raise ValueError(f'there is no column "{column}"{meant(column, columns.BY_NAME)}')
        self.action_sort(column)

    def _filter_by(self, text: str) -> None:
        if not text:
            self.action_filter()
            return
        self.filter = parse(text)
        self.query_one(FilterBar).write(text)
