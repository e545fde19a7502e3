"""Reads OpenCode's database: everything once, then only what a change can have touched.

`session.time_updated` moves when a prompt comes and when a step ends, not when a part changes, and
no index leads to the newest rows. So a session counts as touched when its own row differs, when it
has rows beyond the last one read, or when an answer of it was being written. Of a touched session
only rows stamped since the last look are read; one that has been still for long is read anew.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterable, Iterator
from types import MappingProxyType
from typing import NamedTuple

from agtop.agents import database
from agtop.agents.opencode.conversation import Conversation, Info, Originals
from agtop.agents.opencode.rows import SESSION, Links
from agtop.agents.store import Row, StoreMeter, by_id, marks, some

_KEPT = 40
"""Sessions whose records stay in memory, the last active."""
_ANCHORS = 200
"""Rows remembered per table, to notice when the newest were deleted."""
OVERLAP = 15_000
"""Milliseconds by which a row may be stamped before it is committed."""
TABLES = ("message", "part")


class _Anchor(NamedTuple):
    row: int
    record_id: str
    session_id: str


class OpenCodeStore(StoreMeter):
    """One database with all its sessions."""

    tables = ("session", *TABLES)
    columns = MappingProxyType(
        {
            "session": ("id",),
            "message": ("id", "session_id", "data"),
            "part": ("session_id", "data"),
        }
    )

    def _forget(self) -> None:
        super()._forget()
        self._rows: dict[str, Row] = {}
        self._warm: dict[str, Conversation] = {}
        self._names = Originals()
        self._anchors: dict[str, deque[_Anchor]] = {t: deque(maxlen=_ANCHORS) for t in TABLES}
        self._due: set[str] = set()
        """Sessions found touched by a look that failed before it had read them."""
        self._read_until = self._latest = 0
        """The latest `time_updated` that a whole look, or any, came across."""

    def _take_in(self, base: sqlite3.Connection) -> None:
        rows = by_id(base, "session", SESSION)
        self._due |= {key for key, row in rows.items() if self._rows.get(key) != row}
        self._due |= {key for key, known in self._warm.items() if known.is_open}
        if self._rows:
            self._due |= self._moved(base)
        for gone in self._drop_others(rows):
            self._warm.pop(gone, None)
        due = sorted(self._due & rows.keys(), key=lambda key: _created(rows[key]))
        links = Links(base, rows)
        for ids in some(due):
            self._take(base, links.infos(ids))
        self._note_anchors(base)
        self._rows, self._due, self._read_until = rows, set(), self._latest

    def _take(self, base: sqlite3.Connection, infos: Iterable[Info]) -> None:
        """Bring some sessions up to date."""
        talks: dict[str, Conversation] = {}
        known: list[str] = []
        for about in infos:
            talk = self._warm.get(about.session_id)
            if talk is None:
                talk = Conversation(about, self.path, self._names)
            else:
                talk.info = about
                known.append(about.session_id)
            talks[about.session_id] = talk
        self._fetch(base, [key for key in talks if key not in self._warm], None, talks)
        self._fetch(base, known, self._read_until - OVERLAP, talks)
        for key, talk in talks.items():
            self._warm[key] = talk
            self._claims += talk.claims()
            self._keep(talk.reading())
        self._cool()

    def _fetch(
        self,
        base: sqlite3.Connection,
        ids: list[str],
        since: int | None,
        talks: dict[str, Conversation],
    ) -> None:
        """Read the rows of some sessions: all, or those stamped since."""
        if not ids:
            return
        for table in TABLES:
            for row in records(base, table, ids, since):
                message_id, record_id, session_id, stamp, data = row
                if not isinstance(data, bytes) or not isinstance(record_id, str):
                    continue
                self.bytes_read += len(data)
                self._latest = max(self._latest, stamp if isinstance(stamp, int) else 0)
                talk = talks[session_id]
                if table == "message":
                    talk.take_message(record_id, data)
                else:
                    talk.take_part(str(message_id), record_id, data)

    def _cool(self) -> None:
        """Forget the records of all but the last active sessions."""
        if len(self._warm) <= _KEPT:
            return
        latest = sorted(self._warm, key=lambda key: self._readings[key].last_active or 0.0)
        for key in latest[:-_KEPT]:
            del self._warm[key]

    # ---- rows that came and went

    def _moved(self, base: sqlite3.Connection) -> set[str]:
        """The sessions with rows beyond the last one read, or whose newest rows were deleted."""
        touched: set[str] = set()
        for table, anchors in self._anchors.items():
            while anchors and not _stands(base, table, anchors[-1]):
                lost = anchors.pop()
                self._warm.pop(lost.session_id, None)  # to be read anew, without what is gone
                touched.add(lost.session_id)
            last = anchors[-1].row if anchors else -1
            query = f'SELECT DISTINCT session_id FROM "{table}" WHERE rowid > ?'
            touched.update(key for (key,) in base.execute(query, (last,)))
        return touched

    def _note_anchors(self, base: sqlite3.Connection) -> None:
        for table, anchors in self._anchors.items():
            last = anchors[-1].row if anchors else -1
            query = (
                f'SELECT rowid, id, session_id FROM "{table}" WHERE rowid > ?'
                f" ORDER BY rowid DESC LIMIT {_ANCHORS}"
            )
            newest = base.execute(query, (last,)).fetchall()
            anchors.extend(_Anchor(*row) for row in reversed(newest))


def records(
    base: sqlite3.Connection, table: str, ids: list[str], since: int | None
) -> Iterator[tuple[object, object, str, object, object]]:
    """(message, id, session, stamp, data) of the sessions' rows."""
    there = database.columns(base, table)
    of = "message_id" if table == "part" and "message_id" in there else "NULL"
    stamp = "time_updated" if "time_updated" in there else "NULL"
    query = (
        f'SELECT {of}, id, session_id, {stamp}, CAST(data AS BLOB) FROM "{table}"'
        f" WHERE session_id IN ({marks(ids)})"
    )
    if since is None or stamp == "NULL":
        return base.execute(query, ids)
    return base.execute(f"{query} AND {stamp} >= ?", [*ids, since])


def _stands(base: sqlite3.Connection, table: str, anchor: _Anchor) -> bool:
    found = base.execute(f'SELECT id FROM "{table}" WHERE rowid = ?', (anchor.row,)).fetchone()
    return found == (anchor.record_id,)


def _created(row: Row) -> tuple[float, str]:
    """When the session was created, which decides who made what forks copied."""
    made = row[SESSION.index("time_created")]
    return (made if isinstance(made, int | float) else float("inf"), str(row[0]))
