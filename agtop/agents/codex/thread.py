"""Takes in the own records of one Codex thread."""

from __future__ import annotations

import re
from collections.abc import Callable

from agtop.agents.codex.facts import Facts, Spent, is_prompt
from agtop.agents.codex.progress import QUESTION_EVENTS
from agtop.agents.codex.records import (
    Call,
    Event,
    ItemCompleted,
    Line,
    Message,
    Output,
    Settings,
    SettingsApplied,
    Text,
    TokenCount,
    Turn,
    TurnContext,
    UsageRecord,
    born_ms,
    payload,
)
from agtop.agents.codex.usage import Spending
from agtop.agents.sightings import Sightings
from agtop.block import Block, Counts
from agtop.model import Claim, Record, Response, Tokens

IMPORTED = "external-import-turn-"
"""Turns of another program's session that was taken over: Codex never made their requests."""
_STANDARD = frozenset({None, "", "default", "auto", "standard"})
_ROLE = re.compile(rb'"role":"(\w+)"')
_ITEM = re.compile(rb'"item":\{"type":"(\w+)"')
_PEEK = 700
"""Bytes of a line that hold the role of a message or the type of an item."""
_SAID = frozenset({b"AgentMessage", b"Reasoning"})


class Owner(Record):
    """Whose records are taken, for the claims made of them."""

    thread_id: str
    transcript: str
    born_at: float | None = None
    has_base: bool = False
    """The totals continue those of the thread it was forked from."""


