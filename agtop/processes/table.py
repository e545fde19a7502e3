"""The agents' processes, sampled again and again at the price of what changed.

Every process is looked at when it appears; after that only agents and what hangs below them, and
now and then all of them, for those that became something else by exec.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from msgspec import Struct

from agtop.model import Process, Signature, Tree
from agtop.processes.classify import Start, identify
from agtop.processes.source import GONE, Folder, Source, Vitals, system_source
from agtop.processes.wrappers import Link, collapse

YOUNG = 5.0  # seconds in which a fork may still become another program by exec
SWEEP = 30.0  # seconds after which every process is looked at again
DEPTH = 40  # generations shown; those below are counted, so that no fork chain exhausts a stack


class Known(Struct):
    """What is kept of one process between samples."""

    token: int
    vitals: Vitals
    looked_at: float
    argv: tuple[str, ...] = ()
    exe: str | None = None
    start: Start | None = None
    places: Mapping[str, str] | None = None
    is_foreign: bool = False
    cpu_percent: float | None = None
    disk: tuple[int, int] | None = None
    disk_at: float = 0.0
    disk_rates: tuple[float | None, float | None] = (None, None)

    @property
    def is_kernel_thread(self) -> bool:
        return self.vitals.vsz == 0 and not self.argv


class ProcessTable:
    """Samples the processes of agents. Owned by the collector's thread."""

    def __init__(
        self,
        signatures: Mapping[str, Signature],
        holds_transcript: frozenset[str] = frozenset(),
        source: Source | None = None,
    ) -> None:
        """
        Args:
            signatures: by agent name.
            holds_transcript: the agents whose open files are worth reading.
            source: where processes are read; this system by default.
        """
        self.source = source or system_source()
        self.reads = 0
        """How often an argv or an executable was read."""
        self._signatures = signatures
        self._holds_transcript = holds_transcript
        self._known: dict[int, Known] = {}
        self._watched: set[int] = set()
        self._swept_at: float | None = None
        self._tick = 0.0

    def sample(self, now: float, tick: float | None = None) -> tuple[Process, ...]:
        """The agents' processes by pid; launchers are named in `wrappers` of what they started.

        Args:
            now: the time of day.
            tick: by a clock that nobody sets and that stops while the machine sleeps: what rates
                are measured by. By default `now`.
        """
        self._tick = now if tick is None else tick
        listing = self.source.listing()
        self._known = {pid: known for pid, known in self._known.items() if pid in listing}
        sweep = self._swept_at is None or not 0 <= now - self._swept_at < SWEEP
        self._swept_at = now if sweep else self._swept_at
        due = [pid for pid, token in listing.items() if sweep or self._is_due(pid, token, now)]
        for pid in due:
            self._look(pid, listing[pid], now, sweep)
        children = self._children()
        self._watched = self._with_descendants(self._agents(), children)
        late = self._watched.difference(due)  # below an agent that has only now appeared
        for pid in late:
            self._look(pid, listing[pid], now, sweep)
        return self._processes(self._children() if late else children)

    def _is_due(self, pid: int, token: int, now: float) -> bool:
        known = self._known.get(pid)
        if known is None or known.token != token or pid in self._watched:
            return True
        if now - known.vitals.started_at < YOUNG:
            return True
        parent = known.vitals.ppid
        return bool(parent) and parent not in self._known  # it has been handed to another

    def _look(self, pid: int, token: int, now: float, sweep: bool) -> None:
        vitals = self.source.vitals(pid)
        if vitals is None or vitals.status in GONE:
            self._known.pop(pid, None)
            return
        known = self._known.get(pid)
        if known is None or not _same(known.vitals, vitals):
            known = self._known[pid] = Known(token, vitals, self._tick)
            self._identify(pid, known)
            return
        elapsed, used = self._tick - known.looked_at, vitals.cpu_seconds - known.vitals.cpu_seconds
        if elapsed > 0:
            known.cpu_percent = 100 * used / elapsed if used >= 0 else None
        known.token, known.vitals, known.looked_at = token, vitals, self._tick
        if (sweep and not known.is_kernel_thread) or now - vitals.started_at < YOUNG:
            self._identify(pid, known)

    def _identify(self, pid: int, known: Known) -> None:
        argv = self.source.argv(pid) or ()
        self.reads += 1
        if known.argv == argv and argv:
            return
        exe = None
        if argv or known.vitals.vsz:
            exe = self.source.exe(pid)
            self.reads += 1
        known.argv, known.exe, known.start = argv, exe, None
        if (argv or exe) and pid != os.getpid():
            known.start = identify(known.vitals.name, argv, exe, self._signatures)
        if known.start is not None:
            known.places = self._places(pid, known)
            known.is_foreign = known.places is None and self._is_foreign(pid)

    def _places(self, pid: int, known: Known) -> Mapping[str, str] | None:
        """Its own, or where its title was written over them, what it was started with."""
        found = self.source.places(pid) or known.places or {}
        if "HOME" in found or "USERPROFILE" in found:
            return found
        return {**(self._inherited(pid, known.vitals.ppid) or {}), **found} or None

    def _inherited(self, pid: int, above: int | None) -> Mapping[str, str] | None:
        """Those of the nearest process above it that has a home, as long as one user owns both."""
        owner = self.source.owner(pid)
        for _ in range(DEPTH):
            if above is None or above <= 1 or self.source.owner(above) != owner:
                return None
            found = self.source.places(above)
            if found is not None and "HOME" in found:
                return found
            vitals = self.source.vitals(above)
            above = vitals.ppid if vitals is not None else None
        return None

    def _is_foreign(self, pid: int) -> bool:
        """Whether it is another user's."""
        owner, own = self.source.owner(pid), self.source.owner(os.getpid())
        return owner is not None and own is not None and owner != own

    def _agents(self) -> list[int]:
        return [pid for pid, known in self._known.items() if known.start is not None]

    def _children(self) -> dict[int, list[int]]:
        children: dict[int, list[int]] = {}
        for pid, known in self._known.items():
            parent = self._known.get(known.vitals.ppid or 0)
            # A parent younger than its child only has the pid of the one that ended.
            if parent and parent.vitals.started_at <= known.vitals.started_at:
                children.setdefault(known.vitals.ppid or 0, []).append(pid)
        return children

    def _with_descendants(self, pids: Iterable[int], children: Mapping[int, list[int]]) -> set[int]:
        found: set[int] = set()
        waiting = list(pids)
        while waiting:
            pid = waiting.pop()
            if pid not in found:
                found.add(pid)
                waiting.extend(children.get(pid, ()))
        return found

    def _processes(self, children: Mapping[int, list[int]]) -> tuple[Process, ...]:
        links = {
            pid: Link(known.vitals.ppid, known.vitals.group, known.start)
            for pid, known in self._known.items()
            if known.start is not None
        }
        kept = collapse(links)
        built: dict[int, Process] = {}
        for pid, depth in self._children_first(kept, children):
            below = tuple(built[child] for child in sorted(children.get(pid, ())))
            tree = _tree(self._known[pid], below)
            shown = below if depth < DEPTH else ()
            built[pid] = self._process(pid, tree, shown, kept.get(pid, ()))
        return tuple(built[pid] for pid in sorted(kept))

    def _children_first(
        self, roots: Iterable[int], children: Mapping[int, list[int]]
    ) -> list[tuple[int, int]]:
        """(pid, how deep below its root) of every process to show."""
        order: list[tuple[int, int]] = []
        seen: set[int] = set()
        waiting = [(pid, 0, False) for pid in roots]
        while waiting:
            pid, depth, ready = waiting.pop()
            if ready:
                order.append((pid, depth))
            elif pid not in seen:
                seen.add(pid)
                waiting.append((pid, depth, True))
                waiting.extend((child, depth + 1, False) for child in children.get(pid, ()))
        return order

    def _process(
        self,
        pid: int,
        tree: Tree,
        children: tuple[Process, ...],
        wrappers: tuple[int, ...],
    ) -> Process:
        known = self._known[pid]
        vitals, start = known.vitals, known.start
        recognition = start.recognition if start else None
        folder: Folder | None = None
        files: tuple[str, ...] = ()
        if recognition:
            folder = self.source.folder(pid)
            self._measure_disk(pid, known)
            if recognition.agent in self._holds_transcript:
                files = self.source.open_files(pid)
        return Process(
            pid=pid,
            started_at=vitals.started_at,
            ppid=vitals.ppid,
            name=vitals.name,
            argv=known.argv,
            exe=known.exe,
            cwd=folder.path if folder else None,
            cwd_id=folder.identity if folder else None,
            start_ticks=vitals.start_ticks,
            places=known.places,
            is_foreign=known.is_foreign,
            status=vitals.status,
            cpu_percent=known.cpu_percent,
            rss=vitals.rss,
            vsz=vitals.vsz,
            disk_read=known.disk[0] if known.disk else None,
            disk_written=known.disk[1] if known.disk else None,
            disk_read_rate=known.disk_rates[0],
            disk_write_rate=known.disk_rates[1],
            threads=vitals.threads,
            fds=self.source.descriptors(pid) if recognition else None,
            tree=tree,
            children=children,
            recognition=recognition,
            open_files=files,
            wrappers=wrappers,
        )

    def _measure_disk(self, pid: int, known: Known) -> None:
        disk, before, elapsed = self.source.disk(pid), known.disk, self._tick - known.disk_at
        if disk is None or before is None:
            known.disk_rates = (None, None)
        elif elapsed > 0:
            known.disk_rates = (
                _rate(before[0], disk[0], elapsed),
                _rate(before[1], disk[1], elapsed),
            )
        known.disk, known.disk_at = disk, self._tick


def _same(before: Vitals, after: Vitals) -> bool:
    return (before.start_ticks, before.started_at) == (after.start_ticks, after.started_at)


def _rate(before: int, after: int, elapsed: float) -> float | None:
    return (after - before) / elapsed if after >= before else None


def _tree(known: Known, children: tuple[Process, ...]) -> Tree:
    below = [child.tree for child in children if child.tree]
    shares = [known.cpu_percent, *(tree.cpu_percent for tree in below)]
    measured = [share for share in shares if share is not None]
    return Tree(
        processes=1 + sum(tree.processes for tree in below),
        cpu_percent=sum(measured) if measured else None,
        rss=known.vitals.rss + sum(tree.rss for tree in below),
    )
