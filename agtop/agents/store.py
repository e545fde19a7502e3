"""A meter for a database that holds many sessions."""

from __future__ import annotations

import operator
import os
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from agtop.agents import database
from agtop.model import Claim, Reading

AT_ONCE = 200
"""Sessions whose rows are fetched by one query."""
Row = tuple[object, ...]


class StoreMeter(ABC):
    """Looks into the database when it changed. An agent's meter says what its rows mean.

    A look that fails half-way is made again: what it takes in must do no harm the second time.
    """

    tables: tuple[str, ...] = ()
    """Without these it is no database of this agent, or one of another age."""
    columns: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    """Table → the columns without which nothing in it can be told."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.bytes_read = 0
        self.restarts = 0
        self._claims: list[Claim] = []
        self._stamp: tuple[tuple[int, ...], ...] | None = None
        self._forget()

    def changed(self, status: os.stat_result | None = None) -> bool:
        return self._look(status) != self._stamp

    def claims(self) -> list[Claim]:
        taken, self._claims = self._claims, []
        return taken

    def read(self) -> tuple[Reading, ...]:
        """One reading per session; the same objects for those that nothing happened to."""
        stamp = self._look()
        if stamp == self._stamp:
            return self._all
        if self._stamp is not None and stamp[0][:2] != self._stamp[0][:2]:
            self.restarts += 1
            self._forget()
        database.consult(self.path, self._consult)
        self._stamp = stamp
        readings = tuple(self._readings.values())
        if len(readings) != len(self._all) or any(map(operator.is_not, readings, self._all)):
            self._all = readings
        return self._all

    # ---- an agent's own

    @abstractmethod
    def _take_in(self, base: sqlite3.Connection) -> None:
        """Bring `_readings` and `_claims` up to date with what the database holds now."""

    def _forget(self) -> None:
        """Nothing of it is known."""
        self._readings: dict[str, Reading] = {}
        self._all: tuple[Reading, ...] = ()

    # ---- for an agent's use

    def _keep(self, reading: Reading) -> None:
        """The same object stays where it says the same."""
        if self._readings.get(reading.session_id) != reading:
            self._readings[reading.session_id] = reading

    def _drop_others(self, ids: Iterable[str]) -> list[str]:
        """Sessions that were deleted."""
        gone = list(self._readings.keys() - set(ids))
        for session_id in gone:
            del self._readings[session_id]
        return gone

    # ---- looking

    def _consult(self, base: sqlite3.Connection) -> None:
        there = database.tables(base)
        if not there:
            return  # just being made
        if missing := set(self.tables) - there:
            raise other_age(f"table {min(missing)}")
        for table, needed in self.columns.items():
            if table in there and (lacking := set(needed) - database.columns(base, table)):
                raise other_age(f"column {min(lacking)} in its table {table}")
        base.execute("BEGIN")  # one state, however many queries
        self._take_in(base)

    def _look(self, status: os.stat_result | None = None) -> tuple[tuple[int, ...], ...]:
        """What the files are just now; the log may be missing, the database not."""
        found = [_identity(status or os.stat(self.path))]
        for beside in database.companions(self.path):
            try:
                found.append(_identity(os.stat(beside)))
            except OSError:
                found.append(())
        return tuple(found)


def other_age(lacking: str) -> sqlite3.DatabaseError:
    """The error of a database that lacks what a meter builds on."""
    return sqlite3.DatabaseError(
        f"it has no {lacking}, so its agent is newer or older than what agtop knows; update agtop"
    )


def by_id(base: sqlite3.Connection, table: str, columns: Sequence[str]) -> dict[str, Row]:
    """Every row of a table, without the columns that this version does not have."""
    rows = base.execute(database.select(base, table, columns))
    return {row[0]: row for row in rows if isinstance(row[0], str)}


def some(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many as a query may name at once."""
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]


def marks(ids: Sequence[str]) -> str:
    return ",".join("?" * len(ids))


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
