"""Which processes a signal is meant for, and who must never get one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Literal, Protocol

from agtop.errors import RefusedError
from agtop.model import Process, Record, Role

TICK = 2.0
"""Seconds by which two readings of one process's start may differ when the clock is set."""
GONE = frozenset({"zombie", "dead"})
"""Statuses of a process that has ended, whoever has yet to collect it."""
SHARED: Mapping[Role, str] = {
    "server": "a server that other sessions may share",
    "daemon": "a daemon that other sessions may share",
    "desktop": "a desktop program, with all its sessions",
}
Part = Literal["session", "launcher", "descendant"]


class Vitals(Protocol):
    """What is looked at before a signal is sent."""

    @property
    def ppid(self) -> int | None: ...
    @property
    def name(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def started_at(self) -> float: ...
    @property
    def start_ticks(self) -> int | None: ...


class Processes(Protocol):
    """The processes as they are this instant."""

    def listing(self) -> Mapping[int, int]: ...

    def vitals(self, pid: int) -> Vitals | None: ...

    def owner(self, pid: int) -> str | None:
        """Whose it is; None when that cannot be told."""
        ...


class Aim(Record):
    """A process that is to get a signal."""

    pid: int
    started_at: float
    start_ticks: int | None
    name: str
    part: Part = "session"

    def is_at(self, vitals: Vitals) -> bool:
        """Whether this is the process that was meant and not a later one with its pid."""
        if self.start_ticks is not None and vitals.start_ticks is not None:
            return self.start_ticks == vitals.start_ticks
        return abs(self.started_at - vitals.started_at) <= TICK

    def __str__(self) -> str:
        return f"{self.name} (pid {self.pid})"


class Spared(Record):
    """What belongs to the tree and gets no signal."""

    aim: Aim
    why: str

    def __str__(self) -> str:
        return f"{self.aim} {self.why}; it is left alone"


class Me(Record):
    """Who sends: neither agtop nor anything it runs under may be hit."""

    pid: int
    owner: str | None
    ancestors: frozenset[int] = frozenset()

    @staticmethod
    def of(processes: Processes, pid: int | None = None) -> Me:
        pid = os.getpid() if pid is None else pid
        above: set[int] = set()
        vitals = processes.vitals(pid)
        while vitals and vitals.ppid and vitals.ppid not in above:
            above.add(vitals.ppid)
            vitals = processes.vitals(vitals.ppid)
        return Me(pid, processes.owner(pid), frozenset(above))

    def objection(self, pid: int, owner: str | None) -> str | None:
        """Why `pid` gets no signal from here, or None."""
        if pid <= 1:
            return "is the system's first process"
        if pid == self.pid:
            return "is agtop itself"
        if pid in self.ancestors:
            return "is what agtop itself runs under"
        if owner is None or owner != self.owner:
            return f"belongs to {'another user' if owner else 'somebody unknown'}"
        return None


class Plan(Record):
    """A session's process first, then what hangs below it, then its launchers."""

    aims: tuple[Aim, ...]
    spared: tuple[Spared, ...] = ()
    tree: bool = True

    @property
    def session(self) -> Aim:
        return self.aims[0]

    def __str__(self) -> str:
        below = sum(aim.part == "descendant" for aim in self.aims)
        above = sum(aim.part == "launcher" for aim in self.aims)
        also = [f"{below} below it"] if below else []
        also += ["its launcher" if above == 1 else f"its {above} launchers"] if above else []
        return f"{self.session} with {' and '.join(also)}" if also else str(self.session)


def plan(process: Process, processes: Processes, me: Me, tree: bool = True) -> Plan:
    """The processes that a signal to `process` is for.

    Args:
        process: as it was last seen; what it started meanwhile is found.
        processes: asked afresh.
        me: who sends.
        tree: what it started gets the signal too.

    Raises:
        RefusedError: it has ended, or is not for this user to signal, or others share it.
    """
    session = Aim(process.pid, process.started_at, process.start_ticks, _name(process))
    vitals = processes.vitals(process.pid)
    if vitals is None or vitals.status in GONE or not session.is_at(vitals):
        raise RefusedError(f"{session} has ended; there is nothing to signal")
    objection = me.objection(process.pid, processes.owner(process.pid))
    if objection is not None:
        raise RefusedError(f"{session} {objection}; agtop never signals that")
    if process.recognition is not None and process.recognition.role in SHARED:
        why = f"{SHARED[process.recognition.role]} ({process.recognition.reason})"
        raise RefusedError(f"{session} is {why}; end its sessions from where they are shown")
    launchers = _launchers(process, processes)
    family = descendants([process.pid], processes)
    below = family if tree else []
    busy = _busy(launchers, {process.pid, *(aim.pid for aim in family)}, processes)
    why = {pid: f"is {SHARED[role]}" for pid, role in _shared_below(process).items()} | busy
    others = [(aim, _spared(aim, why, processes, me)) for aim in (*below, *launchers)]
    spared = tuple(each for _, each in others if each is not None)
    theirs = _below(spared, processes)
    aims = (aim for aim, objection in others if objection is None and aim.pid not in theirs)
    return Plan((session, *aims), spared, tree)


def latecomers(plan: Plan, living: Iterable[Aim], processes: Processes) -> list[Aim]:
    """What the living have started since `plan` was made."""
    if not plan.tree:
        return []
    known = {aim.pid for aim in plan.aims} | {each.aim.pid for each in plan.spared}
    known |= _below(plan.spared, processes)
    found = descendants([aim.pid for aim in living], processes)
    return [aim for aim in found if aim.pid not in known]


def _below(spared: Iterable[Spared], processes: Processes) -> set[int]:
    """What a server that is left alone needs."""
    servers = [each.aim.pid for each in spared if each.aim.part == "descendant"]
    return {aim.pid for aim in descendants(servers, processes)} if servers else set()


def descendants(pids: Iterable[int], processes: Processes) -> list[Aim]:
    """Everything that runs below `pids` now, parents first."""
    children: dict[int, list[tuple[int, Vitals]]] = {}
    for pid in processes.listing():
        vitals = processes.vitals(pid)
        if vitals is not None and vitals.ppid and vitals.status not in GONE:
            children.setdefault(vitals.ppid, []).append((pid, vitals))
    roots = set(pids)
    found: dict[int, Aim] = {}
    waiting = [(pid, processes.vitals(pid)) for pid in roots]
    for pid, above in waiting:  # grows as it goes
        for child, vitals in sorted(children.get(pid, ()), key=lambda pair: pair[0]):
            # A parent younger than its child only has the pid of the one that ended.
            if above is None or vitals.started_at < above.started_at or child in found:
                continue
            if child not in roots:
                found[child] = _aim(child, vitals, "descendant")
                waiting.append((child, vitals))
    return list(found.values())


def _launchers(process: Process, processes: Processes) -> list[Aim]:
    """What only waits for it, nearest first, as long as it still stands right above."""
    found: list[Aim] = []
    below = processes.vitals(process.pid)
    for pid in process.wrappers:
        vitals = processes.vitals(pid)
        if below is None or vitals is None or below.ppid != pid:
            break
        if vitals.status in GONE or vitals.started_at > below.started_at:
            break
        found.append(_aim(pid, vitals, "launcher"))
        below = vitals
    return found


def _busy(launchers: Iterable[Aim], family: set[int], processes: Processes) -> dict[int, str]:
    """Launchers that have started something besides: it would be hit, or lose its parent."""
    known = family
    busy: dict[int, str] = {}
    for launcher in launchers:
        if busy or any(aim.pid not in known for aim in descendants([launcher.pid], processes)):
            busy[launcher.pid] = "has started others too"
        known = known | {launcher.pid}
    return busy


def _shared_below(process: Process) -> dict[int, Role]:
    shared: dict[int, Role] = {}
    waiting = list(process.children)
    while waiting:
        child = waiting.pop()
        if child.recognition is not None and child.recognition.role in SHARED:
            shared[child.pid] = child.recognition.role
        waiting.extend(child.children)
    return shared


def _spared(aim: Aim, why: Mapping[int, str], processes: Processes, me: Me) -> Spared | None:
    objection = me.objection(aim.pid, processes.owner(aim.pid)) or why.get(aim.pid)
    return None if objection is None else Spared(aim, objection)


def _aim(pid: int, vitals: Vitals, part: Part) -> Aim:
    return Aim(pid, vitals.started_at, vitals.start_ticks, vitals.name, part)


def _name(process: Process) -> str:
    return process.recognition.agent if process.recognition else process.name
