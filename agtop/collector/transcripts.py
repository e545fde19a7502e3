"""Finds an agent's transcripts and keeps their meters, readings and books up to date."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from agtop.agents.base import Agent, Meter, unreadable
from agtop.books import Books, Tallies
from agtop.collector.finder import Finder
from agtop.collector.memory import Memory, Stamp
from agtop.collector.work import Work
from agtop.index import Index
from agtop.ledger import Ledger
from agtop.model import Problem, Reading

_FAILURES = (OSError, sqlite3.Error)

RETRIED_MOST = 40
"""Transcripts that could not be read and are tried again in every round."""

LONG_HISTORY = 64 << 20
"""Bytes to be read from which on scans save enough to pass details over."""
LARGE = 64 << 10
"""Bytes from which on a scan of a transcript is cheaper than reading it."""

Rank = tuple[bool, int, str]
"""What is read first: the transcripts of running processes, then the newest."""


class Transcripts:
    """Everything the files of one agent say. Owned by the collector's thread."""

    def __init__(
        self,
        agent: Agent,
        roots: Sequence[Path],
        books: Books,
        work: Work,
        index: Index | None = None,
    ) -> None:
        self.agent = agent
        self._memory = Memory(index, agent.name, agent.meter_version)
        self.ledger = Ledger(self._memory)
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
        self._parts: dict[str, tuple[Reading, ...]] = {}
        """Session id → what each of its transcripts says, the fullest first."""
        self._ends: dict[str, float] = {}
        """Session id → the newest record ever seen of it, in whatever transcript."""
        self._failed: dict[str, Problem] = {}
        self._pending: list[Rank] = []
        """Transcripts to be read, the first one last."""
        self._queued: set[str] = set()
        self._touched: set[str] = set()
        self._unsettled = False

    def find(self, now: float, near: Collection[str], ids: Collection[str]) -> None:
        """Look for transcripts that are new or have changed.

        Args:
            near: transcripts that a running process may write next.
            ids: sessions of running processes, to be read first.
        """
        retried = islice(self._failed, RETRIED_MOST)  # a permission given changes no mtime
        if self._is_first_look:
            self._memory.load()
        is_scattered = self._is_first_look and self.agent.written_by is not None
        scattered = self._memory.remembered if is_scattered else ()
        look = self._finder.look(now, [*near, *retried, *scattered])
        for path in look.gone:
            self._forget(path)
        queued = len(self._pending)
        for path, status in look.seen.items():
            if path not in self._queued and self._is_unread(path, status):
                if self._is_first_look and self._recall(path, now):
                    continue
                is_live = any(session_id in path for session_id in ids)
                self._pending.append((is_live, status.st_mtime_ns, path))
                self._queued.add(path)
                self._backlog += status.st_size if self._is_first_look else 0
        if self._is_first_look:
            self._memory.all_met()
            self._is_first_look = False
        for path in near:
            if path not in self._queued and self._is_passed_over(path):
                self._pending.append((True, 0, path))
                self._queued.add(path)
        if len(self._pending) > queued:
            self._pending.sort()

    @property
    def next_rank(self) -> Rank | None:
        """How urgent the transcript is that `read_one` would read; None when all are read."""
        return self._pending[-1] if self._pending else None

    def read_one(self, now: float) -> None:
        """Take in what the most urgent transcript gained."""
        is_live, _, path = self._pending.pop()
        self._queued.discard(path)
        if path in self._finder.files:
            self._read(path, now, is_live)

    def settle(self, now: float) -> None:
        """Decide who made the responses that several transcripts hold."""
        if self._unsettled:
            self._unsettled = False
            self._touched |= self.books.book(self.ledger.settle(self._ends), now)

    def take_touched(self) -> set[str]:
        """The sessions whose facts or account changed since the last call."""
        taken, self._touched = self._touched, set()
        return taken

    def look_into(self, session_id: str) -> None:
        """Somebody looks at the session: what a scan passed over is read now."""
        for reading in self._parts.get(session_id, ()):
            if reading.partial and reading.transcript not in self._queued:
                self._pending.append((True, 0, reading.transcript))
                self._queued.add(reading.transcript)

    def save(self) -> None:
        """Bring the index up to date."""
        self._memory.save(self._readings, self._stamps, self.ledger, self.books, self._subtotals)
        self._subtotals = {}

    @property
    def unread(self) -> int:
        return len(self._pending)

    @property
    def count(self) -> int:
        return len(self._finder.files)

    @property
    def problems(self) -> Iterable[Problem]:
        return (*self._finder.problems, *self._failed.values())

    @property
    def files(self) -> Collection[str]:
        """The paths of all transcripts."""
        return self._finder.files

    @property
    def folder_problems(self) -> Iterable[Problem]:
        """What is wrong with folders, and with files that are no transcripts."""
        return self._finder.problems

    @property
    def strangers(self) -> Iterable[str]:
        """Files that may hold sessions, of which agtop knows none."""
        return self._finder.strangers

    @property
    def readings(self) -> Mapping[str, tuple[Reading, ...]]:
        """Path → what the transcript says, as far as it was read."""
        return self._readings

    @property
    def failed(self) -> Mapping[str, Problem]:
        """Path → why the transcript cannot be read."""
        return self._failed

    def reading(self, session_id: str) -> Reading | None:
        """What is known of a session; of several transcripts the fullest leads."""
        parts = self._parts.get(session_id)
        if not parts:
            return None
        return parts[0] if len(parts) == 1 else _joined(parts)

    # ---- one transcript

    def _is_unread(self, path: str, status: os.stat_result) -> bool:
        if path in self._failed or path not in self._readings:
            return True
        meter = self._meters.get(path)
        if meter is None or self.agent.companions(path):
            return self._stamps.get(path) != self._finder.stamp(path)
        try:
            return meter.changed(status)
        except _FAILURES:
            return True  # reading it will tell what is wrong

    def _recall(self, path: str, now: float) -> bool:
        """Take what an earlier run read of an unchanged transcript."""
        stamp = self._finder.stamp(path)
        known = self._memory.recall(path, stamp, self.ledger, self.books, now)
        if known is None:
            return False
        readings, touched = known
        self._stamps[path] = stamp
        self._unsettled = True
        self._take(path, readings)
        self._touched |= touched
        return True

    def _is_passed_over(self, path: str) -> bool:
        return any(reading.partial for reading in self._readings.get(path, ()))

    def _meter(self, path: str, is_live: bool) -> Meter:
        """A scan for the large old transcripts of a long history; else one that reads all."""
        known = self._meters.get(path)
        if known is not None and not (is_live and self._is_passed_over(path)):
            return known
        size = self._finder.files[path][2]
        scan = self.agent.scan
        if is_live or scan is None or self._backlog < LONG_HISTORY or size < LARGE:
            return self.agent.meter(path)
        return scan(path)

    def _read(self, path: str, now: float, is_live: bool) -> None:
        meter = self._meters[path] = self._meter(path, is_live)
        before = meter.bytes_read
        try:
            readings = meter.read()
            self._failed.pop(path, None)
            self._stamps[path] = self._finder.stamp(path)
        except FileNotFoundError:
            return  # deleted between listing and reading: the next look misses it
        except _FAILURES as error:
            readings = self._fail(path, error)
            self._stamps.pop(path, None)
        finally:
            self._work.files_read += 1
            self._work.bytes_read += meter.bytes_read - before
            self._book(path, meter, now, is_first=path not in self._readings)
        if meter.restarts or path in self._lost:
            self._memory.forget(path)  # its block holds responses that the file no longer does
        else:
            self._memory.note(path)
        self._take(path, readings)

    def _book(self, path: str, meter: Meter, now: float, is_first: bool) -> None:
        claims = meter.claims()
        subtotals = self._subtotals.setdefault(path, {}) if is_first else None
        if not is_first:
            self._subtotals.pop(path, None)  # to be added up again from its responses
        if claims:
            self._unsettled = True
            bookings = self.ledger.book(claims)
            self._touched |= self.books.book(bookings, now, subtotals)

    def _fail(self, path: str, error: OSError | sqlite3.Error) -> tuple[Reading, ...]:
        """Keep what was known of a source that cannot be read, and say why."""
        said = unreadable(error) if isinstance(error, OSError) else f"cannot be read ({error})"
        self._failed[path] = Problem(path, said)
        readings = self._readings.get(path)
        if readings is None:
            stem = Path(path).name.split(".")[0]
            named = self.agent.session_of_file(path) or stem
            readings = (Reading(named, path, skipped=0),)
        why = (f"its transcript {said}",)
        return tuple(r if r.problems == why else replace(r, problems=why) for r in readings)

    def _take(self, path: str, readings: tuple[Reading, ...]) -> None:
        old = self._readings.get(path, ())
        if path in self._readings and (old is readings or old == readings):
            return
        self._work.records_decoded += max(0, _records(readings) - _records(old))
        self._readings[path] = readings
        if readings:
            for reading in readings:
                if (end := reading.last_active) is not None:
                    known = self._ends.get(reading.session_id, end)
                    self._ends[reading.session_id] = max(known, end)
        self._unsettled = True
        self._exchange(old, readings)

    def _forget(self, path: str) -> None:
        """A transcript is gone. Its responses stay in the ledger: those tokens were spent."""
        self._meters.pop(path, None)
        self._failed.pop(path, None)
        self._stamps.pop(path, None)
        self._subtotals.pop(path, None)
        self._memory.forget(path)
        self._lost.add(path)
        self._unsettled = True
        self._exchange(self._readings.pop(path, ()), ())

    def _exchange(self, old: tuple[Reading, ...], new: tuple[Reading, ...]) -> None:
        """Put the new readings of a transcript in the place of its old ones.

        A database holds hundreds of sessions, of which one has changed.
        """
        kept = {id(reading) for reading in old} & {id(reading) for reading in new}
        old = tuple(reading for reading in old if id(reading) not in kept)
        new = tuple(reading for reading in new if id(reading) not in kept)
        for reading in old:
            rest = tuple(r for r in self._parts[reading.session_id] if r is not reading)
            self._parts[reading.session_id] = rest
        for reading in new:
            parts = (*self._parts.get(reading.session_id, ()), reading)
            self._parts[reading.session_id] = tuple(sorted(parts, key=_rank, reverse=True))
        touched = {reading.session_id for reading in (*old, *new)}
        for session_id in touched:
            if not self._parts[session_id]:
                del self._parts[session_id]
        self._touched |= touched


def _rank(reading: Reading) -> tuple[bool, float, int, str]:
    """Of two transcripts of one session (an archive's copy, a rewritten file) the fuller leads."""
    is_written = bool(reading.records)
    return (is_written, reading.last_active or 0.0, reading.records, reading.transcript)


def _joined(parts: Sequence[Reading]) -> Reading:
    """Several transcripts of one session; the first leads."""
    starts = [part.started_at for part in parts if part.started_at is not None]
    return replace(
        parts[0],
        metered=any(part.metered for part in parts),
        title=next((part.title for part in parts if part.title), None),
        cwd=next((part.cwd for part in parts if part.cwd), None),
        parent_id=next((part.parent_id for part in parts if part.parent_id), None),
        started_at=min(starts, default=None),
    )


def _records(readings: Iterable[Reading]) -> int:
    return sum(reading.records + reading.skipped for reading in readings)
