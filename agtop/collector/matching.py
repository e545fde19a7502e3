"""Which processes may serve which sessions, asked anew in every round without asking every session.

Only sessions that something speaks for are candidates: a process runs in their directory, names
them in its arguments or holds their transcript open.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from agtop.agents.base import Agent
from agtop.collector.families import Families
from agtop.correlate import Binding, Candidate, correlate
from agtop.model import Match, Process, Reading, Record, Registration

BEFORE = 3600.0
"""Seconds before its process started that a session may have been written last."""
NEAR_MOST = 300
"""Transcripts looked at for the processes in one directory; a crowd waits its turn."""

Place = tuple[int, int]
"""(device, inode) of a directory."""


class Haunt(Record):
    """Where one agent's sessions are, and its processes look for their files."""

    agent: Agent
    roots: tuple[Path, ...]
    families: Families


class Signs(Record):
    """What the running processes of an agent point at."""

    near: Collection[str] = ()
    """Transcripts that they may write next."""
    ids: Collection[str] = ()
    """The sessions that they, or notes about them, name."""


class Matching:
    """Binds sessions to processes. Owned by the collector's thread."""

    def __init__(self, haunts: Sequence[Haunt], takes_unknown: bool = True) -> None:
        """
        Args:
            haunts: where each agent's files lie.
            takes_unknown: a process that tells of no home is taken for one of this home's.
        """
        self._takes_unknown = takes_unknown
        self._haunts = {haunt.agent.name: haunt for haunt in haunts}
        self._places = _Places()
        self._ours: dict[tuple[int, float], tuple[Process, bool]] = {}

    def ours(self, processes: Iterable[Process]) -> list[Process]:
        """Those that keep their files where this collector looks."""
        judged: dict[tuple[int, float], tuple[Process, bool]] = {}
        for process in processes:
            known = self._ours.get(process.identity)
            if known is not None and _tells_the_same(known[0], process):
                judged[process.identity] = (process, known[1])
            else:
                judged[process.identity] = (process, self._is_ours(process))
        self._ours = judged
        return [process for process, is_ours in judged.values() if is_ours]

    @property
    def elsewhere(self) -> list[Process]:
        """Those that the last `ours` left out: they keep their files in another place."""
        return [process for process, is_ours in self._ours.values() if not is_ours]

    def signs(self, agent: Agent, ours: Sequence[Process], notes: Iterable[Registration]) -> Signs:
        """Where to look for what the processes write."""
        families = self._haunts[agent.name].families
        own = [process for process in ours if _agent(process) == agent.name]
        noted = {note.pid: note.session_id for note in notes if note.agent == agent.name}
        ids = set(noted.values())
        silent: set[str] = set()
        for process in own:
            ids |= _named(agent, process)
            if process.cwd is not None and process.pid not in noted and not _held(agent, process):
                silent.add(process.cwd)
        families.wake(ids)
        readings = [families.readings[each] for each in ids if each in families.readings]
        for cwd in silent:
            readings += self._begun_in(cwd, families)
        near = [reading.transcript for reading in readings]
        if agent.written_by is not None:
            near += [path for process in own for path in agent.written_by(process)]
        return Signs(near, ids)

    def _begun_in(self, cwd: str, families: Families) -> list[Reading]:
        """What a process in this directory may have taken up again without saying which.

        That changes no folder, so only the transcripts themselves tell.
        """
        found = [families.readings[each] for each in families.begun_in(cwd)]
        if len(found) <= NEAR_MOST:
            return found
        return sorted(found, key=_last_active)[-NEAR_MOST:]

    def bindings(
        self, ours: Sequence[Process], notes: Iterable[Registration]
    ) -> dict[str, Binding]:
        """Session key → its process, for the sessions that some evidence speaks of."""
        self._places.begin(process for process in ours if process.cwd_id is not None)
        candidates = [
            each for haunt in self._haunts.values() for each in self._candidates(haunt, ours)
        ]
        bindings = correlate(
            candidates,
            ours,
            notes,
            lambda agent, path: self._haunts[agent].agent.session_of_file(path),
        )
        return _with_idle_processes(bindings, ours)

    def _candidates(self, haunt: Haunt, ours: Iterable[Process]) -> list[Candidate]:
        families, readings = haunt.families, haunt.families.readings
        own = [process for process in ours if _agent(process) == haunt.agent.name]
        if any(process.cwd_id is not None for process in own):
            self._places.learn(families.directories)
        wanted: set[str] = set()
        for process in own:
            named = _named(haunt.agent, process)
            families.wake(named)
            wanted.update(named & readings.keys())
            since = process.started_at - BEFORE
            for cwd in self._places.spellings(process):
                began = families.begun_in(cwd)
                wanted.update(each for each in began if _last_active(readings[each]) >= since)
        rows = [readings[session_id] for session_id in sorted(wanted)]
        return [self._candidate(haunt, row) for row in rows if row.parent_id is None]

    def _candidate(self, haunt: Haunt, reading: Reading) -> Candidate:
        return Candidate(
            f"{haunt.agent.name}:{reading.session_id}",
            haunt.agent.name,
            reading.session_id,
            reading.cwd,
            self._places.now_at(reading.cwd),
            reading.started_at,
            reading.last_active,
            reading.activity,
        )

    def _is_ours(self, process: Process) -> bool:
        """Whether the process keeps its files where this collector looks.

        One with another home (a container's, a test's) cannot serve a session of this one, even
        in the same directory.
        """
        found = process.recognition
        haunt = self._haunts.get(found.agent) if found is not None else None
        if haunt is None:
            return False
        home = (process.places or {}).get("HOME") or (process.places or {}).get("USERPROFILE")
        if home is None or process.places is None:
            is_ours = not process.is_foreign or bool(_held(haunt.agent, process))
            return self._takes_unknown and is_ours
        theirs = haunt.agent.roots(Path(home), process.places)
        return bool({_folder(path) for path in theirs} & {_folder(path) for path in haunt.roots})


