"""The events of a Kimi CLI session: of its log or, where there is none, of its context."""

from __future__ import annotations

from collections.abc import Iterator

from agtop.agents.arguments import best, opened
from agtop.agents.base import EventReader
from agtop.agents.blocks import Given
from agtop.agents.decode import Decoder
from agtop.agents.events import LineEvents, mapping, spelled, text_in
from agtop.agents.kimi.context import CHECKPOINT, text_of
from agtop.agents.kimi.places import is_log
from agtop.agents.kimi.records import Line, Payload, Spoken
from agtop.agents.loose import fields, line_of, objects, text
from agtop.agents.writes import replaced
from agtop.model import Author, Event, EventKind

_PARTS: dict[str, EventKind] = {"text": "text", "think": "thinking"}


def events(path: str, author: Author, backlog: int) -> EventReader:
    reader = KimiEvents if is_log(path) else ContextEvents
    return reader(path, author, backlog)


class KimiEvents(LineEvents):
    """Tells one log. Words come in pieces, and are told when something else comes."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        super().__init__(path, author, backlog)
        self._lines = Decoder(Line)
        self._forget()

    def _forget(self) -> None:
        self._said: EventKind = "text"
        self._pieces: list[str] = []
        self._since: float | None = None
        self._status: int | None = None
        """Of the last request that failed."""

    def _tell(self, line: bytes) -> Iterator[Event]:
        record = self._lines.decode(line)
        if record is None or record.message is None:
            return
        kind, payload, at = record.message.type, record.message.payload, record.timestamp
        raw = mapping(mapping(line_of(line).get("message")).get("payload"))
        if kind == "ContentPart":
            yield from self._piece(payload, raw, at)
            return
        yield from self._flush()
        if kind in ("TurnBegin", "SteerInput"):
            yield from self._teller.said("prompt", at, text_of(payload.user_input))
        elif kind == "ToolCall":
            yield self._call(payload, at)
        elif kind == "ToolResult":
            yield from self._result(payload.tool_call_id, fields(raw.get("return_value")), at)
        elif kind == "CompactionEnd":
            yield self._teller.event("compaction", at, "the context was compacted")
        elif kind in ("StepRetry", "StepInterrupted"):
            yield self._failure(kind, payload, at)

    def _piece(self, payload: Payload, raw: Given, at: float | None) -> Iterator[Event]:
        kind = _PARTS.get(payload.type or "")
        if kind is None:
            return
        if kind != self._said:
            yield from self._flush()
        self._said, self._since = kind, at
        self._pieces.append(payload.text or text(raw.get("think")) or "")

    def _flush(self) -> Iterator[Event]:
        said, self._pieces = "".join(self._pieces), []
        yield from self._teller.said(self._said, self._since, said)

    def _call(self, payload: Payload, at: float | None) -> Event:
        function = payload.function
        name = (function.name if function is not None else None) or "tool"
        written = function.arguments if function is not None else None
        given = opened((written or "").encode("utf-8", "replace"))
        return self._teller.called(payload.id, name, best(given), at, spelled(dict(given)))

    def _result(self, call: str | None, returned: Given, at: float | None) -> Iterator[Event]:
        failed = not returned or returned.get("is_error") is True
        said = text_in(returned.get("output")) or text(returned.get("message")) or ""
        told = self._teller.answered(call, said, at, failed)
        yield told
        for shown in () if failed else objects(returned.get("display")):
            path = text(shown.get("path"))
            if shown.get("type") == "diff" and path is not None:
                before, after = text(shown.get("old_text")), text(shown.get("new_text"))
                lines = replaced(before or "", after or "")
                yield self._teller.wrote(path, at, *lines, call, told.tool)

    def _failure(self, kind: str, payload: Payload, at: float | None) -> Event:
        said = payload.error_type or "a request failed"
        if kind == "StepInterrupted":
            is_limit, self._status = self._status == 429, None
            said = "a step failed"
        else:
            self._status = payload.status_code
            is_limit, said = self._status == 429, f"{said}; it is tried again"
        return self._teller.event("limit" if is_limit else "error", at, said, failed=True)


class ContextEvents(LineEvents):
    """Tells what the model was sent; when is not known."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        super().__init__(path, author, backlog)
        self._lines = Decoder(Spoken)

    def _tell(self, line: bytes) -> Iterator[Event]:
        spoken = self._lines.decode(line)
        said = text_of(spoken.content).strip() if spoken is not None else ""
        if spoken is not None and spoken.role == "user" and not CHECKPOINT.fullmatch(said):
            yield from self._teller.said("prompt", None, said)
        elif spoken is not None and spoken.role == "assistant":
            yield from self._teller.said("text", None, said)
