"""What the messages of one Gemini CLI session say, each counted once however often it is written.

Checkpoints repeat the history, compressed ones under new ids and without tokens; `$rewindTo` takes
messages out of it. What was paid stays paid, so neither takes anything back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from agtop.agents.facts import Facts
from agtop.agents.gemini import tools
from agtop.agents.gemini.records import (
    Message,
    ToolCall,
    Usage,
    answers_calls,
    disjoint,
    makes_calls,
    text_of,
)
from agtop.model import Response
from agtop.units import instant

CONTEXT = ("<session_context>", "<hook_context>")
_ASKING = frozenset({"ask_user", "exit_plan_mode"})
_LAST_CALL = "complete_task"
"""How a subagent hands back its work; nothing answers it."""
_LOOP = "System: Potential loop detected"
"""How the words begin by which it warns its model, in the user's name."""
CANCELLED = "Request cancelled."
_STOPPED = "it stopped in a loop and asks whether to look out for loops further"
QUIET = frozenset({"info", "warning"})
LIMIT = re.compile(
    r"\bquota\b|rate.?limit|RESOURCE_EXHAUSTED|\b429\b|exhausted your", re.IGNORECASE
)
_RESET = re.compile(r"reset after (?:(\d+)h)?(?:(\d+)m)?(?:(\d+)(?:\.\d+)?s)?")
_PLACES_MOST = 64
_ENDING = 8
"""Tokens that may end an answer without a word."""


