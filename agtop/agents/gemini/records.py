"""The records of a Gemini CLI conversation, with the fields that agtop reads.

Until 0.35 a conversation is one JSON object that is written anew for every change; since then it
is a file of lines, appended to: a head, messages, `$set` patches and `$rewindTo`.
"""

from __future__ import annotations

import msgspec

from agtop.agents.decode import count
from agtop.model import Tokens

NOTHING = msgspec.Raw(b"null")


class Usage(msgspec.Struct):
    """What one request used. `cached` is part of `input`; `tool` and `thoughts` are parts of
    nothing else."""

    input: int | None = None
    output: int | None = None
    cached: int | None = None
    thoughts: int | None = None
    tool: int | None = None
    total: int | None = None

    @property
    def is_known(self) -> bool:
        return self.input is not None or self.output is not None or self.total is not None


class Part(msgspec.Struct):
    """One part of a message."""

    text: str | None = None
    functionCall: msgspec.Raw = NOTHING  # noqa: N815
    functionResponse: msgspec.Raw = NOTHING  # noqa: N815


Content = str | Part | list[str | Part]


class ToolCall(msgspec.Struct):
    """A call with what became of it: `success`, `error`, `cancelled`, or not decided yet."""

    id: str | None = None
    name: str | None = None
    args: msgspec.Raw = NOTHING
    status: str | None = None
    timestamp: str | None = None
    result: msgspec.Raw = NOTHING
    result_display: msgspec.Raw = msgspec.field(name="resultDisplay", default=NOTHING)


class Message(msgspec.Struct, rename="camel"):
    """What was said. The same `id` is written again when calls or tokens are added to it."""

    id: str | None = None
    timestamp: str | None = None
    type: str | None = None
    content: Content | None = None
    tokens: Usage | None = None
    model: str | None = None
    tool_calls: list[ToolCall] | None = None
    thoughts: msgspec.Raw = NOTHING


class Head(msgspec.Struct, rename="camel"):
    """What is known of the conversation itself; as `$set`, what changed of it."""

    session_id: str | None = None
    project_hash: str | None = None
    start_time: str | None = None
    last_updated: str | None = None
    kind: str | None = None
    summary: str | None = None
    directories: list[str] | None = None
    messages: list[Message] | None = None


class Line(Head, rename="camel"):
    """One line of a file of lines: a head, a message, a patch or a step back."""

    id: str | None = None
    timestamp: str | None = None
    type: str | None = None
    content: Content | None = None
    tokens: Usage | None = None
    model: str | None = None
    tool_calls: list[ToolCall] | None = None
    thoughts: msgspec.Raw = NOTHING
    patch: Head | None = msgspec.field(name="$set", default=None)
    rewind_to: str | None = msgspec.field(name="$rewindTo", default=None)

    @property
    def message(self) -> Message:
        return Message(
            self.id,
            self.timestamp,
            self.type,
            self.content,
            self.tokens,
            self.model,
            self.tool_calls,
            self.thoughts,
        )


def disjoint(usage: Usage) -> Tokens:
    """Thoughts come on top of the output, unless the total shows that they are part of it: some
    servers that only speak Gemini's language count them so."""
    prompt, output, thoughts = count(usage.input), count(usage.output), count(usage.thoughts)
    cached = min(count(usage.cached), prompt)
    extra = count(usage.tool)
    if thoughts and usage.total != prompt + extra + output:
        output += thoughts
    return Tokens(
        input=prompt - cached + extra,
        cache_read=cached,
        output=output,
        reasoning=min(thoughts, output),
    )


def text_of(content: Content | None) -> str:
    parts = content if isinstance(content, list) else [content]
    texts = (part.text if isinstance(part, Part) else part for part in parts)
    return "\n".join(text for text in texts if text)


def answers_calls(content: Content | None) -> bool:
    """Whether it carries tools' results instead of a person's words."""
    parts = content if isinstance(content, list) else [content]
    return any(isinstance(part, Part) and bytes(part.functionResponse) != b"null" for part in parts)


def makes_calls(content: Content | None) -> bool:
    parts = content if isinstance(content, list) else [content]
    return any(isinstance(part, Part) and bytes(part.functionCall) != b"null" for part in parts)
