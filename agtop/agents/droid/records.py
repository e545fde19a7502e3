"""The lines of a session, its settings, and those of the whole home, as far as they are used."""

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
    is_error: bool | None = None
    content: msgspec.Raw = NOTHING


class Message(msgspec.Struct, rename={"model_id": "modelId", "effort": "reasoningEffort"}):
    role: str = ""
    content: list[Block] | str | None = None
    visibility: str | None = None
    model_id: str | None = None
    effort: str | None = None


class Line(msgspec.Struct, rename="camel"):
    type: str = ""
    id: str | None = None
    timestamp: str | None = None
    message: Message | None = None
    visibility: str | None = None
    # Of `session_start`:
    title: str | None = None
    session_title: str | None = None
    cwd: str | None = None
    parent: str | None = None
    forked_at_message_id: str | None = None
    calling_session_id: str | None = None
    # Of `agent_turn_outcome`:
    reason: str | None = None


class TokenUsage(msgspec.Struct, rename="camel"):
    """Disjoint; `thinkingTokens` is an estimate of a part of the output and left alone."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_creation_tokens: int | None = None
    cache_read_tokens: int | None = None


class Tag(msgspec.Struct):
    name: str = ""


class Settings(msgspec.Struct, rename="camel"):
    """`<session>.settings.json`."""

    model: str | None = None
    reasoning_effort: str | None = None
    tags: list[Tag] = []
    token_usage: TokenUsage | None = None
    last_call_token_usage: TokenUsage | None = None


class CustomModel(msgspec.Struct):
    id: str | None = None
    model: str | None = None
    provider: str | None = None


class Home(msgspec.Struct, rename="camel"):
    """`settings.json` in the root."""

    custom_models: list[CustomModel] = []


class Arguments(msgspec.Struct):
    file_path: str | None = None
    command: str | None = None
    content: str | None = None
    patch: str | None = None
    input: str | None = None
    pattern: str | None = None
    query: str | None = None
    url: str | None = None
    description: str | None = None


class Result(msgspec.Struct, rename={
    "lines_added": "linesAdded", "lines_removed": "linesRemoved",
}):  # fmt: skip
    """What the tools that write say of it."""

    success: bool | None = None
    file_path: str | None = None
    lines_added: int | None = None
    lines_removed: int | None = None
