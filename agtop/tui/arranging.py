"""What the app's keys do with the table: tree, search, pids, tags, follow and freeze."""

from __future__ import annotations

from textual import on
from textual.reactive import var

from agtop.filters import EVERYTHING, Filter, readable
from agtop.model import Snapshot
from agtop.tui.collecting import Collecting
from agtop.tui.panel import Panel
from agtop.tui.picking import Picking
from agtop.tui.rule import SessionsRule
from agtop.tui.search_bar import SearchBar
from agtop.units import clock


class Arranging(Collecting):
    """An app with a table of sessions."""

    table: Picking
    snapshot: var[Snapshot]
    tab: var[str]
    _newest: Snapshot | None = None
    """While an older one is shown that stands still."""
    _searched: Filter = EVERYTHING
    _search_from: str | None = None
    """The session the cursor was on when the search began."""
    _place: tuple[str, bool] = ("info", False)
    """The tab, and whether it showed, before a digit was typed."""

    def action_tree(self) -> None:
        self.table.action_tree()

    def action_follow(self) -> None:
        self.table.action_follow()

    # Freeze

    def newest(self, snapshot: Snapshot) -> Snapshot:
        """What is to be shown now that this one is there."""
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
        self.note()

    @on(Picking.Marked)
    def note(self) -> None:
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
        self.query_one(SearchBar).tell(found)
        return found

    # Pids

    @on(Picking.PidTyped)
    def pid_typed(self, message: Picking.PidTyped) -> None:
        panel = self.query_one(Panel)
        if message.is_pid:
            self.tab, panel.display = self._place
        else:
            self._place = (self.tab, panel.display)
