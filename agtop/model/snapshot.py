"""Everything known at one instant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import isfinite

from agtop.model.conflict import Conflict
from agtop.model.hour import Slots
from agtop.model.limits import Window
from agtop.model.record import Record
from agtop.model.session import Session
from agtop.model.usage import PICO, Tokens


class Problem(Record):
    """Something wrong outside agtop that is worth showing: what, where, what to do."""

    source: str
    message: str
    at: float | None = None


class Host(Record):
    """The machine."""

    name: str
    os: str
    cpus: int | None = None
    cpu_percent: float | None = None
    memory_used: int | None = None
    memory_total: int | None = None
    load_1m: float | None = None


class Weight(Record):
    """What agtop itself costs."""

    pid: int
    cpu_percent: float | None = None
    rss: int | None = None


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


def _whole(value: float) -> int:
    """Nothing for what is no number: one such session must not take the sums with it."""
    return round(value) if isfinite(value) else 0


class RunningTotals:
    """Totals of sessions that come and go.

    Everything is summed in whole numbers, dollars in pico-dollars, so that taking a session out
    leaves nothing behind and the order makes no difference.
    """

    def __init__(self) -> None:
        self._counts = [0] * 10
        """Of sessions: all, live, waiting, unmetered, unpriced, included; then of unpriced tokens
        and pico-dollars; of sessions with estimates, and that tell their reasoning."""
        self._tokens = [0] * 6
        self._rates = [0] * 4
        """Sums of tokens per minute, pico-dollars per hour, of today and of the last hour."""
        self._known = [0] * 5
        """How many sessions know each of these, and the tokens of the last hour."""
        self._slots: Counter[int] = Counter()

    def add(self, session: Session, sign: int = 1) -> None:
        """Count a session in, or (sign −1) out."""
        counts, cost, tokens = self._counts, session.cost, session.tokens
        unpriced = unpriced_tokens(session)
        counts[0] += sign
        counts[1] += sign * session.is_live
        counts[2] += sign * (session.state.name == "waiting")
        counts[3] += sign * (tokens is None)
        counts[4] += sign * (unpriced > 0)
        counts[6] += sign * unpriced
        counts[8] += sign * session.is_estimated
        counts[9] += sign * session.tells_reasoning
        if cost is not None:
            counts[5] += sign * cost.included
            counts[7] += sign * _whole(cost.total * PICO)
        if tokens is not None:
            self._add_tokens(tokens, sign)
        rates = session.rates
        if rates.tokens_per_min is not None:
            self._rates[0] += sign * _whole(rates.tokens_per_min)
            self._known[0] += sign
        if rates.cost_per_hour is not None:
            self._rates[1] += sign * _whole(rates.cost_per_hour * PICO)
            self._known[1] += sign
        if rates.today_cost is not None:
            self._rates[2] += sign * _whole(rates.today_cost * PICO)
            self._known[2] += sign
        if rates.hour_cost is not None:
            self._rates[3] += sign * _whole(rates.hour_cost * PICO)
            self._known[3] += sign
        self._known[4] += sign * (rates.hour_tokens is not None)
        for number, tokens in rates.slots:
            self._slots[number] += sign * tokens
            if not self._slots[number]:
                del self._slots[number]

    def _add_tokens(self, tokens: Tokens, sign: int) -> None:
        sums = self._tokens
        sums[0] += sign * tokens.input
        sums[1] += sign * tokens.cache_read
        sums[2] += sign * tokens.cache_write_5m
        sums[3] += sign * tokens.cache_write_1h
        sums[4] += sign * tokens.output
        sums[5] += sign * tokens.reasoning

    def totals(self) -> Totals:
        sessions, live, waiting, unmetered, unpriced, included, gap, pico, *more = self._counts
        guessed, reasoned = more
        minute, hour, today, past = self._rates
        knows_minute, knows_hour, knows_today, knows_past, knows_slots = self._known
        return Totals(
            sessions=sessions,
            live=live,
            waiting=waiting,
            tokens=Tokens(*self._tokens),
            cost=pico / PICO,
            unmetered_sessions=unmetered,
            unpriced_sessions=unpriced,
            unpriced_tokens=gap,
            included_sessions=included,
            estimated_sessions=guessed,
            tokens_per_min=float(minute) if knows_minute else None,
            cost_per_hour=hour / PICO if knows_hour else None,
            cost_today=today / PICO if knows_today else None,
            cost_last_hour=past / PICO if knows_past else None,
            slots=tuple(sorted(self._slots.items())) if knows_slots else None,
            reasoning_sessions=reasoned,
        )


def unpriced_tokens(session: Session) -> int:
    """Tokens of the session that no known price covers."""
    if session.cost is not None:
        return session.cost.unpriced_tokens
    return session.tokens.total if session.tokens is not None else 0


class Progress(Record):
    """How far the first reading of the transcripts has come."""

    read: int = 0
    total: int = 0


class Snapshot(Record):
    """Everything known at one instant."""

    taken_at: float
    sessions: tuple[Session, ...] = ()
    """Top-level sessions, live and past."""
    totals: Totals = Totals()
    host: Host = Host("", "")
    weight: Weight = Weight(0)
    plan: str = "retail"
    problems: tuple[Problem, ...] = ()
    complete: bool = True
    """False while transcripts are still being read for the first time."""
    progress: Progress = Progress()
    conflicts: tuple[Conflict, ...] = ()
    """Of the last day, the newest first."""
    limits: tuple[Window, ...] = ()
    """Of plans, by agent; the shortest first."""
