"""The files of a Kimi Code session: the fields that are used."""

from __future__ import annotations

from typing import Any

import msgspec


class Origin(msgspec.Struct):
    kind: str = ""
    trigger: str | None = None


class Usage(msgspec.Struct, rename="camel"):
    input_other: int | None = None
    output: int | None = None
    input_cache_read: int | None = None
    input_cache_creation: int | None = None


class Part(msgspec.Struct):
    type: str = ""
    text: str | None = None


class Display(msgspec.Struct):
    kind: str = ""
    operation: str | None = None
    path: str | None = None
    content: str | None = None
    before: str | None = None
    after: str | None = None


class Result(msgspec.Struct, rename="camel"):
    is_error: bool | None = None


class Event(msgspec.Struct, rename="camel"):
    type: str = ""
    uuid: str | None = None
    part: Part | None = None
    tool_call_id: str | None = None
    name: str | None = None
    args: msgspec.Raw = msgspec.Raw()
    display: Display | None = None
    result: Result | None = None
    usage: Usage | None = None
    message_id: str | None = None


class Error(msgspec.Struct):
    name: str | None = None
    code: str | None = None
    message: str | None = None


class Disclosure(msgspec.Struct):
    cwd: str | None = None


class Record(msgspec.Struct, rename="camel"):
    type: str = ""
    time: float | None = None
    created_at: float | None = None
    protocol_version: str | None = msgspec.field(default=None, name="protocol_version")
    input: list[Part] | None = None
    origin: Origin | None = None
    model: str | None = None
    kind: str | None = None
    thinking_effort: str | None = None
    thinking_level: str | None = None
    environment_disclosure: Disclosure | None = None
    cwd: str | None = None
    usage: Usage | None = None
    event: Event | None = None
    id: str | None = None
    tool_call_id: str | None = None
    request: dict[str, Any] | None = None
    tokens: int | None = None
    tokens_before: int | None = None
    tokens_after: int | None = None
    reason: str | None = None
    error: Error | None = None
    error_message: str | None = None
    status_code: int | None = None
    delay_ms: float | None = None


class Member(msgspec.Struct, rename="camel"):
    parent_agent_id: str | None = None


class State(msgspec.Struct, rename="camel"):
    id: str | None = None
    cwd: str | None = None
    title: str | None = None
    forked_from: str | None = None
    created_at: float | None = None
    agents: dict[str, Member] | None = None
