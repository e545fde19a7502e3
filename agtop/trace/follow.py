"""Follows the transcripts of sessions and their subagents."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

from agtop.agents.base import Agent, EventReader
from agtop.model import Author, Event, Problem, Record, Session

BACKLOG = 1 << 20
"""Bytes of a transcript's past that are told."""
MOST = 500
"""Events taken from one transcript in one round, so that a burst keeps nobody waiting."""

Open = Callable[[str, Author, int], EventReader]


def openers(agents: Iterable[Agent]) -> dict[str, Open]:
    """What opens a transcript for Trace, by agent."""
    return {agent.name: agent.events for agent in agents if agent.events is not None}


class Followed(Record):
    """A transcript and whose it is."""

    path: str
    author: Author


def transcripts(session: Session) -> Iterator[Followed]:
    """A session's transcript and those of everything that works for it."""
    yield Followed(session.reading.transcript, Author(session.agent, session.session_id))
    queue = list(session.subagents)
    while queue:
        below = queue.pop(0)
        author = Author(below.agent, session.session_id, below.session_id)
        yield Followed(below.reading.transcript, author)
        queue += below.subagents


class _Source:
    """One transcript, and the events of it that are still to be taken."""

    def __init__(self, reader: EventReader) -> None:
        self.reader = reader
        self.waiting: Iterator[Event] | None = None
        self.at: float | None = None
        """Of its newest event: stands for the instant of those that have none."""
        self.passed = 0
        """Bytes that were never read: newer ones came faster."""

    def take(self, most: int, newest: int | None) -> list[tuple[float, Event]]:
        """The next events, each with the instant to sort it by. Raises as the reader does."""
        if newest is not None and (passed := self.reader.pass_over(newest)):
            self.passed += passed
            self.waiting = None
        if self.waiting is None:
            if not self.reader.changed():
                return []
            self.waiting = self.reader.read()
        events = list(islice(self.waiting, most))
        if len(events) < most:
            self.waiting = None
        return [(self._instant(event), event) for event in events]

    def _instant(self, event: Event) -> float:
        if event.at is not None:
            self.at = event.at if self.at is None else max(self.at, event.at)
        return self.at or 0.0


class Follower:
    """Takes in what the watched transcripts gained. Owned by one thread."""

    def __init__(
        self,
        open_reader: Mapping[str, Open],
        backlog: int = BACKLOG,
        newest: int | None = None,
    ) -> None:
        """
        Args:
            open_reader: what opens a transcript, by agent; without it nothing is told of one.
            newest: bytes at its end that are read of a transcript that grows faster than it is
                followed; without it all of it is told.
        """
        self._open = open_reader
        self._backlog = backlog
        self._newest = newest
        self._sources: dict[Followed, _Source] = {}
        self._problems: dict[str, Problem] = {}

    def watch(self, followed: Iterable[Followed]) -> None:
        """Follow these transcripts from now on, and no others."""
        wanted = dict.fromkeys(followed)
        self._sources = {key: kept for key, kept in self._sources.items() if key in wanted}
        self._problems = {
            each.path: self._problems[each.path] for each in wanted if each.path in self._problems
        }
        for each in wanted:
            if each not in self._sources and (opened := self._open.get(each.author.agent)):
                self._sources[each] = _Source(opened(each.path, each.author, self._backlog))

    def poll(self, most: int = MOST) -> list[Event]:
        """What was added since, oldest first; at most `most` events of each transcript."""
        found: list[tuple[float, Event]] = []
        for followed, source in self._sources.items():
            try:
                found += source.take(most, self._newest)
                self._problems.pop(followed.path, None)
            except (OSError, sqlite3.Error) as error:
                source.waiting = None
                self._note(followed.path, error)
        found.sort(key=lambda pair: pair[0])
        return [event for _, event in found]

    @property
    def is_behind(self) -> bool:
        """There is more that another poll would take at once."""
        return any(source.waiting is not None for source in self._sources.values())

    @property
    def passed(self) -> int:
        """Bytes of the watched transcripts that were never read, as newer ones came faster."""
        return sum(source.passed for source in self._sources.values())

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Of the transcripts that cannot be read."""
        return tuple(self._problems.values())

    def _note(self, path: str, error: OSError | sqlite3.Error) -> None:
        if isinstance(error, FileNotFoundError):
            reason = "is gone"
        else:
            said = error.strerror if isinstance(error, OSError) else str(error)
            reason = f"cannot be read ({(said or str(error)).lower()})"
        self._problems[path] = Problem("trace", f"{path} {reason}; it is tried again")
