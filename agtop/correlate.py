"""Which process serves which session, with the evidence, and never a guess.

Evidence, best first: the agent's own pid file with the process's start time; the transcript held
open; a session id in the arguments while that session is still the newest written since the
process began; the working directory, agent and time, when only one of each fits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from msgspec import Struct, field

from agtop.model import Activity, Confidence, Match, Process, Record, Registration

TICK = 2.0
"""Seconds by which two readings of one process's start may differ."""
START_UP = 120.0
"""Seconds an agent may take from its start to its own note of it."""


class Candidate(Record):
    """A session that a process may serve."""

    key: str
    agent: str
    session_id: str
    cwd: str | None
    cwd_id: tuple[int, int] | None
    started_at: float | None
    last_active: float | None
    activity: Activity


class Binding(Record):
    """A session's process, or why it has none."""

    match: Match
    process: Process | None = None
    registration: Registration | None = None
    servers: tuple[Process, ...] = ()
    """What may do its work where `process` only shows it."""


class _Board(Struct):
    """Who is bound to whom so far."""

    sessions: dict[str, Candidate]
    bindings: dict[str, Binding] = field(default_factory=dict[str, Binding])
    taken: set[int] = field(default_factory=set[int])

    def free(self, agent: str) -> list[Candidate]:
        return [
            s for s in self.sessions.values() if s.agent == agent and s.key not in self.bindings
        ]

    def bind(
        self,
        key: str,
        process: Process,
        confidence: Confidence,
        evidence: str,
        registration: Registration | None = None,
        shared: bool = False,
        servers: Iterable[Process] = (),
    ) -> None:
        match = Match(confidence, (evidence,), (process.pid,))
        self.bindings[key] = Binding(match, process, registration, tuple(servers))
        if not shared:
            self.taken.add(process.pid)

    def doubt(self, key: str, evidence: str, pids: Iterable[int]) -> None:
        self.bindings[key] = Binding(Match("ambiguous", (evidence,), tuple(sorted(pids))))


def correlate(
    candidates: Iterable[Candidate],
    processes: Sequence[Process],
    registrations: Iterable[Registration],
    session_of_file: Callable[[str, str], str | None],
) -> dict[str, Binding]:
    """Bind sessions to processes.

    Args:
        candidates: top-level sessions of all agents.
        processes: recognised processes, wrappers already collapsed.
        registrations: the agents' own notes, stale ones included.
        session_of_file: (agent, path of an open file) → session id.

    Returns:
        Session key → binding, for the sessions that some evidence speaks of.
    """
    board = _Board({c.key: c for c in candidates})
    of = [p for p in processes if p.recognition is not None]
    _by_pid_file(board, of, registrations)
    held = _held(of, session_of_file)
    _by_open_transcript(board, of, held)
    running = [p for p in of if _role(p) == "session" and p.pid not in board.taken]
    _by_argument(board, running)
    running = [p for p in running if p.pid not in board.taken]
    _by_directory(board, running, held, [p for p in of if _role(p) == "server"])
    _by_server(board, of, held)
    return board.bindings


def is_same_process(registration: Registration, process: Process) -> bool:
    """Whether the note is of this very process and not of an earlier one with its pid."""
    if registration.pid != process.pid or registration.agent != _agent(process):
        return False
    if registration.start_ticks is not None and process.start_ticks is not None:
        return registration.start_ticks == process.start_ticks
    if registration.started_at is None:
        made_at = registration.made_at
        return made_at is not None and process.started_at <= made_at + TICK
    return -TICK <= registration.started_at - process.started_at <= START_UP


def _by_pid_file(
    board: _Board, processes: Sequence[Process], registrations: Iterable[Registration]
) -> None:
    by_pid = {p.pid: p for p in processes}
    newest: dict[int, Registration] = {}
    for note in registrations:  # the same one by two paths, or an older copy of it, says no more
        process = by_pid.get(note.pid)
        if process is not None and is_same_process(note, process):
            known = newest.setdefault(note.pid, note)
            newest[note.pid] = max(known, note, key=lambda n: n.status_at or 0.0)
    found: dict[str, list[tuple[Registration, Process]]] = {}
    for pid, note in newest.items():
        board.taken.add(pid)
        found.setdefault(f"{note.agent}:{note.session_id}", []).append((note, by_pid[pid]))
    for key, notes in found.items():
        if len(notes) > 1:
            pids = [process.pid for _, process in notes]
            board.doubt(key, "the pid files of several processes name this session", pids)
            continue
        note, process = notes[0]
        file = note.path.rsplit("/", 2)[-2:]
        since = "with the same start time"
        if note.started_at is None and note.start_ticks is None:
            since = "which ran when it was made"
        said = f"its pid file {'/'.join(file)} names process {note.pid} {since}"
        board.bind(key, process, "high", said, note)


Held = dict[str, list[Process]]


def _held(processes: Sequence[Process], session_of_file: Callable[[str, str], str | None]) -> Held:
    """Session key → the processes that hold its transcript open."""
    held: Held = {}
    for process in processes:
        agent = _agent(process)
        ids = {session_of_file(agent, path) for path in process.open_files} - {None}
        for session_id in ids:
            held.setdefault(f"{agent}:{session_id}", []).append(process)
    return held


