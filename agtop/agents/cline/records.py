"""What a session's two documents hold, as far as it is used."""

from __future__ import annotations

import msgspec

NOTHING = msgspec.Raw(b"{}")


class Block(msgspec.Struct):
    type: str = ""
    text: str | None = None
    id: str | None = None
    name: str | None = None
    input: msgspec.Raw = msgspec.Raw()
    tool_use_id: str | None = None
    content: msgspec.Raw = NOTHING
    is_error: bool | None = None


class ModelInfo(msgspec.Struct):
    id: str | None = None
    provider: str | None = None


class Metrics(msgspec.Struct, rename="camel"):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    cost: float | None = None


class Label(msgspec.Struct, rename="camel"):
    """What a message is besides a message."""

    kind: str | None = None
    display_role: str | None = None


class Message(msgspec.Struct, rename="camel"):
    id: str | None = None
    role: str = ""
    ts: float | None = None
    content: list[Block] | str | None = None
    model_info: ModelInfo | None = None
    metrics: Metrics | None = None
    metadata: Label | None = None


class Origin(msgspec.Struct, rename="camel"):
    parent_thread_id: str | None = None
    version: str | None = None


class Conversation(msgspec.Struct, rename="camel"):
    """`<session>.messages.json`."""

    session_id: str | None = None
    origin: Origin | None = None
    messages: list[Message] | None = None


class Git(msgspec.Struct):
    branch: str | None = None


class Metadata(msgspec.Struct):
    title: str | None = None
    git: Git | None = None


class Manifest(msgspec.Struct):
    """`<session>.json`."""

    session_id: str | None = None
    pid: int | None = None
    started_at: str | None = None
    ended_at: str | None = None
    status: str | None = None
    interactive: bool | None = None
    model: str | None = None
    cwd: str | None = None
    metadata: Metadata | None = None


class Hub(msgspec.Struct):
    """`locks/hub/production.json`."""

    pid: int | None = None


class Arguments(msgspec.Struct):
    path: str | None = None
    input: str | None = None
    old_text: str | None = None
    new_text: str | None = None
    commands: list[str] | None = None
    task: str | None = None
    question: str | None = None
    query: str | None = None


class Result(msgspec.Struct):
    success: bool | None = None
    error: str | None = None
