"""Which transcripts are to be read, the most urgent first."""

from __future__ import annotations

from collections.abc import Collection, Iterable

Rank = tuple[bool, int, str]
"""What is read first: the transcripts of running processes, then the newest. Last, the path."""


class Queue:
    """Those of one agent."""

    def __init__(self) -> None:
        self._ranks: list[Rank] = []
        """The most urgent last."""
        self._is_sorted = True
        self._waiting: set[str] = set()
        """Paths, of those that are shared too."""
        self._shared: set[str] = set()
        """Transcripts that a worker may be reading."""

    def __len__(self) -> int:
        return len(self._ranks) + len(self._shared)

    def __contains__(self, path: str) -> bool:
        return path in self._waiting

    def put(self, path: str, is_live: bool, mtime_ns: int = 0) -> None:
        """Have it read; once, however often that is asked for."""
        if path not in self._waiting:
            self._waiting.add(path)
            self._ranks.append((is_live, mtime_ns, path))
            self._is_sorted = False

    @property
    def ranks(self) -> Iterable[Rank]:
        """Of those that nobody else may read."""
        return self._ranks

    @property
    def next(self) -> Rank | None:
        """How urgent the transcript is that `take` gives; None where none is left."""
        if not self._is_sorted:
            self._ranks.sort()
            self._is_sorted = True
        return self._ranks[-1] if self._ranks else None

    def take(self) -> tuple[str, bool]:
        """The most urgent one, and whether a running process may write it."""
        is_live, _, path = self.next or (False, 0, "")
        self._ranks.pop()
        self._waiting.discard(path)
        return path, is_live

    # ---- what a worker reads too

    def share(self, paths: Collection[str]) -> None:
        """Leave those to whoever takes them first, this process or the worker."""
        self._shared |= set(paths)
        self._ranks = [rank for rank in self._ranks if rank[2] not in self._shared]

    def end_sharing(self, path: str) -> None:
        self._shared.discard(path)
        self._waiting.discard(path)