class Conversation:
    """Tells a session's facts what its messages say, and hands out its responses."""

    def __init__(self, facts: Facts, claim: Callable[[Response], None]) -> None:
        self.places: dict[str, None] = {}
        """Absolute paths that its tools were given."""
        self.strange: set[str] = set()
        """Kinds of messages that agtop does not know."""
        self._facts = facts
        self._claim = claim
        self._history: dict[str, bool] = {}
        """Message id → whether it carries tokens, of what the model still sees."""
        self._seen: set[str] = set()
        self._settled: set[str] = set()
        """Calls whose end was taken in."""
        self._words: tuple[str, float | None] | None = None
        """What the model said last, and when, if nothing came after it."""
        self._has_answers = False
        self._warning: str | None = None
        """The id of the newest message, where that warns the model of a loop."""
        self._is_over = False
        """The results that follow are not sent to the model."""

    def take(self, message: Message) -> bool:
        """Take in a message; False for one that cannot be told from others."""
        if message.id is None or message.type is None:
            return False
        is_new = message.id not in self._seen
        self._seen.add(message.id)
        self._history[message.id] = self._history.get(message.id) or message.tokens is not None
        at = instant(message.timestamp)
        self._facts.seen(at)
        if message.type not in QUIET and is_new:
            self._warning = None
        if message.type == "gemini":
            self._answer(message, message.id, at, is_new)
        elif is_new:
            self._say(message, at)
        return True

    def restate(self, messages: Sequence[Message]) -> None:
        """A checkpoint: the history is now this."""
        kept = {message.id for message in messages}
        is_compacted = any(paid and key not in kept for key, paid in self._history.items())
        if self._warning is not None and self._warning not in kept:
            self._facts.act("question", self._facts.last_active, _STOPPED)
        self._warning, self._history = None, {}
        for message in messages:
            if message.id is None:
                continue
            self._history[message.id] = message.tokens is not None
            if message.type == "gemini" and message.tokens is not None:
                self._count(message, message.id, instant(message.timestamp))
        if is_compacted:
            self._facts.compacted()

    def rewind(self, message_id: str) -> None:
        """Everything from this message on was taken back, as far as the model sees."""
        ids = list(self._history)
        kept = ids[: ids.index(message_id)] if message_id in self._history else []
        self._history = {each: self._history[each] for each in kept}

    def resume(self) -> None:
        """It was taken up again: no tool of before is running."""
        if self._words is not None:
            self._facts.answered(*self._words)

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be understood, where it leaves the tokens unknown."""
        if self._facts.metered:
            return ()
        if self.strange:
            kinds = ", ".join(sorted(self.strange)[:3])
            return (f"it holds messages of a kind unknown here ({kinds}); update agtop",)
        if self._has_answers:
            return ("its answers hold no token counts that can be read; update agtop",)
        return ()

    # ---- the model's words

    def _answer(self, message: Message, message_id: str, at: float | None, is_new: bool) -> None:
        self._facts.model = message.model or self._facts.model
        self._count(message, message_id, at)
        if message.tokens is not None and message.tokens.is_known:
            tokens = disjoint(message.tokens)
            self._facts.reasoned = True
            self._facts.filled(tokens.prompt + tokens.output)
        if message.tool_calls:
            self._take_calls(message.tool_calls, message_id, at)
        elif is_new:
            self._is_over = False
            self._act_on_words(message, at)

    def _count(self, message: Message, message_id: str, at: float | None) -> None:
        self._facts.replied(message_id)
        self._has_answers = True
        if message.tokens is None or not message.tokens.is_known:
            return
        key = f"{self._facts.session_id}:{message_id}"
        self._claim(Response(key, at, message.model, disjoint(message.tokens)))

    def _act_on_words(self, message: Message, at: float | None) -> None:
        """Calls are written down only once they have ended, so words may be the last or not."""
        text = text_of(message.content)
        if not text or makes_calls(message.content):
            self._facts.act("tool", at, "the answer calls a tool that has no result yet")
            self._facts.hold_up()
        else:
            self._words = (text, at)
            self._facts.answered(text, at, may_go_on=True)
            if _says_more(message.tokens, text):
                self._facts.hold_up()

    # ---- tools

    def _take_calls(self, calls: list[ToolCall], message_id: str, at: float | None) -> None:
        statuses: list[str | None] = []
        self._is_over, self._words = False, None
        for number, call in enumerate(calls):
            key = call.id or f"{message_id}:{number}"
            if key not in self._settled:
                ended_at = instant(call.timestamp) or at
                self._facts.seen(ended_at)
                self._take_call(call, key, ended_at)
                statuses.append(call.status)
        if statuses and all(status == "cancelled" for status in statuses):
            self._is_over = True
            self._facts.interrupted(self._facts.last_active, "the user stopped its tool")

    def _take_call(self, call: ToolCall, key: str, at: float | None) -> None:
        name = call.name or "tool"
        given = tools.arguments(call.args)
        self._note_places(given)
        self._facts.called(key, name, given.best, at, name in _ASKING, bytes(call.args))
        if call.status in ("success", "error", "cancelled"):
            self._settled.add(key)
            self._facts.resolved(key, at, is_error=call.status == "error")
        elif call.status == "awaiting_approval":
            self._facts.permission(f"{name} {given.best}", at)
        if call.status == "success":
            self._note_write(name, call, given, at)
            if name == _LAST_CALL:
                self._is_over = True
                self._facts.answered("", at)

    def _note_write(
        self, name: str, call: ToolCall, given: tools.Arguments, at: float | None
    ) -> None:
        shown = tools.display(call.result_display)
        path = tools.written(name, given, shown)
        if path is not None:
            added, removed = tools.changed_lines(given, shown)
            kind = tools.kind(shown)
            self._facts.writes.add(path, at, added, removed, self._facts.cwd, kind)

    def _note_places(self, given: tools.Arguments) -> None:
        if len(self.places) < _PLACES_MOST:
            self.places.update(dict.fromkeys(given.places))

    # ---- everybody else's words

    def _say(self, message: Message, at: float | None) -> None:
        text = text_of(message.content).strip()
        if message.type not in QUIET or text == CANCELLED:
            self._words = None
        if message.type == "user":
            self._take_user(message, text, at)
        elif message.type == "error":
            self._take_error(text, at)
        elif message.type == "info" and text == CANCELLED:
            self._is_over = True
            self._facts.interrupted(at)
        elif message.type not in QUIET:
            self.strange.add(message.type or "")

    def _take_user(self, message: Message, text: str, at: float | None) -> None:
        if answers_calls(message.content):
            if not self._is_over:
                self._facts.act("requested", at, "a tool's result has no answer yet")
        elif text.startswith(_LOOP):
            self._warning = message.id
            self._facts.act("requested", at, "it was warned that it goes in circles")
        elif text and not text.startswith(CONTEXT):
            self._is_over = False
            self._facts.prompted(text, at)
            if self._facts.parent_id is not None:
                self._facts.user_turns = 0  # its parent's words, not a person's

    def _take_error(self, text: str, at: float | None) -> None:
        if LIMIT.search(text):
            self._facts.limited(text, at, _reset(text, at))
        else:
            self._facts.failed(text, at)


def _says_more(usage: Usage | None, text: str) -> bool:
    """Whether the answer holds more than these words: a token is a byte at least."""
    if usage is None or not usage.is_known:
        return False
    tokens = disjoint(usage)
    return tokens.output - tokens.reasoning > len(text.encode("utf-8", "replace")) + _ENDING


def _reset(text: str, at: float | None) -> float | None:
    """When a quota that `will reset after 7h10m28s` is there again."""
    found = _RESET.search(text)
    if found is None or at is None or not any(found.groups()):
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return at + 3600 * hours + 60 * minutes + seconds
