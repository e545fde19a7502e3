"""A file that grows by one line a sample, or that is exchanged as a whole at each.

The file is opened anew for every sample: whoever moves it away, empties it or removes it finds a
new one begun in its place.
"""

from __future__ import annotations

import csv
import io
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Literal, Protocol

from agtop.errors import AgtopError
from agtop.metrics.columns import NAMES, columns, document
from agtop.metrics.prom import exposition
from agtop.metrics.sample import Sample
from agtop.paths import FILE_MODE, write_atomically

Form = Literal["csv", "jsonl", "prom"]
SHARED_MODE = 0o644
"""The collector that reads the text file is another user's, and finds nothing private in it."""
MOST_HEAD = 1 << 16
"""Bytes in which the first line of a log ends."""


class Page:
    """Samples as text."""

    def __init__(
        self, form: Form, version: str, told: Callable[[str], str], encode: Encode
    ) -> None:
        """
        Args:
            told: what of a name may be shown.
            encode: a document as one line of JSON.
        """
        self.form: Form = form
        self._version = version
        self._told = told
        self._encode = encode

    @property
    def header(self) -> str:
        """What comes before the first sample, once."""
        return _row(NAMES) if self.form == "csv" else ""

    def text(self, sample: Sample) -> str:
        """A line; for Prometheus a whole document."""
        if self.form == "prom":
            return exposition(sample, self._version, self._told)
        if self.form == "jsonl":
            return self._encode(document(sample, self._told)) + "\n"
        return _row(columns(sample).values())


class Encode(Protocol):
    """Writes JSON."""

    def __call__(self, value: dict[str, object], /) -> str: ...


class Log:
    """The file at `path`."""

    def __init__(self, path: Path, page: Page) -> None:
        self._path = path
        self._page = page
        self._checked: tuple[int, int] | None = None
        """(device, inode) of the file whose beginning was looked at."""

    def write(self, sample: Sample) -> None:
        """Add the sample. Raises AgtopError."""
        text = self._page.text(sample)
        try:
            if self._page.form == "prom":
                self._exchange(text)
            else:
                self._append(text)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise AgtopError(f"--log {self._path} cannot be written ({reason})") from None

    def _exchange(self, text: str) -> None:
        path = Path(os.path.realpath(self._path))
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                raise self._is_no_file()
            with path.open("rb") as file:
                is_other = file.read(len(_OURS)) not in (b"", _OURS)
        except FileNotFoundError:
            os.stat(path.parent)  # a folder is not made: its name may be a slip
            is_other = False
        if is_other:
            raise AgtopError(
                f"--log {self._path} holds something else, which would be lost; name another file"
            )
        write_atomically(path, text.encode(errors="replace"), SHARED_MODE)

    def _append(self, text: str) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK
        descriptor = os.open(self._path, flags, FILE_MODE)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise self._is_no_file()
            _add(descriptor, self._margin(descriptor, status) + text)
        finally:
            os.close(descriptor)

    def _is_no_file(self) -> AgtopError:
        return AgtopError(f"--log {self._path} is no regular file; name one, or leave --log out")

    def _margin(self, descriptor: int, status: os.stat_result) -> str:
        """What has to stand between what the file holds and the next line."""
        if not status.st_size:
            return self._page.header
        identity = (status.st_dev, status.st_ino)
        if identity != self._checked:
            self._check(os.pread(descriptor, MOST_HEAD, 0))
            self._checked = identity
        # A line that was cut off, by a crash or a full disk, must not swallow the next one.
        return "" if os.pread(descriptor, 1, status.st_size - 1) == b"\n" else "\n"

    def _check(self, head: bytes) -> None:
        """Raises AgtopError for a log whose columns are others."""
        first = head.split(b"\n", 1)[0].decode(errors="replace").rstrip("\r")
        if self._page.form == "csv":
            is_ours = first == self._page.header.rstrip("\n")
        else:
            is_ours = _keys(first)[: len(NAMES)] == NAMES
        if not is_ours:
            raise AgtopError(
                f"--log {self._path} has other columns than these; name another file, or move it"
            )


_OURS = b"# HELP agtop_"


def _add(descriptor: int, text: str) -> None:
    """All of it or nothing: half a line would be taken for another sample."""
    data, written = text.encode(errors="replace"), 0
    try:
        while written < len(data):
            written += os.write(descriptor, data[written:])
    except OSError:
        if written:
            os.ftruncate(descriptor, max(0, os.fstat(descriptor).st_size - written))
        raise


def _keys(text: str) -> tuple[str, ...]:
    try:
        found = json.loads(text)
    except ValueError:
        return ()
    return tuple(found) if isinstance(found, dict) else ()  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _row(values: object) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerow(values)  # pyright: ignore[reportArgumentType]
    return stream.getvalue()
