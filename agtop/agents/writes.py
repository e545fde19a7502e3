"""The files a session wrote, as its own tools reported them, and what others did to them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from agtop.model import FileWrite, ForeignChange, Lines, Sign, WriteKind

_PATCHED = re.compile(r"\*\*\* (Add File|Update File|Delete File|Move to): (.+?)\s*")
_KINDS: Mapping[str, WriteKind] = {
    "Add File": "create",
    "Update File": "edit",
    "Delete File": "delete",
    "Move to": "rename",
}
_HEAD = 400
"""Characters of an error in which its reason stands."""
KEPT = 64
"""Instants of one file, and foreign changes of one session, that are kept."""


class Writes:
    """Counts writes per file and the lines they changed."""

    def __init__(self) -> None:
        self._files: dict[str, FileWrite] = {}
        self._frozen: tuple[FileWrite, ...] | None = ()
        self._added = 0
        self._removed = 0
        self._foreign: tuple[ForeignChange, ...] = ()

    def add(
        self,
        path: str,
        at: float | None,
        added: int | None,
        removed: int | None,
        cwd: str | None = None,
        kind: WriteKind | None = None,
    ) -> None:
        """A write proven by its tool's result. A relative path is one of `cwd`."""
        path = absolute(path, cwd)
        known = self._files.pop(path, FileWrite(path, 0, None))
        self._files[path] = FileWrite(
            path,
            known.writes + 1,
            known.last_at if at is None else at,
            kind,
            _sum(known.added, added),
            _sum(known.removed, removed),
            known.instants if at is None else (*known.instants, at)[-KEPT:],
        )
        self._frozen = None
        self._added += added or 0
        self._removed += removed or 0

    def met(
        self, sign: Sign, path: str, at: float | None, cwd: str | None = None, said: str = ""
    ) -> None:
        """Somebody else was at work there."""
        change = ForeignChange(sign, absolute(path, cwd), at, said)
        self._foreign = (*self._foreign, change)[-KEPT:]

    def files(self) -> tuple[FileWrite, ...]:
        """The newest last; the same object while nothing is added."""
        if self._frozen is None:
            self._frozen = tuple(self._files.values())
        return self._frozen

    def foreign(self) -> tuple[ForeignChange, ...]:
        """Oldest first; the same object while nothing is added."""
        return self._foreign

    def lines(self) -> Lines | None:
        return Lines(self._added, self._removed) if self._files else None


def absolute(path: str, cwd: str | None) -> str:
    """`path` seen from `cwd`."""
    if os.path.isabs(path) or not cwd:
        return path
    return os.path.normpath(os.path.join(cwd, path))


_REFUSED = re.compile(r"(?:been|was) (?:unexpectedly )?(?:modified|changed)\b", re.IGNORECASE)
_MISSED = re.compile(
    r"string to replace not found|could not find the string|old_?string not found"
    r"|0 occurrences found|failed to find expected lines|could not find old",
    re.IGNORECASE,
)


def sign_of(error: str) -> Sign | None:
    """What a failed write says of others: the file changed, or its text is not there."""
    head = error[:_HEAD]
    if _REFUSED.search(head):
        return "refused"
    return "failed" if _MISSED.search(head) else None


def _sum(before: int | None, more: int | None) -> int | None:
    return before if more is None else (before or 0) + more


def patched(patch: str) -> dict[str, WriteKind]:
    """The files that a patch in the `*** Begin Patch` format writes; a move writes two."""
    found: dict[str, WriteKind] = {}
    last = None
    for line in patch.splitlines():
        if match := _PATCHED.fullmatch(line):
            if match[1] == "Move to" and last is not None:
                found[last] = "rename"
            last = match[2]
            found[last] = _KINDS[match[1]]
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
