"""The lock under which one at a time may become the broker's host."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from agtop.bus import paths
from agtop.errors import BusError
from agtop.paths import FILE_MODE


class Ballot:
    """The lock on who hosts: the system opens it when its holder dies.

    Raises:
        BusError: the lock's file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.held = False
        """Nobody else is electing."""
        self._path = paths.lock(path)
        self.descriptor = -1

    def __enter__(self) -> Ballot:
        import fcntl

        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        try:
            self.descriptor = os.open(self._path, flags, FILE_MODE)
        except OSError as error:
            raise unopened(self._path.parent, error) from None
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
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
            fcntl.flock(self.descriptor, fcntl.LOCK_UN)  # also for copies in forked children
        os.close(self.descriptor)

    def _is_the_file(self) -> bool:
        """A lock on a file that was taken away locks nobody out."""
        try:
            found = self._path.lstat()
        except OSError:
            return False
        return os.path.samestat(found, os.fstat(self.descriptor))


def is_electing(path: Path) -> bool:
    """Somebody holds the lock: it is about to host, or hangs."""
    import fcntl

    try:
        descriptor = os.open(paths.lock(path), os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return False  # nobody ever did, or nobody may
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def unopened(where: Path, error: OSError) -> BusError:
    """What is said where a file of the bus cannot be made."""
    return BusError(
        f"the bus cannot be opened in {where} ({paths.reason(error)}); set {paths.ELSEWHERE} "
        "to a socket in a directory of yours"
    )
