"""Amp: threads were kept on this machine until the spring of 2026, one JSON document each.

`~/.local/share/amp/threads/T-<id>.json` (`AMP_DATA_DIR`, `XDG_DATA_HOME`). Since then they live on
Amp's servers and nothing here tells what they used; a running process still has its row.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

import msgspec

from agtop.agents.base import Agent, Capabilities, EventReader
from agtop.agents.decode import count
from agtop.agents.document import DocumentMeter
from agtop.agents.facts import Facts
from agtop.agents.signatures import AMP
from agtop.agents.strange import NO_MESSAGES
from agtop.agents.walk import Walk
from agtop.model import Author, Response, Tokens
from agtop.units import instant


class Used(msgspec.Struct):
    """Buckets are disjoint; `totalInputTokens` is their sum."""

    model: str | None = None
    inputTokens: int | None = None  # noqa: N815
    outputTokens: int | None = None  # noqa: N815
    cacheCreationInputTokens: int | None = None  # noqa: N815
    cacheReadInputTokens: int | None = None  # noqa: N815
    timestamp: str | float | None = None


class Part(msgspec.Struct):
    type: str | None = None
    text: str | None = None
    id: str | None = None
    name: str | None = None
    toolUseID: str | None = None  # noqa: N815


class Message(msgspec.Struct):
    role: str | None = None
    messageId: int | None = None  # noqa: N815
    content: list[Part] | None = None
    usage: Used | None = None


class Ledger(msgspec.Struct):
    events: list[Event] | None = None


class Counts(msgspec.Struct):
    input: int | None = None
    output: int | None = None


class Event(msgspec.Struct):
    id: str | None = None
    timestamp: str | float | None = None
    model: str | None = None
    tokens: Counts | None = None
    toMessageId: int | None = None  # noqa: N815


class Tree(msgspec.Struct):
    uri: str | None = None


class Initial(msgspec.Struct):
    trees: list[Tree] | None = None


class Environment(msgspec.Struct):
    initial: Initial | None = None


class Thread(msgspec.Struct):
    id: str | None = None
    title: str | None = None
    created: float | None = None
    env: Environment | None = None
    messages: list[Message] | None = None
    usageLedger: Ledger | None = None  # noqa: N815


class AmpMeter(DocumentMeter[Thread]):
    """One thread."""

    def __init__(self, path: str) -> None:
        super().__init__(path, Thread)

    def _take(self, facts: Facts, record: Thread) -> None:
        thread = record
        facts.session_id = thread.id or facts.session_id
        facts.title, facts.cwd = thread.title, _folder(thread)
        facts.seen(moment(thread.created))
        events = thread.usageLedger.events if thread.usageLedger else None
        spent: dict[int | None, list[Event]] = {}
        for event in events or ():
            spent.setdefault(event.toMessageId, []).append(event)
        if thread.messages is None:
            facts.problems = (NO_MESSAGES,)
        for number, message in enumerate(thread.messages or ()):
            facts.records += 1
            self._take_message(facts, message, spent, _number(message, number))
        self._take_rest(facts, spent)
        facts.seen(self._written_at())

    def _take_message(
        self,
        facts: Facts,
        message: Message,
        spent: dict[int | None, list[Event]],
        number: int,
    ) -> None:
        used, events = message.usage, spent.get(number, [])
        at = moment(used.timestamp if used else events[0].timestamp if events else None)
        facts.seen(at)
        said = " ".join(p.text for p in message.content or () if p.type == "text" and p.text)
        if message.role == "user":
            self._take_user(facts, message, said, at)
            return
        key = f"{facts.session_id}:{number}"
        facts.replied(key)
        calls = [part for part in message.content or () if part.type == "tool_use"]
        if not calls:
            facts.answered(said, at)
        for part in calls:
            facts.called(part.id or key, part.name or "tool", "", at)
        if used is not None:
            facts.model = used.model or facts.model
            tokens = Tokens(
                count(used.inputTokens),
                count(used.cacheReadInputTokens),
                count(used.cacheCreationInputTokens),
                0,
                count(used.outputTokens),
            )
            facts.filled(tokens.prompt)
            self._claim(facts, Response(key, at, used.model, tokens))
            spent.pop(number, None)  # the same is told there
        elif events:
            facts.model = events[-1].model or facts.model

    def _take_rest(self, facts: Facts, spent: dict[int | None, list[Event]]) -> None:
        """What only the ledger tells, be the answer in the thread without usage or not at all.

        Where an event does not say whose it is, it may be of an answer that tells its own usage.
        """
        if facts.metered:
            spent.pop(None, None)
        for number, events in spent.items():
            for place, event in enumerate(events):
                if event.tokens is not None:
                    key = f"{facts.session_id}:{number}" + (f".{place}" if place else "")
                    tokens = Tokens(count(event.tokens.input), output=count(event.tokens.output))
                    at = moment(event.timestamp)
                    self._claim(facts, Response(key, at, event.model, tokens))

    def _take_user(self, facts: Facts, message: Message, said: str, at: float | None) -> None:
        results = [part for part in message.content or () if part.type == "tool_result"]
        for part in results:
            facts.resolved(part.toolUseID or "", at)
        if said and not results:
            facts.prompted(said, at)

    def _written_at(self) -> float | None:
        try:
            return os.stat(self.path).st_mtime
        except OSError:
            return None


def _number(message: Message, place: int) -> int:
    return place if message.messageId is None else message.messageId


def _folder(thread: Thread) -> str | None:
    initial = thread.env.initial if thread.env else None
    uris = [tree.uri for tree in (initial.trees if initial else None) or () if tree.uri]
    return unquote(uris[0].removeprefix("file://")) if uris else None


def moment(value: str | float | None) -> float | None:
    """ISO text, or milliseconds."""
    if isinstance(value, int | float):
        return value / 1000 if 0 < value < 1e14 else None
    return instant(value)


def roots(home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    given = environ.get("AMP_DATA_DIR")
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return (Path(os.path.expanduser(given)) if given else data / "amp",)


def transcripts(root: Path, walk: Walk) -> Iterator[str]:
    for entry in walk.files(root / "threads", (".json",), strange=_may_be_thread):
        if entry.name.startswith("T-"):
            yield entry.path


def _may_be_thread(path: str) -> bool:
    return path.endswith(".json")


def _events(path: str, author: Author, backlog: int) -> EventReader:
    from agtop.agents.amp_events import AmpEvents

    return AmpEvents(path, author, backlog)


AGENT = Agent(
    name="amp",
    label="Amp",
    provider="anthropic",
    capabilities=Capabilities(tokens="partial", state="partial"),
    signature=AMP,
    roots=roots,
    transcripts=transcripts,
    meter=AmpMeter,
    events=_events,
    registrations=lambda _root, _problems: (),
    resume=lambda session_id: f"amp threads continue {session_id}",
)
