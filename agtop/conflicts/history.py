"""Conflicts of earlier runs: paths and instants, in one file of agtop's own."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from agtop.model import Conflict
from agtop.paths import write_atomically

MOST = 500
"""Episodes that are kept, the newest."""
_LARGEST = 4 << 20
"""Bytes of a file worth reading; ours stays far below."""


class _Document(msgspec.Struct):
    conflicts: list[Conflict]
    schema_version: int = 1


class History:
    """What is kept from run to run; several agtops may add to it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._saved: tuple[Conflict, ...] = ()

    @property
    def place(self) -> str:
        return str(self._path)

    def load(self) -> tuple[Conflict, ...]:
        """What is kept, or nothing where the file is not there or not ours to understand."""
        try:
            if self._path.stat().st_size > _LARGEST:
                return ()
            document = msgspec.json.decode(self._path.read_bytes(), type=_Document)
        except (OSError, msgspec.MsgspecError, UnicodeError, RecursionError):
            return ()
        return tuple(document.conflicts) if document.schema_version == 1 else ()

    def save(self, conflicts: Iterable[Conflict]) -> None:
        """Keep them, and what another agtop kept meanwhile. Raises OSError."""
        ours = tuple(conflicts)
        if ours == self._saved:
            return
        every = sorted(merged(self.load(), ours), key=lambda each: each.last_at)
        document = _Document(every[-MOST:])
        write_atomically(self._path, msgspec.json.encode(document))
        self._saved = ours


def merged(kept: Iterable[Conflict], newer: Iterable[Conflict]) -> list[Conflict]:
    """Both; of one episode told twice only what is newer."""
    found = list(newer)
    spans: dict[str, list[Conflict]] = {}
    for each in found:
        spans.setdefault(each.path, []).append(each)
    found += [
        each
        for each in kept
        if not any(_is_same(each, other) for other in spans.get(each.path, ()))
    ]
    return found


def _is_same(kept: Conflict, newer: Conflict) -> bool:
    """They tell of the same time and share a session."""
    is_meanwhile = kept.first_at <= newer.last_at and newer.first_at <= kept.last_at
    keys = {writer.key for writer in newer.writers}
    return is_meanwhile and any(writer.key in keys for writer in kept.writers)
