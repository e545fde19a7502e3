"""The files a session wrote, as its own tools reported them."""

from __future__ import annotations

import os
import re

from agtop.model import FileWrite, Lines

_PATCHED = re.compile(r"\*\*\* (Add File|Update File|Delete File|Move to): (.+?)\s*")


class Writes:
    """Counts writes per file and the lines they changed."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[int, float | None]] = {}
        self._added = 0
        self._removed = 0

    def add(
        self, path: str, at: float | None, added: int, removed: int, cwd: str | None = None
    ) -> None:
        """A write proven by its tool's result. A relative path is one of `cwd`."""
        if not os.path.isabs(path) and cwd:
            path = os.path.normpath(os.path.join(cwd, path))
        count, _ = self._files.pop(path, (0, None))
        self._files[path] = (count + 1, at)
        self._added += added
        self._removed += removed

    def files(self) -> tuple[FileWrite, ...]:
        """The newest last."""
        return tuple(FileWrite(path, *known) for path, known in self._files.items())

    def lines(self) -> Lines | None:
        return Lines(self._added, self._removed) if self._files else None


def patched(patch: str) -> list[str]:
    """The files that a patch in the `*** Begin Patch` format adds, updates, moves to or deletes."""
    found: list[str] = []
    for line in patch.splitlines():
        if match := _PATCHED.fullmatch(line):
            if match[1] == "Move to" and found:
                found.pop()
            found.append(match[2])
    return found


def patched_lines(patch: str) -> tuple[int, int]:
    """How many lines such a patch adds and removes."""
    lines = patch.splitlines()
    return sum(line.startswith("+") for line in lines), sum(line.startswith("-") for line in lines)


def replaced(old: str, new: str) -> tuple[int, int]:
    """(lines added, lines removed) where one text took the place of another: what both begin and
    end with was left as it was."""
    before, after = old.splitlines(), new.splitlines()
    while before and after and before[-1] == after[-1]:
        before.pop()
        after.pop()
    same = 0
    while same < min(len(before), len(after)) and before[same] == after[same]:
        same += 1
    return len(after) - same, len(before) - same
