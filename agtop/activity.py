"""What agtop did to the world outside, newest last, across restarts."""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path
from typing import Literal

import msgspec

from agtop.model import Record
from agtop.paths import write_atomically

Effect = Literal["signal", "file", "host", "command", "bus"]
FILE_NAME = "activity.jsonl"
KEPT = 1000
_LONGEST = 500
"""Letters of a sentence that are kept."""
_LARGEST = 1 << 20
"""Bytes; a file of more is cut down to what is shown."""


class Entry(Record):
    """One effect."""

    at: float
    effect: Effect
    what: str
    """`TERM to claude (pid 4242)`."""
    result: str
    by: str = "you"


_Row = tuple[float, Effect, str, str, str]
"""As a line of the file holds it, whatever else a record becomes."""


class Activity:
    """The newest effects: of this run, of those before, and of other agtops meanwhile.

    A file that cannot be read or written costs the effects of others, nothing else.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """
        Args:
            folder: None keeps nothing beyond the end.
        """
        self._path = None if folder is None else folder / FILE_NAME
        self._unwritten: deque[Entry] = deque(maxlen=KEPT)

    def add(self, entry: Entry) -> None:
        if self._path is None or not _written(self._path, entry):
            self._unwritten.append(entry)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The oldest first."""
        found = () if self._path is None else _kept(self._path)
        return tuple(sorted((*found, *self._unwritten), key=lambda each: each.at))[-KEPT:]


def _written(path: Path, entry: Entry) -> bool:
    row = (entry.at, entry.effect, entry.what[:_LONGEST], entry.result[:_LONGEST], entry.by)
    try:
        if _append(path, msgspec.json.encode(row) + b"\n") > _LARGEST:
            _shorten(path, path.read_bytes())
    except OSError:
        return False
    return True


def _kept(path: Path) -> list[Entry]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return []
    found = (_entry(each) for each in lines[-KEPT:])
    return [entry for entry in found if entry is not None]


def _shorten(path: Path, content: bytes) -> None:
    write_atomically(path, b"".join(content.splitlines(keepends=True)[-KEPT:]))


def _entry(line: bytes) -> Entry | None:
    try:
        return Entry(*msgspec.json.decode(line, type=_Row))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _append(path: Path, line: bytes) -> int:
    """In one write, since other agtops add to it too; how long the file is now."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(place, line)
        return os.fstat(place).st_size
    finally:
        os.close(place)
