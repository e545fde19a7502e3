"""Goes through a session's messages in their order and says what they come to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agtop.agents.facts import Facts
from agtop.agents.opencode.exchange import Compaction, Exchange, Prompt, Retry, Step, Words
from agtop.agents.opencode.records import Error, Message
from agtop.agents.opencode.tools import ASKING, AT_ONCE, Call
from agtop.model import Reading

if TYPE_CHECKING:
    from agtop.agents.opencode.conversation import Conversation

_UNNAMED = re.compile(r"(New|Child) session - \d{4}-")
"""The title until the model has thought of one."""
_LIMIT = re.compile(r"rate.?limit|usage limit|quota|too many requests", re.IGNORECASE)
NO_USAGE = (
    "its replies carry no tokens where agtop looks for them; if its agent is newer than agtop,"
    " update agtop"
)


def tell(conversation: Conversation, transcript: str, damaged: int) -> Reading:
    """The reading of a session."""
    info = conversation.info
    facts = Facts(info.session_id)
    facts.parent_id, facts.forked_from = info.parent_id, info.forked_from
    facts.cwd, facts.version, facts.interactive = info.cwd, info.version, info.interactive
    facts.title = None if _UNNAMED.match(info.title or "") else info.title or None
    facts.skipped = damaged
    facts.seen(info.created_at)
    if info.model is not None:
        facts.model, facts.effort = (
            info.model.id or info.model.model_id,
            _effort(info.model.variant),
        )
    _Teller(conversation, facts).go()
    if not conversation.exchanges:
        facts.metered = facts.reasoned = info.spent is not None
        facts.reported_cost = info.cost or None
    facts.problems += info.problems
    if info.parent_id is not None:
        facts.user_turns = 0  # what it was asked, its parent asked
    return facts.freeze(transcript)


class _Teller:
    """Tells the facts of one session, message by message."""

    def __init__(self, conversation: Conversation, facts: Facts) -> None:
        self._conversation = conversation
        self._facts = facts
        self._cost = 0.0
        self._has_blanks = False

    def go(self) -> None:
        for exchange in self._conversation.ordered():
            message = exchange.message
            assert message is not None
            if self._conversation.is_copy(exchange):
                self._fill(exchange, message)
                continue
            self._facts.records += 1 + len(exchange.parts)
            if message.role == "user":
                self._hear(exchange)
            elif message.role == "assistant":
                self._answer(exchange, message)
        # A subscription is noted as a cost of nothing, which says nothing of what was used.
        self._facts.reported_cost = self._cost or None
        if self._has_blanks and not self._facts.metered:
            self._facts.problems += (NO_USAGE,)
        if (since := self._conversation.info.compacting_at) is not None:
            self._facts.act("requested", since, "the conversation is being summed up")

    # ---- the user

    def _hear(self, exchange: Exchange) -> None:
        facts, at, told = self._facts, exchange.created_at, exchange.told()
        facts.seen(at)
        text = next((each.head for each in told if isinstance(each, Words) and each.head), "")
        if text or any(isinstance(each, Prompt) for each in told):
            facts.prompted(text, at)
        elif any(isinstance(each, Compaction) for each in told):
            facts.act("requested", at, "the conversation is being summed up")
        else:
            facts.act("requested", at, "what the agent asked itself has no answer yet")

    # ---- the model

    def _answer(self, exchange: Exchange, message: Message) -> None:
        facts = self._facts
        facts.seen(exchange.created_at)
        facts.seen(exchange.completed_at)
        facts.model = message.model_id or facts.model
        facts.effort = _effort(message.variant) or facts.effort
        if message.path is not None and message.path.cwd:
            facts.cwd = message.path.cwd
        retry, text = self._go_through(exchange)
        requests = exchange.requests()
        for request in requests:
            facts.replied(f"{exchange.message_id}:{request.number}")
        self._cost += max(message.cost or 0.0, sum(request.cost for request in requests))
        self._has_blanks |= exchange.names_no_tokens and message.error is None
        self._fill(exchange, message)
        if message.error is not None:
            self._end_badly(message.error, exchange.completed_at or exchange.created_at)
        elif exchange.completed_at is not None:
            self._end(exchange, message, text)
        elif retry is not None:
            self._try_again(retry)
        else:
            facts.answering(exchange.created_at)

    def _go_through(self, exchange: Exchange) -> tuple[Retry | None, str]:
        """Its calls; the attempt that failed last, if nothing came after; the last words."""
        facts, retry, text = self._facts, None, ""
        for told in exchange.told():
            retry = told if isinstance(told, Retry) else None
            if isinstance(told, Words):
                facts.seen(told.at)
                text = told.tail or text
            elif isinstance(told, Call):
                self._call(told)
        return retry, text

    def _call(self, call: Call) -> None:
        facts = self._facts
        facts.seen(call.began_at)
        if call.status == "written":
            return
        facts.called(
            call.call_id,
            call.name,
            call.argument,
            call.began_at,
            call.name in ASKING,
            at_once=call.name in AT_ONCE,
        )
        if call.status == "open":
            return
        facts.seen(call.ended_at)
        facts.resolved(call.call_id, call.ended_at, call.status == "failed")
        if call.refusal is not None:
            sign, path = call.refusal
            facts.writes.met(sign, path, call.ended_at, facts.cwd)
        for write in call.writes:
            lines = write.added, write.removed
            facts.writes.add(write.path, call.ended_at, *lines, facts.cwd, write.kind)

    def _end(self, exchange: Exchange, message: Message, text: str) -> None:
        facts, at = self._facts, exchange.completed_at
        if message.sums_up:
            facts.compacted()
            facts.act("done", at, "the conversation was summed up")
            return
        reasons = [told.reason for told in exchange.told() if isinstance(told, Step)]
        finish = message.finish or next(reversed(reasons), None)
        if finish == "tool-calls":
            facts.act("requested", at, "a tool's result has no answer yet")
        else:
            facts.answered(text, at, finish or "")

    def _end_badly(self, error: Error, at: float | None) -> None:
        said = (error.data.message if error.data is not None else None) or error.name or ""
        if error.name == "MessageAbortedError":
            self._facts.interrupted(at)
        elif _is_limit(error):
            self._facts.limited(said, at, _until(error, at))
        else:
            self._facts.failed(said, at)

    def _try_again(self, retry: Retry) -> None:
        error = retry.error or Error()
        said = (error.data.message if error.data is not None else None) or error.name or "unnamed"
        self._facts.seen(retry.at)
        if _is_limit(error):
            self._facts.limited(said, retry.at, _until(error, retry.at))
        else:
            words = f"attempt {retry.attempt} failed ({said[:80]}); it tries again"
            self._facts.act("requested", retry.at, words)

    def _fill(self, exchange: Exchange, message: Message) -> None:
        """The last request's prompt and answer are what the model has before it."""
        for request in exchange.requests():
            if request.tokens is not None and message.role == "assistant":
                self._facts.metered = self._facts.reasoned = True
                if not message.sums_up:
                    self._facts.filled(request.tokens.total)


def _effort(variant: str | None) -> str | None:
    return None if variant in (None, "", "default") else variant


def _is_limit(error: Error) -> bool:
    data = error.data
    if data is None:
        return False
    return data.status_code == 429 or _LIMIT.search(data.message or "") is not None


def _until(error: Error, at: float | None) -> float | None:
    """When the provider said to come back."""
    headers = (error.data.response_headers if error.data is not None else None) or {}
    wait = next((v for k, v in headers.items() if k.lower() == "retry-after"), None)
    if at is None or not isinstance(wait, str) or not wait.isascii() or not wait.isdigit():
        return None
    return at + min(int(wait[:9]), 7 * 86400)
