"""Files a Codex session wrote, with the lines added and removed."""

from __future__ import annotations

import ntpath
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from agtop.agents import writes
from agtop.agents.codex.records import Change
from agtop.model import WriteKind

BEGIN = "*** Begin Patch"
_FILE = re.compile(r"\*\*\* (Add File|Update File|Delete File|Move to): (.+)")
_KINDS: Mapping[str, WriteKind] = {
    "Add File": "create",
    "Update File": "edit",
    "Delete File": "delete",
    "Move to": "rename",
}


class Edit(NamedTuple):
    path: str
    added: int
    removed: int
    kind: WriteKind = "edit"


class Writes(writes.Writes):
    """Proven writes by path, and their lines."""

    def take(self, edits: Iterable[Edit], cwd: str | None, at: float | None) -> None:
        for edit in edits:
            self.add(absolute(edit.path, cwd), at, edit.added, edit.removed, kind=edit.kind)


def of_changes(changes: Mapping[str, Change]) -> Iterator[Edit]:
    """The edits of a `FileChange` or `patch_apply_end`; a move writes both of its paths."""
    for path, change in changes.items():
        if change.type == "add":
            yield Edit(path, len((change.content or "").splitlines()), 0, "create")
        elif change.type == "delete":
            yield Edit(path, 0, len((change.content or "").splitlines()), "delete")
        else:
            kind = "rename" if change.move_path else "edit"
            yield Edit(path, *_hunks(change.unified_diff or ""), kind)
        if change.move_path:
            yield Edit(change.move_path, 0, 0, "rename")


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
    path, kind = None, _KINDS["Update File"]
    added = removed = 0
    for line in patch[patch.find(BEGIN) :].split("\n")[1:]:
        if line.startswith("*** End Patch"):
            break
        if header := _FILE.match(line):
            if path is not None:
                yield Edit(path, added, removed, _before(kind, header[1]))
            path, added, removed, kind = header[2].strip(), 0, 0, _KINDS[header[1]]
        else:
            added += line.startswith("+")
            removed += line.startswith("-")
    if path is not None:
        yield Edit(path, added, removed, kind)


def _before(kind: WriteKind, header: str) -> WriteKind:
    """What is moved away is renamed, too."""
    return "rename" if header == "Move to" else kind


def absolute(path: str, cwd: str | None) -> str:
    """`path` seen from the turn's folder."""
    if os.path.isabs(path) or ntpath.isabs(path) or not cwd:
        return os.path.normpath(path) if os.path.isabs(path) else path
    return os.path.normpath(os.path.join(cwd, path))
