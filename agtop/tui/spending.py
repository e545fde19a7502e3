"""An app that can show where the money went."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from textual import on

from agtop.model import Expenses, Snapshot
from agtop.tui.collecting import Collecting
from agtop.tui.commanding import Commanding
from agtop.tui.commands import Command, any_of
from agtop.tui.messages import SnapshotTaken
from agtop.tui.picking import Picking

if TYPE_CHECKING:
    from agtop.config import Config
    from agtop.spend.proxy.ask import Ask
    from agtop.spend.view import View
    from agtop.tui.screens.spend import SpendScreen

    Spent = tuple[Callable[[], tuple[Expenses, ...]], Config]
    """What was used, asked for in the collector's thread; and how weeks and budgets are."""


SPANS = ("day", "week", "month", "all")
CUTS = ("agent", "model", "repo", "session", "command", "hour")


REST = 10
"""How many times as long as it took to tell what was used it is not told again."""


class Spending(Commanding, Collecting):
    """Opens the page, keeps it up to date, and shows in the table what was chosen on it."""

    table: Picking
    spent: Spent | None = None
    proxy: Ask | None = None
    """Asks the LiteLLM proxy; None where nobody may be asked."""
    _page: SpendScreen | None = None
    """The page that is open."""
    _told_of: object = None
    """The sums of the snapshot it was told of."""
    _told_again_at: float = 0.0

    def commands(self) -> Iterator[Command]:
        offered = any_of(lambda: (*SPANS, *CUTS, "--since", "--until", "--proxy"))
        yield Command("spend", "Where the money went", self._spend_on, "[week] [agent]", offered)
        yield from super().commands()

    def _spend_on(self, text: str) -> None:
        from agtop.config import WEEKDAYS
        from agtop.spend import Clock
        from agtop.spend.period import month_of
        from agtop.spend.view import View
        from agtop.tui.orders import view

        today = Clock().today(time.time())
        first = 0 if self.spent is None else WEEKDAYS.index(self.spent[1].week_starts)
        words = text.split()
        wanted = [word for word in words if word not in ("proxy", "--proxy")]
        page = view(wanted, View(month_of(today)), today, first)
        self.show_spend(page, asks_proxy=len(wanted) < len(words))

    def action_spend(self) -> None:
        self.show_spend()

    def show_spend(self, view: View | None = None, asks_proxy: bool = False) -> None:
        if self.spent is None:
            self.notify("What was spent is not at hand here.", markup=False)
            return
        from agtop.config import WEEKDAYS  # rarely wanted, so not at the start
        from agtop.tui.screens.spend import SpendScreen

        expenses, config = self.spent
        titles = _titles(self.table.snapshot)
        first = WEEKDAYS.index(config.week_starts)
        screen = SpendScreen(
            first, config.week_budget, titles, view=view, proxy=self.proxy, asks_proxy=asks_proxy
        )
        self.push_screen(screen)
        self._page, self._told_of = screen, None
        self.ask(partial(self._find, screen, expenses))
        self.answer_soon()

    def _find(self, screen: SpendScreen, expenses: Callable[[], tuple[Expenses, ...]]) -> None:
        """In the collector's thread."""
        began = monotonic()
        screen.find(expenses)
        self._told_again_at = monotonic() + REST * (monotonic() - began)

    @on(SnapshotTaken)
    def keep_up(self, message: SnapshotTaken) -> None:
        """Have the open page told anew when something was used, with the next round."""
        page, sums = self._page, _sums(message.snapshot)
        if page is None or self.spent is None or not page.is_attached:
            self._page = None
            return
        if sums == self._told_of or monotonic() < self._told_again_at:
            return
        self._told_of = sums
        page.know(_titles(message.snapshot))
        self.ask(partial(self._find, page, self.spent[0]))
        if self.collect is None:
            self.answer_soon()

    def on_spend_screen_session_chosen(self, message: SpendScreen.SessionChosen) -> None:
        """Select it where it is still there; the page stays for those that are not."""
        for number, session in enumerate(self.table.rows):
            if session.key == message.key:
                self.pop_screen()
                self.table.move_to(number)
                return
        said = "It is not in the table: hidden, or its transcript is gone."
        self.notify(said, markup=False)


def _titles(snapshot: Snapshot) -> dict[str, str]:
    return {each.key: each.name for each in snapshot.sessions if each.name}


def _sums(snapshot: Snapshot) -> object:
    """As long as these are the same, so is what was spent."""
    totals = snapshot.totals
    return (totals.sessions, totals.tokens, totals.cost, totals.cost_today)
