"""An app that can show where the money went."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from agtop.model import Expenses
from agtop.tui.collecting import Collecting
from agtop.tui.commanding import Commanding
from agtop.tui.commands import Command, any_of
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


class Spending(Commanding, Collecting):
    """Opens the page, and shows in the table what was chosen on it."""

    table: Picking
    spent: Spent | None = None
    proxy: Ask | None = None
    """Asks the LiteLLM proxy; None where nobody may be asked."""

    def commands(self) -> Iterator[Command]:
        offered = any_of(lambda: (*SPANS, *CUTS, "--since", "--until"))
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
        self.show_spend(view(text.split(), View(month_of(today)), today, first))

    def action_spend(self) -> None:
        self.show_spend()

    def show_spend(self, view: View | None = None) -> None:
        if self.spent is None:
            self.notify("What was spent is not at hand here.", markup=False)
            return
        from agtop.config import WEEKDAYS  # rarely wanted, so not at the start
        from agtop.tui.screens.spend import SpendScreen

        expenses, config = self.spent
        titles = {each.key: each.name for each in self.table.snapshot.sessions if each.name}
        first = WEEKDAYS.index(config.week_starts)
        screen = SpendScreen(first, config.week_budget, titles, view=view, proxy=self.proxy)
        self.push_screen(screen)
        self.ask(partial(screen.find, expenses))
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
