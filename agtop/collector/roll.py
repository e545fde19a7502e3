"""The top-level sessions in the order they were last active, and their totals."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

from agtop.model import RunningTotals, Session, Totals

_FEW = 0.1
"""The part of the roll up to which moving sessions one by one is faster than sorting anew."""


class Roll:
    """Kept from round to round: only what changed is moved and counted."""

    def __init__(self) -> None:
        self._rows: dict[str, Session] = {}
        self._ranks: list[tuple[float, str]] = []
        self._sorted: list[Session] = []
        """The sessions in the order of `_ranks`."""
        self._sums = RunningTotals()
        self.sessions: tuple[Session, ...] = ()
        self.totals = Totals()

    def get(self, key: str) -> Session | None:
        return self._rows.get(key)

    def take(self, changes: Mapping[str, Session | None]) -> None:
        """Put in what is new, by session key; None takes the session out."""
        changes = {k: new for k, new in changes.items() if new is not self._rows.get(k)}
        if not changes:
            return
        are_few = len(changes) < _FEW * len(self._rows)
        for key, new in changes.items():
            old = self._rows.get(key)
            if are_few:
                self._move(key, old, new)
            self._count(key, old, new)
        if not are_few:
            self._sort()
        self.sessions = tuple(self._sorted)
        self.totals = self._sums.totals()

    def _count(self, key: str, old: Session | None, new: Session | None) -> None:
        if old is not None:
            self._sums.add(old, -1)
            del self._rows[key]
        if new is not None:
            self._sums.add(new)
            self._rows[key] = new

    def _move(self, key: str, old: Session | None, new: Session | None) -> None:
        before = None if old is None else _rank(key, old)
        after = None if new is None else _rank(key, new)
        if before is not None:
            place = bisect_left(self._ranks, before)
            if new is not None and before == after:
                self._sorted[place] = new
                return
            del self._ranks[place], self._sorted[place]
        if new is not None and after is not None:
            place = bisect_left(self._ranks, after)
            self._ranks.insert(place, after)
            self._sorted.insert(place, new)

    def _sort(self) -> None:
        self._ranks = sorted(_rank(key, row) for key, row in self._rows.items())
        self._sorted = [self._rows[key] for _, key in self._ranks]


def _rank(key: str, session: Session) -> tuple[float, str]:
    """The newest first."""
    return (-(session.last_active or 0.0), key)
