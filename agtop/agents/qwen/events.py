"""The events of a Qwen Code transcript."""

from __future__ import annotations

from collections.abc import Iterator

from agtop.agents.decode import plain
from agtop.agents.events import LineEvents, spelled, text_in
from agtop.agents.gemini import tools
from agtop.agents.qwen.records import (
    ROWS,
    Call,
    Compression,
    Part,
    Row,
    event,
    is_error,
    payload,
)
from agtop.agents.qwen.records import Event as Telemetry
from agtop.agents.qwen.turns import LIMIT_WORDS, ids
from agtop.model import Author, Event
from agtop.units import compact, instant

_FAILED = "qwen-code.api_error"


class QwenEvents(LineEvents):
    """Tells a session's transcript or a subagent's."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        super().__init__(path, author, backlog)
        self._forget()

    def _forget(self) -> None:
        self._given: dict[str, tools.Arguments] = {}
        """Of calls without a result."""

    def _tell(self, line: bytes) -> Iterator[Event]:
        row = ROWS.decode(line)
        if row is None or row.forked_from is not None:
            return
        at = instant(row.timestamp)
        if row.type == "assistant":
            for number, part in enumerate(row.parts):
                yield from self._part(part, f"{row.uuid}:{number}", at)
        elif row.type == "user":
            if row.subtype is None and row.provenance in (None, "real_user"):
                self._given.clear()
                yield from self._teller.said("prompt", at, row.text)
        elif row.type == "tool_result":
            yield from self._results(row, at)
        elif row.type == "system":
            yield from self._system(row, at)

    def _part(self, part: Part, name: str, at: float | None) -> Iterator[Event]:
        kind = "thinking" if part.thought else "text"
        yield from self._teller.said(kind, at, part.text or "")
        call = part.function_call
        if call is not None:
            given, key = tools.arguments(call.args), call.id or name
            self._given[key] = given
            tool = call.name or "tool"
            yield self._teller.called(key, tool, given.best, at, spelled(plain(call.args)))

    def _results(self, row: Row, at: float | None) -> Iterator[Event]:
        result = row.tool_call_result
        status = result.status if result is not None else None
        shown = plain(result.result_display) if result is not None else None
        answers = {answer.id: answer for answer in row.responses}
        for key in ids(row):
            answer = answers.get(key, Call())
            said = shown if isinstance(shown, str) else text_in(plain(answer.response))
            failed = status in ("error", "cancelled") if status else is_error(answer)
            if status == "cancelled":
                said = said or "the user stopped it"
            told = self._teller.answered(key, said, at, failed, tool=answer.name)
            yield told
            given = self._given.pop(key, tools.Arguments())
            if not failed and result is not None:
                display = tools.display(result.result_display)
                path = tools.written(told.tool or "", given, display)
                if path is not None:
                    lines = tools.changed_lines(given, display)
                    yield self._teller.wrote(path, at, *lines, key, told.tool)

    def _system(self, row: Row, at: float | None) -> Iterator[Event]:
        if row.subtype == "chat_compression":
            yield self._teller.event("compaction", at, _compacted(payload(row).info))
        elif row.subtype == "ui_telemetry":
            told = event(row)
            if told is not None and told.name == _FAILED:
                yield self._failure(told, at)
        elif row.subtype == "turn_result" and payload(row).state == "cancelled":
            yield self._teller.event("error", at, "the user stopped the turn")

    def _failure(self, told: Telemetry, at: float | None) -> Event:
        said = told.error_message or told.error or "the request failed"
        named = any(word in said.lower() for word in LIMIT_WORDS)
        kind = "limit" if named or str(told.status_code) == "429" else "error"
        return self._teller.event(kind, at, said, said, failed=True)


def _compacted(info: Compression | None) -> str:
    if info is None or not info.original_token_count or not info.new_token_count:
        return "the context was compacted"
    before, after = compact(info.original_token_count), compact(info.new_token_count)
    return f"compacted: {before} → {after} tokens of context"
