"""The sessions that are wanted, in order; only those that changed are judged and moved."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

from agtop.columns import Column, order
from agtop.model import Session
from agtop.model.difference import changes

Rank = tuple[bool, "float | Backwards | str", float, str]

_FEW = 0.2
"""The part of the sessions up to which moving them one by one is faster than sorting anew."""


class Arrangement:
    """Kept from snapshot to snapshot, in one order, for one wish."""

    def __init__(
        self, column: Column, reverse: bool = False, wanted: Callable[[Session], bool] | None = None
    ) -> None:
        self._column = column
        self._reverse = reverse
        self._wanted = wanted
        self._before: tuple[Session, ...] = ()
        self._ranks: list[Rank] = []
        self._sorted: list[Session] = []
        """The sessions in the order of `_ranks`."""
        self.rows: tuple[Session, ...] = ()

    def take(self, sessions: tuple[Session, ...]) -> None:
        """Put the sessions of a new snapshot in order."""
        gone, new = changes(self._before, sessions)
        self._before = sessions
        if len(gone) + len(new) > _FEW * len(sessions):
            self._sort(sessions)
        else:
            for session in gone:
                self._remove(session)
            for session in new:
                self._insert(session)
        if gone or new:
            self.rows = tuple(self._sorted)

    def _sort(self, sessions: tuple[Session, ...]) -> None:
        wanted = sessions if self._wanted is None else tuple(filter(self._wanted, sessions))
        self._sorted = list(order(wanted, self._column, self._reverse))
        self._ranks = list(map(self._rank, self._sorted))

    def _remove(self, session: Session) -> None:
        rank = self._rank(session)
        place = bisect_left(self._ranks, rank)
        if place < len(self._ranks) and self._ranks[place] == rank:
            del self._ranks[place], self._sorted[place]

    def _insert(self, session: Session) -> None:
        if self._wanted is None or self._wanted(session):
            rank = self._rank(session)
            place = bisect_left(self._ranks, rank)
            self._ranks.insert(place, rank)
            self._sorted.insert(place, session)

    def _rank(self, session: Session) -> Rank:
        """What `columns.order` sorts by, as one value."""
        key = self._column.sort_key(session)
        newest = -(session.last_active or 0.0)
        if key is None:
            return (True, 0.0, newest, session.key)
        if self._column.descending != self._reverse:
            key = Backwards(key) if isinstance(key, str) else -key
        return (False, key, newest, session.key)


class Backwards(str):
    """Text that sorts from Z to A."""

    __slots__ = ()
    __lt__ = str.__gt__
    __le__ = str.__ge__
    __gt__ = str.__lt__
    __ge__ = str.__le__
