"""The events of a Crush session, from its rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from agtop.agents import database
from agtop.agents.crush.records import Data, Message, parts, seconds
from agtop.agents.crush.telling import BEST, LIMIT, WRITING
from agtop.agents.events import spelled
from agtop.agents.loose import fields, number, text
from agtop.agents.retold import StoreEvents
from agtop.model import Author, Event

_OVERLAP = 15
"""Seconds by which a row may be stamped before it is committed."""
_COLUMNS = ("id", "role", "created_at", "updated_at", "is_summary_message")


class CrushEvents(StoreEvents):
    """Reads the messages of one session that were stamped since the last look."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        super().__init__(path, author, backlog)
        self._since = 0.0
        self._files: dict[str, tuple[str, str | None]] = {}
        """Call → (tool, the file it was given)."""

    def _rows(self, base: sqlite3.Connection) -> list[tuple[object, ...]]:
        there = database.columns(base, "messages")
        wanted = ", ".join(name if name in there else f"NULL AS {name}" for name in _COLUMNS)
        stamp = "updated_at" if "updated_at" in there else "NULL"
        query = (
            f"SELECT {wanted}, CAST(parts AS BLOB) FROM messages WHERE session_id = ?"
            f" AND COALESCE({stamp}, ?) >= ? ORDER BY created_at, rowid"
        )
        overlap = _OVERLAP * (1000 if self._since > 1e11 else 1)
        return base.execute(query, (self._session, self._since, self._since - overlap)).fetchall()

    def _tell(self, rows: list[tuple[object, ...]]) -> Iterator[Event]:
        for key, role, created, updated, sums_up, data in rows:
            self._since = max(self._since, number(updated) or 0.0)
            known = parts(data) if isinstance(data, bytes) else None
            message = Message(0, str(role), None, seconds(created), bool(sums_up), known)
            if message.role == "user":
                yield from self._hear(str(key), message)
            elif message.role == "assistant":
                yield from self._answer(str(key), message)
            for result in message.all("tool_result"):
                yield from self._result(result, message.at)

    def _hear(self, key: str, message: Message) -> Iterator[Event]:
        typed = [each.text for each in message.all("text") if not each.hidden]
        if self._once.is_new(key):
            yield from self._teller.said("prompt", message.at, "".join(typed[:1]))

    def _answer(self, key: str, message: Message) -> Iterator[Event]:
        """An answer grows in its row until its end stands there, too."""
        finish = next(iter(message.all("finish")), None)
        if finish is None or not self._once.is_new(key):
            return
        at = message.at
        if message.sums_up:
            yield self._teller.event("compaction", at, "the conversation was summed up")
        for thought in message.all("reasoning"):
            yield from self._teller.said("thinking", at, thought.thinking)
        for words in message.all("text"):
            yield from self._teller.said("text", at, words.text)
        for call in message.all("tool_call"):
            given = fields(call.input.encode("utf-8", "replace"))
            best = next((said for name in BEST if (said := text(given.get(name)))), "")
            self._files[call.id] = (call.name, text(given.get("file_path")))
            yield self._teller.called(call.id, call.name or "tool", best, at, spelled(given))
        yield from self._end(finish, seconds(finish.time) or at)

    def _end(self, finish: Data, at: float | None) -> Iterator[Event]:
        if finish.reason == "canceled":
            yield self._teller.event("error", at, "the user stopped the turn")
        elif finish.reason in ("error", "content_filter"):
            said = f"{finish.message} {finish.details}".strip() or finish.reason
            kind = "limit" if LIMIT.search(said) else "error"
            yield self._teller.event(kind, at, said, said, failed=True)

    def _result(self, result: Data, at: float | None) -> Iterator[Event]:
        call = result.tool_call_id
        if not self._once.is_new("result", call):
            return
        name, path = self._files.pop(call, (result.name, None))
        tool = name or "tool"
        yield self._teller.answered(call, result.content, at, result.is_error, tool=tool)
        if path and name in WRITING and not result.is_error:
            told = fields(result.metadata.encode("utf-8", "replace"))
            added, removed = (int(number(told.get(key)) or 0) for key in ("additions", "removals"))
            yield self._teller.wrote(path, at, added, removed, call, tool)