class Thread:
    """The state behind one thread's Reading."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self.spending = Spending(owner.thread_id, owner.has_base)
        self.facts = Facts()
        self.cwd: str | None = None
        self.model: str | None = None
        self.effort: str | None = None
        self.asks_leave = False
        """The user may be asked before a tool runs."""
        self._tier = ""
        self._turn_id = ""

    def take(self, line: Line) -> None:
        """Count a record of this thread. Raises UnreadableError."""
        if self.is_imported and not self._is_about_turns(line):
            self.take_copy(line)
        elif take := _TAKES.get(line.kind):
            take(self, line)
        elif line.kind.startswith("response_item/"):
            self._tool(line)
        elif (event := line.kind.removeprefix("event_msg/")) in QUESTION_EVENTS:
            self.facts.progress.ask(event, line.at)

    def take_copy(self, line: Line) -> None:
        """Of a copied record only what its successors build on: the totals and the model."""
        if line.kind == "event_msg/token_count":
            if info := payload(line, TokenCount).info:
                self.spending.skip(info)
        elif line.kind == "turn_context":
            context = payload(line, TurnContext)
            self.model, self.effort = context.model or self.model, context.effort

    @property
    def has_own_turn(self) -> bool:
        """A turn began after the thread did, so what follows is no copy."""
        turn, thread = born_ms(self._turn_id), born_ms(self.owner.thread_id)
        return self.spending.has_records or bool(turn and thread and turn >= thread)

    @property
    def is_imported(self) -> bool:
        """The turn under way is another program's."""
        return self._turn_id.startswith(IMPORTED)

    def forget(self) -> None:
        """All that was taken so far turned out to be copied."""
        self.facts = Facts()
        self.spending.forget()

    @staticmethod
    def _is_about_turns(line: Line) -> bool:
        return line.kind in ("turn_context", "token_usage_record") or line.kind.startswith(
            ("event_msg/task_", "event_msg/turn_")
        )

    # -- usage ---------------------------------------------------------------------------------

    def _usage_record(self, line: Line) -> None:
        self.take_record(payload(line, UsageRecord), line.at)

    def take_record(self, record: UsageRecord, at: float | None) -> None:
        """What one response of this thread used, or of another."""
        if (record.turn_id or "").startswith(IMPORTED):
            return
        if spent := self.spending.record(record):
            self._claim(*spent, at, proof=0)

    def _token_count(self, line: Line) -> None:
        self.take_totals(payload(line, TokenCount), line.at)

    def take_totals(self, event: TokenCount, at: float | None) -> None:
        """What all responses so far used."""
        if event.rate_limits is not None:
            self.facts.limits.take(event.rate_limits, at)
        if event.info is None:
            return
        self.facts.fill(event.info)
        self.facts.metered = True
        if spent := self.spending.count(event.info, self.facts.answered):
            self._claim(*spent, at, proof=1)

    def _claim(self, key: str, counts: Counts, at: float | None, proof: int) -> None:
        facts = self.facts
        facts.metered = True
        facts.pause()
        searches, facts.calls.searches = facts.calls.searches, 0
        born_at = self.owner.born_at or at or 0.0
        facts.spent.append(Spent(key, at, self.model, self._tier, counts, searches, proof, born_at))

    def claims(self) -> list[Claim]:
        """The responses since the last call."""
        who = self.owner
        spent, self.facts.spent = self.facts.spent, []
        return [
            Claim(
                Response(s.key, s.at, s.model, Tokens(*s.counts), s.tier, searches=s.searches),
                who.thread_id,
                s.proof,
                s.born_at,
                who.transcript,
            )
            for s in spent
        ]

    def note(self, block: Block) -> None:
        """Put the responses into an empty block."""
        who = self.owner.thread_id
        spent, self.facts.spent = self.facts.spent, []
        sightings = Sightings()
        for key, at, model, tier, counts, searches, proof, born_at in spent:
            kind = (model, tier, False, "", "")
            sightings.note(key, at, kind, who, proof, counts, searches)
            block.born_at = born_at
        sightings.fill(block)

    # -- turns ---------------------------------------------------------------------------------

    def _turn_context(self, line: Line) -> None:
        context = payload(line, TurnContext)
        self._turn_id = context.turn_id or self._turn_id
        self.cwd = context.cwd or self.cwd
        self.model, self.effort = context.model or self.model, context.effort
        self.asks_leave = _asks_leave(context)
        self.facts.pause()

    def _settings(self, line: Line) -> None:
        applied = payload(line, SettingsApplied)
        settings = applied.thread_settings
        if settings is None or applied.thread_id not in (None, self.owner.thread_id):
            return
        self.model = settings.model or self.model
        if settings.approval_policy is not None:
            self.asks_leave = _asks_leave(settings)
        self._tier = _tier(settings.service_tier)

    def _turn_started(self, line: Line) -> None:
        turn = payload(line, Turn)
        self._turn_id = turn.turn_id or ""
        self.facts.window(turn.model_context_window)
        cause = turn.turn_attribution
        by_agent = cause is not None and cause.parent_turn_id is not None
        self.facts.calls.stop()
        self.facts.progress.begin_turn(line.at, by_agent)

    def _turn_ended(self, line: Line) -> None:
        turn = payload(line, Turn)
        self.facts.calls.stop()
        self.facts.pause()
        self.facts.progress.end_turn(turn.last_agent_message, turn.error, line.at)

    def _turn_aborted(self, line: Line) -> None:
        turn = payload(line, Turn)
        self.facts.calls.stop()
        self.facts.pause()
        self.facts.progress.abort_turn(turn.reason, line.at)

    def _compacted(self, line: Line) -> None:
        self.facts.compact(line.at)
        self.facts.pause()

    def _error(self, line: Line) -> None:
        event = payload(line, Event)
        self.facts.progress.fail(event.message, event.codex_error_info, line.at)

    # -- what was said -------------------------------------------------------------------------

    def _item(self, line: Line) -> None:
        peeked = _ITEM.search(line.raw, 0, _PEEK)
        if peeked is not None and peeked[1] in _SAID:
            self.facts.answered = True
            return
        event = payload(line, ItemCompleted)
        if event.item is None or event.thread_id not in (None, self.owner.thread_id):
            return
        if (event.turn_id or "").startswith(IMPORTED):
            return
        if event.item.type == "UserMessage":
            self._prompt(_joined(event.item.content), line.at)
        else:
            self.facts.calls.item(event.item, self.cwd, line.at)

    def _user_message(self, line: Line) -> None:
        self._prompt(payload(line, Event).message or "", line.at)

    def _prompt(self, text: str, at: float | None) -> None:
        self.facts.expect_prompt_events()
        self.facts.pause()
        if text and not is_prompt(text):
            return
        self.facts.entitle(text)
        if not self.facts.progress.in_turn:
            self.facts.calls.stop()
        self.facts.progress.prompt(at)

    def _agent_message(self, line: Line) -> None:
        self.facts.answered = True
        self.facts.progress.say(payload(line, Event).message, line.at)

    def _agent_reasoning(self, _line: Line) -> None:
        self.facts.answered = True

    def _message(self, line: Line) -> None:
        role = _ROLE.search(line.raw, 0, _PEEK)
        if role is None or role[1] == b"user" or line.bare:
            self._decoded_message(payload(line, Message), line)
        elif role[1] == b"assistant":
            self.facts.answer()
        else:
            self.facts.pause()

    def _decoded_message(self, message: Message, line: Line) -> None:
        text = _joined(message.content)
        if message.role == "assistant":
            self.facts.answer()
            if line.bare:
                self.facts.progress.say(text, line.at)
            return
        self.facts.pause()
        if message.role == "user" and is_prompt(text) and not self.facts.has_prompt_events:
            self.facts.entitle(text)
            self.facts.message_prompts += 1
            if line.bare:
                self.facts.progress.prompt(line.at)

    def _reasoning(self, _line: Line) -> None:
        self.facts.answer()

    # -- tools ---------------------------------------------------------------------------------

    def _tool(self, line: Line) -> None:
        if line.kind.endswith("_call"):
            self.facts.answer()
            self.facts.calls.begin(payload(line, Call), line.at)
        elif line.kind.endswith("_output"):
            self.facts.pause()
            self.facts.calls.end(payload(line, Output), self.cwd, line.at)
            self.facts.progress.tool_answered(line.at)
        else:
            self.facts.pause()

    def _tool_event(self, line: Line) -> None:
        self.facts.progress.approved()
        self.facts.calls.event(payload(line, Event), self.cwd, line.at)

    def _approved(self, _line: Line) -> None:
        self.facts.progress.approved()


