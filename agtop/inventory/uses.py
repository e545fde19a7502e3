"""How often skills were used, by the newest transcripts: of a line only the name is taken."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from agtop.units import instant

MOST_FILES = 400
MOST_BYTES = 64 * 2**20
"""Of all files together."""
FILE_BYTES = 8 * 2**20
"""Of one file: its end, where it is longer."""
DEPTH = 5
WEEK = 7 * 86_400.0

_NAME = rb"[A-Za-z][A-Za-z0-9_-]{0,40}"
_TOOL = re.compile(rb'"name": ?"Skill"[^\n]{0,200}?"skill": ?"((?:[\w.-]{1,40}:)?' + _NAME + rb')"')
_CALLED = re.compile(rb"<command-name>/?((?:[\w.-]{1,40}:)?" + _NAME + rb")</command-name>")
_TYPED = re.compile(rb'"role": ?"user", ?"content": ?"/(' + _NAME + rb')[\s"\\]')
_READ = re.compile(rb"/skills/(" + _NAME + rb")/SKILL\.md")
_MARKS = re.compile(rb'"name": ?"Skill"|<command-name>|"content": ?"/|/SKILL\.md')
_TIME = re.compile(rb'"timestamp": ?"([^"]{10,40})"')
_ID = re.compile(rb'"(?:uuid|call_id)": ?"([\w-]{6,64})"')
_CALL = re.compile(rb'"(?:tool_use|function_call|custom_tool_call|local_shell_call)"')


@dataclass(slots=True)
class Use:
    """The uses of one skill."""

    total: int = 0
    week: int = 0
    """In the last seven days."""
    last: float | None = None


@dataclass(slots=True)
class Uses:
    """Name → its uses, as far as the transcripts were read."""

    by_name: dict[str, Use] = field(default_factory=dict[str, Use])
    is_whole: bool = True
    """Every transcript was read, so that the counts are no lower bounds."""

    def add(self, name: str, at: float | None, now: float) -> None:
        use = self.by_name.setdefault(name, Use())
        use.total += 1
        if at is not None:
            use.week += now - WEEK <= at <= now + 60.0
            use.last = max(use.last or 0.0, at)


def count(folders: Collection[Path], known: Collection[str], now: float) -> Uses:
    """Read the newest transcripts below the folders.

    Args:
        known: names that count when a person types a slash and them: any other word that
            follows a slash may be a part of something private.
    """
    found = Uses()
    met: set[bytes] = set()
    paths = sorted(_transcripts(folders), reverse=True)
    left = MOST_BYTES
    for number, (at, size, path) in enumerate(paths):
        if number >= MOST_FILES or left <= 0:
            found.is_whole = False
            break
        part = min(size, FILE_BYTES, left)
        found.is_whole &= part == size
        left -= part
        for name, moment in _in(path, size - part, part, known, met):
            found.add(name, at if moment is None else moment, now)
    return found


def _transcripts(folders: Collection[Path]) -> Iterator[tuple[float, int, str]]:
    """(last change, bytes, path) of what lies there."""
    queue = [(str(folder), 0) for folder in folders]
    while queue:
        here, depth = queue.pop()
        try:
            with os.scandir(here) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        queue += [(entry.path, depth + 1)] if depth < DEPTH else []
                    elif entry.name.endswith(".jsonl") and entry.is_file(follow_symlinks=False):
                        status = entry.stat()
                        yield status.st_mtime, status.st_size, entry.path
        except OSError:
            continue


def _in(
    path: str, start: int, size: int, known: Collection[str], met: set[bytes]
) -> Iterator[tuple[str, float | None]]:
    """(name, when) of each use that no other transcript has told."""
    try:
        with open(path, "rb") as file:
            file.seek(start)
            data = file.read(size)
    except OSError:
        return
    opened: set[str] = set()
    end = 0
    for mark in _MARKS.finditer(data):
        if mark.start() < end:
            continue
        begin = data.rfind(b"\n", 0, mark.start()) + 1
        end = data.find(b"\n", mark.start())
        end = len(data) if end < 0 else end
        line = data[begin:end]
        own = _ID.search(line)
        if own is not None and own[1] in met:
            continue
        if own is not None:
            met.add(own[1])
        stamp = _TIME.search(line)
        at = instant(stamp[1].decode("ascii", "replace")) if stamp is not None else None
        for name in _names(line, known, opened):
            yield name, at


def _names(line: bytes, known: Collection[str], opened: set[str]) -> Iterator[str]:
    yield from (name.decode() for name in _TOOL.findall(line))
    typed = [name.decode() for name in (*_CALLED.findall(line), *_TYPED.findall(line))]
    yield from [name for name in typed if name in known][:1]
    if _CALL.search(line):
        read = {name.decode() for name in _READ.findall(line)}
        yield from sorted(read - opened)
        opened |= read
