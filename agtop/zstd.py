"""The lines of a zstd-compressed file, with whatever this machine has to decompress it."""

from __future__ import annotations

import io
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from agtop.tail import MAX_LINE, NotAFileError


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
        self.size = 0
        self.mtime_ns = 0
        self._id: tuple[int, int] | None = None

    def changed(self) -> bool:
        """Whether a read could find anything new. Raises OSError."""
        return self._differs(os.stat(self.path))

    def lines(self) -> Iterator[bytes]:
        """All lines if the file is new, none otherwise.

        Raises:
            OSError: the file cannot be read.
            NoZstdError, DamagedError: its content cannot.
        """
        status = os.stat(self.path)
        if not stat.S_ISREG(status.st_mode):
            raise NotAFileError(f"{self.path} is not a regular file")
        if not self._differs(status):
            return
        self.restarts += self._id is not None
        self._id = (status.st_dev, status.st_ino)
        self.size, self.mtime_ns = status.st_size, status.st_mtime_ns
        self.oversized = 0
        for line in decompressed(self.path):
            if len(line) > MAX_LINE:
                self.oversized += 1
            elif line.endswith(b"\n") and (content := line[:-1].lstrip(b"\0")):
                yield content

    def _differs(self, status: os.stat_result) -> bool:
        return (status.st_dev, status.st_ino) != self._id or (
            status.st_size,
            status.st_mtime_ns,
        ) != (self.size, self.mtime_ns)


def decompressed(path: str) -> Iterator[bytes]:
    """The lines of a `.zst`, newlines kept. Raises OSError, NoZstdError or DamagedError."""
    module = _module()
    if module is not None:
        return _by_module(module, path)
    if program := shutil.which("zstd"):
        return _by_program(program, path)
    raise NoZstdError


def _module() -> Any:
    """Python 3.14 has its own zstd; before that there may be `zstandard`."""
    for name in ("compression.zstd", "zstandard"):
        try:
            return import_module(name)
        except ImportError:
            continue
    return None


def _by_module(module: Any, path: str) -> Iterator[bytes]:
    try:
        with module.open(path, "rb") as file:
            yield from io.BufferedReader(file, 1 << 20)
    except (module.ZstdError, EOFError) as error:
        raise DamagedError(str(error)) from error


def _by_program(program: str, path: str) -> Iterator[bytes]:
    with (
        open(path, "rb") as source,
        subprocess.Popen(
            [program, "-dcq"],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process,
    ):
        if process.stdout is not None:
            yield from process.stdout
    if process.returncode:
        raise DamagedError("zstd stopped early")
