"""The events of a Kimi Code log."""

from __future__ import annotations

from collections.abc import Iterator

from agtop.agents.arguments import best, opened
from agtop.agents.blocks import Given
from agtop.agents.decode import Decoder, plain
from agtop.agents.events import LineEvents, mapping, spelled, text_in
from agtop.agents.kimi_code.meter import LIMIT, seconds
from agtop.agents.kimi_code.records import Error, Record
from agtop.agents.kimi_code.records import Event as Step
from agtop.agents.loose import line_of, text
from agtop.agents.writes import replaced
from agtop.model import Author, Event
from agtop.units import compact


class KimiCodeEvents(LineEvents):
    """Tells the log of one agent: the session's own or a subagent's."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        super().__init__(path, author, backlog)
        self._records = Decoder(Record)
        self._forget()

    def _forget(self) -> None:
        self._files: dict[str, Step] = {}
        """Calls that write files, until their result is known."""

    def _tell(self, line: bytes) -> Iterator[Event]:
        record = self._records.decode(line)
        if record is None:
            return
        at = seconds(record.time)
        if record.type == "turn.prompt":
            words = "".join(part.text or "" for part in record.input or () if part.type == "text")
            yield from self._teller.said("prompt", at, words)
        elif record.type == "context.append_loop_event" and record.event is not None:
            yield from self._step(record.event, mapping(line_of(line).get("event")), at)
        elif record.type == "context.apply_compaction":
            yield self._teller.event("compaction", at, _compacted(record))
        elif record.type == "turn.ended":
            yield from self._end(record, record.error or Error(), at)
        elif record.type == "turn.step.retrying":
            said = record.error_message or "a request failed"
            kind = "limit" if record.status_code == 429 else "error"
            yield self._teller.event(kind, at, f"{said}; it is tried again", said, failed=True)

    def _step(self, event: Step, raw: Given, at: float | None) -> Iterator[Event]:
        if event.type == "content.part":
            part = mapping(raw.get("part"))
            kind = "thinking" if part.get("type") == "think" else "text"
            yield from self._teller.said(kind, at, text(part.get("think")) or text_in(part))
        elif event.type == "tool.call":
            call, given = event.tool_call_id, opened(event.args)
            if event.display is not None and call:
                self._files[call] = event
            arguments = spelled(plain(event.args)) if bytes(event.args) else ""
            yield self._teller.called(call, event.name or "tool", best(given), at, arguments)
        elif event.type == "tool.result":
            yield from self._result(event, mapping(raw.get("result")), at)

    def _result(self, event: Step, result: Given, at: float | None) -> Iterator[Event]:
        failed = event.result is None or event.result.is_error is True
        told = self._teller.answered(event.tool_call_id, text_in(result), at, failed)
        yield told
        written = self._files.pop(event.tool_call_id or "", None)
        shown = written.display if written is not None else None
        if failed or shown is None or not shown.path or shown.operation not in ("write", "edit"):
            return
        lines = replaced(shown.before or "", shown.after or "")
        if shown.operation == "write":
            lines = (len((shown.content or "").splitlines()), 0)
        yield self._teller.wrote(shown.path, at, *lines, told.call, told.tool)

    def _end(self, record: Record, error: Error, at: float | None) -> Iterator[Event]:
        said = error.message or error.name or error.code or "the turn failed"
        if record.reason == "cancelled":
            self._teller.forget_calls()
            yield self._teller.event("error", at, "the user stopped the turn")
        elif record.reason == "failed":
            is_limit = LIMIT.search(f"{error.code} {error.name} {said}")
            yield self._teller.event("limit" if is_limit else "error", at, said, said, failed=True)


def _compacted(record: Record) -> str:
    if not record.tokens_before or not record.tokens_after:
        return "the context was compacted"
    before, after = compact(record.tokens_before), compact(record.tokens_after)
    return f"compacted: {before} → {after} tokens of context"
