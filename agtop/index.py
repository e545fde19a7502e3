"""The warm index: what earlier runs read of each transcript, so that it need not be read again.

One SQLite file in agtop's cache directory holds, for every transcript, the identity and size it
had, what its meter read of it, the sums of its responses and the responses themselves as columns.
Anything that does not fit is dropped and read anew: a corrupt, older or foreign index costs time,
never a figure. Sums are kept with the fingerprint of the price list that made them.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from agtop.books import Subtotal
from agtop.ledger import Block
from agtop.model import Reading

SCHEMA = "3"
FILE_MODE, FOLDER_MODE = 0o600, 0o700
_BUSY = 0.2
"""Seconds to wait for another agtop that writes."""
_TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    agent TEXT, path BLOB, device INTEGER, inode INTEGER, size INTEGER, mtime_ns INTEGER,
    meter TEXT, readings BLOB, prices TEXT, sums BLOB, keys BLOB, block BLOB,
    PRIMARY KEY (agent, path)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an earlier run knew of one transcript."""

    path: str
    stamp: tuple[int, int, int, int]
    """(device, inode, size, mtime in nanoseconds) when it was read."""
    readings: tuple[Reading, ...]
    subtotals: tuple[Subtotal, ...] | None
    """None where they were priced by another list, or where other transcripts hold some of the
    responses too: then the responses themselves are to be looked at."""
    is_stale: bool = False
    """Priced by another list, so worth writing anew."""


_READINGS = msgspec.msgpack.Decoder(tuple[Reading, ...])
_SUBTOTALS = msgspec.msgpack.Decoder(tuple[Subtotal, ...])


class Index:
    """The index of one user. Owned by the collector's thread."""

    def __init__(self, folder: Path, prices: str) -> None:
        """
        Args:
            folder: agtop's cache directory; made when it is missing.
            prices: fingerprint of the price list in use.
        """
        self._path = folder / "index.sqlite"
        self._prices = prices
        self.is_new = not self._path.exists()
        """No run before left one."""
        self._base = self._open()

    def load(self, agent: str, meter: str) -> Iterator[Remembered]:
        """Everything remembered of an agent's transcripts, by meters of that version."""
        if self._base is None:
            return
        query = (
            "SELECT path, device, inode, size, mtime_ns, readings, prices, sums FROM files"
            " WHERE agent = ? AND meter = ?"
        )
        try:
            rows = self._base.execute(query, (agent, meter))
            for path, *stamp, readings, prices, sums in rows:
                yield Remembered(
                    os.fsdecode(path),
                    (stamp[0], stamp[1], stamp[2], stamp[3]),
                    _READINGS.decode(readings),
                    _SUBTOTALS.decode(sums)
                    if sums is not None and prices == self._prices
                    else None,
                )
        except (sqlite3.Error, msgspec.MsgspecError, ValueError):
            self._start_again()

    def keys(self, agent: str) -> dict[str, bytes]:
        """Path → the numbers of its responses, for telling copies."""
        rows = self._rows("SELECT path, keys FROM files WHERE agent = ?", (agent,))
        return {os.fsdecode(path): keys for path, keys in rows}

    def block(self, agent: str, path: str) -> Block | None:
        """The responses of one transcript."""
        query = "SELECT block FROM files WHERE agent = ? AND path = ?"
        for (data,) in self._rows(query, (agent, os.fsencode(path))):
            try:
                return Block.unpacked(data)
            except (msgspec.MsgspecError, ValueError):
                return None
        return None

    def save(
        self,
        agent: str,
        meter: str,
        files: Iterable[tuple[Remembered, Block]],
        gone: Iterable[str],
    ) -> bool:
        """Write what changed, all or nothing; False when another agtop is writing."""
        if self._base is None:
            return False
        encode = msgspec.msgpack.encode
        rows = (
            (agent, os.fsencode(f.path), *f.stamp, meter, encode(f.readings), self._prices,
             None if f.subtotals is None else encode(f.subtotals), b.keys.tobytes(), b.packed())
            for f, b in files if _fits(f)
        )  # fmt: skip
        try:
            with self._base as base:
                base.executemany(
                    "DELETE FROM files WHERE agent = ? AND path = ?",
                    [(agent, os.fsencode(path)) for path in gone],
                )
                base.executemany(
                    "INSERT OR REPLACE INTO files VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", rows
                )
        except sqlite3.Error:
            return False
        return True

    def close(self) -> None:
        if self._base is not None:
            self._base.close()
            self._base = None

    # ---- the file

    def _open(self) -> sqlite3.Connection | None:
        """The database; None where none can be kept, which costs only time."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, FILE_MODE))
        except OSError:
            return None
        for _ in range(2):
            try:
                return self._connected()
            except sqlite3.Error:
                self._remove()
        return None

    def _connected(self) -> sqlite3.Connection:
        base = sqlite3.connect(self._path, timeout=_BUSY, check_same_thread=False)
        try:
            base.execute("PRAGMA journal_mode = WAL")
            base.execute("PRAGMA synchronous = NORMAL")
            base.executescript(_TABLES)
            with closing(base.execute("SELECT value FROM meta WHERE name = 'schema'")) as rows:
                known = rows.fetchone()
            if known is None:
                with base:
                    base.execute("INSERT OR REPLACE INTO meta VALUES ('schema', ?)", (SCHEMA,))
            elif known[0] != SCHEMA:
                raise sqlite3.DatabaseError("made by another agtop")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                return base  # another agtop is making it
            base.close()
            raise
        except sqlite3.Error:
            base.close()
            raise
        return base

    def _start_again(self) -> None:
        self.close()
        self._remove()
        self._base = self._open()

    def _remove(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._path}{suffix}").unlink(missing_ok=True)

    def _rows(self, query: str, values: tuple[str | bytes, ...]) -> list[Any]:
        if self._base is None:
            return []
        try:
            return self._base.execute(query, values).fetchall()
        except sqlite3.Error:
            return []


def _fits(file: Remembered) -> bool:
    """Whether the database can hold it: names that are no text and numbers beyond 63 bits cannot.

    Such a transcript is read anew every time.
    """
    try:
        file.path.encode()
    except UnicodeEncodeError:
        return False
    return all(-(1 << 63) <= part < 1 << 63 for part in file.stamp)
