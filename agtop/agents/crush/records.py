"""The rows of Crush's database that agtop reads; any column may be missing or of another type."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from agtop.agents.decode import convert, plain
from agtop.agents.loose import fields, number, objects


class Session(NamedTuple):
    """A row of `sessions`."""

    id: object
    parent_session_id: object
    title: object
    message_count: object
    prompt_tokens: object
    completion_tokens: object
    cost: object
    created_at: object
    updated_at: object


class Data(msgspec.Struct):
    """The fields of all kinds of parts."""

    text: str = ""
    thinking: str = ""
    content: str = ""
    hidden: bool = False
    id: str = ""
    name: str = ""
    input: str = ""
    tool_call_id: str = ""
    metadata: str = ""
    is_error: bool = False
    reason: str = ""
    time: float | None = None
    message: str = ""
    details: str = ""


class Part(NamedTuple):
    kind: str
    data: Data


class Message(NamedTuple):
    """A row of `messages`."""

    order: int
    role: str
    model: str | None
    at: float | None
    sums_up: bool
    parts: tuple[Part, ...] | None
    """None where they cannot be read."""

    def all(self, kind: str) -> list[Data]:
        return [part.data for part in self.parts or () if part.kind == kind]


def parts(data: bytes) -> tuple[Part, ...] | None:
    """A list of `{type, data}`."""
    value = plain(data)
    if not isinstance(value, list):
        return None
    listed = ((each.get("type"), each.get("data")) for each in objects(data))
    return tuple(Part(str(kind), convert(fields(held), Data) or Data()) for kind, held in listed)


def seconds(value: object) -> float | None:
    """An instant; some forks write milliseconds."""
    found = number(value)
    if found is None or found <= 0:
        return None
    return found / 1000 if found > 1e11 else found
