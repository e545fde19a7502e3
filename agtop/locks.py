"""A lock between programs: one agtop at a time changes a file of its own."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from agtop.errors import AgtopError
from agtop.paths import DIRECTORY_MODE, FILE_MODE

TRIES = 30
PAUSE = 0.1


@contextmanager
def locked(path: Path, wait: Callable[[float], object] = time.sleep) -> Generator[None]:
    """Hold the lock file `path`; it stays behind, empty, and ends with its holder.

    Raises:
        AgtopError: another program holds it and does not let go.
        OSError: it cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=DIRECTORY_MODE)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        for _ in range(TRIES):
            if _take(descriptor):
                break
            wait(PAUSE)
        else:
            raise AgtopError(f"{path} is held by another agtop; end it or try again")
        yield
    finally:
        os.close(descriptor)  # which lets go of it


if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
