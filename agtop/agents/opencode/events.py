"""The events of an OpenCode session, from its database or its files."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from agtop.agents.base import EventReader
from agtop.agents.decode import plain
from agtop.agents.document import LIMIT
from agtop.agents.events import Once, Teller, newest, spelled, text_in
from agtop.agents.opencode import places
from agtop.agents.opencode.files import records as files
from agtop.agents.opencode.records import Error, Message, Part, ToolState, messages, parts, seconds
from agtop.agents.opencode.store import OVERLAP, TABLES, records
from agtop.agents.opencode.tools import call
from agtop.agents.retold import Retold, StoreEvents
from agtop.model import Author, Event
from agtop.tail import contents

_ABORTED = "MessageAbortedError"


def events(path: str, author: Author, backlog: int) -> EventReader:
    reader = StoreReader if path.endswith(places.SUFFIX) else FilesReader
    return reader(path, author, backlog)


class _Waiting(NamedTuple):
    """Words that are still being written, perhaps."""

    part: Part
    part_id: str


class Session:
    """Tells records as they come, written anew as often as it may be."""

    def __init__(self, teller: Teller, once: Once) -> None:
        self._teller, self._once = teller, once
        self._messages: dict[str, Message] = {}
        self._waiting: dict[str, dict[str, _Waiting]] = {}

    def message(self, message_id: str, data: bytes) -> Iterator[Event]:
        message = messages.decode(data)
        if message is None:
            return
        self._messages[message_id] = message
        if _is_over(message):
            for waiting in self._waiting.pop(message_id, {}).values():
                yield from self._words(waiting.part, waiting.part_id, message)
        if message.error is not None and self._once.is_new("error", message_id):
            at = seconds(message.time.completed or message.time.created) if message.time else None
            yield self._failure(message.error, at)

    def part(self, message_id: str, part_id: str, data: bytes) -> Iterator[Event]:
        part, message = parts.decode(data), self._messages.get(message_id)
        if part is None or message is None:
            return
        if part.type in ("text", "reasoning"):
            is_done = part.time is not None and part.time.end is not None
            if is_done or _is_over(message):
                yield from self._words(part, part_id, message)
            else:
                self._waiting.setdefault(message_id, {})[part_id] = _Waiting(part, part_id)
        elif part.type == "tool":
            yield from self._tool(part, part_id)
        elif part.type == "compaction" and self._once.is_new(part_id):
            at = seconds(message.time.created) if message.time else None
            yield self._teller.event("compaction", at, "the conversation is summed up")
        elif part.type == "retry" and part.error is not None and self._once.is_new(part_id):
            at = seconds(part.time.created) if part.time else None
            yield self._failure(part.error, at)

    def _words(self, part: Part, part_id: str, message: Message) -> Iterator[Event]:
        if part.synthetic or part.ignored or not self._once.is_new(part_id):
            return
        time = message.time
        at = seconds(time.created) if time is not None else None
        if part.time is not None and part.time.start is not None:
            at = seconds(part.time.start)
        kind = "thinking" if part.type == "reasoning" else "text"
        if message.role == "user":
            kind = "prompt"
        yield from self._teller.said(kind, at, part.text or "")

    def _tool(self, part: Part, part_id: str) -> Iterator[Event]:
        told, state = call(part_id, part), part.state or ToolState()
        if told.status == "written":
            return
        if self._once.is_new("call", part_id):
            given = spelled(plain(state.input))
            yield self._teller.called(told.call_id, told.name, told.argument, told.began_at, given)
        if told.status == "open" or not self._once.is_new("result", part_id):
            return
        failed = told.status == "failed"
        said = text_in(plain(state.error if failed else state.output))
        yield self._teller.answered(told.call_id, said, told.ended_at, failed, tool=told.name)
        for write in told.writes:
            lines = (write.added, write.removed)
            yield self._teller.wrote(write.path, told.ended_at, *lines, told.call_id, told.name)

    def _failure(self, error: Error, at: float | None) -> Event:
        if error.name == _ABORTED:
            return self._teller.event("error", at, "the user stopped the turn")
        data = error.data
        said = (data.message if data is not None else None) or error.name or "the request failed"
        kind = "limit" if data is not None and data.status_code == 429 else "error"
        return self._teller.event(kind, at, said, said, failed=True)


class StoreReader(StoreEvents):
    """Reads the rows of one session that were stamped since the last look."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        super().__init__(path, author, backlog)
        self._told = Session(self._teller, self._once)
        self._until: int | None = None

    def _rows(self, base: sqlite3.Connection) -> list[tuple[object, ...]]:
        since = None if self._until is None else self._until - OVERLAP
        return [
            (table, *row)
            for table in TABLES
            for row in sorted(
                records(base, table, [self._session], since), key=lambda row: str(row[1])
            )
        ]

    def _tell(self, rows: list[tuple[object, ...]]) -> Iterator[Event]:
        for table, message_id, record_id, _, stamp, data in rows:
            if isinstance(stamp, int):
                self._until = max(self._until or 0, stamp)
            if not isinstance(data, bytes):
                continue
            if table == "message":
                yield from self._told.message(str(record_id), data)
            else:
                yield from self._told.part(str(message_id), str(record_id), data)


class FilesReader(Retold):
    """Reads the files of one session that were written since the last look."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        self.path = path
        self._told = Session(Teller(author), Once())
        self._backlog = backlog
        self._is_new = True
        self._stamps: dict[str, int] = {}
        self._seen: dict[str, int] = {}

    def changed(self) -> bool:
        return self._look() != self._seen

    def read(self) -> Iterator[Event]:
        self._seen = self._look()
        told = self._tell()
        if self._is_new:
            self._is_new = False
            told = newest(told, self._backlog)
        yield from told

    def _tell(self) -> Iterator[Event]:
        for message_id, path in files(places.message_folder(self.path)):
            if (data := self._news(path)) is not None:
                yield from self._told.message(message_id, data)
            for part_id, part_path in files(places.part_folder(self.path, message_id)):
                if (data := self._news(part_path)) is not None:
                    yield from self._told.part(message_id, part_id, data)

    def _news(self, path: str) -> bytes | None:
        """What stands in a file, if that is new."""
        try:
            stamp = os.stat(path).st_mtime_ns
            if self._stamps.get(path) == stamp:
                return None
            data = contents(path, LIMIT)
        except OSError:
            return None
        self._stamps[path] = stamp
        return data

    def _look(self) -> dict[str, int]:
        found = {self.path: os.stat(self.path).st_mtime_ns}
        for path in places.companions(self.path):
            if os.path.exists(path):
                found[path] = os.stat(path).st_mtime_ns
        return found


def _is_over(message: Message) -> bool:
    """Nothing will be added to it."""
    is_complete = message.time is not None and message.time.completed is not None
    return message.role == "user" or is_complete or message.error is not None
