"""Finds an agent's transcripts and keeps their meters, readings and books up to date."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, KeysView, Mapping, Sequence
from itertools import islice
from pathlib import Path

from agtop.agents.base import Agent, Meter, Scanned
from agtop.agents.walk import unreadable
from agtop.block import number
from agtop.books import HORIZON, Books, Tallies
from agtop.collector.finder import Finder
from agtop.collector.groups import Spending, sharing, whole
from agtop.collector.memory import Memory
from agtop.collector.parts import Parts, unread
from agtop.collector.queue import Queue, Rank
from agtop.collector.sleepers import Sleepers
from agtop.collector.work import Work
from agtop.index import Index, Stamp
from agtop.ledger import Ledger
from agtop.model import Claim, Problem, Reading, Session

_FAILURES = (OSError, sqlite3.Error)
RETRIED_MOST = 40
"""Transcripts that could not be read and are tried again in every round."""
LONG_HISTORY = 64 << 20
"""Bytes to be read from which on scans save enough to pass details over."""
LARGE = 64 << 10
"""Bytes from which on a scan of a transcript is cheaper than reading it."""


class Transcripts:
    """Everything the files of one agent say. Owned by the collector's thread."""

    def __init__(
        self,
        agent: Agent,
        roots: Sequence[Path],
        books: Books,
        work: Work,
        index: Index | None = None,
        terms: str = "",
    ) -> None:
        """`terms`: what decides, besides prices, how sessions are made."""
        self.agent = agent
        self.sleepers = Sleepers()
        self.memory = Memory(index, agent.name, agent.meter_version, terms)
        self.ledger = Ledger(self.memory)
        self.books = books
        self._stamps: dict[str, Stamp] = {}
        """What each transcript was when it was last taken in."""
        self._subtotals: dict[str, Tallies] = {}
        """What each transcript that was read once added to the accounts, until it is saved."""
        self._is_first_look = True
        self._backlog = 0
        """Bytes to be read when the first look was over."""
        self._lost: set[str] = set()
        """Transcripts that were deleted while they were watched, and may have come back."""
        self._work = work
        self._finder = Finder(agent, roots, work)
        self._meters: dict[str, Meter] = {}
        self._readings: dict[str, tuple[Reading, ...]] = {}
        self._parts = Parts()
        self._ends: dict[str, float] = {}
        """Session id → its newest record ever seen, in whatever transcript."""
        self._failed: dict[str, Problem] = {}
        self._queue = Queue()
        self._touched: set[str] = set()
        self._unsettled, self._now = False, 0.0

    def find(self, now: float, near: Collection[str], ids: Collection[str]) -> None:
        """Look for transcripts that are new or have changed.

        Args:
            near: transcripts that a running process may write next.
            ids: sessions of running processes, to be read first.
        """
        self._now = now
        retried = islice(self._failed, RETRIED_MOST)  # a permission given changes no mtime
        is_scattered = self._is_first_look and self.agent.written_by is not None
        scattered = self.memory.paths() if is_scattered else ()
        look = self._finder.look(now, [*near, *retried, *scattered])
        for path in look.gone:
            self._forget(path)
        if self._is_first_look:
            self._begin(look.seen.keys())
        for path, status in look.seen.items():
            if path not in self._queue and self._is_unread(path, status):
                if self._is_first_look and self._recall(path, self._finder.stamp(path)):
                    continue
                is_live = any(session_id in path for session_id in ids)
                _, mtime_ns, size = self._finder.files[path]
                self._queue.put(path, is_live, mtime_ns)
                self._backlog += size if self._is_first_look else 0
        if self._is_first_look:
            self.memory.miss(look.seen.keys())
        self._is_first_look = False
        for path in near:
            if _is_passed_over(self._readings.get(path, ())):
                self._queue.put(path, is_live=True)

    def _begin(self, paths: KeysView[str]) -> None:
        """Take on the sessions of earlier runs that nothing happened to since."""
        stamps = {path: self._finder.stamp(path) for path in paths}
        if kept := self.memory.kept(stamps):
            sharing = self.memory.stored_sharing()
            self.sleepers.put_to_sleep(kept, stamps.get, sharing, self._now - HORIZON)
        for path in self.sleepers.files:
            self._stamps[path] = stamps[path]
            if path not in self.sleepers.sharing:
                self.ledger.sleep(path, {})
        self.memory.expect(paths - self.sleepers.files)

    @property
    def next_rank(self) -> Rank | None:
        """Of the transcript that `read_one` would read; None when all are read."""
        return self._queue.next

    def read_one(self, now: float) -> None:
        """Take in what the most urgent transcript gained."""
        path, is_live = self._queue.take()
        if path in self._finder.files:
            self._read(path, now, is_live)

    # ---- what a worker reads too

    def settled(self) -> Iterator[tuple[Rank, int, bool]]:
        """(rank, size, whether sparsely) of what one read will do for."""
        for rank in self._queue.ranks if self.agent.scan is not None else ():
            if self._is_settled(rank[2], rank[0]):
                size = self._finder.files[rank[2]][2]
                yield rank, size, size >= LARGE

    def share(self, paths: Collection[str]) -> None:
        """Leave those to whoever takes them first, this process or the worker."""
        self._queue.share(paths)

    def read_shared(self, path: str, now: float) -> None:
        """Read what this process took."""
        self._queue.end_sharing(path)
        if path in self._finder.files:
            self._read(path, now, is_live=False)

    def take_shared(self, path: str, scanned: Scanned, now: float) -> None:
        """Take in what the worker read."""
        self._queue.end_sharing(path)
        if path in self._finder.files and path not in self._readings:
            self._take_scan(path, scanned, now)

    def settle(self) -> None:
        """Decide who made the responses that several transcripts hold."""
        while self._unsettled:
            self._unsettled = False
            bookings = self.ledger.settle(self._ends)
            self._rouse(self.sleepers.wake_files(self.memory.take_fetched()))
            self._touched |= self.books.book(bookings, self._now)

    def take_touched(self) -> set[str]:
        """The sessions whose facts or account changed since the last call."""
        taken, self._touched = self._touched, set()
        return taken

    def look_into(self, session_id: str) -> None:
        """Somebody looks at the session: what a scan passed over is read now."""
        self.wake([session_id])
        for reading in self._parts.of(session_id):
            if reading.partial:
                self._queue.put(reading.transcript, is_live=True)

    def wake(self, session_ids: Iterable[str]) -> None:
        """Have every part of sessions taken on whole."""
        self._rouse(self.sleepers.wake(session_ids))

    def save(self, settled: Sequence[Session], spent: Spending) -> None:
        """Bring the index up to date; `settled` are those that nothing else changes any more."""
        ledger, readings, stamps = self.ledger, self._readings, self._stamps
        makers = ledger.makers() if settled else {}
        shared = sharing(ledger.blocks, ledger.sharing)
        news = self.sleepers.news(whole(settled, readings, stamps, makers, shared, spent))
        if self.memory.save(readings, stamps, ledger, self.books, self._subtotals, shared, *news):
            self.sleepers.note_saved(*news)
        self._subtotals = {}

    @property
    def unread(self) -> int:
        return len(self._queue)

    @property
    def problems(self) -> Iterable[Problem]:
        return (*self._finder.problems, *self._failed.values())

    @property
    def files(self) -> Collection[str]:
        """The paths of all transcripts."""
        return self._finder.files

    @property
    def folder_problems(self) -> Iterable[Problem]:
        """Of folders, and of files that are no transcripts."""
        return self._finder.problems

    @property
    def strangers(self) -> Iterable[str]:
        """Files that may hold sessions, of which agtop knows none."""
        return self._finder.strangers

    @property
    def readings(self) -> Iterator[Reading]:
        """What each transcript says of each of its sessions, as far as it was read."""
        for readings in self._readings.values():
            yield from readings
        yield from self.sleepers.readings

    @property
    def failed(self) -> Mapping[str, Problem]:
        """Path → why the transcript cannot be read."""
        return self._failed

    def reading(self, session_id: str) -> Reading | None:
        """What is known of a session; of several transcripts the fullest leads."""
        self.wake([session_id])
        return self._parts.joined(session_id)

    def paths(self, session_id: str) -> Iterable[str]:
        return [reading.transcript for reading in self._parts.of(session_id)]

    def ends(self) -> Iterable[tuple[str, float]]:
        """(transcript, its newest record's instant)."""
        for path, readings in self._readings.items():
            yield path, max((r.last_active or 0.0 for r in readings), default=0.0)

    # ---- one transcript

    def _is_unread(self, path: str, status: os.stat_result | None) -> bool:
        if self.sleepers.holds(path):
            if self._stamps[path] == self._finder.stamp(path):
                return False
            self._rouse(self.sleepers.wake_files([path]))
        if path in self._failed or path not in self._readings:
            return True
        meter = self._meters.get(path)
        if meter is None or status is None or self.agent.companions(path):
            return self._stamps.get(path) != self._finder.stamp(path)
        try:
            return meter.changed(status)
        except _FAILURES:
            return True  # reading it will tell what is wrong

    def _rouse(self, paths: Collection[str]) -> None:
        """Take in the transcripts of sessions that slept."""
        self.memory.expect(paths)
        for path in paths:
            if not self._recall(path, self._stamps[path]):  # another agtop knows better
                self.ledger.forget(path)
                self._read(path, self._now, False)

    def _recall(self, path: str, stamp: Stamp) -> bool:
        """Take what an earlier run read of an unchanged transcript."""
        known = self.memory.recall(path, stamp, self.ledger, self.books, self._now)
        if known is None:
            return False
        readings, touched = known
        self._work.files_recalled += 1
        self._stamps[path] = stamp
        self._unsettled = True
        self._take(path, readings)
        self._touched |= touched
        return True

    def wake_sharing(self) -> None:
        """Have the responses that several transcripts hold."""
        self._rouse(self.sleepers.wake_files(list(self.sleepers.sharing)))

    def _tell_apart(self, keys: Iterable[int]) -> None:
        """Have those that these responses may be more copies of."""
        if self.sleepers.sharing:
            copied = self.memory.holding(self.sleepers.sharing)
            self._rouse(self.sleepers.wake_files([copied[key] for key in keys if key in copied]))

    def _read(self, path: str, now: float, is_live: bool) -> None:
        if self._is_settled(path, is_live) and self._scan(path, now):
            return
        meter = self._meter(path, is_live)
        before = meter.bytes_read
        try:
            readings = meter.read()
            self._failed.pop(path, None)
            self._stamps[path] = self._finder.stamp(path)
        except FileNotFoundError:
            return  # deleted between listing and reading: the next look misses it
        except _FAILURES as error:
            readings = self._fail(path, error)
        finally:
            self._work.files_read += 1
            self._work.bytes_read += meter.bytes_read - before
            self._book(path, meter.claims(), now)
        if meter.restarts or path in self._lost:
            # Its block holds responses that the file no longer does.
            self.memory.forget(path, readings)
        else:
            self.memory.note(path)
        self._take(path, readings)

    def _meter(self, path: str, is_live: bool) -> Meter:
        known = self._meters.get(path)
        if known is None or (is_live and _is_passed_over(self._readings.get(path, ()))):
            known = self._meters[path] = self.agent.meter(path)
        return known

    def _is_settled(self, path: str, is_live: bool) -> bool:
        """Whether one read will do: of a long history only few transcripts ever grow again."""
        is_first = path not in self._readings and path not in self._meters
        return is_first and not is_live and self._backlog >= LONG_HISTORY

    def _scan(self, path: str, now: float) -> bool:
        """Read it once, keeping no meter; False where that did not succeed."""
        if self.agent.scan is None:
            return False
        try:
            scanned = self.agent.scan(path, self._finder.files[path][2] >= LARGE)
        except _FAILURES:
            return False  # a meter tells what is wrong
        self._take_scan(path, scanned, now)
        return True

    def _take_scan(self, path: str, scanned: Scanned, now: float) -> None:
        self._tell_apart(scanned.block.keys)
        self._work.files_read += 1
        self._work.bytes_read += scanned.bytes_read
        self._failed.pop(path, None)
        self._stamps[path] = self._finder.stamp(path)
        subtotals = self._subtotals.setdefault(path, {})
        if len(scanned.block):
            self._unsettled = True
            if self.ledger.admit(scanned.block):
                self._touched |= self.books.post(scanned.block, now, subtotals)
                scanned.block.fold()
            else:
                bookings = self.ledger.adopt(scanned.block)
                self._touched |= self.books.book(bookings, now, subtotals)
        if path in self._lost:
            self.memory.forget(path, scanned.readings)
        else:
            self.memory.note(path)
        self._take(path, scanned.readings)

    def _book(self, path: str, claims: Sequence[Claim], now: float) -> None:
        is_first = path not in self._readings
        subtotals = self._subtotals.setdefault(path, {}) if is_first else None
        if not is_first:
            self._subtotals.pop(path, None)  # to be added up again from its responses
        if claims:
            self._tell_apart([number(claim.response.key) for claim in claims])
            self._unsettled = True
            bookings = self.ledger.book(claims)
            self._touched |= self.books.book(bookings, now, subtotals)

    def _fail(self, path: str, error: OSError | sqlite3.Error) -> tuple[Reading, ...]:
        """Keep what was known of a source that cannot be read, and say why."""
        said = unreadable(error) if isinstance(error, OSError) else f"cannot be read ({error})"
        self._failed[path] = Problem(path, said)
        self._stamps.pop(path, None)
        return unread(self.agent, path, self._readings.get(path), said)

    def _take(self, path: str, readings: tuple[Reading, ...]) -> None:
        old = self._readings.get(path, ())
        if path in self._readings and (old is readings or old == readings):
            return
        self._work.records_decoded += max(0, _records(readings) - _records(old))
        self._readings[path] = readings
        for reading in readings:
            if (end := reading.last_active) is not None:
                known = self._ends.get(reading.session_id, end)
                self._ends[reading.session_id] = max(known, end)
        self._unsettled = True
        self._touched |= self._parts.exchange(old, readings)

    def _forget(self, path: str) -> None:
        """A transcript is gone. Its responses stay in the ledger: those tokens were spent."""
        self._rouse(self.sleepers.wake_files([path]))
        self._meters.pop(path, None)
        self._failed.pop(path, None)
        self._stamps.pop(path, None)
        self._subtotals.pop(path, None)
        readings = self._readings.pop(path, ())
        self.memory.forget(path, readings)
        self._lost.add(path)
        self._unsettled = True
        self._touched |= self._parts.exchange(readings, ())


def _is_passed_over(readings: Iterable[Reading]) -> bool:
    return any(reading.partial for reading in readings)


def _records(readings: Iterable[Reading]) -> int:
    return sum(reading.records + reading.skipped for reading in readings)
