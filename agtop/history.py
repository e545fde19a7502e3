"""What transcripts that are gone had used: it stays, without a word of what they said.

One SQLite file among what cannot be made again. Of each transcript it holds the responses as
numbers, so that copies are told from each other and prices can change, and of each session whose
it is, how long it ran and in which repository.
"""

from __future__ import annotations

import os
import sqlite3
from _blake2 import blake2b
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from agtop.block import Block
from agtop.model import Reading, Record, Spender

FILE_MODE, FOLDER_MODE = 0o600, 0o700
_BUSY = 0.5
"""Seconds to wait for another agtop that writes."""
_TABLES = """
CREATE TABLE IF NOT EXISTS archived (
    agent TEXT, id TEXT, place TEXT, spenders BLOB, block BLOB, PRIMARY KEY (agent, id)
) WITHOUT ROWID;
"""
_SPENDERS = msgspec.msgpack.Decoder(tuple[Spender, ...])


class Archived(Record):
    """A transcript that is gone."""

    id: str
    place: str
    """Stands for its path, which names directories and is not kept."""
    spenders: tuple[Spender, ...]
    block: Block


class History:
    """The history of one user. Several agtops may add to it."""

    def __init__(self, folder: Path, project: Callable[[str | None], str | None]) -> None:
        """
        Args:
            folder: agtop's state directory; made when there is something to keep.
            project: a directory → its repository's name.
        """
        self._path = folder / "history.sqlite"
        self._project = project

    def keep(self, agent: str, gone: Sequence[tuple[str, Block | None, Iterable[Reading]]]) -> bool:
        """Archive (path, responses, readings); all or nothing. False where that must be tried
        again."""
        rows = [
            self._row(agent, path, block, readings)
            for path, block, readings in gone
            if block is not None and len(block)
        ]
        if not rows:
            return True
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, FILE_MODE))
            with _closing(self._open()) as base:
                base.executemany("INSERT OR REPLACE INTO archived VALUES (?,?,?,?,?)", rows)
        except (sqlite3.Error, OSError):
            return False
        return True

    def load(self, agent: str) -> list[Archived]:
        """What is kept of an agent's transcripts, whatever of it can be read."""
        if not self._path.exists():
            return []
        query = "SELECT id, place, spenders, block FROM archived WHERE agent = ? ORDER BY id"
        found: list[Archived] = []
        try:
            with _closing(self._open()) as base:
                for name, place, spenders, data in base.execute(query, (agent,)):
                    try:
                        block = Block.unpacked(data)
                        known = _SPENDERS.decode(spenders)
                    except (msgspec.MsgspecError, ValueError):
                        continue
                    found.append(Archived(name, place, known, block))
        except (sqlite3.Error, OSError):
            return found
        return found

    def forget(
        self,
        agents: Sequence[str],
        repo: str | None = None,
        before: float | None = None,
    ) -> int:
        """Remove what fits all that is given, so that nothing of it is left in the file.

        Returns:
            How many transcripts it was of.

        Raises:
            sqlite3.Error: the file cannot be written.
        """
        if not self._path.exists():
            return 0
        count = 0
        with _closing(self._open()) as base:
            for agent in agents:
                for each in self.load(agent):
                    left = _without(each, repo, before)
                    if left is each:
                        continue
                    count += 1
                    base.execute(
                        "DELETE FROM archived WHERE agent = ? AND id = ?", (agent, each.id)
                    )
                    if left is not None:
                        base.execute(
                            "INSERT OR REPLACE INTO archived VALUES (?,?,?,?,?)",
                            _packed(agent, left),
                        )
        with _closing(self._open()) as base:
            base.commit()
            base.execute("VACUUM")
        return count

    def _row(
        self, agent: str, path: str, block: Block, readings: Iterable[Reading]
    ) -> tuple[str, str, str, bytes, bytes]:
        known = {reading.session_id: self.spender(reading, True) for reading in readings}
        spenders = [known.get(owner) or Spender(owner, archived=True) for owner in block.owners]
        spenders += [each for name, each in known.items() if name not in block.owners]
        copy = Block.unpacked(block.packed())
        digest = blake2b(copy.keys.tobytes(), digest_size=8).hexdigest()
        at = place(path)
        copy.transcript = f"archived:{at}:{digest}"
        return _packed(agent, Archived(f"{at}:{digest}", at, tuple(spenders), copy))

    def spender(self, reading: Reading, archived: bool = False) -> Spender:
        return spender(reading, self._project(reading.cwd), archived)

    def _open(self) -> sqlite3.Connection:
        base = sqlite3.connect(self._path, timeout=_BUSY)
        base.execute("PRAGMA secure_delete = ON")
        base.executescript(_TABLES)
        return base


class _closing:  # noqa: N801
    """A connection that commits or rolls back, and is closed."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    def __enter__(self) -> sqlite3.Connection:
        return self._base

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            self._base.commit()
        else:
            self._base.rollback()
        self._base.close()


def place(path: str) -> str:
    """What stands for a path: enough to know it again, not to read it."""
    return blake2b(os.fsencode(path), digest_size=8).hexdigest()


def spender(reading: Reading, repo: str | None, archived: bool = False) -> Spender:
    """What the history knows of a session."""
    return Spender(
        reading.session_id,
        reading.parent_id if reading.parent_id != reading.session_id else None,
        repo,
        reading.interactive,
        reading.started_at,
        reading.last_active,
        reading.user_turns,
        None if reading.lines is None else reading.lines.added,
        archived,
    )


def _packed(agent: str, each: Archived) -> tuple[str, str, str, bytes, bytes]:
    data = msgspec.msgpack.encode(each.spenders)
    return (agent, each.id, each.place, data, each.block.packed())


def _without(each: Archived, repo: str | None, before: float | None) -> Archived | None:
    """What is left of it: itself, nothing, or what is newer and of other repositories."""
    repos = {spender.session_id: spender.repo for spender in each.spenders}
    old = each.block

    def goes(row: int) -> bool:
        is_of_repo = repo is None or repos.get(old.owners[old.makers[row]]) == repo
        return is_of_repo and (before is None or old.ats[row] < before)

    stays = [row for row in range(len(old)) if not goes(row)]
    if len(stays) == len(old):
        return each
    if not stays:
        return None
    block = Block(old.transcript)
    block.born_at = old.born_at
    for row in stays:
        block.add(old.keys[row], old.claim(row))
    left = set(block.owners)
    spenders = tuple(spender for spender in each.spenders if spender.session_id in left)
    return Archived(each.id, each.place, spenders, block)
