"""Tails the file a process writes its output to."""

from __future__ import annotations

import codecs
import errno
import os
from collections.abc import Callable
from pathlib import Path

from agtop.trace.descriptors import CannotTailError, Output

PIECE = 1 << 16
"""Bytes read at once."""
MOST = 1 << 20
"""Bytes read in one round, so that a flood keeps nobody waiting."""


class OutputTail:
    """What is written from now on. It follows the file through renames and deletion."""

    def __init__(self, output: Output, is_alive: Callable[[], bool]) -> None:
        """Raises CannotTailError."""
        self.output = output
        self.has_ended = False
        """The process is gone and everything it wrote was read."""
        self.truncations = 0
        self._is_alive = is_alive
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        try:
            self._file = os.open(output.opened, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            reason = _reason(error, output)
            raise CannotTailError(reason) from None
        try:
            self._offset = os.lseek(self._file, 0, os.SEEK_END)
        except OSError as error:
            os.close(self._file)
            reason = f"cannot seek to the end of {output.path}: {error.strerror}"
            raise CannotTailError(reason) from None

    def read(self) -> str:
        """What was written since; raises OSError."""
        # Asked first: what is written between a last read and the end would be lost otherwise.
        was_alive = self._is_alive()
        self._notice_truncation()
        pieces: list[bytes] = []
        taken = 0
        while taken < MOST and (piece := os.pread(self._file, PIECE, self._offset)):
            pieces.append(piece)
            self._offset += len(piece)
            taken += len(piece)
        self.has_ended = not was_alive and taken < MOST
        return self._decoder.decode(b"".join(pieces), final=self.has_ended)

    def close(self) -> None:
        os.close(self._file)

    def _notice_truncation(self) -> None:
        if os.fstat(self._file).st_size < self._offset:
            self._offset = 0
            self.truncations += 1
            self._decoder.reset()


def _reason(error: OSError, output: Output) -> str:
    if error.errno == errno.ENOENT:
        return f"{output.stream} target {output.path} no longer exists"
    if error.errno == errno.EACCES:
        return f"{output.stream} target {output.path} is not readable (permission denied)"
    return f"cannot open {output.path}: {error.strerror}"


def liveness(pid: int, proc: Path = Path("/proc")) -> Callable[[], bool]:
    """Tells whether the process that has this pid now is still there; a zombie is not."""
    if not (proc / "self").exists():
        return lambda: _exists(pid)
    born = _born(pid, proc)
    return lambda: born is not None and _born(pid, proc) == born


def _born(pid: int, proc: Path) -> str | None:
    """The start time in ticks; None of a process that ended."""
    try:
        fields = (proc / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if len(fields) < 20 or fields[0] in "ZXx" else fields[19]


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True
