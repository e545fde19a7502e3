"""Processes that the user gave a name: `claude-4242`, for as long as that very process runs.

One JSON document per line. Lines that make no sense are skipped and kept as they are: they may be
of a later agtop, or somebody's only copy.
"""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, Literal, cast

from agtop.errors import UsageError
from agtop.locks import locked
from agtop.model import Record
from agtop.paths import write_atomically

FILE_NAME = "registry.jsonl"
TICK = 60.0
"""Seconds by which the clock may have been set between two readings of one start; the ticks since
boot, where there are any, must agree besides."""
_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,39}")
_NAME = re.compile(r"([A-Za-z][A-Za-z0-9._-]{0,39})-([1-9][0-9]{0,9})")
Origin = Literal["hand", "scan"]


class Entry(Record):
    """A process with a name. Its arguments are not kept: they may hold a prompt or a secret."""

    label: str
    pid: int
    started_at: float
    start_ticks: int | None = None
    agent: str | None = None
    session_id: str | None = None
    registered_at: float | None = None
    origin: Origin = "hand"

    @property
    def name(self) -> str:
        return f"{self.label}-{self.pid}"

    def is_of(self, pid: int, started_at: float, start_ticks: int | None) -> bool:
        """Whether it is that very process and not an earlier one with its pid."""
        if pid != self.pid:
            return False
        off = abs(self.started_at - started_at)
        if self.start_ticks is None or start_ticks is None:
            return off <= 2.0
        return self.start_ticks == start_ticks and off <= TICK


class Contents(Record):
    """What the file holds."""

    entries: tuple[Entry, ...] = ()
    corrupt: int = 0
    """Lines that were skipped."""

    def named(self, word: str) -> tuple[Entry, ...]:
        """Those called `word`: by the whole name, or else by the label."""
        exact = tuple(entry for entry in self.entries if entry.name == word)
        return exact or tuple(entry for entry in self.entries if entry.label == word)


class _Line(Record):
    raw: bytes
    entry: Entry | None


class Registry:
    """The file, read afresh each time: other agtops change it too."""

    def __init__(self, folder: Path, wait: Callable[[float], object] = time.sleep) -> None:
        self.path = folder / FILE_NAME
        self._lock = folder / f"{FILE_NAME}.lock"
        self._wait = wait

    def read(self) -> Contents:
        """Raises OSError."""
        return _contents(self._lines())

    def register(self, entries: Iterable[Entry]) -> Contents:
        """Put `entries` in; each takes the place of what had its pid. Raises OSError."""
        new = {entry.pid: entry for entry in entries}

        def change(lines: list[_Line]) -> list[_Line]:
            kept = [line for line in lines if line.entry is None or line.entry.pid not in new]
            return [*kept, *(_Line(_written(entry), entry) for entry in new.values())]

        return self._change(change)

    def forget(self, gone: Collection[Entry]) -> Contents:
        """Take `gone` out. Raises OSError."""
        return self._change(lambda lines: [line for line in lines if line.entry not in gone])

    def sweep(self, is_alive: Callable[[Entry], bool]) -> tuple[Contents, tuple[Entry, ...]]:
        """Take out those that have ended; what stays, and what went. Raises OSError."""
        dead = tuple(entry for entry in self.read().entries if not is_alive(entry))
        return (self.forget(dead) if dead else self.read()), dead

    def _change(self, change: Callable[[list[_Line]], list[_Line]]) -> Contents:
        with locked(self._lock, self._wait):
            before = self._lines()
            after = change(before)
            if after != before:
                write_atomically(self.path, b"".join(line.raw + b"\n" for line in after))
        return _contents(after)

    def _lines(self) -> list[_Line]:
        try:
            data = self.path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return []
        return [_Line(raw, _read(raw)) for raw in data.split(b"\n") if raw.strip()]


def checked_label(label: str) -> str:
    """`label` if it can be the front of a name. Raises UsageError."""
    if _LABEL.fullmatch(label):
        return label
    advice = "start with a letter and go on with letters, digits, dots and dashes, 40 at most"
    raise UsageError(f'"{label}" cannot be a name; {advice}')


def label_of(word: str) -> str:
    """A label out of a program's name, whatever that is."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", word).lstrip("0123456789._-")[:40]
    return plain.rstrip("-.") or "process"


def _contents(lines: Iterable[_Line]) -> Contents:
    lines = tuple(lines)
    # Of two lines with one pid, which only an edit by hand can make, the later counts.
    entries = {line.entry.pid: line.entry for line in lines if line.entry is not None}
    return Contents(tuple(entries.values()), sum(line.entry is None for line in lines))


def _read(raw: bytes) -> Entry | None:
    try:
        found: object = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    return _entry(cast("dict[str, Any]", found))


def _entry(found: dict[str, Any]) -> Entry | None:
    name, pid, started_at = found.get("name"), found.get("pid"), _number(found.get("started_at"))
    match = _NAME.fullmatch(name) if isinstance(name, str) else None
    if match is None or started_at is None or _whole(pid) != int(match[2]):
        return None
    return Entry(
        match[1],
        int(match[2]),
        started_at,
        _whole(found.get("start_ticks")),
        _text(found.get("agent")),
        _text(found.get("session_id")),
        _number(found.get("registered_at")),
        "scan" if found.get("origin") == "scan" else "hand",
    )


def _written(entry: Entry) -> bytes:
    record = {
        "name": entry.name,
        "pid": entry.pid,
        "started_at": entry.started_at,
        "start_ticks": entry.start_ticks,
        "agent": entry.agent,
        "session_id": entry.session_id,
        "registered_at": entry.registered_at,
        "origin": entry.origin,
    }
    return json.dumps(record).encode()


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
