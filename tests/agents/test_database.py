"""Other programs' databases are read, and nothing beside them changes."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agtop.agents.database import columns, consult, select, tables


@pytest.fixture
def base(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A database in WAL mode with one row, still open."""
    with closing(sqlite3.connect(tmp_path / "own.db")) as own:
        own.execute("PRAGMA journal_mode = WAL")
        own.execute("CREATE TABLE session (id TEXT, title TEXT)")
        own.execute("INSERT INTO session VALUES ('s1', 'One')")
        own.commit()
        yield own


def ids(base: sqlite3.Connection) -> list[str]:
    return [row[0] for row in base.execute("SELECT id FROM session ORDER BY id")]


def beside(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_what_is_only_in_the_log_is_seen_and_no_file_changes(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    before = beside(tmp_path)
    assert consult(str(tmp_path / "own.db"), ids) == ["s1"]
    assert beside(tmp_path) == before


def test_a_database_nobody_has_open_gets_no_log_and_no_shared_memory(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    base.close()
    assert "own.db-wal" not in os.listdir(tmp_path)
    assert consult(str(tmp_path / "own.db"), ids) == ["s1"]
    assert "own.db-wal" not in os.listdir(tmp_path)


def test_a_log_left_by_a_crash_is_read_from_a_copy(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for name in ("own.db", "own.db-wal"):
        shutil.copyfile(tmp_path / name, crashed / name)
    before = beside(crashed)
    assert consult(str(crashed / "own.db"), ids) == ["s1"]
    assert beside(crashed) == before


def test_a_locked_database_is_an_error_that_says_so(tmp_path: Path) -> None:
    path = tmp_path / "own.db"
    with closing(sqlite3.connect(path)) as own:
        own.execute("PRAGMA journal_mode = WAL")
        own.execute("PRAGMA locking_mode = EXCLUSIVE")
        own.execute("CREATE TABLE session (id TEXT)")
        own.commit()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            consult(str(path), ids)


def test_a_file_that_is_no_database_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "own.db"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        consult(str(path), ids)
    with pytest.raises(FileNotFoundError):
        consult(str(tmp_path / "gone.db"), ids)


def test_names_with_marks_of_a_uri_are_found(base: sqlite3.Connection, tmp_path: Path) -> None:
    base.close()
    odd = tmp_path / "a?b#c%41.db"
    shutil.copyfile(tmp_path / "own.db", odd)
    assert consult(str(odd), ids) == ["s1"]


def test_a_column_this_version_lacks_is_null(base: sqlite3.Connection) -> None:
    query = select(base, "session", ("id", "cost"), "ORDER BY id")
    assert base.execute(query).fetchall() == [("s1", None)]
    assert columns(base, "session") == {"id", "title"}
    assert columns(base, "nowhere") == frozenset()
    assert tables(base) == {"session"}


def test_text_that_is_no_utf8_is_read_all_the_same(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    base.execute("UPDATE session SET id = CAST(X'73ff' AS TEXT)")
    base.commit()
    assert consult(str(tmp_path / "own.db"), ids) == ["s\ufffd"]
