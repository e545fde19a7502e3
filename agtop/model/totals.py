"""Sums over sessions: what the header says, and how it is kept as sessions come and go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import isfinite

from agtop.model.hour import Slots
from agtop.model.record import Record
from agtop.model.session import Rates, Session
from agtop.model.usage import PICO, Tokens


class Totals(Record):
    """Sums over sessions. A gap shows in `unpriced_*`: the cost is then a lower bound."""

    sessions: int = 0
    live: int = 0
    waiting: int = 0
    tokens: Tokens = Tokens()
    cost: float = 0.0
    unmetered_sessions: int = 0
    """Sessions whose tokens nobody recorded."""
    unpriced_sessions: int = 0
    unpriced_tokens: int = 0
    included_sessions: int = 0
    estimated_sessions: int = 0
    """Sessions whose tokens are, in part, their agent's own estimate."""
    tokens_per_min: float | None = None
    cost_per_hour: float | None = None
    cost_today: float | None = None
    cost_last_hour: float | None = None
    """What the last hour really cost."""
    slots: Slots | None = None
    """Tokens of the last hour; None where no session's are known. Some may have grown too old."""
    reasoning_sessions: int = 0
    """Sessions that tell how much of their tokens was reasoning."""

    @staticmethod
    def of(sessions: Iterable[Session]) -> Totals:
        """Add up top-level sessions (each already holds its subagents)."""
        sums = RunningTotals()
        for session in sessions:
            sums.add(session)
        return sums.totals()


class RunningTotals:
    """Totals of sessions that come and go.

    Everything is summed in whole numbers, dollars in pico-dollars, so that taking a session out
    leaves nothing behind and the order makes no difference.
    """

    def __init__(self) -> None:
        self._sessions = self._live = self._waiting = 0
        self._unmetered = self._unpriced = self._included = 0
        self._estimated = self._reasoning = 0
        self._unpriced_tokens = 0
        self._cost = 0
        """Pico-dollars."""
        self._tokens = [0] * len(Tokens.__struct_fields__)
        """The buckets of `Tokens`, in its order."""
        self._tokens_per_min = _Sum()
        self._cost_per_hour = _Sum(PICO)
        self._cost_today = _Sum(PICO)
        self._cost_last_hour = _Sum(PICO)
        self._hours = 0
        """Sessions whose last hour is known."""
        self._slots: Counter[int] = Counter()

    def add(self, session: Session, sign: int = 1) -> None:
        """Count a session in, or (sign −1) out."""
        cost, tokens = session.cost, session.tokens
        unpriced = unpriced_tokens(session)
        self._sessions += sign
        self._live += sign * session.is_live
        self._waiting += sign * (session.state.name == "waiting")
        self._unmetered += sign * (tokens is None)
        self._unpriced += sign * (unpriced > 0)
        self._unpriced_tokens += sign * unpriced
        self._estimated += sign * session.is_estimated
        self._reasoning += sign * session.tells_reasoning
        if cost is not None:
            self._included += sign * cost.included
            self._cost += sign * _whole(cost.total * PICO)
        if tokens is not None:
            self._add_tokens(tokens, sign)
        self._add_rates(session.rates, sign)

    def _add_tokens(self, tokens: Tokens, sign: int) -> None:
        sums = self._tokens
        sums[0] += sign * tokens.input
        sums[1] += sign * tokens.cache_read
        sums[2] += sign * tokens.cache_write_5m
        sums[3] += sign * tokens.cache_write_1h
        sums[4] += sign * tokens.output
        sums[5] += sign * tokens.reasoning

    def _add_rates(self, rates: Rates, sign: int) -> None:
        self._tokens_per_min.add(rates.tokens_per_min, sign)
        self._cost_per_hour.add(rates.cost_per_hour, sign)
        self._cost_today.add(rates.today_cost, sign)
        self._cost_last_hour.add(rates.hour_cost, sign)
        self._hours += sign * (rates.hour_tokens is not None)
        for number, tokens in rates.slots:
            self._slots[number] += sign * tokens
            if not self._slots[number]:
                del self._slots[number]

    def totals(self) -> Totals:
        """What the sums come to now."""
        return Totals(
            sessions=self._sessions,
            live=self._live,
            waiting=self._waiting,
            tokens=Tokens(*self._tokens),
            cost=self._cost / PICO,
            unmetered_sessions=self._unmetered,
            unpriced_sessions=self._unpriced,
            unpriced_tokens=self._unpriced_tokens,
            included_sessions=self._included,
            estimated_sessions=self._estimated,
            tokens_per_min=self._tokens_per_min.value,
            cost_per_hour=self._cost_per_hour.value,
            cost_today=self._cost_today.value,
            cost_last_hour=self._cost_last_hour.value,
            slots=tuple(sorted(self._slots.items())) if self._hours else None,
            reasoning_sessions=self._reasoning,
        )


class _Sum:
    """A sum of figures that may be unknown: itself unknown while all of them are."""

    __slots__ = ("_known", "_parts", "_total")

    def __init__(self, parts: int = 1) -> None:
        """
        Args:
            parts: the whole parts in which one of the unit is counted.
        """
        self._parts = parts
        self._total = 0
        self._known = 0

    def add(self, value: float | None, sign: int) -> None:
        if value is not None:
            self._total += sign * _whole(value * self._parts)
            self._known += sign

    @property
    def value(self) -> float | None:
        return self._total / self._parts if self._known else None


def _whole(value: float) -> int:
    """Nothing for what is no number: one such session must not take the sums with it."""
    return round(value) if isfinite(value) else 0


def unpriced_tokens(session: Session) -> int:
    """Tokens of the session that no known price covers."""
    if session.cost is not None:
        return session.cost.unpriced_tokens
    return session.tokens.total if session.tokens is not None else 0
