"""What was spent today and this week, for budgets: by the calendar, of deleted transcripts too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from agtop.budgets import Period, Span, Spent, Target, so_far
from agtop.model import PICO, QUARTER, Expenses, Record, Session, Snapshot, replace
from agtop.spend import Clock, Use, uses
from agtop.spend.period import week_of

GOOD_FOR = 600.0
"""Seconds after which all is added up anew; between, what a session used meanwhile is enough."""


class Sum(Record):
    """Of one session in one span of time."""

    pico: int = 0
    tokens: int = 0
    unpriced: int = 0

    def __add__(self, other: Sum) -> Sum:
        return Sum(
            self.pico + other.pico, self.tokens + other.tokens, self.unpriced + other.unpriced
        )


class Look(Record):
    """All of it, added up at an instant."""

    at: float
    today: date
    sums: Mapping[tuple[str, Period], Sum]
    """By session and span."""
    totals: Mapping[str, tuple[float, int]]
    """Session → dollars and tokens, ever, at that instant."""
    gone: Sequence[tuple[Use, Period]]
    """Of sessions that are nowhere else."""


class Spans:
    """Belongs to the collector's thread, as what it asks does."""

    def __init__(
        self,
        expenses: Callable[[], Iterable[Expenses]],
        first_weekday: int = 0,
        clock: Clock | None = None,
    ) -> None:
        """
        Args:
            expenses: all that was used, and when.
            first_weekday: 0 is Monday.
        """
        self._expenses = expenses
        self._first_weekday = first_weekday
        self._clock = clock or Clock()
        self._look: Look | None = None

    def span(self, snapshot: Snapshot) -> Span:
        """What each session used; as far as it tells itself while not all is read."""
        if snapshot.complete:
            self._look = self._renewed(snapshot)
        look = self._look
        return so_far if look is None else lambda session, period: _spent(look, session, period)

    def gone(self, target: Target) -> Spent:
        """What sessions that have no transcript any more used in the target's day or week."""
        wanted = target.period
        if self._look is None or wanted is None or target.scope == "session":
            return Spent(0.0, 0)
        found = [use for use, period in self._look.gone if period == wanted]
        covered = [use for use in found if _covers(target, use)]
        whole = sum((_sum(use) for use in covered), Sum())
        return Spent(whole.pico / PICO, whole.tokens, is_partial=whole.unpriced > 0)

    def _renewed(self, snapshot: Snapshot) -> Look:
        now, today = snapshot.taken_at, self._clock.today(snapshot.taken_at)
        look = self._look
        if look is not None and look.today == today and 0 <= now - look.at < GOOD_FOR:
            return look
        return self._looked(snapshot, today)

    def _looked(self, snapshot: Snapshot, today: date) -> Look:
        here = {session.key: _ever(session) for session in snapshot.sessions}
        sums: dict[tuple[str, Period], Sum] = {}
        gone: list[tuple[Use, Period]] = []
        week = week_of(today, self._first_weekday)
        first = week.first or today
        for use in uses(_since(self._expenses(), self._clock.midnight(first)), self._clock):
            day = None if use.moment is None else use.moment.day
            spans: tuple[Period, ...] = ("day", "week") if day == today else ("week",)
            for period in spans if week.holds(day) else ():
                if use.session in here:
                    place = (use.session, period)
                    sums[place] = sums.get(place, Sum()) + _sum(use)
                else:
                    gone.append((use, period))
        return Look(snapshot.taken_at, today, sums, here, gone)


def _since(expenses: Iterable[Expenses], instant: float) -> Iterable[Expenses]:
    """Without what was used before."""
    first = instant // QUARTER
    for each in expenses:
        kept = tuple(b for b in each.buckets if b.moment is not None and b.moment >= first)
        yield replace(each, buckets=kept)


def _sum(use: Use) -> Sum:
    bucket = use.bucket
    if use.included:
        return Sum(0, bucket.total, 0)
    return Sum(bucket.pico, bucket.total, bucket.unpriced)


def _ever(session: Session) -> tuple[float, int]:
    cost = 0.0 if session.cost is None else session.cost.total
    return cost, 0 if session.tokens is None else session.tokens.total


def _spent(look: Look, session: Session, period: Period | None) -> Spent:
    whole = so_far(session, None)
    if period is None or (whole.dollars is None and whole.tokens is None):
        return whole
    known = look.sums.get((session.key, period), Sum())
    dollars, tokens = _ever(session)
    dollars_then, tokens_then = look.totals.get(session.key, (0.0, 0))
    since = max(0.0, dollars - dollars_then), max(0, tokens - tokens_then)
    is_unknown = whole.dollars is None and known.tokens + since[1] > 0
    return Spent(
        None if is_unknown else known.pico / PICO + since[0],
        None if whole.tokens is None else known.tokens + since[1],
        whole.is_estimated,
        is_unknown or known.unpriced > 0,
    )


def _covers(target: Target, use: Use) -> bool:
    match target.scope:
        case "agent":
            return use.agent == target.key
        case "repo":
            return use.spender.repo == target.key
        case _:
            return True
