"""An app that holds sessions against budgets: tells each threshold once, and pauses or stops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on, work
from textual.message import Message
from textual.reactive import var

from agtop.errors import AgtopError
from agtop.model import Session, Snapshot, replace
from agtop.tui.acting import Acting, Lend
from agtop.tui.budget_bar import BudgetBar, Wish
from agtop.tui.session_table import SessionTable

if TYPE_CHECKING:
    from agtop.budgets import Act, Alert, Spending, Standing
    from agtop.tui.deeds import Planned
    from agtop.tui.purse import Budgets, Changed, Purse

TOLD_FOR = 15.0
"""Seconds that an alert stays."""


class Budgeting(Acting):
    """Every snapshot goes through here, in the collector's thread, before it is shown."""

    enforces: var[bool] = var(False)
    """Some budget pauses or stops, in whatever mode."""

    @dataclass
    class Alerted(Message):
        """Thresholds nobody was told of yet."""

        alerts: Sequence[Alert]

    @dataclass
    class Overspent(Message):
        """A budget's order, with whom it hits."""

        planned: Planned
        sentence: str

    @dataclass
    class LogLost(Message):
        """What was told is remembered only as long as agtop runs."""

        sentence: str

    @dataclass
    class BudgetChanged(Message):
        changed: Changed

    @dataclass
    class BudgetRefused(Message):
        sentence: str

    def __init__(
        self,
        collect: Callable[[], Snapshot] | None,
        ansi_color: bool | None = None,
        lend: Lend | None = None,
        readonly: bool = False,
        purse: Purse | None = None,
    ) -> None:
        """
        Args:
            purse: The budgets; without it there are none and none can be set.
        """
        from agtop.budgets import Allowances, nobody, so_far

        taken = collect if collect is None or purse is None else lambda: self.weighed(collect())
        super().__init__(taken, ansi_color, lend, readonly)
        self._purse = purse
        self.budgets: Budgets = {} if purse is None else purse.budgets
        self._allowances = Allowances()
        self.spending: Spending = (so_far, nobody)
        """As of the newest snapshot."""
        self._show_enforcing()

    def _show_enforcing(self) -> None:
        acts = any(each.action != "warn" for each in self.budgets.values())
        self.enforces = acts and not self.modes.is_locked

    # In the collector's thread

    def weighed(self, snapshot: Snapshot) -> Snapshot:
        """Sessions with what they may still spend; what is new is told and done."""
        from agtop.budgets import standings

        budgets = tuple(self.budgets.values())
        if not budgets or self._purse is None:
            return self._allowances.put(snapshot, ())
        self.spending = self._purse.spending(snapshot)
        found = standings(budgets, snapshot.sessions, snapshot.taken_at, *self.spending)
        if snapshot.complete:
            try:
                self._tell_news(found, snapshot.sessions, self._purse)
            except (AgtopError, OSError) as error:
                self._forget(self._purse, error)
                self._tell_news(found, snapshot.sessions, self._purse)
        return self._allowances.put(snapshot, found)

    def _forget(self, purse: Purse, error: Exception) -> None:
        """What was told cannot be kept on disk: then for as long as agtop runs."""
        from agtop.tui.purse import Forgetful

        self._purse = replace(purse, log=Forgetful())
        why = (error.strerror or "").lower() if isinstance(error, OSError) else str(error)
        self.post_message(self.LogLost(f"alerts of budgets cannot be remembered ({why})"))

    def _tell_news(
        self, found: Sequence[Standing], sessions: Sequence[Session], purse: Purse
    ) -> None:
        from agtop.budgets import acts, alerts

        given = purse.log.read()
        news = alerts(found, given)
        if news:
            new = purse.log.add(alert.key for alert in news)
            told = {alert.standing.key: alert for alert in news if alert.key in new}
            self.post_message(self.Alerted(tuple(told.values())))  # the highest of each budget
        if self.modes.is_locked:
            return
        orders = acts(found, sessions, given)
        new = purse.log.add(act.key for act in orders) if orders else frozenset[str]()
        for act in orders:
            if act.key in new:
                self._order(act)

    def _order(self, act: Act) -> None:
        from agtop.tui.deeds import END, Deed, planned

        if self.hands is None:
            return
        name = END if act.action == "stop" else "STOP"
        by = f"budget {act.standing.budget.target}"
        wish = planned(Deed(name, by=by), [act.session], self.hands)
        doing = "stopping" if act.action == "stop" else "pausing"
        self.post_message(self.Overspent(wish, f"{by} is used up: {doing} {act.session.key}"))

    # What is new

    @on(Alerted)
    def tell_alerts(self, message: Alerted) -> None:
        for alert in message.alerts:
            severity = "error" if alert.threshold >= 100 else "warning"
            self.say(alert.sentence, severity=severity, timeout=TOLD_FOR)

    @on(LogLost)
    def tell_loss(self, message: LogLost) -> None:
        self.say(message.sentence, severity="warning")

    @on(Overspent)
    def obey(self, message: Overspent) -> None:
        wish = message.planned
        for sentence in wish.refused:
            self.note("signal", str(wish.deed.name), sentence, wish.deed.by)
            self.say(sentence, severity="error")
        if wish.plans:
            self.say(message.sentence, severity="error", timeout=TOLD_FOR)
            self.start(wish)

    # Changing one

    def action_budget(self) -> None:
        """Ask for the budget of the selected session."""
        session = self.screen_stack[0].query_one(SessionTable).selected
        if session is None or self._purse is None:
            self.say("Budgets are not at hand here.")
            return
        name = f"{session.agent} {session.session_id.replace('-', '')[-8:]}"
        self.query_one(BudgetBar).open(session.key, name, self._written(session.key))

    def _written(self, key: str) -> str:
        """The session's own budget as it would be typed."""
        for budget in self.budgets.values():
            if budget.target.scope == "session" and budget.target.key == key:
                amounts = [f"{budget.dollars:g}"] if budget.dollars is not None else []
                if not amounts and budget.tokens is not None:
                    amounts = [f"{budget.tokens} tokens"]
                return " ".join([*amounts, budget.action])
        return ""

    @on(BudgetBar.Closed)
    def leave_budget(self) -> None:
        self.screen_stack[0].query_one(SessionTable).focus()

    @on(BudgetBar.Wished)
    def wish_budget(self, message: BudgetBar.Wished) -> None:
        wish = message.wish
        try:
            self.change_budget(self.owner_of(wish, message.session), wish)
        except ValueError as error:
            self.query_one(BudgetBar).error = str(error)

    def owner_of(self, wish: Wish, session: str | None) -> Callable[[], str]:
        """What finds the target's name in the config file. Raises ValueError.

        Args:
            session: the key of the one that is meant where none is named.
        """
        if wish.whose is not None:
            raise ValueError(f'"{wish.whose}" is nothing to set a budget for')
        if wish.target is None and session is None:
            raise ValueError("no session is selected; write whose budget it is")
        name = f"session:{session}" if wish.target is None else str(wish.target)
        return lambda: name

    @work(thread=True, exclusive=True, exit_on_error=False, group="budget")
    def change_budget(self, owner: Callable[[], str], wish: Wish) -> None:
        """In a thread: another agtop may hold the file."""
        if self._purse is None:
            self.post_message(self.BudgetRefused("budgets are not at hand here"))
            return
        try:
            changed = self._purse.change(self.budgets, owner(), wish.amount, wish.action)
        except AgtopError as error:
            self.post_message(self.BudgetRefused(str(error)))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            self.post_message(self.BudgetRefused(f"config.toml cannot be written ({reason})"))
        else:
            self.post_message(self.BudgetChanged(changed))

    @on(BudgetRefused)
    def refuse_budget(self, message: BudgetRefused) -> None:
        bar = self.query_one(BudgetBar)
        if bar.is_open:
            bar.error = message.sentence
        else:
            self.say(message.sentence, severity="warning")

    @on(BudgetChanged)
    def take_budgets(self, message: BudgetChanged) -> None:
        changed = message.changed
        self.budgets = changed.budgets
        self._show_enforcing()
        bar = self.query_one(BudgetBar)
        bar.close()
        self.leave_budget()
        self.note("file", changed.file, changed.sentence)
        self.say(changed.sentence)
        self.action_refresh_now()
