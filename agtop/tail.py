"""The lines a growing file has gained since the last read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from io import FileIO

CHUNK = 1 << 20
"""Bytes read at once: what is read and searched again and again stays in the processor's cache."""
MAX_LINE = 256 << 20
"""Longer lines are skipped and counted: no agent writes one, and memory has an end."""
FINGERPRINT = 64
"""Bytes before the offset that are compared before reading on: a file rewritten in place keeps
its inode and may keep its size."""


class NotAFileError(OSError):
    """A FIFO, device, socket or directory stands where a transcript should."""


class Tail:
    """Whole lines appended to a file since the last read.

    Lines end at byte 0x0A only (JSON strings may hold U+2028 or U+0085). A half-written last line
    waits for its newline. A file that shrank, was replaced (its inode changed) or was rewritten is
    read from the start again, and `restarts` counts up.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.offset = 0
        """Bytes consumed: the end of the last complete line."""
        self.restarts = 0
        self.bytes_read = 0
        """All bytes ever taken from the file."""
        self.oversized = 0
        """Lines longer than MAX_LINE, skipped."""
        self.size = 0
        self.mtime_ns = 0
        self._id: tuple[int, int] | None = None
        self._before = b""
        self._dropping = False

    def changed(self, status: os.stat_result | None = None) -> bool:
        """Whether a read could find anything new. Raises OSError."""
        status = status or os.stat(self.path)
        return (status.st_dev, status.st_ino) != self._id or (
            status.st_size,
            status.st_mtime_ns,
        ) != (self.size, self.mtime_ns)

    def begin_near_end(self, count: int) -> None:
        """Pass over all but the whole lines among the last `count` bytes. Raises OSError."""
        with open(self.path, "rb", buffering=0, opener=_without_waiting) as file:
            size = os.fstat(file.fileno()).st_size
            if size <= count:
                return
            self.offset = file.seek(size - count - 1)
            while piece := file.read(CHUNK):
                if end := piece.find(b"\n") + 1:
                    self.offset += end
                    return
                self.offset += len(piece)

    def pass_over(self, most: int) -> int:
        """Leave out all but about the last `most` bytes; how many that were. Raises OSError."""
        before = self.offset
        if os.stat(self.path).st_size - before > most:
            self.begin_near_end(most)
            self._before, self._dropping = b"", False
        return self.offset - before

    def lines(self) -> Iterator[bytes]:
        """The new complete lines, without their newline or leading NUL bytes.

        Raises:
            OSError: the file cannot be read; the offset is kept.
        """
        for _, chunk in self.chunks():
            for line in chunk.split(b"\n"):
                if line := line.lstrip(b"\0"):
                    yield line

    def chunks(self) -> Iterator[tuple[int, bytes]]:
        """The new complete lines, some hundred kilobytes at a time: (offset, lines).

        Raises:
            OSError: the file cannot be read; the offset is kept.
        """
        for start, window, end in self.windows():
            yield start, bytes(memoryview(window)[:end])

    def windows(self) -> Iterator[tuple[int, bytearray, int]]:
        """The same without a copy: (offset, buffer, end of the lines in it).

        The buffer holds the next lines as soon as the next window is asked for.
        """
        with FileIO(self.path, opener=_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise NotAFileError(f"{self.path} is not a regular file")
            self._restart_if_replaced(file, status)
            self.size, self.mtime_ns = status.st_size, status.st_mtime_ns
            buffer = _BUFFERS.pop() if _BUFFERS else bytearray()
            if len(buffer) != CHUNK:
                buffer = bytearray(CHUNK)
            try:
                yield from self._read(file, buffer)
            finally:
                _BUFFERS.append(buffer)

    def _restart_if_replaced(self, file: FileIO, status: os.stat_result) -> None:
        identity = (status.st_dev, status.st_ino)
        known = self._id is not None
        same = identity == self._id and status.st_size >= self.offset and self._intact(file)
        self._id = identity
        if known and not same:
            self.offset, self._before, self._dropping = 0, b"", False
            self.restarts += 1

    def _intact(self, file: FileIO) -> bool:
        file.seek(self.offset - len(self._before))
        return file.read(len(self._before)) == self._before

    def _read(self, file: FileIO, buffer: bytearray) -> Iterator[tuple[int, bytearray, int]]:
        file.seek(self.offset)
        window, held = memoryview(buffer), 0
        while count := file.readinto(window[held:]):
            self.bytes_read += count
            filled = held + count
            end = buffer.rfind(b"\n", held, filled) + 1
            if not end:
                held = filled
                if self._dropping or held > MAX_LINE:
                    self._drop(held)
                    held = 0
                elif held == len(buffer):  # a long line: a larger buffer, for this file only
                    buffer = buffer + bytes(len(buffer))
                    window = memoryview(buffer)
                continue
            if self._dropping:
                self._dropping = False
                self.oversized += 1
                cut = buffer.index(b"\n") + 1
                self.offset += cut
                window[: filled - cut] = window[cut:filled]
                end, filled = end - cut, filled - cut
            if end:
                yield self.offset, buffer, end
            self.offset += end
            self._before = bytes(window[max(0, end - FINGERPRINT) : end])
            held = filled - end
            window[:held] = window[end:filled]

    def _drop(self, count: int) -> None:
        """Pass over a part of a line that is too long to hold."""
        self._dropping = True
        self.offset += count
        self._before = b""


_BUFFERS: list[bytearray] = []
"""Those that no file is read into."""


def contents(path: str, limit: int) -> bytes:
    """The first `limit` bytes of a small file; no FIFO or device is waited for. Raises OSError."""
    with open(path, "rb", buffering=0, opener=_without_waiting) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise NotAFileError(f"{path} is not a regular file")
        return file.read(limit)


def _without_waiting(path: str, flags: int) -> int:
    """Opening a FIFO must not wait for a writer."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
