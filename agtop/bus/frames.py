"""A stream of bytes cut into frames, however it arrives."""

from __future__ import annotations

from agtop.bus.message import MOST_BYTES
from agtop.errors import BusError

MOST_WAITING = 4 * MOST_BYTES
"""Bytes without a newline after which a client speaks something else."""


class Frames:
    """The lines of one connection; half of one waits for the rest."""

    def __init__(self) -> None:
        self.oversize = 0
        """Frames left out because they were too long."""
        self._half = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Take in what came, and give the frames that it made whole.

        Raises:
            BusError: the line is so long that it never was one.
        """
        *lines, self._half = (self._half + data).split(b"\n")
        if len(self._half) >= MOST_WAITING or any(len(line) >= MOST_WAITING for line in lines):
            self._half = b""
            raise BusError(f"{MOST_WAITING:,} bytes without a newline came over the bus")
        whole = [line for line in lines if line.strip()]
        kept = [line for line in whole if len(line) <= MOST_BYTES]
        self.oversize += len(whole) - len(kept)
        return kept
