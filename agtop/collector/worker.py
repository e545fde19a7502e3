"""A second process for a long history, so that two read at once what was never read before.

The jobs lie in a pipe from which both processes take the next one when they are done with the
last: no locks, and neither waits for the other. What the worker reads comes back as bytes of the
same kind as the index keeps. Whatever it does not bring back (an error, its death) is read here.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, NoReturn

import msgspec

from agtop.agents.base import Scanned
from agtop.block import Block
from agtop.model import Reading

MOST_JOBS = 16_000
"""What fits into a pipe before anybody reads it."""
_SIZE = 4
"""Bytes of a job's number, and of the length of a result."""
_PIPE = 1 << 20
"""Bytes of results that may wait: as much as a user may ask for."""
_READ_AT_ONCE = 1 << 18
_AHEAD = 16
"""Jobs after the one in hand that are fetched from the disk meanwhile."""
_SET_PIPE_SIZE = 1031  # fcntl.F_SETPIPE_SZ, which Python 3.11 has on Linux only


class Job(NamedTuple):
    """One transcript to be read from its start to its end."""

    agent: str
    path: str
    sparsely: bool


Scan = Callable[[str, bool], Scanned]


class _Result(msgspec.Struct, array_like=True):
    job: int
    readings: tuple[Reading, ...] | None
    """None where it could not be read."""
    block: bytes = b""
    bytes_read: int = 0


_RESULTS = msgspec.msgpack.Decoder(_Result)


def may_fork() -> bool:
    """Whether a copy of this process can safely work beside it: on Linux, before any thread."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return False
    return len(os.sched_getaffinity(0)) > 1


class Worker:
    """The jobs, the process that shares them, and what it has brought back."""

    def __init__(self, jobs: Sequence[Job], scans: Mapping[str, Scan]) -> None:
        """
        Args:
            jobs: the most urgent first.
            scans: agent → how its transcripts are read.
        """
        self.jobs = jobs[:MOST_JOBS]
        self._open = set(range(len(self.jobs)))
        """Numbers of those that neither process is done with."""
        self._received = bytearray()
        self._queue, end = os.pipe()
        os.write(end, b"".join(n.to_bytes(_SIZE, "little") for n in range(len(self.jobs))))
        os.close(end)
        self._results, end = os.pipe()
        _widen(end)
        self._pid: int | None = os.fork()
        if self._pid == 0:
            os.close(self._results)
            _work(self.jobs, scans, self._queue, end)
        os.close(end)
        os.set_blocking(self._results, False)

    def next(self) -> Job | None:
        """The next job for this process; None when there is none to be taken."""
        taken = os.read(self._queue, _SIZE)
        if not taken:
            return None
        number = int.from_bytes(taken, "little")
        self._open.discard(number)
        _announce(self.jobs, number + _AHEAD)
        return self.jobs[number]

    def results(self, patience: float | None = 0.0) -> Iterator[tuple[Job, Scanned]]:
        """What the worker has read since the last call, waiting for it up to `patience` seconds."""
        if self._pid is None:
            return
        if patience != 0.0:
            select.select([self._results], [], [], patience)
        try:
            while data := os.read(self._results, _READ_AT_ONCE):
                self._received += data
                yield from self._parsed()
        except BlockingIOError:
            return
        self.close()

    def left(self) -> list[Job]:
        """What nobody has read, once the worker has ended."""
        return [self.jobs[number] for number in sorted(self._open)] if self._pid is None else []

    @property
    def is_at_work(self) -> bool:
        return self._pid is not None

    def close(self) -> None:
        """End the worker, whatever it is doing."""
        pid, self._pid = self._pid, None
        if pid is None:
            return
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(self._queue)
        os.close(self._results)

    def _parsed(self) -> Iterator[tuple[Job, Scanned]]:
        data, begin = self._received, 0
        while len(data) - begin >= _SIZE:
            end = begin + _SIZE + int.from_bytes(data[begin : begin + _SIZE], "little")
            if end > len(data):
                break
            result = _RESULTS.decode(data[begin + _SIZE : end])
            begin = end
            if result.readings is not None:
                self._open.discard(result.job)
                block = Block.unpacked(result.block)
                yield self.jobs[result.job], Scanned(result.readings, block, result.bytes_read)
        self._received = data[begin:]


def _work(jobs: Sequence[Job], scans: Mapping[str, Scan], queue: int, results: int) -> NoReturn:
    """Read until no job is left, or nobody wants the results any more."""
    try:
        while taken := os.read(queue, _SIZE):
            number = int.from_bytes(taken, "little")
            _announce(jobs, number + _AHEAD)
            data = msgspec.msgpack.encode(_done(number, jobs[number], scans))
            waiting = memoryview(len(data).to_bytes(_SIZE, "little") + data)
            while waiting:
                waiting = waiting[os.write(results, waiting) :]
    finally:
        os._exit(0)  # nothing of the copied process may run on: no exits, no buffers


def _announce(jobs: Sequence[Job], number: int) -> None:
    """Have the system fetch from the disk what is soon to be read."""
    if number >= len(jobs):
        return
    try:
        file = os.open(jobs[number].path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return  # whoever reads it will tell
    try:
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_WILLNEED)
    except OSError:
        pass  # a file system without a cache
    finally:
        os.close(file)


def _done(number: int, job: Job, scans: Mapping[str, Scan]) -> _Result:
    try:
        scanned = scans[job.agent](job.path, job.sparsely)
    except Exception:  # whatever it is: the first process reads it again, and tells
        return _Result(number, None)
    return _Result(number, scanned.readings, scanned.block.packed(), scanned.bytes_read)


def _widen(pipe: int) -> None:
    """Let a worker get ahead of the process that takes what it reads."""
    import fcntl

    try:
        fcntl.fcntl(pipe, _SET_PIPE_SIZE, _PIPE)
    except OSError:
        pass  # the user has too many wide pipes already
