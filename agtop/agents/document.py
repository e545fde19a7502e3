"""JSON documents that an agent writes anew as a whole whenever something happens."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import Generic, TypeVar

import msgspec

from agtop.agents.decode import Decoder
from agtop.agents.facts import Facts
from agtop.agents.lines import STANDS_HERE
from agtop.model import Claim, Reading, Response
from agtop.tail import contents

DAMAGED = "its file is no readable session document; its agent writes it anew when it goes on"

LIMIT = 64 << 20
"""Bytes of a document that are read: decoding one holds up everything else."""
TOO_LONG = f"its file is longer than the {LIMIT >> 20} MB that are read; begin a new session"

Record = TypeVar("Record", bound=msgspec.Struct)


class Document(Generic[Record]):
    """One such file, decoded again only after it changed.

    While it is being written it may be empty or torn: then what it said before still holds.
    """

    def __init__(self, path: str, record: type[Record]) -> None:
        self.path = path
        self.value: Record | None = None
        """What it said when it last could be read."""
        self.bytes_read = 0
        self.wrong: str | None = None
        """Why what stands there now cannot be read, as a sentence."""
        self._decoder = Decoder(record)
        self._stamp: tuple[int, int, int, int] | None = None

    @property
    def written_at(self) -> float | None:
        """When what was read last was written, by the file's time."""
        return self._stamp[3] / 1e9 if self._stamp is not None else None

    def changed(self, status: os.stat_result | None = None) -> bool:
        """Whether `read` could find anything new. Raises OSError."""
        return _stamp(status or os.stat(self.path)) != self._stamp

    def read(self) -> bool:
        """Read it if it changed; whether `value` is another now. Raises OSError."""
        stamp = _stamp(os.stat(self.path))
        if stamp == self._stamp:
            return False
        data = contents(self.path, LIMIT + 1)
        self.bytes_read += len(data)
        self._stamp = stamp
        is_too_long = len(data) > LIMIT
        value = None if is_too_long else self._decoder.decode(data)
        self.wrong = TOO_LONG if is_too_long else DAMAGED if value is None else None
        if value is None:
            return False
        self.value = value
        return True

    def look(self) -> bool:
        """`read`, of a file that need not exist: nothing new where it cannot be read."""
        try:
            return self.read()
        except OSError:
            return False


def _stamp(status: os.stat_result) -> tuple[int, int, int, int]:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


class DocumentMeter(ABC, Generic[Record]):
    """Reads a transcript of one session that is one document. An agent says what it means."""

    def __init__(self, path: str, record: type[Record]) -> None:
        self.path = path
        self.restarts = 0
        self._document = Document(path, record)
        self._claims: list[Claim] = []
        self._readings: tuple[Reading, ...] = ()

    @property
    def bytes_read(self) -> int:
        return self._document.bytes_read

    def changed(self, status: os.stat_result | None = None) -> bool:
        return self._document.changed(status)

    def claims(self) -> list[Claim]:
        taken, self._claims = self._claims, []
        return taken

    def read(self) -> tuple[Reading, ...]:
        """Take the document in again if it changed. Raises OSError."""
        document, before = self._document, self._document.wrong
        if document.read() or document.wrong != before or not self._readings:
            facts = Facts(os.path.basename(self.path).removesuffix(".json"))
            if document.value is not None:
                self._take(facts, document.value)
            if document.wrong is not None:
                facts.skipped += document.wrong == DAMAGED
                facts.problems = (document.wrong,)
            self._readings = (facts.freeze(self.path),)
        return self._readings

    @abstractmethod
    def _take(self, facts: Facts, record: Record) -> None:
        """Tell `facts` all that the document says."""

    def _claim(self, facts: Facts, response: Response) -> None:
        """A response was made by this session."""
        facts.metered = True
        born_at = float("inf") if facts.started_at is None else facts.started_at
        self._claims.append(Claim(response, facts.session_id, STANDS_HERE, born_at, self.path))
