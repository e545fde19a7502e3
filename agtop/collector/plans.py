"""The plan windows of all agents: gathers what files say of them and what was used in them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

from agtop.agents.base import Agent
from agtop.collector.accounts import Account, accounts
from agtop.collector.families import Families
from agtop.collector.spending import Spending
from agtop.collector.transcripts import Transcripts
from agtop.index import Spent
from agtop.limits import REACHED, Told, Use, Windows
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


class _Part:
    """What was used by the sessions of one account."""

    def __init__(self, whole: Spending, is_ours: Callable[[str], bool]) -> None:
        self._whole = whole
        self._is_ours = is_ours

    def used(self, since: float, until: float) -> Mapping[str, Use]:
        """By the key of the top-level session, after `since` and up to `until`."""
        used = self._whole.used(since, until)
        return {key: use for key, use in used.items() if self._is_ours(key)}


class Plan:
    """The windows of one agent, of each account it is logged in to. Owned by the collector's
    thread."""

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
        self._accounts = accounts(agent, roots)
        self._whose = {
            path: each
            for each in self._accounts
            for root in each.roots
            for path in agent.limit_files(root)
        }
        self._files = Files(files, kept, agent.limits)
        self._kept = None if kept is None else os.path.join(kept, "")
        self._families = families
        self._transcripts = transcripts
        self._spending = Spending(agent.name, transcripts, families, price)
        self._windows = {
            each: Windows(agent.name, agent.label, agent.provider, each.name)
            for each in self._accounts
        }
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
            for account, windows in self._windows.items():
                windows.take([each for each in told if self._account(each.where) is account])
            self._shown_at = None
            self._reach = max(self._reach, *_reaches(told))

    def spent(self, session: Session, paths: Iterable[str]) -> Spent | None:
        return self._spending.spent(session, paths)

    def windows(self, now: float) -> tuple[Window, ...]:
        if self._shown_at is None or not 0 <= now - self._shown_at < EVERY:
            self._spending.update(now, self._reach)
            self._shown = tuple(chain.from_iterable(self._windows_of(now)))
            self._shown_at = now
        return self._shown

    def _windows_of(self, now: float) -> Iterator[tuple[Window, ...]]:
        for account, windows in self._windows.items():
            if len(self._windows) == 1:
                yield windows.now(now, self._spending)
            else:
                yield windows.now(now, _Part(self._spending, partial(self._is_of, account)))

    # ---- which account

    def _is_of(self, account: Account, key: str) -> bool:
        return self._account(self._transcript(key.partition(":")[2])) is account

    def _account(self, where: str) -> Account:
        """Of what a file says: settings beside transcripts, a transcript, or a kept file, which
        is named after the session it is of."""
        if len(self._accounts) == 1:
            return self._accounts[0]
        if self._kept is not None and where.startswith(self._kept):
            where = self._transcript(Path(where).stem)
        known = self._whose.get(where)
        held = (each for each in self._accounts if each.holds(where))
        return known or next(held, self._accounts[0])

    def _transcript(self, session_id: str) -> str:
        reading = self._families.readings.get(session_id)
        asleep = self._transcripts.sleepers.sessions.get(session_id)
        if reading is None and asleep is not None:
            reading = asleep.reading
        return "" if reading is None else reading.transcript


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
