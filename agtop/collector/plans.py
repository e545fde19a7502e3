"""The plan windows of all agents: gathers what files say of them and what was used in them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from agtop.agents.base import Agent
from agtop.collector.families import Families
from agtop.collector.spending import Spending
from agtop.collector.transcripts import Transcripts
from agtop.index import Spent
from agtop.limits import REACHED, Told, Windows
from agtop.model import Charge, Level, Limit, Reading, Response, Session, Window
from agtop.tail import contents

EVERY = 10.0
"""Seconds for which shares and forecasts hold unless something new was said."""
REACH = 7 * 86400.0
"""Seconds that windows reach back at least."""
_LONGEST = 32 * 86400.0
_MOST = 32 << 20
"""Bytes of a file: Claude Code's settings hold the history of every project."""

_Stamp = tuple[int, int, int]


class Files:
    """Files beside transcripts that tell of limits, each read again only when it changed."""

    def __init__(
        self, files: Sequence[str], folder: Path | None, read: Callable[..., tuple[Limit, ...]]
    ) -> None:
        """
        Args:
            files: known by name, there or not.
            folder: one whose files agtop keeps itself.
        """
        self._files = files
        self._folder = folder
        self._read = read
        self._stamps: dict[str, _Stamp] = {}
        self._folder_stamp = -1

    def news(self, now: float) -> Iterator[Told]:
        """What was said since the last call."""
        for path in (*self._files, *self._kept(now)):
            try:
                status = os.stat(path)
                stamp = (status.st_ino, status.st_size, status.st_mtime_ns)
                if self._stamps.get(path) == stamp:
                    continue
                data = contents(path, _MOST)
            except OSError:
                continue  # not there, or not ours to read: then nobody tells
            self._stamps[path] = stamp
            for limit in self._read(data, status.st_mtime):
                yield Told(limit, path)

    def _kept(self, now: float) -> Iterator[str]:
        """The folder's newer files, if it changed: they are replaced, never written over."""
        if self._folder is None:
            return
        try:
            changed = os.stat(self._folder).st_mtime_ns
            if changed == self._folder_stamp:
                return
            # A change within the same moment leaves the same stamp: look once more.
            self._folder_stamp = changed if now - changed / 1e9 > 2 else -1
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    if entry.name.endswith(".json") and entry.stat().st_mtime > now - _LONGEST:
                        yield entry.path
        except OSError:
            return


class Plan:
    """The windows of one agent. Owned by the collector's thread."""

    def __init__(
        self,
        agent: Agent,
        roots: Sequence[Path],
        kept: Path | None,
        transcripts: Transcripts,
        families: Families,
        price: Callable[[Response], Charge | None],
    ) -> None:
        files = tuple(path for root in roots for path in agent.limit_files(root))
        self._files = Files(files, kept, agent.limits)
        self._families = families
        self._spending = Spending(agent.name, transcripts, families, price)
        self._windows = Windows(agent.name, agent.label, agent.provider)
        self._touched: set[str] = set()
        self._told: list[Told] = []
        self._shown: tuple[Window, ...] = ()
        self._shown_at: float | None = None
        self._reach = REACH

    def touch(self, touched: set[str]) -> None:
        """What these sessions say or used may have changed."""
        self._touched |= touched
        self._spending.touch(touched)

    def hear(self, reading: Reading, now: float) -> None:
        """Take in what a session said that sleeps."""
        self._told += _said(reading, now)

    def take(self, now: float) -> None:
        """Take in what sessions and the files beside them said."""
        readings = (self._families.readings.get(session_id) for session_id in self._touched)
        told = [t for r in readings if r is not None for t in _said(r, now)]
        told += [*self._told, *self._files.news(now)]
        self._touched, self._told = set(), []
        if told:
            self._windows.take(told)
            self._shown_at = None
            self._reach = max(self._reach, *_reaches(told))

    def spent(self, session: Session, paths: Iterable[str]) -> Spent | None:
        return self._spending.spent(session, paths)

    def windows(self, now: float) -> tuple[Window, ...]:
        if self._shown_at is None or not 0 <= now - self._shown_at < EVERY:
            self._spending.update(now, self._reach)
            self._shown, self._shown_at = self._windows.now(now, self._spending), now
        return self._shown


def plan_of(
    agent: Agent,
    roots: Sequence[Path],
    kept: Mapping[str, Path],
    transcripts: Transcripts,
    families: Families,
    price: Callable[[Response], Charge | None],
) -> Plan | None:
    """None for an agent whose files tell nothing of plans."""
    if agent.capabilities.limits == "none":
        return None
    return Plan(agent, roots, kept.get(agent.name), transcripts, families, price)


def _said(reading: Reading, now: float) -> Iterator[Told]:
    for limit in reading.limits:
        if limit.told_at > now - _LONGEST:
            yield Told(limit, reading.transcript)
    activity = reading.activity
    if activity.phase == "limited" and activity.since is not None and activity.until is not None:
        level = Level(None, 100.0, activity.until)
        yield Told(Limit(REACHED, activity.since, (level,)), reading.transcript)


def _reaches(told: Iterable[Told]) -> Iterator[float]:
    for each in told:
        for level in each.limit.levels:
            yield min((level.minutes or 0) * 60.0, _LONGEST)
