"""What the agents' processes take: they themselves, their launchers and all they started.

The time and the disk traffic of a child are added to its parent's when it has ended and was waited
for. So the sum over a whole tree goes on smoothly, and holds what came and went between two looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from msgspec import Struct

from agtop.model import Process, Record

GONE = frozenset({"zombie", "dead"})
SLACK = 1.0
"""Seconds by which a process may seem to have begun before the last look, which it did not."""

Identity = tuple[int, float]
N = TypeVar("N", int, float)


class Vitals(Protocol):
    """The numbers of one process."""

    @property
    def status(self) -> str: ...
    @property
    def cpu_seconds(self) -> float: ...
    @property
    def children_seconds(self) -> float: ...
    @property
    def rss(self) -> int: ...
    @property
    def threads(self) -> int | None: ...


class Source(Protocol):
    """Where processes are looked at."""

    def vitals(self, pid: int) -> Vitals | None: ...
    def disk(self, pid: int) -> tuple[int, int] | None: ...


class Effort(Record):
    """What the processes of one agent take."""

    agent: str
    processes: int = 0
    running: int = 0
    """Those that compute at this instant."""
    threads: int | None = None
    rss: int = 0
    """Bytes; what several of them share is counted for each."""
    cpu_percent: float | None = None
    """Of one core since the last look; None on the first."""
    disk_read_rate: float | None = None
    disk_write_rate: float | None = None
    cpu_seconds: float | None = None
    """Since the first look, of those that have ended too; None until the second."""
    disk_read: int | None = None
    disk_written: int | None = None


class _Tree(Struct):
    """A session's process with its launchers and all below it."""

    agent: str
    identity: Identity
    outer: Identity | None
    """The agent's process that started this one."""
    processes: int = 0
    running: int = 0
    threads: int | None = None
    rss: int = 0
    cpu: float = 0.0
    disk: tuple[int, int] | None = None


class _Sums(Struct):
    """What the trees of one agent used since the first look."""

    cpu: float | None = None
    read: int | None = None
    written: int | None = None


class _Used(Struct):
    """What they used since the last look."""

    cpu: float | None = None
    read: int | None = None
    written: int | None = None


class Efforts:
    """Looks again and again; a first look knows no speed."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._trees: dict[Identity, _Tree] = {}
        self._looked_at: tuple[float, float] | None = None
        """By the clock on the wall, and by one that nobody sets."""
        self._sums: dict[str, _Sums] = {}

    def look(self, processes: Sequence[Process], now: float, tick: float) -> tuple[Effort, ...]:
        """One for each agent that runs or ran, by name.

        Args:
            processes: the agents' own, each with what it started.
            now: the time of day.
            tick: by a clock that nobody sets and that stops while the machine sleeps.
        """
        trees = {tree.identity: tree for tree in self._measured(processes)}
        used = {agent: _Used() for agent in (*self._sums, *(t.agent for t in trees.values()))}
        if self._looked_at is not None:
            for tree in trees.values():
                _add(used[tree.agent], *self._since(tree, trees, self._looked_at[0]))
        for agent, each in used.items():
            _add(self._sums.setdefault(agent, _Sums()), each.cpu, each.read, each.written)
        elapsed = None if self._looked_at is None else tick - self._looked_at[1]
        self._trees, self._looked_at = trees, (now, tick)
        return tuple(
            self._effort(agent, [t for t in trees.values() if t.agent == agent], each, elapsed)
            for agent, each in sorted(used.items())
        )

    def _effort(
        self, agent: str, trees: Sequence[_Tree], used: _Used, elapsed: float | None
    ) -> Effort:
        sums = self._sums[agent]
        if elapsed is not None and not trees:
            used = _Used(0.0, 0, 0)
        threads = [tree.threads for tree in trees if tree.threads is not None]
        percent = _rate(used.cpu, elapsed)
        return Effort(
            agent,
            sum(tree.processes for tree in trees),
            sum(tree.running for tree in trees),
            sum(threads) if threads or not trees else None,
            sum(tree.rss for tree in trees),
            None if percent is None else 100 * percent,
            _rate(used.read, elapsed),
            _rate(used.written, elapsed),
            sums.cpu,
            sums.read,
            sums.written,
        )

    def _since(
        self, tree: _Tree, trees: dict[Identity, _Tree], looked_at: float
    ) -> tuple[float | None, int | None, int | None]:
        """What the tree used since the last look; None where that cannot be told."""
        before = self._trees.get(tree.identity)
        if before is None and tree.identity[1] < looked_at - SLACK:
            return None, None, None  # it was there, but was not taken for an agent's
        cpu = tree.cpu - (before.cpu if before else 0.0)
        disk = _between(before.disk if before else (0, 0), tree.disk)
        for inner in self._trees.values():
            if inner.outer == tree.identity and inner.identity not in trees:
                # Its whole life has now been added to this tree, and most of it counted before.
                cpu -= inner.cpu
                disk = _between(inner.disk or (0, 0), disk)
        read, written = (None, None) if disk is None else (max(0, disk[0]), max(0, disk[1]))
        return max(0.0, cpu), read, written

    def _measured(self, processes: Sequence[Process]) -> Iterator[_Tree]:
        own = {process.pid: process for process in processes}
        outer: dict[int, Identity] = {}
        below = {process.pid: list(_below(process, own, outer)) for process in processes}
        met: set[int] = set()
        for process in processes:
            agent = process.recognition.agent if process.recognition is not None else ""
            tree = _Tree(agent, process.identity, outer.get(process.pid))
            for pid in (process.pid, *process.wrappers, *below[process.pid]):
                if pid not in met:
                    met.add(pid)
                    self._measure(pid, tree)
            yield tree

    def _measure(self, pid: int, tree: _Tree) -> None:
        vitals = self._source.vitals(pid)
        if vitals is None:
            return
        tree.cpu += vitals.cpu_seconds + vitals.children_seconds
        disk = self._source.disk(pid)
        if disk is not None:
            read, written = tree.disk or (0, 0)
            tree.disk = (read + disk[0], written + disk[1])
        if vitals.status in GONE:
            return
        tree.processes += 1
        tree.running += vitals.status == "running"
        tree.rss += vitals.rss
        if vitals.threads is not None:
            tree.threads = (tree.threads or 0) + vitals.threads


def _below(process: Process, own: Iterable[int], outer: dict[int, Identity]) -> Iterator[int]:
    """The pids below `process` that belong to no other agent's process; those go into `outer`."""
    waiting = list(process.children)
    while waiting:
        child = waiting.pop()
        if child.pid in own:
            outer[child.pid] = process.identity
            continue
        yield child.pid
        waiting += child.children


def _add(sums: _Sums | _Used, cpu: float | None, read: int | None, written: int | None) -> None:
    sums.cpu = _plus(sums.cpu, cpu)
    sums.read = _plus(sums.read, read)
    sums.written = _plus(sums.written, written)


def _plus(sum_so_far: N | None, more: N | None) -> N | None:
    if more is None or sum_so_far is None:
        return sum_so_far if more is None else more
    return sum_so_far + more


def _between(
    before: tuple[int, int] | None, after: tuple[int, int] | None
) -> tuple[int, int] | None:
    if before is None or after is None:
        return None
    return after[0] - before[0], after[1] - before[1]


def _rate(used: float | None, elapsed: float | None) -> float | None:
    return used / elapsed if used is not None and elapsed is not None and elapsed > 0 else None
