"""A meter for transcripts of one session that grow by whole lines of JSON."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod

from agtop.agents.facts import Facts
from agtop.model import Claim, Reading, Response
from agtop.tail import Tail

STANDS_HERE = 2
"""The proof of a response that is known only from the transcript it stands in."""


class LineMeter(ABC):
    """Reads a file forward. An agent's meter says what a line means, in `_take`."""

    def __init__(self, path: str) -> None:
        self._tail = Tail(path)
        self._claims: list[Claim] = []
        self._readings: tuple[Reading, ...] = ()
        self._restarts = 0
        self._begin()

    @property
    def path(self) -> str:
        return self._tail.path

    @property
    def bytes_read(self) -> int:
        return self._tail.bytes_read

    @property
    def restarts(self) -> int:
        return self._tail.restarts

    def changed(self, status: os.stat_result | None = None) -> bool:
        return self._tail.changed(status)

    def claims(self) -> list[Claim]:
        taken, self._claims = self._claims, []
        return taken

    def read(self) -> tuple[Reading, ...]:
        """Take in what was added; the same objects when nothing was. Raises OSError."""
        oversized = self._tail.oversized
        is_new = not self._readings
        for line in self._tail.lines():
            is_new = True
            self._restart_if_replaced()
            self._facts.records += 1
            if not self._take(line):
                self._facts.records -= 1
                self._facts.skipped += 1
        is_new |= self._restart_if_replaced()
        self._facts.skipped += self._tail.oversized - oversized
        is_new |= self._tail.oversized != oversized
        if self._look_beside() or is_new:
            self._readings = kept(self._readings, self._freeze())
        return self._readings

    # ---- an agent's own

    @abstractmethod
    def _named(self) -> str:
        """The session's id, as the file's name tells it."""

    @abstractmethod
    def _take(self, line: bytes) -> bool:
        """Take in one line; False if it could not be read, so that it counts as skipped."""

    def _look_beside(self) -> bool:
        """Take in what the transcript's companions say; whether that is news."""
        return False

    def _freeze(self) -> tuple[Reading, ...]:
        """What was read, of the file's session and of its subagents if they are in it, too."""
        return (self._facts.freeze(self.path),)

    def _begin(self) -> None:
        """Forget what was read of the file. Claims already made stand: those tokens were spent."""
        self._facts = Facts(self._named())
        self._born_at: float | None = None

    def _claim(
        self, response: Response, owner: str | None = None, proof: int = STANDS_HERE
    ) -> None:
        """A response was made by this session, or by `owner`; `proof` as in `Claim`."""
        self._facts.metered = True
        born_at = self._born_at if self._born_at is not None else self._facts.started_at
        self._claims.append(
            Claim(
                response,
                owner or self._facts.session_id,
                proof,
                float("inf") if born_at is None else born_at,
                self.path,
            )
        )

    def _restart_if_replaced(self) -> bool:
        if self._tail.restarts == self._restarts:
            return False
        self._restarts = self._tail.restarts
        self._begin()
        return True


def kept(old: tuple[Reading, ...], new: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """`new`, with the old objects for what did not change: that is how others tell."""
    if old == new:
        return old
    known = {reading.session_id: reading for reading in old}
    same = (known.get(reading.session_id) for reading in new)
    return tuple(
        before if before == reading and before is not None else reading
        for before, reading in zip(same, new, strict=True)
    )
