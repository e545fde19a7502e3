"""The fields of OpenCode's records that agtop reads, the same in its database and its files."""

from __future__ import annotations

import msgspec

from agtop.agents.decode import Decoder, count
from agtop.model import Tokens

_IDS = {
    "model_id": "modelID",
    "provider_id": "providerID",
    "message_id": "messageID",
    "call_id": "callID",
    "parent_id": "parentID",
}


class Cache(msgspec.Struct):
    read: float | None = None
    write: float | None = None


class Counts(msgspec.Struct):
    """Tokens of one request (or, in a message, of its last one)."""

    total: float | None = None
    input: float | None = None
    output: float | None = None
    reasoning: float | None = None
    cache: Cache | None = None


class Times(msgspec.Struct):
    """Milliseconds."""

    created: float | None = None
    completed: float | None = None
    start: float | None = None
    end: float | None = None


class ErrorData(msgspec.Struct, rename="camel"):
    message: str | None = None
    status_code: float | None = None
    response_headers: dict[str, object] | None = None


class Error(msgspec.Struct):
    name: str | None = None
    data: ErrorData | None = None


class Place(msgspec.Struct):
    cwd: str | None = None


class ModelName(msgspec.Struct, rename=_IDS):
    """In a message `modelID`, in a session `id`."""

    id: str | None = None
    model_id: str | None = None
    provider_id: str | None = None
    variant: str | None = None


class Message(msgspec.Struct, rename=_IDS):
    role: str = ""
    model_id: str | None = None
    provider_id: str | None = None
    model: ModelName | None = None
    mode: str | None = None
    variant: str | None = None
    path: Place | None = None
    summary: msgspec.Raw = msgspec.Raw()
    """`true` on the answer that sums up the conversation; on a prompt something else."""
    cost: float | None = None
    tokens: Counts | None = None
    time: Times | None = None
    finish: str | None = None
    error: Error | None = None

    @property
    def sums_up(self) -> bool:
        return bytes(self.summary) == b"true" or self.mode == "compaction"


class ToolState(msgspec.Struct):
    status: str = ""
    input: msgspec.Raw = msgspec.Raw()
    metadata: msgspec.Raw = msgspec.Raw()
    output: msgspec.Raw = msgspec.Raw()
    error: msgspec.Raw = msgspec.Raw()
    time: Times | None = None


class Part(msgspec.Struct, rename=_IDS):
    type: str = ""
    text: str | None = None
    synthetic: bool = False
    ignored: bool = False
    tool: str | None = None
    call_id: str | None = None
    state: ToolState | None = None
    reason: str | None = None
    cost: float | None = None
    tokens: Counts | None = None
    attempt: float | None = None
    error: Error | None = None
    time: Times | None = None


class SessionFile(msgspec.Struct, rename=_IDS):
    """`storage/session/<project>/<id>.json`."""

    id: str | None = None
    parent_id: str | None = None
    directory: str | None = None
    title: str | None = None
    version: str | None = None
    time: Times | None = None
    permission: msgspec.Raw = msgspec.Raw()


messages = Decoder(Message)
parts = Decoder(Part)


def tokens(counts: Counts | None) -> Tokens | None:
    """The buckets of a request; None where nothing was recorded, or only zeros.

    Releases of 2025 counted thinking as output: where the total tells, it decides.
    """
    if counts is None:
        return None
    cache = counts.cache or Cache()
    read, written = _count(cache.read), _count(cache.write)
    fresh, output, thought = _count(counts.input), _count(counts.output), _count(counts.reasoning)
    includes = counts.total is not None and fresh + output + read + written == counts.total
    if not (includes and thought):
        output += thought
    found = Tokens(fresh, read, written, 0, output, min(thought, output))
    return found if found.total else None


def seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _count(value: float | None) -> int:
    return 0 if value is None or not value < 2**53 else count(int(value))
