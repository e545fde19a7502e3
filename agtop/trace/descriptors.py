"""What a process's stdout or stderr is, and whether it can be tailed: only a regular file can."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from agtop.errors import AgtopError
from agtop.model import Record

Stream = Literal["stdout", "stderr"]
_NUMBERS: dict[Stream, int] = {"stdout": 1, "stderr": 2}
_DELETED = " (deleted)"
_PATIENCE = 5
"""Seconds that lsof gets."""
_SORTS: dict[str, str] = {
    "CHR": "is on a terminal; live tail not supported",
    "PIPE": "is a pipe; live tail not supported",
    "FIFO": "is a pipe; live tail not supported",
    "IPV4": "is a socket; live tail not supported",
    "IPV6": "is a socket; live tail not supported",
    "UNIX": "is a socket; live tail not supported",
}


class CannotTailError(AgtopError):
    """Why the output of a process cannot be followed."""


class Output(Record):
    """A regular file that a process writes its output to."""

    pid: int
    stream: Stream
    path: str
    """As a person knows it."""
    opened: str
    """What to open: on Linux the descriptor itself, which follows the file wherever it goes."""


def resolve(
    pid: int,
    stream: Stream,
    platform: str = sys.platform,
    proc: Path = Path("/proc"),
    lsof: Callable[[int, int], subprocess.CompletedProcess[str]] | None = None,
) -> Output:
    """The file behind a process's output. Raises CannotTailError with the reason."""
    if pid <= 0:
        raise CannotTailError(f"invalid pid {pid} (must be positive)")
    if platform.startswith("linux"):
        return _by_proc(pid, stream, proc)
    if platform == "darwin":
        return _by_lsof(pid, stream, lsof or _lsof)
    if platform in ("win32", "cygwin"):
        raise CannotTailError("Windows is not supported")
    raise CannotTailError(f"platform '{platform}' is not supported")


# ---- Linux


def _by_proc(pid: int, stream: Stream, proc: Path) -> Output:
    link = proc / str(pid) / "fd" / str(_NUMBERS[stream])
    try:
        target = os.readlink(link)
    except FileNotFoundError:
        if not link.parent.parent.exists():
            raise CannotTailError(f"no such pid {pid}") from None
        raise CannotTailError(f"pid {pid} has no {stream} (it was closed)") from None
    except OSError as error:
        raise CannotTailError(_uninspected(pid, error)) from None
    if reason := _unfollowed(target):
        raise CannotTailError(f"{stream} {reason}")
    _check_regular(str(link), target, stream)
    return Output(pid, stream, target, str(link))


def _uninspected(pid: int, error: OSError) -> str:
    if error.errno in (errno.ESRCH, errno.ENOENT):
        return f"no such pid {pid}"
    denied = error.errno in (errno.EACCES, errno.EPERM)
    return f"cannot inspect pid {pid}{' (permission denied)' if denied else f': {error.strerror}'}"


def _unfollowed(target: str) -> str | None:
    """Why nothing can be read from a descriptor that is this."""
    if target.startswith("socket:["):
        return "is a socket; live tail not supported"
    if target.startswith("pipe:["):
        return "is a pipe; live tail not supported"
    if target.startswith("anon_inode:"):
        return f"is {target}; live tail not supported"
    if target.startswith(("/dev/pts/", "/dev/tty")) or target == "/dev/console":
        return "is on a terminal; live tail not supported"
    if target.removesuffix(_DELETED) == "/dev/null":
        return "is /dev/null; nothing to tail"
    if not target.startswith("/"):
        return f"target '{target}' is not a filesystem path"
    return None


def _check_regular(opened: str, path: str, stream: Stream) -> None:
    try:
        mode = os.stat(opened).st_mode
    except FileNotFoundError:
        gone = path.removesuffix(_DELETED)
        raise CannotTailError(f"{stream} target {gone} no longer exists") from None
    except PermissionError:
        denied = "is not readable (permission denied)"
        raise CannotTailError(f"{stream} target {path} {denied}") from None
    except OSError as error:
        unreachable = f"is unreachable: {error.strerror}"
        raise CannotTailError(f"{stream} target {path} {unreachable}") from None
    if not stat.S_ISREG(mode):
        raise CannotTailError(f"{stream} is not a regular file (got {stat.filemode(mode)})")


# ---- macOS


def _lsof(pid: int, number: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["lsof", "-a", "-p", str(pid), "-d", str(number), "-F", "ftn"],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_PATIENCE,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def _by_lsof(
    pid: int, stream: Stream, lsof: Callable[[int, int], subprocess.CompletedProcess[str]]
) -> Output:
    number = _NUMBERS[stream]
    try:
        told = lsof(pid, number)
    except FileNotFoundError:
        raise CannotTailError(f"lsof not found; cannot resolve {stream} on this host") from None
    except subprocess.TimeoutExpired:
        raise CannotTailError(f"lsof timed out resolving pid {pid}") from None
    fields = _descriptor(told.stdout, number)
    if not told.stdout.strip():
        said = " ".join(told.stderr.split()) or "nothing is known of it"
        raise CannotTailError(f"no such pid {pid} (lsof: {said})")
    if fields is None:
        raise CannotTailError(f"pid {pid} has no fd {number} ({stream} was closed)")
    sort, path = fields.get("t"), fields.get("n", "")
    if not sort:
        raise CannotTailError(f"lsof returned no type for {stream}")
    if path == "/dev/null":
        raise CannotTailError(f"{stream} is /dev/null; nothing to tail")
    if sort != "REG":
        reason = _SORTS.get(sort.strip().upper(), f"fd type {sort} is not a regular file")
        raise CannotTailError(f"{stream} {reason}")
    _check_regular(path, path, stream)
    return Output(pid, stream, path, path)


def _descriptor(told: str, number: int) -> dict[str, str] | None:
    """The fields of one descriptor among lsof's lines; None where it is not there."""
    found: dict[str, str] | None = None
    for row in told.splitlines():
        if row.startswith("f"):
            if found is not None:
                break
            found = {} if row[1:].rstrip("urw -") == str(number) else None
        elif found is not None and row:
            found[row[0]] = row[1:]
    return found
