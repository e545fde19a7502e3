"""Reads SQLite files that other programs are writing, and leaves no trace of having done so.

A connection in WAL mode makes `-wal` and `-shm` files beside the database and may wait for locks.
So a database nobody has open is read as immutable, one that is in use through the shared memory
its owner made, and one left behind by a crash through a private copy.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Generator, Iterable
from contextlib import closing, contextmanager
from typing import TypeVar

_BUSY = 0.25
"""Seconds to wait for another program's lock; the next round tries again."""
_COPIED_MOST = 512 << 20
"""Bytes of a database that are copied to read it."""
_SHARED = "mode=ro&readonly_shm=1"
_UNUSED = "mode=ro&immutable=1"

T = TypeVar("T")


def companions(path: str) -> tuple[str, ...]:
    """What changes when the database does."""
    return (f"{path}-wal",)


def consult(path: str, work: Callable[[sqlite3.Connection], T]) -> T:
    """What `work` finds out from the database; it may be asked twice, so it only reads.

    Raises:
        sqlite3.Error, OSError: it cannot be read, or is locked just now.
    """
    os.stat(path)  # says more clearly than SQLite that it is gone
    log = _size(f"{path}-wal")
    try:
        return _ask(path, _SHARED if log else _UNUSED, work)
    except sqlite3.DatabaseError as error:
        if _is_locked(error):
            raise
        if not log:  # perhaps it was taken into use meanwhile, or is not in WAL mode
            return _ask(path, _SHARED, work)
        with _copy(path) as private:
            return _ask(private, "mode=rw", work)


def tables(base: sqlite3.Connection) -> frozenset[str]:
    """The names of its tables."""
    rows = base.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
    return frozenset(name for (name,) in rows)


def columns(base: sqlite3.Connection, table: str) -> frozenset[str]:
    """The columns that this version of the table has; none where there is no such table."""
    return frozenset(row[1] for row in base.execute(f"PRAGMA table_info({_quoted(table)})"))


def select(base: sqlite3.Connection, table: str, wanted: Iterable[str], rest: str = "") -> str:
    """A query for the columns `wanted`, with NULL for those that this version does not have.

    Args:
        rest: what follows the table's name; only columns that exist may stand in it.
    """
    there = columns(base, table)
    fields = ", ".join(name if name in there else f"NULL AS {name}" for name in wanted)
    return f"SELECT {fields} FROM {_quoted(table)} {rest}"


def _ask(path: str, options: str, work: Callable[[sqlite3.Connection], T]) -> T:
    escaped = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    uri = f"file:{escaped}?{options}"
    with closing(sqlite3.connect(uri, timeout=_BUSY, uri=True)) as base:
        base.text_factory = _text
        base.execute("PRAGMA query_only = 1")
        return work(base)


@contextmanager
def _copy(path: str) -> Generator[str]:
    if _size(path) + _size(f"{path}-wal") > _COPIED_MOST:
        raise sqlite3.OperationalError("it was left in the middle of a write and is too large")
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory(prefix="agtop-") as folder:
        private = os.path.join(folder, "copy.db")
        shutil.copyfile(path, private)
        shutil.copyfile(f"{path}-wal", f"{private}-wal")
        yield private


def _is_locked(error: sqlite3.DatabaseError) -> bool:
    return "locked" in str(error) or "busy" in str(error)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
