"""What the app's keys do with the table, and how it is left and found again."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text
from textual import on
from textual.reactive import var

from agtop.errors import AgtopError
from agtop.filters import EVERYTHING, Filter, readable
from agtop.model import Snapshot, replace
from agtop.text import line, printable
from agtop.themes import THEMES
from agtop.tui.collecting import Collecting
from agtop.tui.looks import Looks
from agtop.tui.opening import Look
from agtop.tui.panel import Panel
from agtop.tui.picking import Picking
from agtop.tui.places import TALL
from agtop.tui.remembered import Memory, Remembered
from agtop.tui.rule import SessionsRule
from agtop.tui.screens.setup import SetupScreen
from agtop.tui.search_bar import SearchBar
from agtop.tui.tabs.stream import stream_of
from agtop.tui.tree import Folding
from agtop.units import clock


class Arranging(Looks, Collecting):
    """An app with a table of sessions."""

    table: Picking
    snapshot: var[Snapshot]
    tab: var[str]
    filter: var[Filter]
    sort: var[str]
    reverse: var[bool]
    show_ended: var[bool]
    _memory: Memory = Memory()
    _newest: Snapshot | None = None
    """While an older one is shown that stands still."""
    _searched: Filter = EVERYTHING
    _search_from: str | None = None
    """The session the cursor was on when the search began."""
    _place: tuple[str, bool] = ("info", False)
    """The tab, and whether it showed, before a digit was typed."""

    # How it was left

    def find_as_left(self, memory: Memory) -> None:
        """Before anything is shown; order and filter are for whoever knows the flags too."""
        self._memory, found = memory, memory.start
        table = self.table
        table.set_reactive(Picking.column_names, found.columns or memory.columns)
        table.set_reactive(Picking.column_widths, found.widths)
        exceptions = frozenset(found.exceptions)
        table.set_reactive(Picking.folding, Folding(found.tree, found.unfolds, exceptions))
        table.begin_with(found.selected, frozenset(found.tagged))

    def on_mount(self) -> None:
        found, panel = self._memory.start, self.query_one(Panel)
        if found.panel is not None:
            panel.display = found.panel
        if found.tab in panel.names:
            self.tab = found.tab
        if found.theme in THEMES:
            self.set_theme(found.theme)
        self.show_ended = found.show_ended
        self.note_rule()

    def exit(
        self,
        result: None = None,
        return_code: int = 0,
        message: RenderableType | None = None,
    ) -> None:
        if self.query(Panel):
            try:
                self._memory.keep(self.as_left())
            except AgtopError as error:
                message = message or Text(line(printable(str(error))))
        super().exit(result, return_code, message)

    @property
    def look(self) -> Look:
        """What the table looks like."""
        return Look(self.table.column_names, self.table.column_widths, self.reverse)

    def as_left(self) -> Remembered:
        """How it is now."""
        table, panel = self.table, self.query_one(Panel)
        folding, tabs_fit = table.folding, self.size.height >= TALL
        return Remembered(
            sort=self.sort,
            reverse=self.reverse,
            filter=self.filter.text,
            show_ended=self.show_ended,
            columns=() if table.column_names == self._memory.columns else table.column_names,
            widths=dict(table.column_widths),
            tab=self.tab,
            panel=None if panel.display == tabs_fit else panel.display,
            tree=folding.is_on,
            unfolds=folding.opens,
            exceptions=tuple(sorted(folding.others)),
            tagged=tuple(sorted(table.tagged)),
            selected=table.selected_key,
            theme=None if self.worn == self.wished else self.worn,
        )

    def action_setup(self) -> None:
        table = self.table
        themes = list(THEMES)
        self.push_screen(
            SetupScreen(table.column_names, table.column_widths, self._memory.columns, themes)
        )

    @on(SetupScreen.Changed)
    def set_up(self, message: SetupScreen.Changed) -> None:
        self.table.column_names = message.columns
        self.table.column_widths = message.widths

    # Tree

    def action_tree(self) -> None:
        self.table.action_tree()

    def action_follow(self) -> None:
        self.table.action_follow()

    # Freeze

    def newest(self, snapshot: Snapshot) -> Snapshot:
        """What is to be shown now that this one is there."""
        if self._memory.problems:
            problems = (*snapshot.problems, *self._memory.problems)
            snapshot = replace(snapshot, problems=problems)
        if self._newest is None:
            return snapshot
        self._newest = snapshot
        return self.snapshot

    def action_freeze(self) -> None:
        """What is shown stands still; the next time, it is as new as it can be."""
        if self._newest is None:
            self._newest = self.snapshot
        else:
            self.snapshot, self._newest = self._newest, None
        self.note_rule()

    @on(Picking.Marked)
    def note_rule(self) -> None:
        """Say above the table what is not as usual."""
        notes: list[str] = []
        if self._newest is not None:
            at = self.snapshot.taken_at
            notes.append(f"frozen at {clock(at, at)}")
        if self.table.is_following:
            notes.append("following")
        if self.table.tagged:
            notes.append(f"{len(self.table.tagged):,} tagged")
        self.query_one(SessionsRule).notes = tuple(notes)

    # Search

    def action_search(self) -> None:
        stream = stream_of(self.focused)
        if stream is not None:
            stream.action_search()  # it looks among its own lines
            return
        selected = self.table.selected
        self._search_from = None if selected is None else selected.key
        self.query_one(SearchBar).open()

    @on(SearchBar.Typed)
    def search(self, message: SearchBar.Typed) -> None:
        text = message.text.strip().replace('"', "")
        self._searched, _ = readable(f'"{text}"' if text else "")
        self._search_back()
        self._search_on(0)

    @on(SearchBar.Stepped)
    def search_stepped(self, message: SearchBar.Stepped) -> None:
        self._search_on(message.step)

    @on(SearchBar.Closed)
    def searched(self, message: SearchBar.Closed) -> None:
        if not message.keep:
            self._search_back()
        self.table.focus()

    def _search_back(self) -> None:
        """To the session where the search began."""
        place = None if self._search_from is None else self.table.line_of(self._search_from)
        if place is not None:
            self.table.move_to(place)

    def action_search_next(self, step: int) -> None:
        if not self._searched:
            self.action_search()
        elif not self._search_on(step):
            self.notify("No session matches what was searched for.", markup=False)

    def _search_on(self, step: int) -> bool:
        """Go on by `step`; 0 stays where that matches."""
        start = self.table.cursor + step
        found = not self._searched or self.table.search(self._searched, start, step or 1)
        self.query_one(SearchBar).error = "" if found else "no session matches"
        return found

    # Pids

    @on(Picking.PidTyped)
    def pid_typed(self, message: Picking.PidTyped) -> None:
        panel = self.query_one(Panel)
        if message.is_pid:
            self.tab, panel.display = self._place
        else:
            self._place = (self.tab, panel.display)