def _asks_leave(told: TurnContext | Settings) -> bool:
    """A policy that is not `never`, and nobody but the user to be asked."""
    policy = told.approval_policy
    return policy not in (None, "never") and told.approvals_reviewer in (None, "user")


def _tier(name: str | None) -> str:
    """`fast` is what Codex calls the API's priority tier."""
    if name in _STANDARD:
        return ""
    return "priority" if name == "fast" else (name or "")


def _joined(content: list[Text] | str | None) -> str:
    if isinstance(content, list):
        return "\n".join(part.text for part in content if part.text)
    return content or ""


_TAKES: dict[str, Callable[[Thread, Line], None]] = {
    "turn_context": Thread._turn_context,  # pyright: ignore[reportPrivateUsage]
    "token_usage_record": Thread._usage_record,  # pyright: ignore[reportPrivateUsage]
    "compacted": Thread._compacted,  # pyright: ignore[reportPrivateUsage]
    "event_msg/token_count": Thread._token_count,  # pyright: ignore[reportPrivateUsage]
    "event_msg/thread_settings_applied": Thread._settings,  # pyright: ignore[reportPrivateUsage]
    "event_msg/task_started": Thread._turn_started,  # pyright: ignore[reportPrivateUsage]
    "event_msg/turn_started": Thread._turn_started,  # pyright: ignore[reportPrivateUsage]
    "event_msg/task_complete": Thread._turn_ended,  # pyright: ignore[reportPrivateUsage]
    "event_msg/turn_complete": Thread._turn_ended,  # pyright: ignore[reportPrivateUsage]
    "event_msg/turn_aborted": Thread._turn_aborted,  # pyright: ignore[reportPrivateUsage]
    "event_msg/item_completed": Thread._item,  # pyright: ignore[reportPrivateUsage]
    "event_msg/user_message": Thread._user_message,  # pyright: ignore[reportPrivateUsage]
    "event_msg/agent_message": Thread._agent_message,  # pyright: ignore[reportPrivateUsage]
    "event_msg/agent_reasoning": Thread._agent_reasoning,  # pyright: ignore[reportPrivateUsage]
    "event_msg/error": Thread._error,  # pyright: ignore[reportPrivateUsage]
    "event_msg/exec_command_begin": Thread._approved,  # pyright: ignore[reportPrivateUsage]
    "event_msg/patch_apply_begin": Thread._approved,  # pyright: ignore[reportPrivateUsage]
    "event_msg/exec_command_end": Thread._tool_event,  # pyright: ignore[reportPrivateUsage]
    "event_msg/patch_apply_end": Thread._tool_event,  # pyright: ignore[reportPrivateUsage]
    "event_msg/mcp_tool_call_end": Thread._tool_event,  # pyright: ignore[reportPrivateUsage]
    "response_item/message": Thread._message,  # pyright: ignore[reportPrivateUsage]
    "response_item/reasoning": Thread._reasoning,  # pyright: ignore[reportPrivateUsage]
}
