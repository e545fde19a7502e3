"""The files of a Kimi CLI session: the fields that are used."""

from __future__ import annotations

import msgspec


class Part(msgspec.Struct):
    type: str = ""
    text: str | None = None


class Function(msgspec.Struct):
    name: str | None = None
    arguments: str | None = None


class Display(msgspec.Struct):
    type: str = ""
    path: str | None = None
    old_text: str | None = None
    new_text: str | None = None


class Returned(msgspec.Struct):
    is_error: bool | None = None
    display: list[Display] | None = None


class Usage(msgspec.Struct):
    input_other: int | None = None
    output: int | None = None
    input_cache_read: int | None = None
    input_cache_creation: int | None = None


class Payload(msgspec.Struct):
    """Of every kind of message; no two use one name for different things."""

    user_input: str | list[Part] | None = None
    type: str | None = None
    text: str | None = None
    id: str | None = None
    function: Function | None = None
    tool_call_id: str | None = None
    return_value: Returned | None = None
    context_tokens: int | None = None
    max_context_tokens: int | None = None
    token_usage: Usage | None = None
    message_id: str | None = None
    request_id: str | None = None
    action: str | None = None
    description: str | None = None
    agent_id: str | None = None
    event: Message | None = None
    error_type: str | None = None
    status_code: int | None = None
    wait_s: float | None = None


class Message(msgspec.Struct):
    type: str = ""
    payload: Payload = msgspec.field(default_factory=Payload)


class Line(msgspec.Struct):
    type: str | None = None
    """`metadata` in the first line."""
    protocol_version: str | None = None
    timestamp: float | None = None
    message: Message | None = None


class State(msgspec.Struct):
    custom_title: str | None = None
    wire_mtime: float | None = None
    """Of a fork: when its log was copied."""


class LaunchSpec(msgspec.Struct):
    effective_model: str | None = None


class Meta(msgspec.Struct):
    """Of a subagent."""

    description: str | None = None
    launch_spec: LaunchSpec | None = None


class Spoken(msgspec.Struct):
    """A line of what the model is sent."""

    role: str = ""
    content: str | list[Part] | None = None
