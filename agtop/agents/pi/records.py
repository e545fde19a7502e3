"""The lines of a Pi session's file: the fields that are used."""

from __future__ import annotations

import msgspec

from agtop.agents.decode import count
from agtop.model import Tokens


class Cost(msgspec.Struct):
    total: float | None = None


class Usage(msgspec.Struct, rename="camel"):
    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    cache_write1h: int | None = msgspec.field(default=None, name="cacheWrite1h")
    reasoning: int | None = None
    cost: Cost | None = None


class Details(msgspec.Struct):
    diff: str | None = None


class Block(msgspec.Struct):
    type: str = ""
    text: str | None = None
    thinking: msgspec.Raw = msgspec.Raw(b"null")
    id: str | None = None
    name: str | None = None
    arguments: msgspec.Raw = msgspec.Raw()


class Message(msgspec.Struct, rename="camel"):
    role: str = ""
    content: str | list[Block] | None = None
    timestamp: float | None = None
    provider: str | None = None
    model: str | None = None
    response_model: str | None = None
    response_id: str | None = None
    usage: Usage | None = None
    stop_reason: str | None = None
    error_message: str | None = None
    tool_call_id: str | None = None
    tool_name: str | None = None
    is_error: bool | None = None
    details: Details | None = None


class Entry(msgspec.Struct, rename="camel"):
    type: str = ""
    id: str | None = None
    parent_id: str | None = None
    timestamp: str | None = None
    version: int | None = None
    cwd: str | None = None
    parent_session: str | None = None
    branched_from: str | None = None
    """What `parentSession` was called in version 1."""
    provider: str | None = None
    model: str | None = None
    model_id: str | None = None
    thinking_level: str | None = None
    name: str | None = None
    tokens_before: int | None = None
    usage: Usage | None = None
    message: Message | None = None


def tokens_of(usage: Usage | None) -> Tokens:
    if usage is None:
        return Tokens()
    written, long = count(usage.cache_write), count(usage.cache_write1h)
    output = count(usage.output)
    return Tokens(
        count(usage.input),
        count(usage.cache_read),
        max(0, written - long),
        min(long, written),
        output,
        min(count(usage.reasoning), output),
    )


def blocks_of(message: Message) -> list[Block]:
    return message.content if isinstance(message.content, list) else []


def text_of(message: Message) -> str:
    if isinstance(message.content, str):
        return message.content
    return "".join(block.text or "" for block in blocks_of(message) if block.type == "text")
