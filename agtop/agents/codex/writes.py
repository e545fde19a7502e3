"""Files a Codex session wrote, with the lines added and removed."""

from __future__ import annotations

import ntpath
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from agtop.agents.codex.records import Change
from agtop.model import FileWrite, Lines

BEGIN = "*** Begin Patch"
_FILE = re.compile(r"\*\*\* (?:Add|Update|Delete) File: (.+)|\*\*\* Move to: (.+)")


class Edit(NamedTuple):
    path: str
    added: int
    removed: int


class Writes:
    """Proven writes by path, and their lines."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[int, float | None]] = {}
        self._added = self._removed = 0

    def add(self, edits: Iterable[Edit], cwd: str | None, at: float | None) -> None:
        for edit in edits:
            path = absolute(edit.path, cwd)
            count, last_at = self._files.get(path, (0, None))
            self._files[path] = (count + 1, at if at is not None else last_at)
            self._added += edit.added
            self._removed += edit.removed

    def files(self) -> tuple[FileWrite, ...]:
        return tuple(FileWrite(path, *seen) for path, seen in self._files.items())

    def lines(self) -> Lines | None:
        return Lines(self._added, self._removed) if self._files else None


def of_changes(changes: Mapping[str, Change]) -> Iterator[Edit]:
    """The edits of a `FileChange` or `patch_apply_end`; a move writes both of its paths."""
    for path, change in changes.items():
        if change.type == "add":
            yield Edit(path, len((change.content or "").splitlines()), 0)
        elif change.type == "delete":
            yield Edit(path, 0, len((change.content or "").splitlines()))
        else:
            yield Edit(path, *_hunks(change.unified_diff or ""))
        if change.move_path:
            yield Edit(change.move_path, 0, 0)


def _hunks(diff: str) -> tuple[int, int]:
    added = removed = 0
    in_hunk = False
    for line in diff.split("\n"):
        in_hunk = in_hunk or line.startswith("@@")  # before it, `---` and `+++` are a header
        if in_hunk:
            added += line.startswith("+")
            removed += line.startswith("-")
    return added, removed


def of_patch(patch: str) -> Iterator[Edit]:
    """The edits of an `apply_patch` text."""
    path = None
    added = removed = 0
    for line in patch[patch.find(BEGIN) :].split("\n")[1:]:
        if line.startswith("*** End Patch"):
            break
        if header := _FILE.match(line):
            if path is not None:
                yield Edit(path, added, removed)
            path, added, removed = (header[1] or header[2]).strip(), 0, 0
        else:
            added += line.startswith("+")
            removed += line.startswith("-")
    if path is not None:
        yield Edit(path, added, removed)


def absolute(path: str, cwd: str | None) -> str:
    """`path` seen from the turn's folder."""
    if os.path.isabs(path) or ntpath.isabs(path) or not cwd:
        return os.path.normpath(path) if os.path.isabs(path) else path
    return os.path.normpath(os.path.join(cwd, path))
