"""Takes snapshots: reads what was added, matches processes, fuses states, adds up."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from agtop.agents.base import Agent
from agtop.books import Books
from agtop.collector.assembly import Assembly, Ending
from agtop.collector.transcripts import Transcripts
from agtop.correlate import Binding, Candidate, correlate, is_same_process
from agtop.model import (
    Activity,
    Charge,
    Host,
    Match,
    Problem,
    Process,
    Progress,
    Reading,
    Registration,
    Response,
    Session,
    Snapshot,
    Totals,
    Weight,
)
from agtop.projects import Projects

STOPPED_FOR = 15.0
"""Seconds an ended process stays visible (†)."""
DEPTH = 50
"""Generations of subagents that are folded: no agent goes so deep, and stacks have an end."""


class Pricing(Protocol):
    """What the collector asks of a price list."""

    def charge(self, response: Response, provider: str) -> Charge | None: ...
    def context_window(self, model: str, provider: str) -> int | None: ...


class Machine(Protocol):
    """What the collector asks of the process table."""

    def sample(self, now: float) -> tuple[Process, ...]: ...
    def host(self) -> Host: ...
    def weight(self, now: float) -> Weight: ...


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user asked for, in plain values."""

    plan: str = "retail"
    included: frozenset[str] = frozenset()
    """Agents whose use the plan covers."""
    extra_roots: Mapping[str, tuple[Path, ...]] = field(default_factory=dict[str, tuple[Path, ...]])
    patience: float | None = None
    """Seconds a round may read before it shows what it has; None reads everything."""


@dataclass(slots=True)
class _Past:
    """What earlier rounds knew, to see processes end."""

    processes: dict[str, Process] = field(default_factory=dict[str, Process])
    ended: dict[str, tuple[float, Process | None]] = field(
        default_factory=dict[str, tuple[float, Process | None]]
    )
    """Session key → when its process was missed, and that process."""
    heard: set[Registration] = field(default_factory=set[Registration])
    """Notes of ended processes that have ended their session: each does so once."""

    def watch(
        self,
        now: float,
        bindings: Mapping[str, Binding],
        processes: Sequence[Process],
        notes: Sequence[Registration],
    ) -> None:
        """Note which sessions lost their process since the last round."""
        running = {process.identity for process in processes}
        bound = {key: b.process for key, b in bindings.items() if b.process is not None}
        for key, process in self.processes.items():
            if key not in bound and process.identity not in running:
                self.ended[key] = (now, process)
        by_pid = {process.pid: process for process in processes}
        for note in notes:  # a killed process leaves its note behind
            key = f"{note.agent}:{note.session_id}"
            named = by_pid.get(note.pid)
            runs = named is not None and is_same_process(note, named)
            if key not in bindings and not runs and note not in self.heard:
                self.heard.add(note)
                self.ended.setdefault(key, (now, None))
        for key in bound:
            self.ended.pop(key, None)
        self.processes = bound

    def ending(self, key: str, reading: Reading, now: float) -> Ending | None:
        """How the session's process ended; nothing once the session was written again."""
        known = self.ended.get(key)
        if known is None:
            return None
        at, process = known
        if (reading.last_active or 0.0) > at + 2:
            del self.ended[key]
            return None
        return Ending(process if 0 <= now - at <= STOPPED_FOR else None)


