"""Where the bus lives, and that nobody else can reach it."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from agtop import paths
from agtop.errors import BusError

NAME = "agents-bus.sock"
ELSEWHERE = "AGTOP_BUS"
"""The variable that names another socket."""
LONGEST = 107 if sys.platform == "linux" else 103
"""Bytes of a socket's path that the system takes."""

Identity = tuple[int, int, int]


def socket_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Where agents meet: the same place for every program of this user."""
    named = environ.get(ELSEWHERE)
    return Path(named).expanduser() if named else paths.config_dir() / NAME


def sidecar(path: Path) -> Path:
    """The host's pid, for old clients; agtop itself never trusts it."""
    return path.with_name(f"{path.name}.pid")


def lock(path: Path) -> Path:
    """The file whose lock makes its holder the host."""
    return path.with_name(f"{path.name}.lock")


def check(path: Path) -> Path:
    """`path`, when a socket can be there.

    Raises:
        BusError: it is too long or not absolute, or the system has no such sockets.
    """
    if sys.platform == "win32":
        raise BusError("the bus needs Unix sockets, which this system does not have")
    length = len(os.fsencode(path))
    if length > LONGEST:
        raise BusError(
            f"the bus's path {path} is {length} bytes and a socket takes {LONGEST}; "
            f"set {ELSEWHERE} to a shorter one"
        )
    if not path.is_absolute():
        raise BusError(f"the bus's path {path} is not absolute; correct {ELSEWHERE}")
    return path


def prepare(path: Path) -> None:
    """Make the socket's directory, for its owner alone.

    Raises:
        BusError: it cannot be made, or others can write there.
    """
    where = path.parent
    try:
        where.mkdir(parents=True, exist_ok=True, mode=paths.DIRECTORY_MODE)
        found = where.stat()
        if found.st_uid != os.geteuid():
            raise BusError(f"{where} belongs to somebody else; set {ELSEWHERE} to a place of yours")
        if where == paths.config_dir() and found.st_mode & 0o077:
            where.chmod(paths.DIRECTORY_MODE)
        elif found.st_mode & 0o022:
            raise BusError(f"others can write into {where}; chmod it to 700 for the bus")
    except OSError as error:
        raise BusError(
            f"the bus cannot be opened in {where} ({reason(error)}); set {ELSEWHERE} to a "
            "socket in a directory of yours"
        ) from None


def identity(path: Path) -> Identity | None:
    """Which socket stands at `path`: an inode alone is soon used again. None when there is none."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino, found.st_mtime_ns)


def remove_stale(path: Path) -> None:
    """Take away what a dead host left.

    Raises:
        BusError: something else stands there.
        OSError: it cannot be taken away.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and not stat.S_ISSOCK(mode):
        raise BusError(f"{path} is not a socket; move it away, the bus goes there")
    path.unlink(missing_ok=True)
    sidecar(path).unlink(missing_ok=True)


def reason(error: OSError) -> str:
    """Why the system refused, in its own words."""
    return (error.strerror or str(error)).lower()
