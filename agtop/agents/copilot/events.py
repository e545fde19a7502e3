"""The events of a Copilot session, or of one of its subagents, which stand in the same file."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Raw

from agtop.agents.copilot.conversation import LIMITS, WRITERS
from agtop.agents.copilot.records import (
    Compaction,
    Failure,
    Message,
    Prompt,
    Reason,
    SubagentStart,
    ToolStart,
    argument_of,
    data_of,
)
from agtop.agents.copilot.records import (
    Event as Row,
)
from agtop.agents.decode import Decoder, plain
from agtop.agents.events import LineEvents, spelled, text_in
from agtop.agents.loose import fields, objects, text
from agtop.model import Author, Event, replace
from agtop.units import compact, instant


class CopilotEvents(LineEvents):
    """Tells what is the author's own in the file."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        super().__init__(path, author, backlog)
        self._rows = Decoder(Row)
        self._forget()

    def _forget(self) -> None:
        self._agent_of_call: dict[str, str] = {}
        """The call that began a subagent → its id."""
        self._paths: dict[str, str] = {}
        """Call → the file that it is to write."""

    def _tell(self, line: bytes) -> Iterator[Event]:
        row = self._rows.decode(line)
        if row is None:
            return
        if row.type == "subagent.started":
            self._begin(row)
        if self._scope(row) != self._teller.author.scope:
            return
        at = instant(row.timestamp)
        if row.type == "user.message":
            data = data_of(row, Prompt)
            if data.source in (None, "", "user") and not data.is_autopilot_continuation:
                yield from self._teller.said("prompt", at, data.content)
        elif row.type == "assistant.message":
            yield from self._answer(row, at)
        elif row.type == "tool.execution_start":
            data = data_of(row, ToolStart)
            yield from self._call(data.tool_call_id, data.tool_name, bytes(data.arguments), at)
        elif row.type == "tool.execution_complete":
            yield from self._result(fields(row.data), at)
        else:
            yield from self._incident(row, at)

    def _begin(self, row: Row) -> None:
        call = data_of(row, SubagentStart).tool_call_id
        agent = row.agent_id or call
        if call is not None and agent is not None:
            self._agent_of_call[call] = agent

    def _scope(self, row: Row) -> str:
        """The subagent it is of; nothing for the session itself."""
        if row.agent_id is not None:
            return row.agent_id
        if self._agent_of_call and b"parentToolCallId" in bytes(row.data):
            call = data_of(row, Message).parent_tool_call_id
            return self._agent_of_call.get(call or "", "")
        return ""

    def _answer(self, row: Row, at: float | None) -> Iterator[Event]:
        data = data_of(row, Message)
        thought = text(fields(row.data).get("reasoningText"))
        yield from self._teller.said("thinking", at, thought or "")
        yield from self._teller.said("text", at, data.content)
        for request in data.tool_requests:
            yield from self._call(request.tool_call_id, request.name, bytes(request.arguments), at)

    def _call(
        self, call: str | None, tool: str, arguments: bytes, at: float | None
    ) -> Iterator[Event]:
        """A call stands in the answer, and again when it begins."""
        if not call or self._teller.is_open(call):
            return
        argument = argument_of(Raw(arguments))
        if tool in WRITERS and argument:
            self._paths[call] = argument
        yield self._teller.called(call, tool or "tool", argument, at, spelled(plain(arguments)))

    def _result(self, data: dict[str, object], at: float | None) -> Iterator[Event]:
        call, failed = text(data.get("toolCallId")), data.get("success") is False
        said = text_in(data.get("result")) or text_in(data.get("error"))
        told = self._teller.answered(call, said, at, failed, tool=text(data.get("toolName")))
        yield told if told.tool else replace(told, tool="tool")
        path = self._paths.pop(call or "", None)
        if failed:
            return
        edits = [text(edit.get("path")) for edit in objects(data.get("fileEdits"))]
        metrics = fields(fields(data.get("toolTelemetry")).get("metrics"))
        lines = _count(metrics.get("linesAdded")), _count(metrics.get("linesRemoved"))
        for each in edits if "fileEdits" in data else [path]:
            if each is not None:
                yield self._teller.wrote(each, at, *lines, call, told.tool)
                lines = (None, None)

    def _incident(self, row: Row, at: float | None) -> Iterator[Event]:
        if row.type == "session.error":
            data = data_of(row, Failure)
            said = data.message or data.error_type or "the request failed"
            is_limit = data.status_code == 429 or any(w in data.error_type for w in LIMITS)
            kind = "limit" if is_limit else "error"
            yield self._teller.event(kind, at, said, said, failed=True)
        elif row.type == "abort":
            self._teller.forget_calls()
            by_limit = "limit" in data_of(row, Reason).reason
            said = "its credit limit stopped it" if by_limit else "the user stopped the turn"
            yield self._teller.event("limit" if by_limit else "error", at, said)
        elif row.type == "session.compaction_complete":
            before = data_of(row, Compaction).pre_compaction_tokens
            size = f": {compact(before)} tokens" if before else ""
            yield self._teller.event("compaction", at, f"the context was compacted{size}")


def _count(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and 0 <= value < 2**31 else None
