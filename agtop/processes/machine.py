"""The machine, and what agtop itself costs it."""

from __future__ import annotations

import os

from agtop.model import Host, Weight
from agtop.processes.source import Source, system_source


class Machine:
    """Measures between one call and the next; a first call knows no share of a processor."""

    def __init__(self, source: Source | None = None) -> None:
        self._source = source or system_source()
        self._cpu_times: tuple[float, float] | None = None
        self._spent: tuple[float, float] | None = None

    def host(self) -> Host:
        used, total = self._source.memory() or (None, None)
        node, system = _names()
        return Host(
            name=node,
            os=system,
            cpus=os.cpu_count(),
            cpu_percent=self._busy(),
            memory_used=used,
            memory_total=total,
            load_1m=_load(),
        )

    def weight(self, now: float) -> Weight:
        """agtop's share of one core, and its memory."""
        pid = os.getpid()
        vitals = self._source.vitals(pid)
        if vitals is None:
            return Weight(pid)
        before, self._spent = self._spent, (vitals.cpu_seconds, now)
        share = None
        if before and now > before[1] and vitals.cpu_seconds >= before[0]:
            share = 100 * (vitals.cpu_seconds - before[0]) / (now - before[1])
        return Weight(pid, share, vitals.rss)

    def _busy(self) -> float | None:
        before, self._cpu_times = self._cpu_times, self._source.cpu_times()
        if before is None or self._cpu_times is None:
            return None
        busy, total = (
            after - earlier for after, earlier in zip(self._cpu_times, before, strict=True)
        )
        return 100 * busy / total if total > 0 and busy >= 0 else None


def _names() -> tuple[str, str]:
    """Of the machine and of its system."""
    if hasattr(os, "uname"):
        told = os.uname()
        return told.nodename, f"{told.sysname} {told.release}"
    import platform

    return platform.node(), f"{platform.system()} {platform.release()}"


def _load() -> float | None:
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):
        return None
