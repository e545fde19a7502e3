"""The lines of a zstd-compressed file, with whatever this machine has to decompress it."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any

from agtop.tail import MAX_LINE, NotAFileError

CHUNK = 1 << 11
"""Compressed bytes at once: few, because a hostile file grows them thirty thousandfold."""
PIECE = 1 << 16
"""Bytes at once from a program that decompresses."""


class NoZstdError(Exception):
    """Nothing here can decompress zstd."""


class DamagedError(Exception):
    """The file ends early or is no zstd; what came before was read."""


class ZstdTail:
    """Stands in for `Tail` over a `.zst`: such a file is only ever replaced whole.

    So it is read once, and from its start again (`restarts` counts up) when it was replaced.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.restarts = 0
        self.oversized = 0
        """Lines longer than MAX_LINE, skipped."""
        self.bytes_read = 0
        """All compressed bytes ever taken from the file."""
        self._seen: tuple[int, ...] | None = None
        self._started = False

    def changed(self, status: os.stat_result | None = None) -> bool:
        """Whether a read could find anything new. Raises OSError."""
        return _identity(status or os.stat(self.path)) != self._seen

    def lines(self) -> Iterator[bytes]:
        """All complete lines if the file is new, none otherwise.

        Raises:
            OSError: the file cannot be read.
            NoZstdError, DamagedError: its content cannot.
        """
        status = os.stat(self.path)
        if not stat.S_ISREG(status.st_mode):
            raise NotAFileError(f"{self.path} is not a regular file")
        if _identity(status) == self._seen:
            return
        self.restarts += self._started
        self._started = True
        self.oversized = 0
        self.bytes_read += status.st_size
        try:
            yield from self._split(decompressed(self.path))
        except (NoZstdError, DamagedError):
            self._seen = _identity(status)  # trying again would fail again
            raise
        self._seen = _identity(status)

    def _split(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        pending: list[bytes] = []
        held = 0
        for chunk in chunks:
            *whole, rest = chunk.split(b"\n")
            for part in whole:
                line = b"".join((*pending, part)).lstrip(b"\0")
                too_long = held + len(part) > MAX_LINE
                pending, held = [], 0
                self.oversized += too_long
                if line and not too_long:
                    yield line
            held += len(rest)
            if rest and held <= MAX_LINE:
                pending.append(rest)


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def decompressed(path: str) -> Iterator[bytes]:
    """The content of a `.zst` in pieces. Raises OSError, NoZstdError or DamagedError."""
    if (decompressor := _decompressor()) is not None:
        return _by_module(path, *decompressor)
    if program := shutil.which("zstd"):
        return _by_program(path, program)
    raise NoZstdError


def _decompressor() -> tuple[Callable[[], Any], type[Exception]] | None:
    """Python 3.14 has its own zstd; before that there may be `zstandard`."""
    try:
        own: Any = import_module("compression.zstd")
    except ImportError:
        pass
    else:
        return own.ZstdDecompressor, own.ZstdError
    try:
        package: Any = import_module("zstandard")
    except ImportError:
        return None
    return lambda: package.ZstdDecompressor().decompressobj(), package.ZstdError


def _by_module(path: str, new: Callable[[], Any], failure: type[Exception]) -> Iterator[bytes]:
    decompressor = new()
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            while chunk:
                if decompressor.eof:
                    decompressor = new()  # a file may hold several frames
                try:
                    yield decompressor.decompress(chunk)
                except failure as error:
                    raise DamagedError(str(error)) from error
                chunk = decompressor.unused_data if decompressor.eof else b""
    if not decompressor.eof:
        raise DamagedError("the last frame is cut off")


def _by_program(path: str, program: str) -> Iterator[bytes]:
    with (
        open(path, "rb") as source,
        subprocess.Popen(
            [program, "-dcq"],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process,
    ):
        assert process.stdout is not None  # it was asked for
        while chunk := process.stdout.read(PIECE):
            yield chunk
    if process.returncode:
        raise DamagedError("zstd gave up on it")
