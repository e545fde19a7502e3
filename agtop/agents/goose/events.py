"""The events of a Goose session, from its rows or, before 1.10, from its file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from agtop.agents import database
from agtop.agents.base import EventReader
from agtop.agents.events import LineEvents, Teller, spelled, text_in
from agtop.agents.goose.records import Message, message
from agtop.agents.goose.telling import BEST, FAILED, LIMIT, NEW, WRITING
from agtop.agents.loose import fields, line_of, text
from agtop.agents.retold import StoreEvents
from agtop.model import Author, Event

_COLUMNS = ("id", "role", "created_timestamp", "content_json", "metadata_json")
_CALLS = ("toolRequest", "frontendToolRequest")


def events(path: str, author: Author, backlog: int) -> EventReader:
    reader = GooseLines if path.endswith(".jsonl") else GooseRows
    return reader(path, author, backlog)


class Messages:
    """Tells messages in their order."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._files: dict[str, tuple[str, str, int]] = {}
        """Call → (tool, the file it is to write, lines)."""

    def tell(self, told: Message) -> Iterator[Event]:
        for content in told.contents:
            kind, said = content.get("type"), text(content.get("text")) or ""
            if kind == "toolResponse":
                yield from self._result(content, told.at)
            elif kind in _CALLS:
                yield self._call(content, told.at)
            elif kind in ("thinking", "reasoning"):
                words = text(content.get("thinking")) or said
                yield from self._teller.said("thinking", told.at, words)
            elif kind == "text" and told.role == "user":
                if told.is_typed:
                    yield from self._teller.said("prompt", told.at, said)
            elif kind == "text" and said.startswith(FAILED):
                why = said.removeprefix(FAILED).lstrip(": ")
                limit = "limit" if LIMIT.search(why) else "error"
                yield self._teller.event(limit, told.at, why or FAILED, why, failed=True)
            elif kind == "text":
                yield from self._teller.said("text", told.at, said)

    def _call(self, content: dict[str, object], at: float | None) -> Event:
        call = fields(fields(content.get("toolCall")).get("value"))
        given, key = fields(call.get("arguments")), str(content.get("id"))
        name = (text(call.get("name")) or "tool").rpartition("__")[2]
        best = next((said for each in BEST if (said := text(given.get(each)))), "")
        path = text(given.get("path")) or text(given.get("file_path"))
        does = text(given.get("command")) if name == "text_editor" else name
        if path and does in WRITING:
            written = next((t for k in NEW if (t := text(given.get(k)))), "")
            self._files[key] = (name, path, len(written.splitlines()))
        return self._teller.called(key, name, best, at, spelled(given))

    def _result(self, content: dict[str, object], at: float | None) -> Iterator[Event]:
        result, key = fields(content.get("toolResult")), str(content.get("id"))
        value = fields(result.get("value"))
        failed = result.get("status") == "error" or value.get("isError") is True
        said = text_in(result.get("error") if failed else value or result.get("value"))
        told = self._teller.answered(key, said or text_in(value), at, failed)
        yield told
        written = self._files.pop(key, None)
        if written is not None and not failed:
            tool, path, lines = written
            yield self._teller.wrote(path, at, lines, 0, key, tool)


class GooseRows(StoreEvents):
    """Reads the messages of one session beyond the last one read: their ids only rise."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        super().__init__(path, author, backlog)
        self._messages = Messages(self._teller)
        self._last = -1

    def _rows(self, base: sqlite3.Connection) -> list[tuple[object, ...]]:
        where = "WHERE session_id = ? AND id > ? ORDER BY id"
        query = database.select(base, "messages", _COLUMNS, where)
        return base.execute(query, (self._session, self._last)).fetchall()

    def _tell(self, rows: list[tuple[object, ...]]) -> Iterator[Event]:
        for order, role, at, contents, metadata in rows:
            if not isinstance(order, int):
                continue
            self._last = max(self._last, order)
            yield from self._messages.tell(
                message(order, role, at, _bytes(contents), _bytes(metadata))
            )


class GooseLines(LineEvents):
    """Reads a file that is written anew with every message."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        super().__init__(path, author, backlog)
        self._messages = Messages(self._teller)

    def _forget(self) -> None:
        self._messages = Messages(self._teller)

    def _tell(self, line: bytes) -> Iterator[Event]:
        record = line_of(line)
        if "role" in record:
            told = message(0, record["role"], record.get("created"), record.get("content"), {})
            yield from self._messages.tell(told)


def _bytes(value: object) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    return value if isinstance(value, bytes) else b""
