"""A collector over a temporary home, with a process table and a clock of the test's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agtop.agents import AGENTS
from agtop.collector import Collector, Wishes
from agtop.index import Index
from agtop.model import Host, Process, Recognition, Session, Snapshot, Weight
from agtop.pricing import Prices

NOW = 1795180000.0
"""2026-11-20 13:06:40 UTC."""


class FakeMachine:
    """A process table that holds what the test says."""

    def __init__(self) -> None:
        self.processes: tuple[Process, ...] = ()

    def sample(self, now: float) -> tuple[Process, ...]:
        return self.processes

    def host(self) -> Host:
        return Host("box", "Linux", cpus=2)

    def weight(self, now: float) -> Weight:
        return Weight(1, 0.5, 1 << 20)


class World:
    """A home and the collector that watches it."""

    def __init__(
        self,
        home: Path,
        wishes: Wishes = Wishes(),
        now: float = NOW,
        cache: Path | None = None,
    ) -> None:
        prices = Prices()
        index = None if cache is None else Index(cache, prices.fingerprint)
        self.machine = FakeMachine()
        self.now = now
        self.collector = Collector(
            AGENTS, home, {}, prices, self.machine, wishes, lambda: self.now, index
        )

    def collect(self, *processes: Process, later: float = 0.0) -> Snapshot:
        self.now += later
        self.machine.processes = processes
        return self.collector.collect()


def process(
    pid: int,
    agent: str = "claude",
    cwd: Path | None = None,
    started_at: float = NOW - 60,
    ticks: int | None = None,
    holds: Sequence[Path] = (),
) -> Process:
    status = cwd.stat() if cwd is not None else None
    return Process(
        pid,
        started_at,
        1,
        agent,
        cwd=str(cwd) if cwd is not None else None,
        cwd_id=(status.st_dev, status.st_ino) if status is not None else None,
        start_ticks=ticks,
        recognition=Recognition(agent, "session", "test"),
        open_files=tuple(map(str, holds)),
    )


def find(snapshot: Snapshot, session_id: str) -> Session:
    for session in snapshot.sessions:
        if session.session_id == session_id:
            return session
    raise AssertionError(f"no session {session_id} among {[s.key for s in snapshot.sessions]}")
