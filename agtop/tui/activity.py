"""What agtop did to the world outside, newest last."""

from __future__ import annotations

from collections import deque
from typing import Literal

from agtop.model import Record

Effect = Literal["signal", "file", "host", "command", "bus"]
KEPT = 1000


class Entry(Record):
    """One effect."""

    at: float
    effect: Effect
    what: str
    """`TERM to claude (pid 4242)`."""
    result: str
    by: str = "you"


class Activity:
    """The newest effects of this screen."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)

    def add(self, entry: Entry) -> None:
        self._entries.append(entry)

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries)
