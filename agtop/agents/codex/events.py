"""The events of a Codex rollout.

What the model said and called stands in the response items of every version. What the user typed
does too, but among what Codex told the model: where there are events for it, they are believed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from agtop.agents.codex import writes
from agtop.agents.codex.calls import arguments_of, exit_code, has_failed, patch_in, telling
from agtop.agents.codex.copies import MARKED, CopiedHistory
from agtop.agents.codex.facts import is_prompt
from agtop.agents.codex.records import (
    Call,
    ItemCompleted,
    Line,
    Marks,
    Message,
    Output,
    SessionMeta,
    Struct,
    TokenCount,
    Turn,
    TurnContext,
    UnreadableError,
    payload,
    recognise,
)
from agtop.agents.codex.records import Event as SmallEvent
from agtop.agents.decode import plain
from agtop.agents.events import LineEvents, mapping, spelled, text_in
from agtop.model import Author, Event
from agtop.tail import contents

_HEAD = 1 << 20
"""Bytes in which the first lines of a rollout stand: they hold the whole instructions."""


class _Thought(Struct):
    summary: list[Any] | None = None
    content: Any = None


class _Words(Struct):
    """A message between agents."""

    author: str | None = None
    content: Any = None


def _unknown(_parent_id: str, _until: float | None) -> None:
    """Turns and times tell enough here; the parent's totals are not looked up."""


