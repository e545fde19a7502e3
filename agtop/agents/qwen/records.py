"""The records of a Qwen Code transcript, with the fields that agtop reads.

Format: one JSON object a line, as Qwen Code 0.5 to 0.24 writes them.
"""

from __future__ import annotations

import msgspec

from agtop.agents.decode import Decoder, count
from agtop.model import Tokens

NOTHING = msgspec.Raw(b"null")


class Call(msgspec.Struct):
    """`functionCall` of the model, or `functionResponse` to it."""

    id: str | None = None
    name: str | None = None
    args: msgspec.Raw = NOTHING
    response: msgspec.Raw = NOTHING


class Part(msgspec.Struct, rename="camel"):
    text: str | None = None
    thought: bool | None = None
    function_call: Call | None = None
    function_response: Call | None = None


class Content(msgspec.Struct):
    parts: list[Part] | None = None


class Usage(msgspec.Struct, rename="camel"):
    """Of one answer; `cachedContentTokenCount` is part of `promptTokenCount`."""

    prompt_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None
    cached_content_token_count: int | None = None
    total_token_count: int | None = None


class ToolResult(msgspec.Struct, rename="camel"):
    call_id: str | None = None
    status: str | None = None
    result_display: msgspec.Raw = NOTHING


class Origin(msgspec.Struct):
    """`forkedFrom` of a row copied by a branch."""

    sessionId: str | None = None  # noqa: N815


class Row(msgspec.Struct, rename="camel"):
    """One line."""

    type: str | None = None
    subtype: str | None = None
    provenance: str | None = None
    uuid: str | None = None
    session_id: str | None = None
    timestamp: str | None = None
    cwd: str | None = None
    version: str | None = None
    git_branch: str | None = None
    model: str | None = None
    message: Content | None = None
    usage_metadata: Usage | None = None
    context_window_size: int | None = None
    tool_call_result: ToolResult | None = None
    system_payload: msgspec.Raw = NOTHING
    forked_from: Origin | None = None

    @property
    def parts(self) -> list[Part]:
        return (self.message.parts if self.message is not None else None) or []

    @property
    def text(self) -> str:
        return "\n".join(part.text for part in self.parts if part.text and not part.thought)

    @property
    def calls(self) -> list[Call]:
        return [part.function_call for part in self.parts if part.function_call is not None]

    @property
    def responses(self) -> list[Call]:
        return [part.function_response for part in self.parts if part.function_response is not None]


class Event(msgspec.Struct):
    """`ui_telemetry`: what the agent counts of a request."""

    name: str | None = msgspec.field(name="event.name", default=None)
    timestamp: str | None = msgspec.field(name="event.timestamp", default=None)
    response_id: str | None = None
    model: str | None = None
    subagent_id: str | None = None
    status_code: int | str | None = None
    error: str | None = None
    error_message: str | None = None
    input_token_count: int | None = None
    output_token_count: int | None = None
    cached_content_token_count: int | None = None
    thoughts_token_count: int | None = None
    tool_token_count: int | None = None
    total_token_count: int | None = None


class Telemetry(msgspec.Struct):
    uiEvent: Event | None = None  # noqa: N815


class Compression(msgspec.Struct, rename="camel"):
    original_token_count: int | None = None
    new_token_count: int | None = None
    compression_status: int | None = None


class Failure(msgspec.Struct):
    message: str | None = None


class Payload(msgspec.Struct, rename="camel"):
    """`systemPayload` of the other kinds of system rows."""

    custom_title: str | None = None
    info: Compression | None = None
    parent_session_id: str | None = None
    model: str | None = None
    model_id: str | None = None
    state: str | None = None
    error: Failure | None = None


ROWS = Decoder(Row)
_EVENTS = Decoder(Telemetry)
_PAYLOADS = Decoder(Payload)


def event(row: Row) -> Event | None:
    telemetry = _EVENTS.decode(bytes(row.system_payload))
    return telemetry.uiEvent if telemetry is not None else None


def payload(row: Row) -> Payload:
    return _PAYLOADS.decode(bytes(row.system_payload)) or Payload()


def is_error(response: Call) -> bool:
    """Whether a tool's response says that it failed."""
    return bytes(response.response).lstrip().startswith(b'{"error"')


def of_event(event: Event) -> Tokens:
    return _disjoint(
        event.input_token_count,
        event.output_token_count,
        event.cached_content_token_count,
        event.thoughts_token_count,
        event.tool_token_count,
        event.total_token_count,
    )


def of_row(usage: Usage) -> Tokens:
    return _disjoint(
        usage.prompt_token_count,
        usage.candidates_token_count,
        usage.cached_content_token_count,
        usage.thoughts_token_count,
        None,
        usage.total_token_count,
    )


def _disjoint(
    prompt: int | None,
    output: int | None,
    cached: int | None,
    thoughts: int | None,
    tool: int | None,
    total: int | None,
) -> Tokens:
    """Cached tokens are part of the prompt. Thoughts are part of the output, as OpenAI counts
    them, unless the total shows that they come on top, as Gemini does."""
    sent, said, thought, extra = count(prompt), count(output), count(thoughts), count(tool)
    read = min(count(cached), sent)
    if thought and (total == sent + extra + said + thought or thought > said):
        said += thought
    return Tokens(
        input=sent - read + extra,
        cache_read=read,
        output=said,
        reasoning=min(thought, said),
    )
