"""Events of transcripts that are written anew as a whole: each is told once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

import msgspec

from agtop.agents.document import Document
from agtop.agents.events import Once, Teller, newest
from agtop.model import Author, Event

Record = TypeVar("Record", bound=msgspec.Struct)


class DocumentEvents(ABC, Generic[Record]):
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
