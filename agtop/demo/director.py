"""The process between agtop and its actors: starts them, and removes every trace at the end.

It outlives an agtop that is killed, long enough to clean up after it.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from types import FrameType

from agtop.demo.actor import PART
from agtop.demo.paper import compact, replace

_ROUND = 0.5
_GRACE = 1.0


class Director:
    """Owns the actors' processes."""

    def __init__(self, root: str, life: int, ready: int) -> None:
        self.root = root
        self.life, self.ready = life, ready
        self.parent = os.getppid()
        self.actors: dict[str, subprocess.Popen[bytes]] = {}
        self.waiting: list[dict[str, object]] = []

    def direct(self) -> None:
        """Wait for the word, start the actors at their times, stay until the end."""
        select.select([self.life], [], [])
        if not os.read(self.life, 1):
            return
        with open(f"{self.root}/cast.json", encoding="utf-8") as file:
            self.waiting = json.load(file)
        began = time.monotonic()
        self._enter(0.0)
        os.close(self.ready)
        while not self._over():
            self._enter(time.monotonic() - began)
            for actor in self.actors.values():
                actor.poll()  # whoever has left must not stay a zombie

    def _over(self) -> bool:
        readable, _, _ = select.select([self.life], [], [], _ROUND)
        return bool(readable) or os.getppid() != self.parent

    def _enter(self, elapsed: float) -> None:
        """Start the actors whose time has come."""
        due = [part for part in self.waiting if float(str(part["enters"])) <= elapsed]
        if not due:
            return
        self.waiting = [part for part in self.waiting if part not in due]
        for part in due:
            self._start(part)
        pids = {name: actor.pid for name, actor in self.actors.items()}
        replace(f"{self.root}/actors.json", compact(pids))

    def _start(self, part: dict[str, object]) -> None:
        announces = float(str(part["enters"])) == 0
        descriptors = (self.life, self.ready) if announces else (self.life,)
        told = part | {
            "root": self.root,
            "life": str(self.life),
            "ready": str(self.ready if announces else -1),
        }
        arguments = [sys.executable, "-IS", f"{self.root}/bin/{part['agent']}"]
        arguments += json.loads(compact(part["arguments"]))
        self.actors[str(part["name"])] = subprocess.Popen(
            arguments,
            cwd=f"{self.root}/home/acme/{part['project']}",
            env=dict(os.environ) | {PART: compact(told)},
            pass_fds=descriptors,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def clean_up(self) -> None:
        """The actors have mostly seen the pipe's end too; whoever does not go is made to."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for actor in self.actors.values():
            actor.terminate()
        until = time.monotonic() + _GRACE
        for actor in self.actors.values():
            try:
                actor.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                actor.kill()  # stopped, perhaps: a stopped process reads no pipe
        for actor in self.actors.values():
            actor.wait()
        shutil.rmtree(self.root, ignore_errors=True)


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit


def main() -> None:
    root, life, ready = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _end)
    director = Director(root, life, ready)
    try:
        director.direct()
    finally:
        director.clean_up()
