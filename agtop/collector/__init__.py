"""Takes snapshots: reads what was added, matches processes, fuses states, adds up."""

from __future__ import annotations

import gc
import time
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Literal, TypeVar

from agtop.agents.base import Agent
from agtop.books import Books
from agtop.collector.asked import NO_WISHES, Machine, Pricing, Wishes
from agtop.collector.assembly import Instant
from agtop.collector.backlog import Backlog
from agtop.collector.marking import Marking
from agtop.collector.matching import Haunt, Matching
from agtop.collector.past import STOPPED_FOR, Past
from agtop.collector.report import Round, report
from agtop.collector.roll import Roll
from agtop.collector.source import Source
from agtop.collector.waking import Waking
from agtop.collector.work import Work
from agtop.collector.written import Written
from agtop.conflicts import Conflicts
from agtop.correlate import Binding
from agtop.index import Index
from agtop.model import (
    Batch,
    Charge,
    Expenses,
    Problem,
    Process,
    Progress,
    Registration,
    Response,
    Snapshot,
    SourceReport,
    replace,
)
from agtop.projects import Projects

__all__ = ["STOPPED_FOR", "Collector", "Machine", "Pricing", "Wishes", "Work"]

V = TypeVar("V")

SAVE_EVERY = 60.0
"""Seconds between two writes of the index."""


