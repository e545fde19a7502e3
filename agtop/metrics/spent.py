"""Tokens and money by agent and model: sums that never go down, whatever becomes of transcripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from agtop.model import PICO, Expenses, Record, RunningTotals, Session, Snapshot, StateName, Totals

Key = tuple[str, str]
"""(agent, model); the model is empty where no record names it."""
Counts = tuple[int, ...]
"""By `KINDS`."""

TOKENS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
KINDS = (*TOKENS, "billed", "included", "unpriced")
"""Five disjoint kinds of tokens; pico-dollars that are billed and that a plan covers; tokens
without a known price."""
NOTHING: Counts = (0,) * len(KINDS)


class Spent(Record):
    """What one agent used of one model, ever."""

    agent: str
    model: str
    tokens: Counts
    """By `TOKENS`."""
    billed: float | None
    """Dollars at list prices; None where none of the tokens has a price."""
    included: float | None
    """Dollars that a plan covers, at list prices."""
    unpriced: int
    """Tokens without a known price."""


class Crowd(Record):
    """The sessions of one agent."""

    agent: str
    states: Mapping[StateName, int]
    totals: Totals


class Purse:
    """Sums of what sessions used. A look costs what changed since the last one."""

    def __init__(self, history: Iterable[Expenses]) -> None:
        """
        Args:
            history: everything used up to the first look, of transcripts that are gone too.
        """
        self._history = _of_history(history)
        self._now: dict[Key, Counts] = {}
        self._past: dict[Key, Counts] | None = None
        """What those used whose transcripts were gone at the first look."""
        self._most: dict[Key, Counts] = {}
        self._sessions: dict[str, Session] = {}
        self._gone: dict[str, Session] = {}
        self._totals: dict[str, RunningTotals] = {}
        self._states: dict[str, Counter[StateName]] = {}

    def look(self, snapshot: Snapshot) -> None:
        """Take in what changed."""
        there: dict[str, Session] = {}
        for session in snapshot.sessions:
            there[session.key] = session
            before = self._sessions.pop(session.key, None)
            if before is session:
                continue
            before_it_went = self._gone.pop(session.key, None)
            if before_it_went is not None:
                self._use(before_it_went, -1)
            if before is not None:
                self._count(before, -1)
                self._use(before, -1)
            self._count(session, 1)
            self._use(session, 1)
        self._part_with(self._sessions, there)
        self._sessions = there
        if self._past is None:
            self._past = {key: self._before(key) for key in self._history}
        for key in (*self._past, *self._now):
            sums = _plus(self._past.get(key, NOTHING), self._now.get(key, NOTHING), 1)
            self._most[key] = tuple(map(max, self._most.get(key, NOTHING), sums))

    def _part_with(self, gone: Mapping[str, Session], there: Mapping[str, Session]) -> None:
        """What was used stays used, unless the session is another's subagent now."""
        if not gone:
            return
        folded = {key for session in there.values() for key in _below(session)}
        for key, session in gone.items():
            self._count(session, -1)
            if key in folded:
                self._use(session, -1)
            else:
                self._gone[key] = session

    def _before(self, key: Key) -> Counts:
        more = _plus(self._history[key], self._now.get(key, NOTHING), -1)
        return tuple(max(0, count) for count in more)

    def spent(self) -> tuple[Spent, ...]:
        """What was used ever, by agent and model."""
        found = sorted(self._most.items())
        return tuple(_told(key, counts) for key, counts in found if any(counts))

    def crowds(self) -> tuple[Crowd, ...]:
        """The sessions there are, by agent."""
        return tuple(
            Crowd(agent, +states, self._totals[agent].totals())
            for agent, states in sorted(self._states.items())
        )

    def _count(self, session: Session, sign: int) -> None:
        agent = session.agent
        self._totals.setdefault(agent, RunningTotals()).add(session, sign)
        self._states.setdefault(agent, Counter())[session.state.name] += sign

    def _use(self, session: Session, sign: int) -> None:
        for key, counts in _of_session(session):
            self._now[key] = _plus(self._now.get(key, NOTHING), counts, sign)


def _told(key: Key, counts: Counts) -> Spent:
    *tokens, billed, included, unpriced = counts
    is_known = sum(tokens) > unpriced or billed or included
    return Spent(
        *key,
        tuple(tokens),
        billed / PICO if is_known else None,
        included / PICO if is_known else None,
        unpriced,
    )


def _of_session(session: Session) -> Iterable[tuple[Key, Counts]]:
    for usage in session.usage:
        t, cost = usage.tokens, usage.cost
        counts = (t.input, t.cache_read, t.cache_write_5m, t.cache_write_1h, t.output)
        key = (session.agent, usage.model or "")
        if cost is None:
            yield key, (*counts, 0, 0, t.total)
        else:
            pico = round(cost.notional * PICO)
            split = (0, pico) if cost.included else (pico, 0)
            yield key, (*counts, *split, cost.unpriced_tokens)


def _of_history(history: Iterable[Expenses]) -> dict[Key, Counts]:
    sums: dict[Key, Counts] = {}
    for each in history:
        for bucket in each.buckets:
            key = (each.agent, bucket.model or "")
            split = (0, bucket.pico) if each.included else (bucket.pico, 0)
            counts = (*bucket.tokens[: len(TOKENS)], *split, bucket.unpriced)
            sums[key] = _plus(sums.get(key, NOTHING), counts, 1)
    return sums


def _plus(sums: Counts, more: Counts, sign: int) -> Counts:
    return tuple(a + sign * b for a, b in zip(sums, more, strict=True))


def _below(session: Session) -> Iterable[str]:
    for each in session.subagents:
        yield each.key
        yield from _below(each)
