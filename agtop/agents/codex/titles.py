"""The names that Codex gives its threads, shared by all rollouts of one home."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import msgspec

from agtop.agents.decode import Decoder
from agtop.tail import Tail

PATIENCE = 1.0
"""Seconds between two looks at the index, however many rollouts ask."""


class Entry(msgspec.Struct):
    id: str | None = None
    thread_name: str | None = None


_ENTRIES = Decoder(Entry)


class Titles:
    """`session_index.jsonl`, append-only: the newest line of a thread names it."""

    def __init__(
        self, path: str, patience: float = PATIENCE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._tail = Tail(path)
        self._patience = patience
        self._clock = clock
        self._looked_at: float | None = None
        self._names: dict[str, str] = {}

    def name(self, thread_id: str) -> str | None:
        now = self._clock()
        if self._looked_at is None or now - self._looked_at >= self._patience:
            self._looked_at = now
            self._refresh()
        return self._names.get(thread_id)

    def _refresh(self) -> None:
        restarts = self._tail.restarts
        try:
            if not self._tail.changed():
                return
            for line in self._tail.lines():
                if self._tail.restarts != restarts:
                    restarts = self._tail.restarts
                    self._names.clear()
                self._take(line)
        except OSError:
            return  # a home need not have an index; names are a nicety

    def _take(self, line: bytes) -> None:
        entry = _ENTRIES.decode(line)
        if entry is not None and entry.id and entry.thread_name:
            self._names[entry.id] = entry.thread_name


@lru_cache(maxsize=32)
def titles_of(home: Path) -> Titles:
    return Titles(str(home / "session_index.jsonl"))
