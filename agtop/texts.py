"""What faces wrote of the sessions that the index keeps whole, beside them in its database."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping

TABLE = """
CREATE TABLE IF NOT EXISTS texts (
    agent TEXT, id TEXT, terms TEXT, text TEXT, PRIMARY KEY (agent, id)
);
"""


class Texts:
    """Those of one database, for as long as no other program writes to it: then what was taken
    from it may no longer be what it holds, and there are none until the next start."""

    def __init__(self, base: sqlite3.Connection) -> None:
        """Made before any session is taken from `base`. Raises sqlite3.Error."""
        self._base = base
        self._version = self._now()

    def find(self, agent: str, terms: str, session_ids: Collection[str]) -> dict[str, str]:
        """Session id → text; `terms` decide, with the transcripts, what the sessions say."""
        marks = ",".join("?" * len(session_ids))
        query = f"SELECT id, text FROM texts WHERE agent = ? AND terms = ? AND id IN ({marks})"
        try:
            if self._now() != self._version:
                return {}
            return dict(self._base.execute(query, (agent, terms, *session_ids)).fetchall())
        except sqlite3.Error:
            return {}

    def keep(self, agent: str, terms: str, texts: Mapping[str, str]) -> None:
        """Add some; left for another time where another agtop is writing, or has written."""
        rows = [(agent, session_id, terms, text) for session_id, text in texts.items()]
        try:
            with self._base as base:
                base.execute("BEGIN IMMEDIATE")
                if self._now() == self._version:
                    base.executemany("INSERT OR REPLACE INTO texts VALUES (?,?,?,?)", rows)
        except sqlite3.Error:
            return

    def _now(self) -> int:
        """Another number once another program has written."""
        return self._base.execute("PRAGMA data_version").fetchone()[0]


def of(base: sqlite3.Connection) -> Texts | None:
    """None where the database cannot be used now."""
    try:
        return Texts(base)
    except sqlite3.Error:
        return None


def drop(base: sqlite3.Connection, agent: str, session_ids: Iterable[str]) -> None:
    """Sessions become others. Raises sqlite3.Error."""
    rows = [(agent, session_id) for session_id in session_ids]
    base.executemany("DELETE FROM texts WHERE agent = ? AND id = ?", rows)
