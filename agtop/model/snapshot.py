"""Everything known at one instant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from agtop.model.session import Session
from agtop.model.usage import Tokens


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong outside agtop that is worth showing: what, where, what to do."""

    source: str
    message: str
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Host:
    """The machine."""

    name: str
    os: str
    cpus: int | None = None
    cpu_percent: float | None = None
    memory_used: int | None = None
    memory_total: int | None = None
    load_1m: float | None = None


@dataclass(frozen=True, slots=True)
class Weight:
    """What agtop itself costs."""

    pid: int
    cpu_percent: float | None = None
    rss: int | None = None


@dataclass(frozen=True, slots=True)
class Totals:
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
    tokens_per_min: float | None = None
    cost_per_hour: float | None = None
    cost_today: float | None = None

    @staticmethod
    def of(sessions: Iterable[Session]) -> Totals:
        """Add up top-level sessions (each already holds its subagents)."""
        rows = tuple(sessions)
        tokens = Tokens()
        for session in rows:
            if session.tokens is not None:
                tokens += session.tokens
        costs = [s.cost for s in rows if s.cost is not None]
        unpriced = [s for s in rows if unpriced_tokens(s)]
        return Totals(
            sessions=len(rows),
            live=sum(s.is_live for s in rows),
            waiting=sum(s.state.name == "waiting" for s in rows),
            tokens=tokens,
            cost=sum(c.total for c in costs),
            unmetered_sessions=sum(s.tokens is None for s in rows),
            unpriced_sessions=len(unpriced),
            unpriced_tokens=sum(unpriced_tokens(s) for s in unpriced),
            included_sessions=sum(c.included for c in costs),
            tokens_per_min=_known_sum(s.rates.tokens_per_min for s in rows),
            cost_per_hour=_known_sum(s.rates.cost_per_hour for s in rows),
            cost_today=_known_sum(s.rates.today_cost for s in rows),
        )


def unpriced_tokens(session: Session) -> int:
    """Tokens of the session that no known price covers."""
    if session.cost is not None:
        return session.cost.unpriced_tokens
    return session.tokens.total if session.tokens is not None else 0


def _known_sum(values: Iterable[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) if known else None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the first reading of the transcripts has come."""

    read: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
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
    progress: Progress = field(default_factory=Progress)
