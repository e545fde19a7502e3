"""One message with its parts, kept as small as what is said of it allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct, field

from agtop.agents.opencode.records import Counts, Error, Message, Part, seconds, tokens
from agtop.agents.opencode.tools import Call, call
from agtop.model import Tokens

_HEAD = 400
_TAIL = 200
"""Characters of a text that are kept: its beginning may be a title, its end a question."""


class Words(NamedTuple):
    """Text, or with neither head nor tail thinking."""

    at: float | None
    head: str = ""
    tail: str = ""


class Prompt(NamedTuple):
    """Something else that the user sent: a file, a command for a subagent."""


class Compaction(NamedTuple):
    """Asks for the conversation to be summed up."""


class Step(NamedTuple):
    """The end of a request to the model: most messages have one, older ones several."""

    tokens: Tokens | None
    cost: float
    reason: str | None


class Retry(NamedTuple):
    at: float | None
    attempt: int
    error: Error | None


Told = Words | Prompt | Compaction | Step | Retry | Call


class Request(NamedTuple):
    """A request to the model that was answered."""

    number: int
    at: float | None
    """When the answer was there; the same in every copy."""
    tokens: Tokens | None
    cost: float


class Exchange(Struct):
    """What is known of a message."""

    message_id: str
    message: Message | None = None
    parts: dict[str, Told] = field(default_factory=dict[str, Told])
    _told: tuple[Told, ...] | None = None
    _requests: tuple[Request, ...] | None = None

    def take(self, message: Message) -> None:
        self.message, self._requests = message, None

    def take_part(self, part_id: str, told: Told) -> None:
        self.parts[part_id] = told
        self._told = self._requests = None

    @property
    def created_at(self) -> float | None:
        time = self.message.time if self.message is not None else None
        return seconds(time.created) if time is not None else None

    @property
    def completed_at(self) -> float | None:
        time = self.message.time if self.message is not None else None
        return seconds(time.completed) if time is not None else None

    @property
    def is_over(self) -> bool:
        """Nothing will be added to it."""
        message = self.message
        return message is not None and (message.role == "user" or self.completed_at is not None)

    @property
    def order(self) -> tuple[float, str]:
        return (self.created_at or 0.0, self.message_id)

    def told(self) -> tuple[Told, ...]:
        """Its parts in the order they were made."""
        if self._told is None:
            self._told = tuple(self.parts[part_id] for part_id in sorted(self.parts))
        return self._told

    def requests(self) -> tuple[Request, ...]:
        """Its steps; without any the message itself, whose tokens are those of its last step."""
        if self._requests is None:
            self._requests = tuple(self._answered())
        return self._requests

    def _answered(self) -> Iterator[Request]:
        index, at = 0, self.created_at
        for told in self.told():
            at = _later(at, told)
            if isinstance(told, Step):
                yield Request(index, at, told.tokens, told.cost)
                index += 1
        message = self.message
        if index or message is None:
            return
        spent = tokens(message.tokens)
        if spent is not None or (self.completed_at is not None and message.finish):
            yield Request(0, at, spent, message.cost or 0.0)

    @property
    def names_no_tokens(self) -> bool:
        """It is over, and where its tokens should be there is nothing."""
        told: Counts | None = self.message.tokens if self.message is not None else None
        return told is None and self.completed_at is not None and not self._has_step()

    def _has_step(self) -> bool:
        return any(isinstance(told, Step) for told in self.parts.values())


def understand(part_id: str, part: Part) -> Told | None:
    """What a part says that is of use here."""
    at = None
    if part.time is not None:
        at = seconds(part.time.end if part.time.end is not None else part.time.start)
    match part.type:
        case "text":
            is_own = not (part.synthetic or part.ignored)
            text = part.text or "" if is_own else ""
            return Words(at, text[:_HEAD], text[-_TAIL:])
        case "reasoning":
            return Words(at)
        case "file" | "subtask" | "agent":
            return Prompt()
        case "compaction":
            return Compaction()
        case "tool":
            return call(part_id, part)
        case "step-finish":
            return Step(tokens(part.tokens), part.cost or 0.0, part.reason)
        case "retry":
            since = seconds(part.time.created) if part.time is not None else None
            return Retry(since, int(part.attempt or 0), part.error)
        case _:
            return None


def _later(at: float | None, told: Told) -> float | None:
    """The last sign of the model's own work: its words, or the start of a call."""
    heard = told.at if isinstance(told, Words) else None
    if isinstance(told, Call):
        heard = told.began_at
    if heard is None:
        return at
    return heard if at is None else max(at, heard)
