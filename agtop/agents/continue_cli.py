"""Continue's `cn`: one JSON document per session, with the sums of all its requests.

`~/.continue/sessions/<id>.json` (`CONTINUE_GLOBAL_DIR`): title, working directory, the messages,
and `usage` with the session's totals by Continue's own count. It names no model and dates nothing,
so the tokens have no price and no place in a day. (Continue CLI, `session.ts`.)
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from agtop.agents.base import Agent, Capabilities, EventReader
from agtop.agents.decode import count
from agtop.agents.document import DocumentMeter
from agtop.agents.facts import Facts
from agtop.agents.signatures import CONTINUE
from agtop.agents.strange import NO_MESSAGES
from agtop.agents.walk import Walk
from agtop.model import Author, Response, Tokens

_LIST = "sessions.json"
_UNTITLED = "Untitled Session"


class Part(msgspec.Struct):
    type: str | None = None
    text: str | None = None


class Called(msgspec.Struct):
    name: str | None = None
    arguments: str | None = None


class Call(msgspec.Struct):
    id: str | None = None
    function: Called | None = None


class Message(msgspec.Struct):
    role: str | None = None
    content: list[Part] | str | None = None
    toolCalls: list[Call] | None = None  # noqa: N815


class State(msgspec.Struct):
    toolCallId: str | None = None  # noqa: N815
    status: str | None = None


class Item(msgspec.Struct):
    message: Message | None = None
    toolCallStates: list[State] | None = None  # noqa: N815


class Details(msgspec.Struct):
    cachedTokens: int | None = None  # noqa: N815
    cacheWriteTokens: int | None = None  # noqa: N815


class Used(msgspec.Struct):
    totalCost: float | None = None  # noqa: N815
    promptTokens: int | None = None  # noqa: N815
    completionTokens: int | None = None  # noqa: N815
    promptTokensDetails: Details | None = None  # noqa: N815


class Saved(msgspec.Struct):
    sessionId: str | None = None  # noqa: N815
    title: str | None = None
    workspaceDirectory: str | None = None  # noqa: N815
    history: list[Item] | None = None
    usage: Used | None = None


class ContinueMeter(DocumentMeter[Saved]):
    """One session."""

    def __init__(self, path: str) -> None:
        super().__init__(path, Saved)

    def _take(self, facts: Facts, record: Saved) -> None:
        session = record
        facts.seen(os.stat(self.path).st_mtime)
        facts.session_id = session.sessionId or facts.session_id
        facts.title = session.title if session.title != _UNTITLED else None
        facts.cwd = session.workspaceDirectory or None
        if session.history is None:
            facts.problems = (NO_MESSAGES,)
        for number, item in enumerate(session.history or ()):
            facts.records += 1
            if item.message is not None:
                _take(facts, item, item.message, number)
        if session.usage is not None:
            self._take_usage(facts, session.usage)

    def _take_usage(self, facts: Facts, used: Used) -> None:
        """The totals so far: one response that grows. Their instant is not known."""
        details = used.promptTokensDetails or Details()
        prompt, read = count(used.promptTokens), count(details.cachedTokens)
        written, output = count(details.cacheWriteTokens), count(used.completionTokens)
        if not prompt + read + written + output:
            return
        # Of some vendors `promptTokens` holds the cached ones, of Anthropic it does not.
        holds_cache = prompt >= read + written
        facts.estimated |= holds_cache and read + written > 0
        fresh = prompt - read - written if holds_cache else prompt
        facts.reported_cost = used.totalCost or None
        tokens = Tokens(fresh, read, written, 0, output)
        self._claim(facts, Response(f"{facts.session_id}:total", None, None, tokens))


def _take(facts: Facts, item: Item, message: Message, number: int) -> None:
    said = text_of(message)
    if message.role == "user":
        facts.prompted(said, None)
    elif message.role == "assistant":
        facts.replied(str(number))
        states = {state.toolCallId: state.status for state in item.toolCallStates or ()}
        for call in message.toolCalls or ():
            key = call.id or f"{number}"
            facts.called(key, (call.function and call.function.name) or "tool", "", None)
            status = states.get(call.id)
            if status in ("done", "errored", "canceled"):
                facts.resolved(key, None, status == "errored")
            elif status == "generated":
                facts.permission("a tool call", None)
        if not message.toolCalls:
            facts.answered(said, None)


def text_of(message: Message) -> str:
    if isinstance(message.content, str):
        return message.content
    return " ".join(part.text for part in message.content or () if part.text)


def roots(home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    given = environ.get("CONTINUE_GLOBAL_DIR")
    return (Path(os.path.expanduser(given)) if given else home / ".continue",)


def transcripts(root: Path, walk: Walk) -> Iterator[str]:
    for entry in walk.files(root / "sessions", (".json",)):
        if entry.name != _LIST:
            yield entry.path


def _events(path: str, author: Author, backlog: int) -> EventReader:
    from agtop.agents.continue_events import ContinueEvents

    return ContinueEvents(path, author, backlog)


AGENT = Agent(
    name="continue",
    label="Continue",
    provider="unknown",
    capabilities=Capabilities(tokens="partial", cost="partial", state="partial"),
    signature=CONTINUE,
    roots=roots,
    transcripts=transcripts,
    meter=ContinueMeter,
    events=_events,
    registrations=lambda _root, _problems: (),
)
