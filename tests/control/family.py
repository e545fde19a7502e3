"""Children of the test's own, and processes that exist on paper only."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from agtop.control import Me
from agtop.model import Process, Recognition, Role, replace
from agtop.processes.source import Vitals, system_source

PAUSE = "import signal, sys\nprint(1, flush=True)\nwhile True: signal.pause()"
STUBBORN = f"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{PAUSE}"
PARENT = (
    "import subprocess, sys\n"
    "below = subprocess.Popen([sys.executable, '-c', sys.argv[1]], stdout=subprocess.PIPE)\n"
    "below.stdout.readline()\nprint(below.pid, flush=True)\nbelow.wait()"
)
Start = Callable[..., subprocess.Popen[str]]


def begin(code: str, *args: str) -> subprocess.Popen[str]:
    """A Python that has said its first line."""
    command = [sys.executable, "-c", code, *args]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def first_line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def process_of(pid: int, role: Role = "session", agent: str = "claude") -> Process:
    vitals = system_source().vitals(pid)
    assert vitals is not None
    return Process(
        pid=pid,
        started_at=vitals.started_at,
        ppid=vitals.ppid,
        name=vitals.name,
        start_ticks=vitals.start_ticks,
        recognition=Recognition(agent, role, f"its program is {agent}"),
    )


def until_ended(*pids: int) -> Callable[[float], None]:
    """A wait that lasts until the children have ended, and leaves them uncollected."""

    def wait(seconds: float) -> None:
        for pid in pids:
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

    return wait


@dataclass
class Clock:
    """Goes on only while somebody waits."""

    now: float = 100.0
    after: dict[int, Callable[[], object]] = field(default_factory=dict[int, Callable[[], object]])
    """What happens once so many waits are over."""
    waits: int = 0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> object:
        self.now += seconds
        self.waits += 1
        return self.after.get(self.waits, lambda: None)()


class Paper:
    """Processes on paper. `1000` owns them all, agtop is 50 below 40."""

    def __init__(self) -> None:
        self.vital: dict[int, Vitals] = {}
        self.owners: dict[int, str | None] = {}
        for pid, ppid in ((1, 0), (40, 1), (50, 40)):
            self.add(pid, ppid)
        self.me = Me.of(self, 50)

    def add(self, pid: int, ppid: int = 1, name: str = "node", started_at: float = 10.0) -> None:
        self.vital[pid] = Vitals(
            ppid, pid, name, "sleeping", started_at, int(started_at * 100), 0.0, 1, 1, 1
        )

    def change(self, pid: int, **changes: object) -> None:
        self.vital[pid] = replace(self.vital[pid], **changes)  # pyright: ignore[reportArgumentType]

    def process(
        self,
        pid: int,
        role: Role = "session",
        *,
        below: tuple[Process, ...] = (),
        wrappers: tuple[int, ...] = (),
    ) -> Process:
        vitals = self.vital[pid]
        return Process(
            pid=pid,
            started_at=vitals.started_at,
            ppid=vitals.ppid,
            name=vitals.name,
            start_ticks=vitals.start_ticks,
            children=below,
            wrappers=wrappers,
            recognition=Recognition("claude", role, "its program is claude"),
        )

    def listing(self) -> dict[int, int]:
        return dict.fromkeys(self.vital, 0)

    def vitals(self, pid: int) -> Vitals | None:
        return self.vital.get(pid)

    def owner(self, pid: int) -> str | None:
        return self.owners.get(pid, "1000")
