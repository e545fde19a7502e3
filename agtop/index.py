"""The warm index: what earlier runs read of each transcript, so that it need not be read again.

One SQLite file in agtop's cache directory holds, for every transcript, the identity and size it
had, what its meter read of it, the sums of its responses, in all and by the quarter of an hour,
and the responses themselves as columns; and whole sessions that only their transcripts can change
any more.
Anything that does not fit is dropped and read anew: a corrupt, older or foreign index costs time,
never a figure. Sums are kept with the fingerprint of the price list that made them.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from agtop import texts
from agtop.books import Subtotal
from agtop.history import History
from agtop.kept import (
    Buckets,
    Kept,
    Remembered,
    Shared,
    Sharing,
    Spent,
    Stamp,
    lean,
    restored,
)
from agtop.ledger import Block
from agtop.model import Bucket, Reading, replace
from agtop.tables import PUT, PUT_USES, TABLES

__all__ = ["Buckets", "Index", "Kept", "Remembered", "Sharing", "Spent", "Stamp", "unpacked"]

SCHEMA = "10"
"""Raised whenever something is kept in another way, or the same makes another session or text."""
FILE_MODE, FOLDER_MODE = 0o600, 0o700
_BUSY = 0.2
"""Seconds to wait for another agtop that writes."""


_READINGS = msgspec.msgpack.Decoder(tuple[Reading, ...])
_SUBTOTALS = msgspec.msgpack.Decoder(tuple[Subtotal, ...])
_BUCKETS = msgspec.msgpack.Decoder(tuple[Bucket, ...])
_KEPT = msgspec.msgpack.Decoder(Kept)
_PAGE = 16 << 10
"""Bytes: what is kept of a session or transcript mostly lies on one page."""
_AT_ONCE = 500
"""Transcripts asked for in one query: old databases take 999 values."""


class Index:
    """The index of one user. Owned by the collector's thread."""

    def __init__(
        self,
        folder: Path,
        prices: str,
        history: History | None = None,
        is_for_long: bool = False,
    ) -> None:
        """
        Args:
            folder: agtop's cache directory; made when it is missing.
            prices: fingerprint of the price list in use.
            history: what keeps the use of transcripts that are gone.
            is_for_long: what is read from it is to take little memory, not little time.
        """
        self.history = history
        self._is_for_long = is_for_long
        self._path = folder / "index.sqlite"
        self._prices = prices
        self.is_new = not self._path.exists()
        """No run before left one."""
        self._base = self._open()
        self._texts = None if self._base is None else texts.of(self._base)

    def paths(self, agent: str, meter: str) -> set[str]:
        """The transcripts that meters of that version read."""
        query = "SELECT path FROM files WHERE agent = ? AND meter = ?"
        return {os.fsdecode(path) for (path,) in self._rows(query, (agent, meter))}

    def load(self, agent: str, meter: str, paths: Collection[str]) -> Iterator[Remembered]:
        """What is remembered of these transcripts, by meters of that version."""
        columns = "path, device, inode, size, mtime_ns, readings, prices, sums"
        block = "CASE WHEN sums IS NULL THEN block END"
        query = f"SELECT {columns}, {block} FROM files WHERE agent = ? AND meter = ?"
        try:
            for row in self._some(query, (agent, meter), paths):
                path, device, inode, size, mtime_ns, readings, prices, sums, block = row
                is_stale = prices != self._prices
                yield Remembered(
                    os.fsdecode(path),
                    (device, inode, size, mtime_ns),
                    _READINGS.decode(readings),
                    None if sums is None or is_stale else _SUBTOTALS.decode(sums),
                    is_stale,
                    block,
                )
        except (sqlite3.Error, msgspec.MsgspecError, ValueError):
            self._start_again()

    def _some(
        self, query: str, values: tuple[str, ...], paths: Collection[str]
    ) -> Iterator[tuple[Any, ...]]:
        """The rows of these paths. Raises sqlite3.Error."""
        if self._base is None or not paths:
            return
        names = [os.fsencode(path) for path in paths]
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            yield from self._base.execute(f"{query} AND path IN ({marks})", (*values, *some))

    def kept(self, agent: str, terms: str, stamps: Mapping[str, Stamp]) -> list[Kept]:
        """The sessions that were made under the same terms and prices.

        Args:
            stamps: what transcripts are now.
        """
        if self._base is None:
            return []
        query = "SELECT kept FROM sessions WHERE agent = ? AND terms = ?"
        shared = Shared((*stamps, *stamps.values()), self._is_for_long)
        try:
            rows = self._base.execute(query, (agent, self._terms(terms)))
            return [restored(_KEPT.decode(data), shared) for (data,) in rows]
        except sqlite3.Error:
            return []
        except (msgspec.MsgspecError, ValueError, StopIteration, IndexError):
            self._start_again()
            return []

    def sharing(self, agent: str) -> Sharing:
        """The transcripts with responses that others hold too."""
        query = "SELECT path, sharing FROM files WHERE agent = ? AND sums IS NULL"
        return {
            os.fsdecode(path): tuple(map(os.fsdecode, others.split(b"\0"))) if others else ()
            for path, others in self._rows(query, (agent,))
        }

    def find_texts(self, agent: str, terms: str, ids: Collection[str]) -> Mapping[str, str]:
        """Session id → what a face wrote of it, as `kept` gave it."""
        return self._texts.find(agent, self._terms(terms), ids) if self._texts else {}

    def keep_texts(self, agent: str, terms: str, written: Mapping[str, str]) -> None:
        """Have later runs find it."""
        if self._texts:
            self._texts.keep(agent, self._terms(terms), written)

    def _terms(self, terms: str) -> str:
        return f"{terms}:{self._prices}"

    def keys(self, agent: str) -> dict[str, bytes]:
        """Path → the numbers of its responses, for telling copies."""
        rows = self._rows("SELECT path, keys FROM files WHERE agent = ?", (agent,))
        return {os.fsdecode(path): keys for path, keys in rows}

    def block(self, agent: str, path: str) -> Block | None:
        """The responses of one transcript."""
        query = "SELECT block FROM files WHERE agent = ? AND path = ?"
        for (data,) in self._rows(query, (agent, os.fsencode(path))):
            return unpacked(data)
        return None

    def every_path(self, agent: str) -> set[str]:
        """The transcripts that any meter read."""
        rows = self._rows("SELECT path FROM files WHERE agent = ?", (agent,))
        return {os.fsdecode(path) for (path,) in rows}

    def readings(self, agent: str, path: str) -> tuple[Reading, ...]:
        """What one transcript said."""
        query = "SELECT readings FROM files WHERE agent = ? AND path = ?"
        for (data,) in self._rows(query, (agent, os.fsencode(path))):
            try:
                return _READINGS.decode(data)
            except (msgspec.MsgspecError, ValueError):
                return ()
        return ()

    def uses(self, agent: str) -> dict[str, tuple[Bucket, ...]]:
        """Transcript → what was used when, at the prices in use; of those that share nothing."""
        query = """
            SELECT path, buckets FROM uses JOIN files USING (agent, path, size, mtime_ns)
            WHERE agent = ? AND uses.prices = ? AND sums IS NOT NULL
        """
        rows = self._rows(query, (agent, self._prices))
        try:
            return {os.fsdecode(path): _BUCKETS.decode(data) for path, data in rows}
        except (msgspec.MsgspecError, ValueError):
            return {}

    def save_uses(self, agent: str, uses: Mapping[str, tuple[Bucket, ...]]) -> None:
        """Keep what was added up; where another agtop is writing it is added up again."""
        if self._base is not None and uses:
            try:
                with self._base as base:
                    base.executemany(PUT_USES, self._uses(agent, uses))
            except sqlite3.Error:
                return

    def _uses(
        self, agent: str, uses: Mapping[str, tuple[Bucket, ...]]
    ) -> Iterator[tuple[str | bytes, ...]]:
        for path, buckets in uses.items():
            if _is_text(path):
                data = msgspec.msgpack.encode(buckets)
                yield (self._prices, data, agent, os.fsencode(path))

    def save(
        self,
        agent: str,
        meter: str,
        files: Iterable[tuple[Remembered, Block]],
        gone: Collection[str],
        terms: str = "",
        kept: Iterable[Kept] = (),
        changed: Iterable[str] = (),
        uses: Mapping[str, tuple[Bucket, ...]] | None = None,
    ) -> bool:
        """Write what changed, all or nothing; False when another agtop is writing.

        Args:
            uses: transcript → what was used when.
            terms: what decides, besides prices, how sessions are made.
            kept: sessions to be kept whole from now on.
            changed: sessions that no longer are what was kept of them.
        """
        if self._base is None:
            return False
        encode = msgspec.msgpack.encode
        kept, changed = list(kept), list(changed)
        rows = (
            (agent, os.fsencode(f.path), *f.stamp, meter, encode([*map(_untold, f.readings)]),
             self._prices,
             None if f.subtotals is None else encode(f.subtotals), b.keys.tobytes(), b.packed(),
             b"\0".join(map(os.fsencode, f.sharing)))
            for f, b in files if _fits(f.path, f.stamp)
        )  # fmt: skip
        sessions = (
            (agent, each.session.session_id, self._terms(terms), encode(lean(_unasked(each))))
            for each in kept
            if all(_fits(path, stamp) for path, stamp in each.files)
        )
        try:
            with self._base as base:
                for table in ("files", "uses"):
                    base.executemany(
                        f"DELETE FROM {table} WHERE agent = ? AND path = ?",
                        [(agent, os.fsencode(path)) for path in gone],
                    )
                base.executemany(PUT, rows)
                base.executemany(PUT_USES, self._uses(agent, uses or {}))
                # Those of other terms were not looked at: what changed may concern them.
                for table in ("sessions", "texts"):
                    base.execute(
                        f"DELETE FROM {table} WHERE agent = ? AND terms <> ?",
                        (agent, self._terms(terms)),
                    )
                base.executemany(
                    "DELETE FROM sessions WHERE agent = ? AND id = ?",
                    [(agent, session_id) for session_id in changed],
                )
                texts.drop(base, agent, [*changed, *(each.session.session_id for each in kept)])
                base.executemany("INSERT OR REPLACE INTO sessions VALUES (?,?,?,?)", sessions)
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
        for _ in range(2):
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, FILE_MODE))
            except OSError:
                return None
            try:
                return self._connected()
            except sqlite3.Error:
                self._remove()
        return None

    def _connected(self) -> sqlite3.Connection:
        base = sqlite3.connect(self._path, timeout=_BUSY, check_same_thread=False)
        try:
            base.execute(f"PRAGMA page_size = {_PAGE}")  # of a new file only
            base.execute("PRAGMA journal_mode = WAL")
            base.execute("PRAGMA synchronous = NORMAL")
            base.executescript(TABLES + texts.TABLE)
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
        self._texts = None
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


def unpacked(data: bytes) -> Block | None:
    """The block that these bytes are, if they are one."""
    try:
        return Block.unpacked(data)
    except (msgspec.MsgspecError, ValueError):
        return None


def _fits(path: str, stamp: Stamp) -> bool:
    """Whether the database can hold it: names that are no text and numbers beyond 63 bits cannot.

    Such a transcript is read anew every time.
    """
    return _is_text(path) and all(-(1 << 63) <= part < 1 << 63 for part in stamp)


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unasked(kept: Kept) -> Kept:
    """As `_untold`, of a session; its subagents answer nobody."""
    reading = _untold(kept.session.reading)
    if reading is kept.session.reading:
        return kept
    return replace(kept, session=replace(kept.session, reading=reading))


def _untold(reading: Reading) -> Reading:
    """What was asked is text of a conversation, which is not to be kept."""
    if reading.activity.asked is None:
        return reading
    return replace(reading, activity=replace(reading.activity, asked=None))