def _by_open_transcript(board: _Board, processes: Sequence[Process], held: Held) -> None:
    """One owner holds a session's transcript; one process may hold several, after /new."""
    for process in processes:
        if _role(process) != "session" or process.pid in board.taken:
            continue
        keys = [key for key, owners in held.items() if process in owners and key in board.sessions]
        keys = [key for key in keys if key not in board.bindings]
        for key in keys:
            owners = [p for p in held[key] if _role(p) == "session"]
            if len(owners) > 1:
                board.doubt(key, "several processes hold its transcript open", _pids(owners))
        sole = [key for key in keys if key not in board.bindings]
        if sole:
            newest = max(sole, key=lambda key: board.sessions[key].last_active or 0.0)
            said = f"process {process.pid} holds its transcript open"
            board.bind(newest, process, "high", said)


def _by_argument(board: _Board, processes: Sequence[Process]) -> None:
    """The id in the arguments is stale once another session was written since the start."""
    for process in processes:
        assert process.recognition is not None
        named = process.recognition.session_id
        key = f"{_agent(process)}:{named}"
        session = board.sessions.get(key)
        if named is None or session is None or key in board.bindings:
            continue
        others = [
            s
            for s in board.free(session.agent)
            if s.key != key and _same_place(s, process) and _written_since(s, process)
        ]
        rivals = [p for p in processes if p.recognition is not None and p is not process]
        claimed = [p.pid for p in rivals if p.recognition and p.recognition.session_id == named]
        if claimed:
            board.doubt(
                key, "several processes name it in their arguments", [process.pid, *claimed]
            )
        elif all((s.last_active or 0.0) <= (session.last_active or 0.0) for s in others):
            said = f"the arguments of process {process.pid} name it, and it is the newest since"
            board.bind(key, process, "high", said)


def _by_directory(
    board: _Board, processes: Sequence[Process], held: Held, serving: Sequence[Process]
) -> None:
    """Same agent, same directory, written since the process began; unique both ways.

    Args:
        serving: servers that may do the work of what runs elsewhere.
    """
    fits: dict[int, list[Candidate]] = {}
    for process in processes:
        possible = [
            s
            for s in board.free(_agent(process))
            if _same_place(s, process) and _written_since(s, process)
        ]
        fits[process.pid] = _latest_of_a_row(possible)
    for process in processes:
        for session in fits[process.pid]:
            rivals = [p for p in processes if session in fits[p.pid]]
            if session.key in board.bindings:
                continue
            if len(rivals) == 1 and len(fits[process.pid]) == 1:
                said = f"process {process.pid} is the only {session.agent} in its directory"
                servers = [p for p in held.get(session.key, []) if _role(p) != "session"]
                if servers:
                    said += f"; server {servers[0].pid} holds its transcript open"
                said += "; it was written since that began"
                servers = servers or [p for p in serving if _agent(p) == session.agent]
                board.bind(session.key, process, "medium", said, servers=servers)
            elif len(rivals) > 1:
                said = "several processes of its agent run in its directory"
                board.doubt(session.key, said, _pids(rivals))
            else:
                said = "several sessions were written in the directory of one process"
                board.doubt(session.key, said, [process.pid])


def _by_server(board: _Board, processes: Sequence[Process], held: Held) -> None:
    """A server owns the sessions it holds open; a daemon only while it works on them.

    A daemon outlives its clients and keeps their transcripts open, so that alone is no sign of
    a person at the other end.
    """
    for process in processes:
        role = _role(process)
        if role not in ("server", "daemon"):
            continue
        for key, owners in held.items():
            session = board.sessions.get(key)
            if process not in owners or session is None or key in board.bindings:
                continue
            if role == "server":
                said = f"server {process.pid} holds its transcript open"
                board.bind(key, process, "medium", said, shared=True)
            elif session.activity.phase in ("requested", "tool") and _written_since(
                session, process
            ):
                said = f"daemon {process.pid} holds its transcript open and works on it"
                board.bind(key, process, "low", said, shared=True)


def _latest_of_a_row(sessions: list[Candidate]) -> list[Candidate]:
    """One process writes its sessions one after the other (/clear, /new): the last is current.

    Sessions that overlap in time had different writers; then all of them stay possible.
    """
    rows = sorted(sessions, key=lambda s: (s.started_at or 0.0, s.last_active or 0.0))
    for earlier, later in pairwise(rows):
        if (earlier.last_active or 0.0) > (later.started_at or 0.0):
            return rows
    return rows[-1:]


def _same_place(session: Candidate, process: Process) -> bool:
    if session.cwd_id is not None and process.cwd_id is not None:
        return session.cwd_id == process.cwd_id
    return session.cwd is not None and session.cwd == process.cwd


def _written_since(session: Candidate, process: Process) -> bool:
    return session.last_active is not None and session.last_active >= process.started_at - TICK


def _agent(process: Process) -> str:
    return process.recognition.agent if process.recognition is not None else ""


def _role(process: Process) -> str:
    return process.recognition.role if process.recognition is not None else ""


def _pids(processes: Iterable[Process]) -> list[int]:
    return [process.pid for process in processes]