class Collector:
    """Owns meters, ledgers and the process table; one thread uses it."""

    def __init__(
        self,
        agents: Sequence[Agent],
        home: Path,
        environ: Mapping[str, str],
        prices: Pricing,
        machine: Machine,
        wishes: Wishes = Wishes(),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._prices = prices
        self._machine = machine
        self._wishes = wishes
        self._clock = clock
        self._projects = Projects()
        self._past = _Past()
        self._searching = False
        self._sources = [self._source(agent, home, environ) for agent in agents]

    def collect(self) -> Snapshot:
        """Everything known now. While `complete` is False the next round reads on."""
        now = self._clock()
        if not self._searching:
            for source in self._sources:
                source.find()
        patience = self._wishes.patience
        deadline = None if patience is None else time.monotonic() + patience
        done = [source.read(now, deadline) for source in self._sources]
        self._searching = not all(done)
        processes = self._machine.sample(now)
        problems = [problem for source in self._sources for problem in source.problems]
        sessions = self._sessions(now, processes, problems)
        return Snapshot(
            taken_at=now,
            sessions=sessions,
            totals=Totals.of(sessions),
            host=self._machine.host(),
            weight=self._machine.weight(now),
            plan=self._wishes.plan,
            problems=tuple(
                replace(p, at=now) if p.at is None else p for p in dict.fromkeys(problems)
            ),
            complete=all(done),
            progress=Progress(
                sum(s.count - s.unread for s in self._sources), sum(s.count for s in self._sources)
            ),
        )

    def close(self) -> None:
        """Let go of everything held open."""

    def why(self, key: str) -> tuple[Response, ...]:
        """The responses behind a session's own figures, oldest first."""
        name, _, session_id = key.partition(":")
        for source in self._sources:
            if source.agent.name == name:
                return source.ledger.responses(session_id)
        return ()

    # ---- parts of a round

    def _source(self, agent: Agent, home: Path, environ: Mapping[str, str]) -> Transcripts:
        def price(response: Response) -> Charge | None:
            return self._prices.charge(response, agent.provider)

        roots = (*agent.roots(home, environ), *self._wishes.extra_roots.get(agent.name, ()))
        books = Books(price, agent.provider, agent.name in self._wishes.included)
        return Transcripts(agent, roots, books)

    def _sessions(
        self, now: float, processes: tuple[Process, ...], problems: list[Problem]
    ) -> tuple[Session, ...]:
        notes = [
            note
            for source in self._sources
            for root in source.roots
            for note in source.agent.registrations(root, problems)
        ]
        readings = {s.agent.name: _with_ghosts(s) for s in self._sources}
        bindings = self._bindings(now, readings, processes, notes)
        self._past.watch(now, bindings, processes, notes)
        midnight = _midnight(now)
        rows: list[Session] = []
        for source in self._sources:
            assembly = Assembly(
                source.agent,
                source.books,
                self._prices.context_window,
                self._projects.name,
                source.agent.name in self._wishes.included,
                now,
                midnight,
            )
            rows += self._rows(source, readings[source.agent.name], bindings, assembly, now)
        return tuple(sorted(rows, key=lambda s: (-(s.last_active or 0.0), s.key)))

    def _rows(
        self,
        source: Transcripts,
        readings: Mapping[str, Reading],
        bindings: Mapping[str, Binding],
        assembly: Assembly,
        now: float,
    ) -> list[Session]:
        children: dict[str, list[Reading]] = {}
        for reading in readings.values():
            if reading.parent_id is not None and _is_below(reading, readings):
                children.setdefault(reading.parent_id, []).append(reading)
        below = {r.session_id for rows in children.values() for r in rows}
        rows: list[Session] = []
        for session_id, reading in readings.items():
            if session_id not in below:
                key = f"{source.agent.name}:{session_id}"
                binding = bindings.get(key, Binding(Match()))
                ended = None if key in bindings else self._past.ending(key, reading, now)
                rows.append(assembly.session(reading, children, binding, ended))
        known = set(readings)
        prefix = source.agent.name + ":"
        for key, binding in bindings.items():
            session_id = key.removeprefix(prefix)
            if key.startswith(prefix) and session_id not in known:
                rows.append(assembly.session(_unwritten(session_id, binding), {}, binding))
        return rows

    def _bindings(
        self,
        now: float,
        readings: Mapping[str, Mapping[str, Reading]],
        processes: tuple[Process, ...],
        notes: list[Registration],
    ) -> dict[str, Binding]:
        agents = {source.agent.name: source.agent for source in self._sources}
        ours = [p for p in processes if p.recognition and p.recognition.agent in agents]
        oldest = min((p.started_at for p in ours), default=now) - 3600
        candidates = [
            self._candidate(name, reading)
            for name, rows in readings.items()
            for reading in rows.values()
            if reading.parent_id is None
            and ((reading.last_active or 0.0) >= oldest or self._is_named(name, reading, ours))
        ]
        bindings = correlate(
            candidates,
            ours,
            notes,
            lambda agent, path: agents[agent].session_of_file(path),
        )
        return self._with_idle_processes(bindings, ours)

    def _is_named(self, agent: str, reading: Reading, processes: Sequence[Process]) -> bool:
        """A session in some process's arguments or held open may be older than any process."""
        for process in processes:
            found = process.recognition
            if found is None or found.agent != agent:
                continue
            if found.session_id == reading.session_id:
                return True
            if any(reading.session_id in path for path in process.open_files):
                return True
        return False

    def _with_idle_processes(
        self, bindings: dict[str, Binding], processes: Sequence[Process]
    ) -> dict[str, Binding]:
        """A session process that has written nothing yet is a row of its own."""
        spoken_for = {pid for b in bindings.values() for pid in b.match.candidates}
        for process in processes:
            found = process.recognition
            if found is None or found.role != "session" or process.pid in spoken_for:
                continue
            said = f"process {process.pid} runs, but no transcript of it was found"
            bindings[f"{found.agent}:pid-{process.pid}"] = Binding(
                Match("low", (said, found.reason), (process.pid,)), process
            )
        return bindings

    def _candidate(self, agent: str, reading: Reading) -> Candidate:
        return Candidate(
            f"{agent}:{reading.session_id}",
            agent,
            reading.session_id,
            reading.cwd,
            self._cwd_id(reading.cwd),
            reading.started_at,
            reading.last_active,
            reading.activity,
        )

    def _cwd_id(self, cwd: str | None) -> tuple[int, int] | None:
        if cwd is None:
            return None
        try:
            status = os.stat(cwd)
        except (OSError, ValueError):
            return None
        return status.st_dev, status.st_ino


def _with_ghosts(source: Transcripts) -> dict[str, Reading]:
    """The readings, and a row for each session known only by what others say of it."""
    readings = source.readings()
    for owner in source.ledger.owners():
        if owner not in readings:
            where = source.ledger.transcripts(owner)
            said = "its transcript is gone; its requests are known from " + ", ".join(where[:3])
            readings[owner] = _ghost(owner, said, source, metered=True)
    for reading in list(readings.values()):
        parent = reading.parent_id
        if parent is not None and parent not in readings and parent != reading.session_id:
            said = "its transcript is gone; only its subagents' are left"
            readings[parent] = _ghost(parent, said, source, reading.cwd)
    return readings


def _ghost(
    session_id: str, said: str, source: Transcripts, cwd: str | None = None, metered: bool = False
) -> Reading:
    instants = [r.at for r in source.ledger.responses(session_id) if r.at is not None]
    return Reading(
        session_id,
        "",
        cwd=cwd,
        started_at=min(instants, default=None),
        last_active=max(instants, default=None),
        activity=Activity("done", max(instants, default=None), said),
        metered=metered,
        problems=(said,),
    )


def _unwritten(session_id: str, binding: Binding) -> Reading:
    """A session that runs but has no transcript yet, or keeps none."""
    note, process = binding.registration, binding.process
    started = process.started_at if process is not None else None
    cwd = (note.cwd if note is not None else None) or (process.cwd if process is not None else None)
    said = "it has written no transcript yet, or keeps none"
    return Reading(
        session_id,
        "",
        cwd=cwd,
        started_at=started,
        activity=Activity("new", started, said),
        problems=(said,),
    )


def _is_below(reading: Reading, readings: Mapping[str, Reading]) -> bool:
    """Whether its chain of parents ends soon at a top-level session, and not in a circle."""
    for _ in range(DEPTH):
        parent = None if reading.parent_id is None else readings.get(reading.parent_id)
        if parent is None:
            return True
        reading = parent
    return False


def _midnight(now: float) -> float:
    """The start of the local day."""
    day = datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return day.timestamp()