class CodexEvents(LineEvents):
    """Tells one thread."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        super().__init__(path, author, backlog)
        self._forget()

    def _forget(self) -> None:
        self._cwd: str | None = None
        self._patches: dict[str, str] = {}
        self._failed: set[str] = set()
        self._reached: str | None = None
        self._copies: CopiedHistory | None = None
        self._own_id: str | None = None
        self._has_begun = False
        self._has_told = False
        """Something of the thread's own: what comes after it is no parent's history."""

    def _tell(self, line: bytes) -> Iterator[Event]:
        for event in self._own(line):
            self._has_told = True
            yield event

    def _own(self, line: bytes) -> Iterator[Event]:
        if not self._has_begun:
            self._has_begun = True
            self._begin()
        try:
            known = recognise(line)
            if self._is_copy(known):
                return
            teller = _TELLERS.get(known.kind)
            if teller is not None:
                yield from teller(self, known)
            elif known.kind.startswith("response_item/"):
                yield from self._tool(known)
        except UnreadableError:
            return

    # ---- a fork's copy of its parent's history, which the parent's own transcript tells

    def _begin(self) -> None:
        """Whose the file is stands in its first lines, wherever the telling starts."""
        try:
            head = contents(self.path, _HEAD).split(b"\n")[:2]
        except OSError:
            return
        for line in head:
            try:
                known = recognise(line)
                if known.kind == "session_meta":
                    self._belong(payload(known, SessionMeta), known)
            except UnreadableError:
                return

    def _belong(self, meta: SessionMeta, line: Line) -> None:
        if self._copies is None:
            self._own_id = meta.id
            self._copies = CopiedHistory(meta, line, _unknown)
        elif meta.id != self._own_id and not self._has_told:
            self._copies.meet_parent(meta, line)

    def _is_copy(self, line: Line) -> bool:
        if self._copies is None or self._copies.over or line.kind == "session_meta":
            return False
        marks = payload(line, Marks) if line.kind.startswith(MARKED) else None
        return self._copies.judge(line, marks) == "copy"

    # ---- where and when

    def _meta(self, line: Line) -> Iterator[Event]:
        meta = payload(line, SessionMeta)
        self._belong(meta, line)
        self._cwd = meta.cwd or self._cwd
        yield from ()

    def _context(self, line: Line) -> Iterator[Event]:
        self._cwd = payload(line, TurnContext).cwd or self._cwd
        yield from ()

    def _turn_ended(self, line: Line) -> Iterator[Event]:
        turn = payload(line, Turn)
        if turn.error is not None:
            yield self._failure(text_in(turn.error) or "an error", turn.error, line.at)

    def _turn_aborted(self, line: Line) -> Iterator[Event]:
        reason = payload(line, Turn).reason
        self._patches.clear()
        self._teller.forget_calls()
        by_user = reason in (None, "interrupted")
        title = "the user stopped the turn" if by_user else f"the turn was stopped: {reason}"
        yield self._teller.event("error", line.at, title, failed=not by_user)

    def _error(self, line: Line) -> Iterator[Event]:
        event = payload(line, SmallEvent)
        yield self._failure(event.message or "an error", event.codex_error_info, line.at)

    def _failure(self, text: str, info: object, at: float | None) -> Event:
        kind = "limit" if "usage_limit" in str(info) else "error"
        return self._teller.event(kind, at, text, text, failed=True)

    def _compacted(self, line: Line) -> Iterator[Event]:
        text = payload(line, SmallEvent).message or ""
        yield self._teller.event("compaction", line.at, "the context was compacted", text)

    def _tokens(self, line: Line) -> Iterator[Event]:
        limits = payload(line, TokenCount).rate_limits
        reached = limits.rate_limit_reached_type if limits else None
        if reached and reached != self._reached:
            title = f"the plan's rate limit is reached: {reached}"
            yield self._teller.event("limit", line.at, title, failed=True)
        self._reached = reached

    # ---- what was said

    def _user_message(self, line: Line) -> Iterator[Event]:
        yield from self._prompt(payload(line, SmallEvent).message or "", line.at)

    def _prompt(self, text: str, at: float | None) -> Iterator[Event]:
        if is_prompt(text):
            yield from self._teller.said("prompt", at, text)

    def _message(self, line: Line) -> Iterator[Event]:
        message = payload(line, Message)
        text = _joined(message)
        if message.role == "assistant":
            yield from self._teller.said("text", line.at, text)
        elif message.role == "user" and line.bare:
            yield from self._prompt(text, line.at)

    def _words(self, line: Line) -> Iterator[Event]:
        words = payload(line, _Words)
        text = text_in(words.content)
        yield from self._teller.said("text", line.at, f"{words.author or 'an agent'}: {text}")

    def _reasoning(self, line: Line) -> Iterator[Event]:
        thought = payload(line, _Thought)
        text = text_in(thought.summary) or text_in(thought.content)
        yield from self._teller.said("thinking", line.at, text)

    # ---- tools

    def _tool(self, line: Line) -> Iterator[Event]:
        if line.kind.endswith("_call"):
            yield self._call(payload(line, Call), line.at)
        elif line.kind.endswith("_output"):
            yield from self._result(payload(line, Output), line.at)

    def _call(self, call: Call, at: float | None) -> Event:
        given = arguments_of(call)
        if call.call_id and (patch := patch_in(given)):
            self._patches[call.call_id] = patch
        name = call.name or call.type.removesuffix("_call")
        return self._teller.called(call.call_id, name, telling(given), at, spelled(given))

    def _result(self, output: Output, at: float | None) -> Iterator[Event]:
        call = output.call_id or ""
        code = exit_code(output.output)
        failed = bool(code) or call in self._failed
        self._failed.discard(call)
        answer = self._teller.answered(call or None, _answer(output.output), at, failed)
        yield answer
        patch = self._patches.pop(call, None)
        if patch is not None and code == 0:
            yield from self._wrote(writes.of_patch(patch), at, call, answer.tool)

    def _item(self, line: Line) -> Iterator[Event]:
        completed = payload(line, ItemCompleted)
        item = completed.item
        if item is None:
            return
        if item.type == "UserMessage":
            yield from self._prompt(
                "\n".join(t.text for t in item.content or () if t.text), line.at
            )
            return
        if item.id and has_failed(item):
            self._failed.add(item.id)
        if item.type == "FileChange":
            self._patches.pop(item.id or "", None)
            if item.status == "completed" and item.changes:
                yield from self._wrote(writes.of_changes(item.changes), line.at, item.id)

    def _tool_event(self, line: Line) -> Iterator[Event]:
        event = payload(line, SmallEvent)
        if event.call_id and (event.exit_code or event.success is False):
            self._failed.add(event.call_id)
        if event.changes is not None:
            self._patches.pop(event.call_id or "", None)
            if event.success:
                yield from self._wrote(writes.of_changes(event.changes), line.at, event.call_id)

    def _wrote(
        self,
        edits: Iterator[writes.Edit],
        at: float | None,
        call: str | None,
        tool: str | None = None,
    ) -> Iterator[Event]:
        for edit in edits:
            path = writes.absolute(edit.path, self._cwd)
            yield self._teller.wrote(path, at, edit.added, edit.removed, call, tool)


def _joined(message: Message) -> str:
    if isinstance(message.content, list):
        return "\n".join(part.text for part in message.content if part.text)
    return message.content or ""


def _answer(output: object) -> str:
    """What the tool put out, without what Codex writes around it."""
    text = text_in(output)
    if text.startswith('{"output"'):
        return text_in(mapping(plain(text.encode())).get("output"))
    head, mark, rest = text.partition("\nOutput:\n")
    if mark and len(head) < 500:
        return rest if rest.strip() else ""
    return text


_TELLERS: Mapping[str, Callable[[CodexEvents, Line], Iterator[Event]]] = {
    "session_meta": CodexEvents._meta,  # pyright: ignore[reportPrivateUsage]
    "turn_context": CodexEvents._context,  # pyright: ignore[reportPrivateUsage]
    "compacted": CodexEvents._compacted,  # pyright: ignore[reportPrivateUsage]
    "event_msg/task_complete": CodexEvents._turn_ended,  # pyright: ignore[reportPrivateUsage]
    "event_msg/turn_complete": CodexEvents._turn_ended,  # pyright: ignore[reportPrivateUsage]
    "event_msg/turn_aborted": CodexEvents._turn_aborted,  # pyright: ignore[reportPrivateUsage]
    "event_msg/error": CodexEvents._error,  # pyright: ignore[reportPrivateUsage]
    "event_msg/token_count": CodexEvents._tokens,  # pyright: ignore[reportPrivateUsage]
    "event_msg/user_message": CodexEvents._user_message,  # pyright: ignore[reportPrivateUsage]
    "event_msg/item_completed": CodexEvents._item,  # pyright: ignore[reportPrivateUsage]
    "event_msg/exec_command_end": CodexEvents._tool_event,  # pyright: ignore[reportPrivateUsage]
    "event_msg/patch_apply_end": CodexEvents._tool_event,  # pyright: ignore[reportPrivateUsage]
    "event_msg/mcp_tool_call_end": CodexEvents._tool_event,  # pyright: ignore[reportPrivateUsage]
    "response_item/message": CodexEvents._message,  # pyright: ignore[reportPrivateUsage]
    "response_item/agent_message": CodexEvents._words,  # pyright: ignore[reportPrivateUsage]
    "response_item/reasoning": CodexEvents._reasoning,  # pyright: ignore[reportPrivateUsage]
}
