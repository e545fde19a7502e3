"""Events of transcripts that do not just grow, documents and databases: each is told once."""

from __future__ import annotations

import os
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

import msgspec

from agtop.agents import database
from agtop.agents.document import Document
from agtop.agents.events import Once, Teller, newest
from agtop.model import Author, Event

Record = TypeVar("Record", bound=msgspec.Struct)


class Retold:
    """All of it is read again whenever it changed, so that nothing can be passed over."""

    def pass_over(self, _most: int, /) -> int:
        return 0


class DocumentEvents(Retold, ABC, Generic[Record]):
    """Reads a document again when it changed. An agent's reader says what it tells, in `_tell`,
    and asks `_once` of each thing whether it was told before."""

    def __init__(self, path: str, author: Author, backlog: int, record: type[Record]) -> None:
        self._document = Document(path, record)
        self._teller = Teller(author)
        self._backlog = backlog
        self._once = Once()
        self._is_new = True

    @property
    def path(self) -> str:
        return self._document.path

    def changed(self) -> bool:
        return self._document.changed()

    def read(self) -> Iterator[Event]:
        if not self._document.read() or self._document.value is None:
            return
        told = self._tell(self._document.value)
        if self._is_new:
            self._is_new = False
            told = newest(told, self._backlog)
        yield from told

    @abstractmethod
    def _tell(self, document: Record) -> Iterable[Event]:
        """Its events that were not told before."""


class StoreEvents(Retold, ABC):
    """Looks for new rows of one session when its database changed."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        self.path = path
        self._teller = Teller(author)
        self._session = author.scope or author.session
        self._backlog = backlog
        self._once = Once()
        self._is_new = True
        self._stamps: tuple[object, ...] = ()

    def changed(self) -> bool:
        return self._look() != self._stamps

    def read(self) -> Iterator[Event]:
        stamps = self._look()
        rows = database.consult(self.path, self._rows)
        self._stamps = stamps
        told = self._tell(rows)
        if self._is_new:
            self._is_new = False
            told = newest(told, self._backlog)
        yield from told

    def _look(self) -> tuple[object, ...]:
        return (_stamp(self.path), *map(_stamp, database.companions(self.path)))

    @abstractmethod
    def _rows(self, base: sqlite3.Connection) -> list[tuple[object, ...]]:
        """What came since the rows that `_tell` took in; may be asked twice."""

    @abstractmethod
    def _tell(self, rows: list[tuple[object, ...]]) -> Iterable[Event]:
        """Their events that were not told before."""


class NoEvents(Retold):
    """A transcript that tells nothing of the work itself."""

    def __init__(self, path: str) -> None:
        self.path = path

    def changed(self) -> bool:
        return False

    def read(self) -> Iterator[Event]:
        return iter(())


def _stamp(path: str) -> tuple[int, int, int] | None:
    """None where there is no such file."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return (status.st_ino, status.st_size, status.st_mtime_ns)
