"""Who becomes the broker's host: one at a time asks, and only where nobody answers."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from types import TracebackType

from agtop.bus import paths
from agtop.bus.wire import Gone, Silent, Wire
from agtop.errors import BusError
from agtop.paths import FILE_MODE, write_atomically

BACKLOG = 512


class Ballot:
    """The lock on who hosts: the system opens it when its holder dies.

    Raises:
        BusError: the lock's file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.held = False
        """Nobody else is electing."""
        self._path = paths.lock(path)
        self._descriptor = -1

    def __enter__(self) -> Ballot:
        import fcntl

        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        try:
            self._descriptor = os.open(self._path, flags, FILE_MODE)
        except OSError as error:
            raise _unopened(self._path.parent, error) from None
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return self
        self.held = self._is_the_file()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        place: TracebackType | None,
    ) -> None:
        import fcntl

        if self.held:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)  # also for copies in forked children
        os.close(self._descriptor)

    def _is_the_file(self) -> bool:
        """A lock on a file that was taken away locks nobody out."""
        try:
            found = self._path.lstat()
        except OSError:
            return False
        return os.path.samestat(found, os.fstat(self._descriptor))


def elect(path: Path) -> socket.socket | None:
    """The listening socket at `path`; None when another hosts, or is about to.

    Raises:
        BusError: nobody hosts, and this process cannot.
    """
    paths.prepare(paths.check(path))
    with Ballot(path) as ballot:
        if not ballot.held or is_hosted(path):
            return None
        return _open(path)


def is_hosted(path: Path) -> bool:
    """Somebody answers a hello: a socket's file, a pid or an open port prove nothing."""
    try:
        Wire(path, {"hello": "probe"}).close()
    except (Gone, Silent):
        return False
    return True


def _open(path: Path) -> socket.socket | None:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        paths.remove_stale(path)
        if sys.platform == "linux":
            os.fchmod(listener.fileno(), FILE_MODE)  # so that it is never open to others
        listener.bind(str(path))
    except OSError as error:
        listener.close()
        raise _unopened(path.parent, error) from None
    except BusError:
        listener.close()
        raise
    try:
        path.chmod(FILE_MODE)
        listener.listen(BACKLOG)
        write_atomically(paths.sidecar(path), f"{os.getpid()}\n".encode("ascii"))
    except OSError as error:
        listener.close()
        path.unlink(missing_ok=True)
        raise _unopened(path.parent, error) from None
    return listener


def _unopened(where: Path, error: OSError) -> BusError:
    return BusError(
        f"the bus cannot be opened in {where} ({paths.reason(error)}); set {paths.ELSEWHERE} "
        "to a socket in a directory of yours"
    )
