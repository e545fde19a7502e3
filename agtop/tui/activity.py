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
    """The newest effects, of this screen and of those before.

    A file that cannot be read or written costs the effects of other times, nothing else.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """
        Args:
            folder: None keeps nothing beyond the end.
        """
        self._path = None if folder is None else folder / FILE_NAME
        self._entries: deque[Entry] | None = None

    def add(self, entry: Entry) -> None:
        self._all().append(entry)
        if self._path is None:
            return
        row = (entry.at, entry.effect, entry.what[:_LONGEST], entry.result[:_LONGEST], entry.by)
        try:
            _append(self._path, msgspec.json.encode(row) + b"\n")
        except OSError:
            pass

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._all())

    def _all(self) -> deque[Entry]:
        """Read when somebody first asks: rarely, and not at the start."""
        if self._entries is None:
            self._entries = deque(self._kept(), maxlen=KEPT)
        return self._entries

    def _kept(self) -> list[Entry]:
        if self._path is None:
            return []
        try:
            lines = self._path.read_bytes().splitlines(keepends=True)
            if len(lines) > 2 * KEPT:
                write_atomically(self._path, b"".join(lines[-KEPT:]))
        except OSError:
            return []
        found = (_entry(each) for each in lines[-KEPT:])
        return [entry for entry in found if entry is not None]


def _entry(line: bytes) -> Entry | None:
    try:
        return Entry(*msgspec.json.decode(line, type=_Row))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _append(path: Path, line: bytes) -> None:
    """In one write: other agtops add to it too."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(place, line)
    finally:
        os.close(place)
