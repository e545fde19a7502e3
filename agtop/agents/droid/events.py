"""The events of a Droid session."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agtop.agents.blocks import Blocks, Given, Write, patch_writes
from agtop.agents.droid.meter import LIMITS, REMINDER, STOPS, WRITERS
from agtop.agents.events import LineEvents, mapping
from agtop.agents.loose import fields, line_of, objects, text
from agtop.model import Author, Event
from agtop.units import instant

_HIDDEN = ("llm_only", "user_only")


class DroidEvents(LineEvents):
    """Tells one session's file."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        super().__init__(path, author, backlog)
        self._blocks = Blocks(self._teller, _writes)

    def _forget(self) -> None:
        self._blocks.forget()

    def _tell(self, line: bytes) -> Iterator[Event]:
        row = line_of(line)
        at = instant(text(row.get("timestamp")))
        if row.get("type") == "message":
            yield from self._message(row, mapping(row.get("message")), at)
        elif row.get("type") == "compaction_state":
            yield self._teller.event("compaction", at, "the context was compacted")
        elif row.get("type") == "agent_turn_outcome":
            yield from self._end(text(row.get("reason")) or "", at)

    def _message(self, row: Given, message: Given, at: float | None) -> Iterator[Event]:
        if (row.get("visibility") or message.get("visibility")) in _HIDDEN:
            return
        content = message.get("content")
        said = [{"type": "text", "text": content}] if isinstance(content, str) else objects(content)
        if message.get("role") == "assistant":
            yield from self._blocks.answer(said, at, text(row.get("id")) or "")
        elif message.get("role") == "user":
            results = list(self._blocks.results(said, at))
            yield from results
            texts = [text(block.get("text")) or "" for block in said if block["type"] == "text"]
            typed = [each for each in texts if each and not each.startswith(REMINDER)]
            if typed and not results:
                yield from self._teller.said("prompt", at, typed[0])

    def _end(self, reason: str, at: float | None) -> Iterator[Event]:
        said = reason.replace("_", " ")
        if reason in ("completed", ""):
            return
        if any(word in reason for word in STOPS):
            yield self._teller.event("error", at, "the user stopped the turn")
        elif any(word in reason for word in LIMITS):
            yield self._teller.event("limit", at, said, failed=True)
        else:
            yield self._teller.event("error", at, said, failed=True)


def _writes(tool: str, given: Given, result: object) -> Iterable[Write]:
    if tool not in WRITERS:
        return
    said = fields(result.encode()) if isinstance(result, str) else {}
    if said.get("success") is False:
        return
    patch = text(given.get("patch")) or text(given.get("input")) or ""
    if tool == "ApplyPatch" and patch:
        yield from patch_writes(patch)
        return
    path = text(said.get("file_path")) or text(given.get("file_path"))
    if path is not None:
        added, removed = said.get("linesAdded"), said.get("linesRemoved")
        content = text(given.get("content"))
        if added is None and content is not None:
            added, removed = len(content.splitlines()), 0
        yield path, _count(added), _count(removed)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and 0 <= value < 2**31 else None
