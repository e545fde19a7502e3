"""Everywhere else: the same answers by way of psutil, which is loaded when first asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from agtop.processes.source import PLACES, Folder, Vitals

T = TypeVar("T")


class Portable:
    """Processes as psutil sees them; `vitals` notices when a pid has a new owner."""

    def __init__(self) -> None:
        import psutil

        self._psutil = psutil
        self._processes: dict[int, psutil.Process] = {}

    def listing(self) -> dict[int, int]:
        listing = dict.fromkeys(self._psutil.pids(), 0)
        self._processes = {pid: p for pid, p in self._processes.items() if pid in listing}
        return listing

    def vitals(self, pid: int) -> Vitals | None:
        known = self._processes.get(pid)
        if known is not None and not known.is_running():
            del self._processes[pid]
        return self._ask(pid, self._vitals)

    def owner(self, pid: int) -> str | None:
        if hasattr(self._psutil.Process, "uids"):
            return self._ask(pid, lambda process: str(process.uids().real))
        return self._ask(pid, lambda process: process.username())

    def argv(self, pid: int) -> tuple[str, ...] | None:
        return self._ask(pid, lambda process: tuple(process.cmdline()))

    def exe(self, pid: int) -> str | None:
        return self._ask(pid, lambda process: process.exe() or None)

    def folder(self, pid: int) -> Folder | None:
        path = self._ask(pid, lambda process: process.cwd() or None)
        if path is None:
            return None
        try:
            status = os.stat(path)
        except OSError:
            return Folder(path, None)
        return Folder(path, (status.st_dev, status.st_ino))

    def places(self, pid: int) -> Mapping[str, str] | None:
        found = self._ask(pid, lambda process: process.environ())
        return {name: found[name] for name in PLACES & found.keys()} or None if found else None

    def disk(self, pid: int) -> tuple[int, int] | None:
        if not hasattr(self._psutil.Process, "io_counters"):
            return None  # macOS keeps no such count
        counters = self._ask(pid, lambda process: process.io_counters())
        return (counters.read_bytes, counters.write_bytes) if counters else None

    def descriptors(self, pid: int) -> int | None:
        if not hasattr(self._psutil.Process, "num_fds"):
            return self._ask(pid, lambda process: process.num_handles())
        return self._ask(pid, lambda process: process.num_fds())

    def open_files(self, pid: int) -> tuple[str, ...]:
        files = self._ask(pid, lambda process: process.open_files())
        return tuple(sorted({file.path for file in files or ()}))

    def cpu_times(self) -> tuple[float, float] | None:
        times = self._psutil.cpu_times()
        waiting = times.idle + getattr(times, "iowait", 0.0)
        guests = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
        total = sum(times) - guests
        return total - waiting, total

    def memory(self) -> tuple[int, int] | None:
        memory = self._psutil.virtual_memory()
        return memory.total - memory.available, memory.total

    def swap(self) -> tuple[int, int] | None:
        try:
            swap = self._psutil.swap_memory()
        except (OSError, RuntimeError):
            return None
        return swap.used, swap.total

    def _vitals(self, process: Any) -> Vitals:
        with process.oneshot():
            times, memory = process.cpu_times(), process.memory_info()
            return Vitals(
                ppid=process.ppid(),
                group=_group(process.pid),
                name=process.name(),
                status=process.status(),
                started_at=process.create_time(),
                start_ticks=None,
                cpu_seconds=times.user + times.system,
                rss=memory.rss,
                vsz=memory.vms,
                threads=process.num_threads(),
                children_seconds=(
                    getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
                ),
            )

    def _ask(self, pid: int, question: Callable[[Any], T]) -> T | None:
        psutil = self._psutil
        try:
            if pid not in self._processes:
                self._processes[pid] = psutil.Process(pid)
            return question(self._processes[pid])
        except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
            self._processes.pop(pid, None)
            return None


def _group(pid: int) -> int | None:
    if not hasattr(os, "getpgid"):
        return None
    try:
        return os.getpgid(pid)
    except OSError:
        return None