class _Places:
    """Which directories are one and the same under several names (links, mounts)."""

    def __init__(self) -> None:
        self._ids: dict[str, Place | None] = {}
        self._names: dict[Place, set[str]] = {}
        self._now: dict[str, Place | None] = {}
        self._asked: set[tuple[tuple[int, float], Place | None]] = set()

    def begin(self, processes: Iterable[Process]) -> None:
        """A new round. A process not met before is worth looking everything up again."""
        self._now.clear()
        asked = {(process.identity, process.cwd_id) for process in processes}
        if not asked <= self._asked:
            self._ids.clear()
            self._names.clear()
        self._asked = asked

    def learn(self, directories: Iterable[str]) -> None:
        """Look up the names met for the first time."""
        for cwd in directories:
            if cwd not in self._ids:
                place = self._ids[cwd] = self.now_at(cwd)
                if place is not None:
                    self._names.setdefault(place, set()).add(cwd)

    def spellings(self, process: Process) -> set[str]:
        """The names its directory goes by."""
        found = {process.cwd} if process.cwd is not None else set[str]()
        if process.cwd_id is not None:
            found |= self._names.get(process.cwd_id, set())
        return found

    def now_at(self, cwd: str | None) -> Place | None:
        """What the name means in this round."""
        if cwd is None:
            return None
        if cwd not in self._now:
            self._now[cwd] = _place(cwd)
        return self._now[cwd]


def _with_idle_processes(
    bindings: dict[str, Binding], processes: Sequence[Process]
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


def _named(agent: Agent, process: Process) -> set[str]:
    """The sessions in its arguments and behind its open files."""
    found = _held(agent, process)
    if process.recognition is not None and process.recognition.session_id is not None:
        found.add(process.recognition.session_id)
    return found


def _held(agent: Agent, process: Process) -> set[str]:
    found = map(agent.session_of_file, process.open_files)
    return {session_id for session_id in found if session_id is not None}


def _agent(process: Process) -> str:
    return process.recognition.agent if process.recognition is not None else ""


def _tells_the_same(one: Process, other: Process) -> bool:
    return one.recognition == other.recognition and one.places == other.places


def _last_active(reading: Reading) -> float:
    return reading.last_active or 0.0


def _place(cwd: str) -> Place | None:
    try:
        status = os.stat(cwd)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def _folder(path: Path) -> str:
    """What two spellings of one folder have in common."""
    try:
        status = path.stat()
    except OSError:
        return os.path.abspath(path)
    return f"{status.st_dev}:{status.st_ino}"
