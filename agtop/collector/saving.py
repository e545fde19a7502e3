"""Saves in a second process, while this one shows what it has read."""

from __future__ import annotations

import os
from collections.abc import Callable


class Saving:
    """A copy of this process that saves and ends. Only where forking is safe."""

    def __init__(self, save: Callable[[], None]) -> None:
        """Raises OSError where there is no process to be had."""
        self._pid = os.fork()
        if self._pid == 0:
            _save(save)

    def is_done(self) -> bool:
        """Wait for it; False where it failed or was ended."""
        _, status = os.waitpid(self._pid, 0)
        return status == 0


def _save(save: Callable[[], None]) -> None:
    status = 1
    try:
        save()
        status = 0
    finally:
        os._exit(status)  # nothing of the copied process may run on: no exits, no buffers
