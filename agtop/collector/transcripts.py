"""Finds an agent's transcripts and keeps their meters, readings and books up to date."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from agtop.agents.base import Agent, Meter, Walk, unreadable
from agtop.books import Books
from agtop.ledger import Ledger
from agtop.model import Problem, Reading

_FAILURES = (OSError, sqlite3.Error)


class Transcripts:
    """Everything the files of one agent say. Owned by the collector's thread."""

    def __init__(self, agent: Agent, roots: Sequence[Path], books: Books) -> None:
        self.agent = agent
        self.roots = tuple(roots)
        self.ledger = Ledger()
        self.books = books
        self.problems: list[Problem] = []
        self.touched: set[str] = set()
        """Sessions whose facts or account changed since the collector last looked."""
        self._meters: dict[str, Meter] = {}
        self._readings: dict[str, tuple[Reading, ...]] = {}
        self._failed: dict[str, str] = {}
        self._ends: dict[str, float] = {}
        """Session id → the newest record ever seen of it, in whatever transcript."""
        self._pending: list[str] = []
        """Still to be read in this round, the next one last."""

    def find(self) -> None:
        """Look for transcripts; the newest are read first."""
        self.problems = []
        walk = Walk(self.problems)
        found: list[tuple[float, str]] = []
        for root in self.roots:
            for path in self.agent.transcripts(root, walk):
                try:
                    found.append((os.stat(path).st_mtime, path))
                except OSError:
                    continue  # gone since it was listed
        known = {path for _, path in found}
        for path in [path for path in self._meters if path not in known]:
            self._forget(path)
        self._pending = [path for _, path in sorted(found)]

    def read(self, now: float, deadline: float | None) -> bool:
        """Take in what was added; False when `deadline` (monotonic seconds) came first."""
        while self._pending:
            self._read_one(self._pending.pop(), now)
            if deadline is not None and time.monotonic() >= deadline:
                break
        self._settle(now)
        return not self._pending

    @property
    def unread(self) -> int:
        return len(self._pending)

    @property
    def count(self) -> int:
        return len(self._meters) + sum(path not in self._meters for path in self._pending)

    def readings(self) -> dict[str, Reading]:
        """Session id → what is known; of several transcripts of one session the fullest."""
        best: dict[str, Reading] = {}
        for reading in self._all():
            known = best.get(reading.session_id)
            best[reading.session_id] = reading if known is None else _joined(known, reading)
        return best

    def _all(self) -> Iterator[Reading]:
        for readings in self._readings.values():
            yield from readings

    def _read_one(self, path: str, now: float) -> None:
        meter = self._meters.get(path)
        if meter is None:
            meter = self._meters[path] = self.agent.meter(path)
        try:
            if path not in self._failed and path in self._readings and not meter.changed():
                return
            readings = meter.read()
            self._failed.pop(path, None)
        except FileNotFoundError:
            return  # deleted between listing and reading: the next round forgets it
        except _FAILURES as error:
            self._fail(path, error)
            return
        finally:
            self.touched |= self.books.book(self.ledger.book(meter.claims()), now)
        if self._readings.get(path) != readings:
            self._readings[path] = readings
            for reading in readings:
                self.touched.add(reading.session_id)
                if (end := reading.last_active) is not None:
                    known = self._ends.get(reading.session_id, end)
                    self._ends[reading.session_id] = max(known, end)

    def _fail(self, path: str, error: OSError | sqlite3.Error) -> None:
        """Keep what was known of a source that cannot be read, and say why."""
        said = unreadable(error) if isinstance(error, OSError) else f"cannot be read ({error})"
        self._failed[path] = said
        self.problems.append(Problem(path, said))
        readings = self._readings.get(path)
        if readings is None:
            stem = Path(path).name.split(".")[0]
            named = self.agent.session_of_file(path) or stem
            readings = (Reading(named, path, skipped=0),)
        self._readings[path] = tuple(
            r if said in r.problems else replace(r, problems=(f"its transcript {said}",))
            for r in readings
        )
        self.touched.update(reading.session_id for reading in readings)

    def _forget(self, path: str) -> None:
        """A transcript is gone. Its responses stay in the ledger: those tokens were spent."""
        del self._meters[path]
        self._failed.pop(path, None)
        gone = self._readings.pop(path, ())
        self.touched.update(reading.session_id for reading in gone)

    def _settle(self, now: float) -> None:
        self.touched |= self.books.book(self.ledger.settle(self._ends), now)


def _joined(one: Reading, other: Reading) -> Reading:
    """Two transcripts of one session (an archive's copy, a rewritten file): the fuller leads."""
    ranks = [(bool(r.records), r.last_active or 0.0, r.records, r.transcript) for r in (one, other)]
    lead, rest = (one, other) if ranks[0] >= ranks[1] else (other, one)
    return replace(
        lead,
        metered=lead.metered or rest.metered,
        title=lead.title or rest.title,
        cwd=lead.cwd or rest.cwd,
        parent_id=lead.parent_id or rest.parent_id,
        started_at=min(
            (at for at in (lead.started_at, rest.started_at) if at is not None), default=None
        ),
        skipped=lead.skipped,
    )
