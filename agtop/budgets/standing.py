"""Budgets held against what has been spent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from agtop.budgets.budget import Budget, Kind, Period, Target
from agtop.model import Record, Session, Snapshot


class Spent(Record):
    """What one or more sessions used; None where nobody can tell."""

    dollars: float | None = None
    tokens: int | None = None
    is_estimated: bool = False
    """Some of it is an agent's estimate."""
    is_partial: bool = False
    """Some of it has no known price, or no meter: it is at least this."""


Span = Callable[[Session, Period | None], Spent]
"""What a session spent today, this week, or ever."""
Gone = Callable[[Target], Spent]
"""What sessions spent that are not there any more."""


class Standing(Record):
    """How far one limit of one budget is used."""

    budget: Budget
    kind: Kind
    limit: float
    used: float | None
    subject: str = ""
    """The session's key, when each has the budget for itself."""
    window: str = ""
    """The day or week it is about; the next begins anew."""
    is_estimated: bool = False
    is_partial: bool = False

    @property
    def left(self) -> float | None:
        """Never below nothing."""
        return None if self.used is None else max(0.0, self.limit - self.used)

    @property
    def percent(self) -> float | None:
        return None if self.used is None else 100 * self.used / self.limit

    @property
    def is_used_up(self) -> bool:
        return self.used is not None and self.used >= self.limit

    @property
    def key(self) -> str:
        """The same as long as it is about the same thing; a new limit is a new thing."""
        parts = (str(self.budget.target), self.subject, self.window, self.kind, f"{self.limit:g}")
        return "|".join(parts)


def so_far(session: Session, period: Period | None) -> Spent:
    """What the session itself can tell. A covered plan bills nothing; a week is not known."""
    is_included = session.cost is not None and session.cost.included
    if period is None:
        gap = session.tokens is None or (session.tokens.total > 0 and session.cost is None)
        return Spent(
            None if session.cost is None else session.cost.total,
            None if session.tokens is None else session.tokens.total,
            session.is_estimated,
            gap or (session.cost is not None and session.cost.unpriced_tokens > 0),
        )
    if period == "day":
        today = 0.0 if is_included else session.rates.today_cost
        return Spent(today, None, session.is_estimated, today is None)
    return Spent(is_partial=True)


def nobody(_: Target) -> Spent:
    """What deleted transcripts used, where there are none: nothing."""
    return Spent(0.0, 0)


Spending = tuple[Span, Gone]


def as_told(_: Snapshot) -> Spending:
    """Only what sessions tell of themselves."""
    return so_far, nobody


def standings(
    budgets: Iterable[Budget],
    sessions: Sequence[Session],
    now: float,
    spent: Span = so_far,
    gone: Gone = nobody,
) -> tuple[Standing, ...]:
    """How each budget stands. A budget for each session is held against those that are live.

    Args:
        budgets: as configured.
        sessions: top-level ones; each holds its subagents.
        now: in whose day and week.
        spent: what a session used in a span of time.
        gone: what those used besides that are gone.
    """
    found: list[Standing] = []
    for budget in budgets:
        covered = [session for session in sessions if budget.target.covers(session)]
        if budget.target.scope != "session":
            found += _shared(budget, covered, now, spent, gone)
            continue
        for session in covered:
            if session.is_live:
                found += standing_of(budget, session, spent)
    return tuple(found)


def standing_of(budget: Budget, session: Session, spent: Span = so_far) -> tuple[Standing, ...]:
    """How one session's own budget stands, for its row."""
    return _measured(budget, spent(session, None), session.key, "")


def _shared(
    budget: Budget, sessions: Iterable[Session], now: float, spent: Span, gone: Gone
) -> tuple[Standing, ...]:
    period = budget.target.period
    parts = [spent(session, period) for session in sessions]
    more = gone(budget.target)
    if more.dollars or more.tokens:
        parts.append(more)
    whole = _sum(parts)
    return _measured(budget, whole, "", _window(period, now))


def _measured(budget: Budget, spent: Spent, subject: str, window: str) -> tuple[Standing, ...]:
    used: dict[Kind, float | None] = {"dollars": spent.dollars, "tokens": spent.tokens}
    return tuple(
        Standing(
            budget, kind, limit, used[kind], subject, window, spent.is_estimated, spent.is_partial
        )
        for kind, limit in budget.limits()
    )


def _sum(parts: Sequence[Spent]) -> Spent:
    """Unknown only when nobody knows; nothing when there is nobody."""
    costs = [part.dollars for part in parts if part.dollars is not None]
    tokens = [part.tokens for part in parts if part.tokens is not None]
    return Spent(
        sum(costs) if costs or not parts else None,
        sum(tokens) if tokens or not parts else None,
        any(part.is_estimated for part in parts),
        any(part.is_partial for part in parts),
    )


def _window(period: Period | None, now: float) -> str:
    """The local day, or the week by ISO: `2026-11-20`, `2026-W47`."""
    if period is None:
        return ""
    today = datetime.fromtimestamp(now).date()
    year, week, _ = today.isocalendar()
    return today.isoformat() if period == "day" else f"{year}-W{week:02}"
