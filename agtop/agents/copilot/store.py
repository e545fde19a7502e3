"""`session-store.db`: one row per request, of every session of a home."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from functools import lru_cache

from agtop.agents import database
from agtop.model import Record
from agtop.units import instant

TABLE = "assistant_usage_events"
PATIENCE = 1.0
"""Seconds between two looks at the database, however many sessions ask."""
_COLUMNS = (
    "id",
    "session_id",
    "agent_id",
    "model",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
    "total_nano_aiu",
    "initiator",
    "created_at",
)

Cell = str | int | float | bytes | None


class Row(Record):
    """A request, as the table has it."""

    agent_id: str | None
    model: str | None
    input: int | None
    output: int | None
    cache_read: int | None
    cache_write: int | None
    reasoning: int | None
    nano_aiu: float
    at: float | None
    is_compaction: bool = False


class Store:
    """The requests of a home's sessions; only new rows are fetched."""

    def __init__(
        self, path: str, patience: float = PATIENCE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.path = path
        self.problem: str | None = None
        self._patience = patience
        self._clock = clock
        self._looked_at: float | None = None
        self._stamp: object = None
        self._file: tuple[int, int] | None = None
        self._last = 0
        self._rows: dict[str, list[Row]] = {}

    def rows(self, session_id: str) -> Sequence[Row]:
        """The session's requests, the oldest first."""
        now = self._clock()
        if self._looked_at is None or now - self._looked_at >= self._patience:
            self._looked_at = now
            self._look()
        return self._rows.get(session_id, ())

    def _look(self) -> None:
        try:
            status = os.stat(self.path)
        except OSError:
            return  # early versions have none
        stamp = [_size_and_time(path) for path in (self.path, *database.companions(self.path))]
        if stamp == self._stamp:
            return
        if self._file != (status.st_dev, status.st_ino):
            self._file, self._last, self._rows = (status.st_dev, status.st_ino), 0, {}
        try:
            for cells in database.consult(self.path, self._fetch):
                self._take(cells)
        except (OSError, sqlite3.Error) as error:
            self.problem = f"session-store.db, which has its tokens, cannot be read ({error})"
            return  # the stamp stays, so that the next look tries again
        self.problem, self._stamp = None, stamp

    def _fetch(self, base: sqlite3.Connection) -> list[tuple[Cell, ...]]:
        if not {"id", "session_id"} <= database.columns(base, TABLE):
            return []
        query = database.select(base, TABLE, _COLUMNS, "WHERE id > ? ORDER BY id")
        return base.execute(query, (self._last,)).fetchall()

    def _take(self, cells: tuple[Cell, ...]) -> None:
        row_id, session_id, agent_id, model, *counts, nano, initiator, at = cells
        if isinstance(row_id, int):
            self._last = max(self._last, row_id)
        if not isinstance(session_id, str):
            return
        numbers = [count if isinstance(count, int) else None for count in counts]
        row = Row(
            agent_id if isinstance(agent_id, str) else None,
            model if isinstance(model, str) else None,
            *numbers,
            nano_aiu=float(nano) if isinstance(nano, int | float) else 0.0,
            at=instant(at),
            is_compaction=initiator == "compaction",
        )
        self._rows.setdefault(session_id, []).append(row)


def _size_and_time(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


@lru_cache(maxsize=32)
def store_of(home: str) -> Store:
    return Store(os.path.join(home, "session-store.db"))
