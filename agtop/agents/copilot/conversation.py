"""What was said and done in a session, or by one of its subagents, as the events tell it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from agtop.agents.copilot.records import (
    Done,
    Event,
    Failure,
    Message,
    Permission,
    PermissionEvent,
    Place,
    Prompt,
    Question,
    Reason,
    ToolEnd,
    ToolStart,
    argument_of,
    data_of,
)
from agtop.agents.decode import known_count
from agtop.agents.facts import Facts
from agtop.model import WriteKind

_QUESTIONS = ("ask_user", "exit_plan_mode")
WRITERS = ("create", "edit", "str_replace", "str_replace_editor")
"""Tools of early versions, whose results do not list what they edited."""
LIMITS = ("rate_limit", "quota", "usage_limit")


_KNOWN = (
    *("abort", "assistant.", "capabilities.", "command.", "elicitation.", "exit_plan_mode."),
    *("external_tool.", "hook.", "mcp.", "model.", "pending_messages.", "permission.", "session."),
    *("skill.", "subagent.", "system.", "tool.", "user.", "user_input."),
)
"""What events are about; most say nothing that is counted or shown."""
_KINDS: Mapping[str, WriteKind] = {
    "create": "create",
    "edit": "edit",
    "delete": "delete",
    "rename": "rename",
}


class Conversation:
    """Tells the facts, event by event."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.has_usage = False
        """Usage records say how full the context is; tools only estimate it."""
        self._last_words: str | None = None
        """Of an answer that called no tool."""
        self._asked: dict[str, str] = {}
        """Request to the user → what it is about."""
        self._paths: dict[str, str] = {}
        """Call → the file that it is to write."""

    def take(self, event: Event, at: float | None) -> None:
        taker = self._TAKERS.get(event.type)
        if taker is not None:
            taker(self, event, at)
        elif event.type.endswith(".requested"):
            self._ask(event, at)
        elif event.type.endswith(".completed"):
            self._hear(event, at)
        if not event.type.startswith(_KNOWN):
            self.facts.strange.meet(event.type)
        self.facts.seen(at)

    def taken_up(self, at: float | None) -> None:
        """Another process goes on with it. What was asked for is asked for again."""
        if not self._asked:
            self.dropped(at, "the process before did not finish it")

    def dropped(self, at: float | None, said: str) -> None:
        """Its process ended in the middle of a turn."""
        if self.facts.phase in ("requested", "tool", "question", "permission"):
            self.facts.interrupted(at, said)
        self._asked.clear()

    # ---- events

    def _prompt(self, event: Event, at: float | None) -> None:
        data = data_of(event, Prompt)
        self._last_words = None
        self._asked.clear()
        is_users = data.source in (None, "", "user") and not data.is_autopilot_continuation
        if is_users and event.agent_id is None:
            self.facts.prompted(data.content, at)
        else:
            self.facts.answering(at)

    def _begin_turn(self, _event: Event, at: float | None) -> None:
        self._last_words = None
        self.facts.answering(at)

    def _answer(self, event: Event, at: float | None) -> None:
        data = data_of(event, Message)
        self.facts.replied(data.api_call_id or data.message_id or event.id)
        self.facts.model = data.model or self.facts.model
        self._last_words = None if data.tool_requests else data.content
        for request in data.tool_requests:
            if request.tool_call_id:
                self._call(request.tool_call_id, request.name, request.arguments, at)
        if not data.tool_requests:
            self.facts.answering(at)

    def _end_turn(self, _event: Event, at: float | None) -> None:
        if self._last_words is not None:
            self.facts.answered(self._last_words, at)
            self._last_words = None

    def _start_tool(self, event: Event, at: float | None) -> None:
        data = data_of(event, ToolStart)
        if not data.tool_call_id:
            return
        self._call(data.tool_call_id, data.tool_name, data.arguments, at)

    def _call(self, call: str, tool: str, arguments: msgspec.Raw, at: float | None) -> None:
        argument = argument_of(arguments)
        self.facts.called(call, tool, argument, at, tool in _QUESTIONS, bytes(arguments))
        if tool in WRITERS and argument:
            self._paths[call] = argument

    def _end_tool(self, event: Event, at: float | None) -> None:
        data = data_of(event, ToolEnd)
        if not data.tool_call_id:
            return
        self.facts.resolved(data.tool_call_id, at, is_error=data.success is False)
        path = self._paths.pop(data.tool_call_id, None)
        metrics = data.tool_telemetry.metrics if data.tool_telemetry is not None else None
        edited: dict[str, WriteKind | None] = {
            edit.path: _kind(edit.kind) for edit in data.file_edits or () if edit.path
        }
        if data.file_edits is None and path is not None:
            edited = {path: None}
        added = known_count(_whole(metrics.lines_added if metrics else None)) or 0
        removed = known_count(_whole(metrics.lines_removed if metrics else None)) or 0
        if data.success:
            for number, (each, kind) in enumerate(edited.items()):
                lines = (0, 0) if number else (added, removed)
                self.facts.writes.add(each, at, *lines, self.facts.cwd, kind)
        if metrics is not None and not self.has_usage:
            used = known_count(_whole(metrics.context_current_tokens)) or 0
            window = known_count(_whole(metrics.context_token_limit))
            if used:
                self.facts.filled(used, window)

    def _ask(self, event: Event, at: float | None) -> None:
        """Something waits for the user: a permission, or an answer."""
        if event.type == "permission.requested":
            data = data_of(event, PermissionEvent)
            if not data.resolved_by_hook:
                said = _wanted(data.permission_request or Permission())
                self._asked[data.request_id] = said
                self.facts.permission(said, at)
        elif event.type in ("user_input.requested", "elicitation.requested"):
            question = data_of(event, Question)
            said = question.question or question.message or "a question"
            self._asked[question.request_id] = said
            self.facts.act("question", at, f"it asks the user: {' '.join(said.split())[:160]}")

    def _hear(self, event: Event, at: float | None) -> None:
        """The user has answered."""
        request = data_of(event, PermissionEvent).request_id
        if self._asked.pop(request, None) is None:
            return
        if self._asked:
            self.facts.permission(list(self._asked.values())[-1], at)
        else:
            self.facts.act("tool", at, "the user has answered, and it goes on")

    def _abort(self, event: Event, at: float | None) -> None:
        reason = data_of(event, Reason).reason
        self._last_words = None
        self._asked.clear()
        said = "its credit limit stopped it" if "limit" in reason else "the user stopped the turn"
        self.facts.interrupted(at, said)

    def _fail(self, event: Event, at: float | None) -> None:
        data = data_of(event, Failure)
        self._last_words = None
        if data.status_code == 429 or any(word in data.error_type for word in LIMITS):
            self.facts.limited(data.message or data.error_type, at)
        else:
            self.facts.failed(data.message or data.error_type, at)

    def _complete(self, event: Event, at: float | None) -> None:
        self._last_words = None
        self.facts.answered(data_of(event, Done).summary or "", at)

    def _move(self, event: Event, _at: float | None) -> None:
        place = data_of(event, Place)
        self.facts.cwd = place.cwd or self.facts.cwd
        self.facts.branch = place.branch or self.facts.branch

    _TAKERS: ClassVar = {
        "user.message": _prompt,
        "assistant.turn_start": _begin_turn,
        "assistant.message": _answer,
        "assistant.turn_end": _end_turn,
        "tool.execution_start": _start_tool,
        "tool.execution_complete": _end_tool,
        "abort": _abort,
        "session.error": _fail,
        "session.task_complete": _complete,
        "session.context_changed": _move,
    }


def _wanted(request: Permission) -> str:
    it = request
    what = it.full_command_text or it.file_name or it.path or it.url or it.tool_name
    return f"{it.kind}: {what or it.intention or 'something'}" if it.kind else what or "something"


def _whole(number: float | None) -> int | None:
    """A count that was written as a float."""
    return int(number) if number is not None and abs(number) < 1e15 else None


def _kind(said: str | None) -> WriteKind | None:
    return _KINDS.get(said or "")
