"""The totals that a thread reported, as its rollouts tell them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from agtop.agents.codex.places import FOLDERS, SUFFIXES
from agtop.agents.codex.records import (
    TokenCount,
    UnreadableError,
    payload,
    recognise,
)
from agtop.agents.codex.usage import Vector, vector
from agtop.agents.walk import Walk
from agtop.tail import Tail
from agtop.zstd import DamagedError, NoZstdError, ZstdTail


def tail_of(path: str) -> Tail | ZstdTail:
    return ZstdTail(path) if path.endswith(".zst") else Tail(path)


def totals_until(home: Path, thread_id: str, until: float | None) -> Collection[Vector] | None:
    """The totals that a thread reported up to an instant; None where its files tell none.

    An archive may hold an older state of a thread than its live file.
    """
    ends = tuple(f"{thread_id}{suffix}" for suffix in SUFFIXES)
    told: set[Vector] = set()
    for folder in FOLDERS:
        for entry in Walk([]).files(home / folder, ends):
            try:
                told.update(_totals(entry.path, until))
            except (OSError, NoZstdError, DamagedError):
                continue
    return told or None


def _totals(path: str, until: float | None) -> Iterator[Vector]:
    for raw in tail_of(path).lines():
        if b'"token_count"' not in raw:
            continue
        try:
            line = recognise(raw)
            info = payload(line, TokenCount).info
        except UnreadableError:
            continue
        if until is not None and line.at is not None and line.at > until:
            return
        if info is not None and info.total_token_usage is not None:
            yield vector(info.total_token_usage)