class Collector:
    """Owns meters, ledgers and the process table; one thread uses it.

    A round costs what changed: sessions that nothing happened to are the same objects as in the
    snapshot before, and were not looked at.
    """

    def __init__(
        self,
        agents: Sequence[Agent],
        home: Path,
        environ: Mapping[str, str],
        prices: Pricing,
        machine: Machine,
        wishes: Wishes = NO_WISHES,
        clock: Callable[[], float] = time.time,
        index: Index | None = None,
        conflicts: Conflicts | None = None,
        ticks: Callable[[], float] | None = None,
    ) -> None:
        self._index = index
        self._saved_at: float | None = None
        self._looked_at: deque[str] = deque()
        """Sessions that somebody began to look at; other threads add to it."""
        self.work = Work()
        """What the last round cost."""
        self._prices = prices
        self._machine = machine
        self._wishes = wishes
        self._clock = clock
        self._waking = Waking(ticks)
        self._woke_at: float | None = None
        self._projects = Projects()
        self._past = Past()
        self._last = Round()
        self._roll = Roll()
        self._conflicts = conflicts or Conflicts()
        self._marking = Marking(self._conflicts, self._roll)
        self._now: float = 0.0
        self._midnight: float = 0.0
        self._has_begun = self._has_read_all = False
        self._noted: dict[Problem, float] = {}
        """Problems → when they were met first."""
        self._sources = [self._source(agent, home, environ) for agent in agents]
        self._backlog = Backlog([source.transcripts for source in self._sources])
        haunts = [Haunt(s.agent, s.roots, s.families) for s in self._sources]
        self._matching = Matching(haunts, takes_unknown=self._wishes.tells_elsewhere)

    def collect(self, patience: float | None = None) -> Snapshot:
        """Everything known now. While `complete` is False the next round reads on.

        Args:
            patience: seconds to read, where that is to be other than wished.
        """
        with _no_garbage_collection():
            snapshot = self._collect(self._wishes.patience if patience is None else patience)
            if not self._has_read_all:  # most of what stays was made now: it need not be searched
                gc.freeze()
                self._has_read_all = snapshot.complete
        return snapshot

    def _collect(self, patience: float | None) -> Snapshot:
        now = self._clock()
        self._woke_at = self._waking.look(now)
        self.work.reset()
        processes = self._machine.sample(now)
        problems: list[Problem] = []
        notes = self._notes(problems)
        ours = self._matching.ours(processes)
        self._find(now, ours, notes)
        noted = tuple(problems)
        self._take_looks()
        complete = self._read(now, patience)
        bindings = self._assemble(now, processes, ours, notes)
        has_read_all = complete or self._last.has_read_all
        elsewhere = self._matching.elsewhere if self._wishes.tells_elsewhere else ()
        self._last = Round(ours, elsewhere, bindings, noted, has_read_all)
        limits = [source.limits(now, complete) for source in self._sources]
        if complete:
            self._save(now)
            if self._wishes.catches_up:
                self._looked_at.extend(self._conflicts.unread(now))
        for source in self._sources:
            problems += source.transcripts.problems
        if self._conflicts.problem is not None:
            problems.append(self._conflicts.problem)
        return Snapshot(
            taken_at=now,
            sessions=self._roll.sessions,
            totals=self._roll.totals,
            host=self._machine.host(),
            weight=self._machine.weight(now),
            plan=self._wishes.plan,
            limits=tuple(chain.from_iterable(limits)),
            problems=self._dated(problems, now),
            complete=complete,
            progress=self._progress(),
            conflicts=self._conflicts.recent,
        )

    @property
    def is_new_here(self) -> bool:
        """No run before left anything to start from."""
        return self._index is not None and self._index.is_new

    def sources(self) -> tuple[SourceReport, ...]:
        """What was found of each agent, as of the last round."""
        return tuple(report(source, self._last, self._now) for source in self._sources)

    @property
    def processes(self) -> tuple[Process, ...]:
        """Those of the agents that keep their files here, as of the last round."""
        return tuple(self._last.ours)

    def expenses(self) -> tuple[Expenses, ...]:
        """Everything that was used and when, of transcripts that are gone too."""
        from agtop.collector.expenses import expenses  # rarely wanted, so not at the start

        return tuple(
            expenses(each, self._projects.name, each.agent.name in self._wishes.included)
            for each in self._sources
        )

    def written(self) -> Written:
        """Where a face may leave what it writes of sessions that do not change."""
        return Written({source.agent.name: source.transcripts for source in self._sources})

    def close(self) -> None:
        """Save what was read and let go of everything held open."""
        self._backlog.close()
        for source in self._sources:
            source.save(self._now)
        self._conflicts.save()
        if self._index is not None:
            self._index.close()

    def look_into(self, key: str) -> None:
        """Read in full, in the next round, a session that somebody looks at. For any thread."""
        self._looked_at.append(key)

    def why(self, key: str) -> tuple[Response, ...]:
        """The responses behind a session's own figures, oldest first."""
        name, _, session_id = key.partition(":")
        for source in self._sources:
            if source.agent.name == name:
                source.transcripts.wake([session_id])
                return source.transcripts.ledger.responses(session_id)
        return ()

    # ---- parts of a round

    def _find(self, now: float, ours: Sequence[Process], notes: Sequence[Registration]) -> None:
        """Look for transcripts, those of running processes first."""
        for source in self._sources:
            signs = self._matching.signs(source.agent, ours, notes)
            source.transcripts.find(now, signs.near, signs.ids)

    def _take_looks(self) -> None:
        """Have the sessions that somebody looks at read in full."""
        while self._looked_at:
            name, _, session_id = self._looked_at.popleft().partition(":")
            for source in self._sources:
                if source.agent.name == name:
                    source.transcripts.look_into(session_id)

    def _save(self, now: float) -> None:
        """Bring the index up to date now and then; the last time is when the collector closes."""
        if self._saved_at is None or not 0 <= now - self._saved_at < SAVE_EVERY:
            if self._saved_at is not None:
                for source in self._sources:
                    source.save(now)
                self._conflicts.save()
            self._saved_at = now

    def _source(self, agent: Agent, home: Path, environ: Mapping[str, str]) -> Source:
        def price(response: Response) -> Charge | None:
            return self._prices.charge(response, agent.provider)

        def price_batch(batch: Batch) -> Charge | Literal["mixed"] | None:
            return self._prices.charge_together(batch, agent.provider)

        included = agent.name in self._wishes.included
        return Source(
            agent,
            (*agent.roots(home, environ), *self._wishes.extra_roots.get(agent.name, ())),
            Books(price, agent.provider, included, price_batch),
            self._prices.context_window,
            self._projects.name,
            included,
            self.work,
            self._index,
            price,
            self._wishes.kept,
            self._wishes.models.get(agent.name),
        )

    def _notes(self, problems: list[Problem]) -> list[Registration]:
        """The agents' own notes of which process serves which session."""
        return [
            note
            for source in self._sources
            for root in source.roots
            for note in source.agent.registrations(root, problems)
        ]

    def _read(self, now: float, patience: float | None) -> bool:
        """Take in what was added, whatever agent it is of, the most urgent first."""
        deadline = None if patience is None else time.monotonic() + patience
        transcripts = [source.transcripts for source in self._sources]
        if not self._has_begun:
            self._has_begun = True
            if self._wishes.forks:
                self._backlog.begin()
        urgent = transcripts
        while True:
            urgent = [t for t in urgent if t.next_rank is not None]
            if urgent:
                max(urgent, key=lambda t: t.next_rank or (False, 0, "")).read_one(now)
            elif not self._backlog.read_one(now):
                break
            if deadline is not None and time.monotonic() >= deadline:
                break
        for each in transcripts:
            each.settle()
        return not any(each.unread for each in transcripts)

    def _assemble(
        self,
        now: float,
        processes: Sequence[Process],
        ours: Sequence[Process],
        notes: Sequence[Registration],
    ) -> dict[str, Binding]:
        """Put together what changed; the bindings it was made with."""
        for source in self._sources:
            source.update()
        bindings = self._matching.bindings(ours, notes)
        ended = self._past.watch(now, bindings, processes, notes)
        midnight = _midnight(now)
        is_reliable = midnight == self._midnight and now >= self._now
        before = self._now if is_reliable else None
        is_back = now < self._now
        self._now, self._midnight = now, midnight
        for source in self._sources:
            own = _of(source.agent.name, bindings)
            over = set(_of(source.agent.name, dict.fromkeys(ended)))
            touched = source.touched({*own, *over}, is_back)
            at = Instant(now, midnight, touched, before, self._woke_at)
            self._marking.take(source.assemble(at, own, self._past, over), now)
        return bindings

    def _progress(self) -> Progress:
        transcripts = [source.transcripts for source in self._sources]
        total = sum(len(each.files) for each in transcripts)
        return Progress(total - sum(each.unread for each in transcripts), total)

    def _dated(self, problems: list[Problem], now: float) -> tuple[Problem, ...]:
        """Each with the instant at which it was met first."""
        self._noted = {problem: self._noted.get(problem, now) for problem in problems}
        return tuple(
            problem if problem.at is not None else replace(problem, at=at)
            for problem, at in self._noted.items()
        )


@contextmanager
def _no_garbage_collection() -> Generator[None]:
    """What a round makes stays or is freed at once; to search it for circles costs a quarter of
    the first round."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _of(agent: str, by_key: Mapping[str, V]) -> dict[str, V]:
    """What belongs to one agent's sessions, by id."""
    prefix = f"{agent}:"
    return {k.removeprefix(prefix): v for k, v in by_key.items() if k.startswith(prefix)}


def _midnight(now: float) -> float:
    """The start of the local day."""
    day = datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return day.timestamp()
