"""The newest events, as many as fit."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Iterator

from agtop.model import Event

LIMIT = 4 << 20
"""Bytes of events that are kept."""
_FRAME = 200
"""Bytes of an event without its text."""


class Ring:
    """Forgets the oldest events when the newest need their room; the newest always stays."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._events: deque[Event] = deque()
        self.size = 0
        """Bytes held."""
        self.dropped = 0
        """Events forgotten so far."""

    def add(self, events: Iterable[Event]) -> list[Event]:
        """Take them in; those that were forgotten for it, the oldest first."""
        forgotten: list[Event] = []
        for event in events:
            self._events.append(event)
            self.size += _weight(event)
            while self.size > self._limit and len(self._events) > 1:
                forgotten.append(self._events.popleft())
                self.size -= _weight(forgotten[-1])
        self.dropped += len(forgotten)
        return forgotten

    def clear(self) -> None:
        self._events.clear()
        self.size = self.dropped = 0

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[Event]:
        return iter(self._events)


def _weight(event: Event) -> int:
    return sys.getsizeof(event.title) + sys.getsizeof(event.body) + _FRAME
