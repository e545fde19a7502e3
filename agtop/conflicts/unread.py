"""Which sessions are to be read in full, so that their writes are known: few at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator

from agtop.conflicts.episodes import DAY
from agtop.model import Session

ROUND = 16 << 20
"""Bytes of transcripts that are asked for at once; one alone may be longer."""
LONGEST = 128 << 20
"""A longer transcript keeps a round waiting for seconds: it is read when somebody looks at it."""


def unread(sessions: Iterable[Session], since: float) -> Iterator[Session]:
    """Those, and their subagents, that are newer and were only scanned."""
    for session in sessions:
        if (session.last_active or 0.0) >= since:
            if session.reading.partial:
                yield session
            yield from unread(session.subagents, since)


class Unread:
    """Keeps them, of the sessions that changed."""

    def __init__(self, size: Callable[[str], int] = os.path.getsize) -> None:
        self._size = size
        self._waiting: dict[str, tuple[Session, ...]] = {}
        """By the key of the tree they belong to."""
        self._asked: set[str] = set()

    def note(self, key: str, session: Session | None, now: float) -> None:
        """The tree changed; None when it is gone."""
        found = () if session is None else tuple(unread([session], now - DAY))
        wanted = tuple(each for each in found if each.key not in self._asked)
        if wanted:
            self._waiting[key] = wanted
        else:
            self._waiting.pop(key, None)

    def next(self, now: float) -> tuple[str, ...]:
        """The newest that are still wanted, each asked for once; nothing when all are read."""
        if not self._waiting:
            return ()
        every = [each for of in self._waiting.values() for each in of]
        every.sort(key=lambda each: -(each.last_active or 0.0))
        chosen: list[str] = []
        room = ROUND
        for each in every:
            size = self._size_of(each)
            if (each.last_active or 0.0) < now - DAY or size > LONGEST:
                self._asked.add(each.key)
            elif not chosen or size <= room:
                chosen.append(each.key)
                room -= size
        self._asked.update(chosen)
        self._waiting = {
            key: rest
            for key, of in self._waiting.items()
            if (rest := tuple(each for each in of if each.key not in self._asked))
        }
        return tuple(chosen)

    def _size_of(self, session: Session) -> int:
        try:
            return self._size(session.reading.transcript)
        except (OSError, ValueError):
            return 0  # not a file of its own, or gone: asking for it costs nothing
