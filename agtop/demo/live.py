"""The stage of a living process: it waits in real time and shows itself as agents do."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from types import FrameType

from agtop.demo.claude import VERSION, Transcript
from agtop.demo.codex import Rollout
from agtop.demo.codex_life import Lock
from agtop.demo.dice import Dice
from agtop.demo.paper import Clock, Record, compact, replace
from agtop.demo.stage import Stage

BUS = "AGTOP_BUS"
"""The variable that names the socket on which agents talk."""
_PR_SET_PDEATHSIG = 1


class Curtain(BaseException):
    """The fleet ends, or this actor was asked to go."""


class LiveStage(Stage):
    """Plays the past at once; from `present` on, pauses take their time."""

    def __init__(self, part: dict[str, str], life: int, ready: int) -> None:
        super().__init__(f"{part['root']}/home", Dice(part["seed"]), Clock(time.time()))
        self.part = part
        self.lively = part["lively"] == "yes"
        self._life, self._ready = life, ready
        self._director = os.getppid()
        self._entered_at = time.time()
        self._present = False
        self._transcript: Transcript | None = None
        self._locks: list[Lock] = []
        self._status: tuple[str, str | None] = ("idle", None)
        self._child: int | None = None
        self._truth = ""

    # time

    def past(self, minutes: float) -> None:
        """Begin that long ago."""
        self.clock.at = time.time() - 60 * minutes

    def present(self, ago: float = 2.0) -> None:
        """From here on it is now; the last record was written `ago` seconds before."""
        self.clock.at = max(self.clock.at, time.time() - ago)
        self._present = True
        self._register()

    def pause(self, low: float, high: float | None = None) -> None:
        if not self._present:
            super().pause(low, high)
            return
        self._announce()
        self._wait(self.dice.seconds(low, low if high is None else high))

    def _wait(self, seconds: float) -> None:
        """Sleep on the pipe that ends with the fleet.

        Raises:
            Curtain: it ended.
        """
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 or not self.lively:
            ended, _, _ = select.select([self._life], [], [], min(left, 1.0) if left > 0 else 1.0)
            if ended or os.getppid() != self._director:
                raise Curtain
        self.clock.at = max(self.clock.at, time.time())

    # what others see

    def _announce(self) -> None:
        """Keep the truth on disk, and say once that the opening is written."""
        truth = compact([tally.as_dict() for tally in self.tallies])
        if truth != self._truth:
            replace(f"{self.part['root']}/truth/{self.part['name']}.json", truth)
            self._truth = truth
        if self._ready >= 0:
            os.write(self._ready, b"%d\n" % os.getpid())
            os.close(self._ready)
            self._ready = -1

    def serve(self, transcript: Transcript) -> None:
        """Be the process of this Claude Code session."""
        self._transcript = transcript
        self.keep(transcript.tally)

    def hold(self, rollout: Rollout) -> None:
        """Be the process that writes this Codex thread."""
        self._locks.append(Lock(rollout))
        self.keep(rollout.tally)

    def status(self, status: str, waiting_for: str | None = None) -> None:
        self._status = (status, waiting_for)
        if self._present:
            self._register()

    @property
    def _pid_file(self) -> str:
        return f"{self.home}/.claude/sessions/{os.getpid()}.json"

    def _register(self) -> None:
        if self._transcript is not None:
            replace(self._pid_file, compact(self._registration(self._transcript)))

    def _registration(self, transcript: Transcript) -> Record:
        status, waiting_for = self._status
        at = round(self.clock.at * 1000)
        record: Record = {
            "pid": os.getpid(),
            "sessionId": transcript.session,
            "cwd": transcript.cwd,
            "startedAt": round(self._entered_at * 1000),
            **_birth(),
            "version": VERSION,
            "peerProtocol": 1,
            "kind": "interactive",
            "entrypoint": "cli" if transcript.typed else "sdk-cli",
            "name": f"{os.path.basename(transcript.cwd)}-{transcript.session[:2]}",
            "nameSource": "derived",
            "status": status,
        }
        if waiting_for is not None:
            record["waitingFor"] = waiting_for
        return record | {"updatedAt": at, "statusUpdatedAt": at}

    # what it does

    def burn(self, seconds: float) -> None:
        if not (self._present and self.lively):
            return
        until = time.process_time() + seconds
        while time.process_time() < until:
            pass

    def run(self, command: str, seconds: float) -> None:
        if not self._present:
            super().run(command, seconds)
            return
        self._child = self._start(command)
        try:
            self.pause(seconds)
        finally:
            self._end_child()

    def _start(self, command: str) -> int:
        """A shell that names the command and waits; it reads the pipe that ends with the fleet."""
        return os.posix_spawn(
            "/bin/sh",
            ["/bin/sh", "-c", f": {command}; cat; :"],
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, self._life, 0)],
            setpgroup=0,
        )

    def _end_child(self) -> None:
        if self._child is None:
            return
        try:
            os.killpg(self._child, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it ended first
        os.waitpid(self._child, 0)
        self._child = None

    def tell(self, topic: str, summary: str, path: str = "", **data: object) -> None:
        if not (self._present and self.lively):
            return
        import socket  # most actors have nothing to say

        message: Record = {
            "agent": f"{self.part['agent']}:{os.getpid()}",
            "topic": topic,
            "summary": summary,
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime()),
            **({"path": path} if path else {}),
            **({"data": data} if data else {}),
        }
        try:
            with socket.socket(socket.AF_UNIX) as bus:
                bus.settimeout(1.0)
                bus.connect(os.environ.get(BUS, ""))
                bus.sendall(compact(message).encode() + b"\n")
        except OSError:
            pass  # nobody listens

    def write(self, path: str, text: str) -> None:
        replace(path, text)

    def leave(self) -> None:
        """Go as a program that was closed, not as one that was killed."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # already going
        if self._transcript is not None and os.path.exists(self._pid_file):
            os.unlink(self._pid_file)
        for lock in self._locks:
            lock.release()


def _birth() -> Record:
    """How Linux tells this process from a later one with its pid; elsewhere nothing."""
    if not sys.platform.startswith("linux"):
        return {}
    with open("/proc/self/stat", encoding="ascii", errors="replace") as file:
        ticks = file.read().rpartition(")")[2].split()[19]
    birth: Record = {"procStart": ticks}
    try:
        with open("/etc/machine-id", encoding="ascii") as file:
            machine = file.read().strip()
        birth["pidDomain"] = f"linux:{machine}:{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        pass  # a container without a machine id
    return birth


def bind_to_director(agent: str) -> None:
    """Take the agent's name and, on Linux, die with the director, even while stopped."""
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGHUP, _leave)
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    with open("/proc/self/comm", "w", encoding="ascii") as file:
        file.write(agent)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise Curtain
