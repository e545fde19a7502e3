"""Looks into files of other programs: bounded, read-only, and calm about whatever lies there."""

from __future__ import annotations

import json
import os
import re
import stat
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from msgspec import field

from agtop.model import Readiness, Record

MOST_BYTES = 8 * 2**20
"""Of a file that is parsed: larger ones are no settings."""
MOST_ENTRIES = 5_000
DEPTH = 5
"""Folders below a folder that are looked into."""

_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])', re.DOTALL)

Table = Mapping[str, Any]


class Found(Record):
    """What is in a file: its state, its table and when it was last changed."""

    status: Readiness
    table: Table = field(default_factory=dict[str, Any])
    at: float | None = None


class Folder(Record):
    """How much lies in a folder."""

    status: Readiness
    files: int = 0
    folders: int = 0
    bytes: int = 0
    at: float | None = None
    """When the newest file in it was changed."""
    is_cut: bool = False
    """There is more than was counted."""


def look(path: Path) -> Found:
    """Whether a file is there and holds anything, without reading it."""
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return Found("missing")
    except (OSError, ValueError):
        return Found("degraded")
    if not stat.S_ISREG(status.st_mode):
        return Found("degraded")
    return Found("ready" if status.st_size else "empty", at=status.st_mtime)


def read_json(path: Path) -> Found:
    """A file of JSON with one object in it."""
    return _parsed(path, json.loads)


def read_jsonc(path: Path) -> Found:
    """The same, where comments and a last comma are allowed."""
    return _parsed(path, lambda text: json.loads(_COMMA.sub(r"\1", _COMMENT.sub(r"\1", text))))


def read_toml(path: Path) -> Found:
    """The same of TOML."""
    return _parsed(path, tomllib.loads)


def _parsed(path: Path, parse: Callable[[str], object]) -> Found:
    found = look(path)
    if found.status != "ready":
        return found
    try:
        text = _text(path)
        if not text.strip():
            return Found("empty", at=found.at)
        value = parse(text)
    except (OSError, ValueError, RecursionError):  # the parsers' own complaints are ValueErrors
        return Found("degraded", at=found.at)
    if not isinstance(value, dict):
        return Found("degraded", at=found.at)
    known = cast("Table", value)
    return Found("ready" if known else "empty", known, found.at)


def _text(path: Path) -> str:
    """Raises OSError, and ValueError for what is no text or too long."""
    # A file may have become a pipe since it was looked at: opening must never wait.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError("too long")
    return data.decode("utf-8-sig")


def look_into(path: Path, suffix: str = "") -> Folder:
    """Count what lies in a folder and below it; links to folders are not followed.

    Args:
        suffix: of the files that are counted.
    """
    files = folders = size = seen = 0
    newest: float | None = None
    is_cut = is_whole = False
    queue = [(path, 0)]
    while queue:
        here, depth = queue.pop()
        try:
            with os.scandir(here) as entries:
                for entry in entries:
                    seen += 1
                    if seen > MOST_ENTRIES:
                        is_cut, queue = True, []
                        break
                    if entry.is_dir(follow_symlinks=False):
                        folders += 1
                        if depth < DEPTH:
                            queue.append((Path(entry.path), depth + 1))
                        else:
                            is_cut = True
                    elif entry.name.endswith(suffix) and entry.is_file():
                        status = entry.stat()
                        files, size = files + 1, size + status.st_size
                        newest = max(newest or 0.0, status.st_mtime)
        except (FileNotFoundError, NotADirectoryError):
            if depth == 0:
                return Folder("degraded" if path.exists() else "missing")
        except (OSError, ValueError):
            is_whole = True
    degraded = is_cut or is_whole
    state: Readiness = "degraded" if degraded else "ready" if files else "empty"
    return Folder(state, files, folders, size, newest, is_cut)


def names_in(path: Path) -> list[tuple[str, Path]]:
    """(name, path) of what lies in a folder, sorted, without hidden things; links are followed."""
    try:
        with os.scandir(path) as entries:
            names = [e.name for e, _ in zip(entries, range(MOST_ENTRIES), strict=False)]
    except (OSError, ValueError):
        return []
    return [(name, path / name) for name in sorted(names) if not name.startswith(".")]


# ---- what may stand in a table


def table(value: object) -> Table:
    """`value` where it is a table, else an empty one."""
    return cast("Table", value) if isinstance(value, Mapping) else {}


def below(value: object, *keys: str) -> object:
    """What stands under the keys, one below the other; None where nothing does."""
    for key in keys:
        value = table(value).get(key)
    return value


def many(value: object) -> int:
    """How many things a list or a table holds."""
    return len(cast("list[Any]", value)) if isinstance(value, list | Mapping) else 0


def word(value: object) -> str | None:
    """The value if it is text."""
    return value if isinstance(value, str) else None


def words(value: object) -> list[str]:
    """The texts in a list; none where it is no list."""
    items = cast("list[Any]", value) if isinstance(value, list) else []
    return [item for item in items if isinstance(item, str)]
