"""Where a thread stands by its own records: asked, at work, answered, stopped."""

from __future__ import annotations

import re
from typing import cast

from agtop.agents.asked import asked
from agtop.agents.codex.calls import AT_ONCE, QUESTIONS, Calls
from agtop.agents.codex.limits import Limits
from agtop.model import Activity, Phase, replace

_ASKED: dict[str, tuple[Phase, str]] = {
    "exec_approval_request": ("permission", "it asks whether a command may run"),
    "apply_patch_approval_request": ("permission", "it asks whether a patch may be applied"),
    "request_permissions": ("permission", "it asks for permissions"),
    "elicitation_request": ("question", "an MCP server asks for input"),
    "request_user_input": ("question", "it asks the user"),
}
QUESTION_EVENTS = frozenset(_ASKED)
_TOO_MANY = re.compile(r"\b429\b")
"""The API's status when it is asked too often, in what Codex makes of it."""


class Progress:
    """Follows the turns of one thread."""

    def __init__(self) -> None:
        self.in_turn = False
        """A `task_started` without its end; older versions write neither."""
        self.turn_counted = False
        self._by_agent = False
        self.user_turns = 0
        self._open: Activity | None = None
        """What is owed while the model works."""
        self._question: Activity | None = None
        self._ended = Activity()
        self._error: Activity | None = None

    def begin_turn(self, at: float | None, by_agent: bool) -> None:
        self.in_turn, self.turn_counted = True, False
        self._by_agent = by_agent
        self._error = self._question = None
        self._open = Activity("requested", at, "a turn began and has not ended")

    def prompt(self, at: float | None) -> None:
        """The user said something; several messages within one turn are one prompt."""
        if not self._by_agent and not (self.in_turn and self.turn_counted):
            self.user_turns += 1
            self.turn_counted = True
        if not self.in_turn:
            self._error = self._question = None
            self._open = Activity("requested", at, "the user asked and no answer has come")

    def tool_answered(self, at: float | None) -> None:
        self._question = None
        self._open = Activity("requested", at, "a tool answered and the model has not")

    def ask(self, event: str, at: float | None) -> None:
        phase, said = _ASKED[event]
        self._question = Activity(phase, at, said)

    def approved(self) -> None:
        self._question = None

    def say(self, text: str | None, at: float | None) -> None:
        """The model spoke; without turn events that is its answer."""
        if not self.in_turn:
            self._end(_answer(text, at))

    def fail(self, message: str | None, info: object, at: float | None) -> None:
        """An error that the turn will end with."""
        self._error = _failure({"message": message, "codex_error_info": info}, at)
        self._end(self._error)

    def end_turn(self, text: str | None, error: object, at: float | None) -> None:
        self.in_turn = False
        if error is not None:
            self._error = _failure(error, at)
        self._end(self._error or _answer(text, at))

    def abort_turn(self, reason: str | None, at: float | None) -> None:
        self.in_turn = False
        why = "the user stopped the turn" if reason in (None, "interrupted") else None
        self._end(Activity("interrupted", at, why or f"the turn was stopped: {_short(reason)}"))

    def _end(self, activity: Activity) -> None:
        self._open = self._question = None
        self._ended = activity

    def activity(self, calls: Calls, limits: Limits, asks_leave: bool = False) -> Activity:
        """
        Args:
            asks_leave: the user may be asked before a tool runs, which no record tells of.
        """
        if self._question is not None:
            return self._question
        if calls.pending:
            return _waiting_for_tool(calls, asks_leave)
        current = self._open or self._ended
        if limits.reached:
            current = Activity("limited", current.since, "the plan's rate limit is reached")
        return replace(current, until=limits.until) if current.phase == "limited" else current


def _waiting_for_tool(calls: Calls, asks_leave: bool) -> Activity:
    pending = list(calls.pending.values())
    for call in pending:
        if call.name in QUESTIONS:
            return Activity("question", call.at, f"{call.name} waits for the user's answer")
    quick = [call for call in pending if asks_leave and call.name in AT_ONCE]
    newest = (quick or pending)[-1]
    said = f"{newest.name} was called and has not answered"
    return Activity("tool", newest.at, said, at_once=bool(quick))


def _answer(text: str | None, at: float | None) -> Activity:
    if text is None:
        return Activity("done", at, "the turn ended")
    question = asked(text)
    if question is None:
        return Activity("done", at, "the model answered")
    return Activity("asks", at, "the answer ends in a question", asked=question)


def _failure(error: object, at: float | None) -> Activity:
    """An error is a string or an object with a message."""
    values = cast("dict[str, object]", error) if isinstance(error, dict) else {"message": error}
    if "usage_limit" in str(values.get("codex_error_info")):
        return Activity("limited", at, "the plan's usage limit is reached")
    message = str(values.get("message") or "an error")
    if _TOO_MANY.search(f"{values.get('codex_error_info')} {message}"):
        return Activity("limited", at, f"a rate limit was met: {_short(message)}")
    return Activity("error", at, f"the turn failed: {_short(message)}")


def _short(text: str | None) -> str:
    words = " ".join((text or "no reason given")[:400].split())
    return words if len(words) <= 100 else words[:99] + "…"
