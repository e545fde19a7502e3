"""The lines of a Codex rollout: told apart by their first bytes, decoded by type when they matter.

An old rollout (before 0.3x) has bare model items in place of `{"timestamp", "type", "payload"}`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Annotated, Any, Generic, NamedTuple, TypeVar, cast

import msgspec

from agtop.agents.decode import convert, plain, repaired

Struct = msgspec.Struct
Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
T = TypeVar("T", bound=Struct)


class UnreadableError(Exception):
    """The line holds no record."""


class Usage(Struct):
    """`input` contains the cached parts, `output` the reasoning."""

    input_tokens: Count = 0
    cached_input_tokens: Count = 0
    cache_write_input_tokens: Count = 0
    output_tokens: Count = 0
    reasoning_output_tokens: Count = 0
    total_tokens: Count = 0


class Git(Struct):
    branch: str | None = None


class SessionMeta(Struct):
    id: str | None = None
    timestamp: str | None = None
    session_id: str | None = None
    parent_thread_id: str | None = None
    forked_from_id: str | None = None
    forked_from_ordinal_exclusive: int | None = None
    history_base: dict[str, Any] | None = None
    subagent_history_start_ordinal: int | str | None = None
    source: str | dict[str, Any] | None = None
    thread_source: str | None = None
    originator: str | None = None
    cwd: str | None = None
    cli_version: str | None = None
    git: Git | None = None


class TurnContext(Struct):
    turn_id: str | None = None
    cwd: str | None = None
    model: str | None = None
    effort: str | None = None
    approval_policy: Any = None
    approvals_reviewer: str | None = None


class UsageRecord(Struct):
    thread_id: str | None = None
    turn_id: str | None = None
    response_id: str | None = None
    usage: Usage | None = None


class TokenInfo(Struct):
    total_token_usage: Usage | None = None
    last_token_usage: Usage | None = None
    model_context_window: Count | None = None


class Window(Struct):
    used_percent: float | None = None
    window_minutes: float | None = None
    resets_at: float | None = None
    resets_in_seconds: float | None = None


class RateLimits(Struct):
    limit_id: str | None = None
    limit_name: str | None = None
    primary: Window | None = None
    secondary: Window | None = None
    plan_type: str | None = None
    rate_limit_reached_type: str | None = None


class TokenCount(Struct):
    info: TokenInfo | None = None
    rate_limits: RateLimits | None = None


class Settings(Struct):
    model: str | None = None
    service_tier: str | None = None
    cwd: str | None = None
    approval_policy: Any = None
    approvals_reviewer: str | None = None


class SettingsApplied(Struct):
    thread_id: str | None = None
    thread_settings: Settings | None = None


class Attribution(Struct):
    parent_turn_id: str | None = None


class Turn(Struct):
    """Any event that begins or ends a turn."""

    turn_id: str | None = None
    turn_attribution: Attribution | None = None
    model_context_window: Count | None = None
    last_agent_message: str | None = None
    reason: str | None = None
    error: Any = None


class Text(Struct):
    text: str | None = None


class Change(Struct):
    type: str = ""
    content: str | None = None
    unified_diff: str | None = None
    move_path: str | None = None


class Item(Struct):
    type: str = ""
    id: str | None = None
    status: str | None = None
    exit_code: int | None = None
    content: list[Text] | None = None
    changes: dict[str, Change] | None = None


class ItemCompleted(Struct):
    thread_id: str | None = None
    turn_id: str | None = None
    item: Item | None = None


class Event(Struct):
    """What the small events of older versions hold."""

    call_id: str | None = None
    turn_id: str | None = None
    message: str | None = None
    exit_code: int | None = None
    success: bool | None = None
    changes: dict[str, Change] | None = None
    codex_error_info: Any = None


class Message(Struct):
    role: str | None = None
    content: list[Text] | str | None = None


class Action(Struct):
    type: str | None = None
    command: list[str] | None = None
    query: str | None = None


class Call(Struct):
    type: str = ""
    name: str | None = None
    call_id: str | None = None
    arguments: Any = None
    input: str | None = None
    action: Action | None = None


class Output(Struct):
    call_id: str | None = None
    output: Any = None


class Marks(Struct):
    """What tells a fork's own lines from copied ones."""

    thread_id: str | None = None
    turn_id: str | None = None
    info: TokenInfo | None = None


class Line(NamedTuple):
    """A record that was recognised but not decoded yet."""

    raw: bytes
    at: float | None
    ordinal: int | None
    kind: str
    """`event_msg/token_count`; `session_meta` where the payload has no type."""
    bare: bool = False
    """The payload stands without its envelope."""


class _Wrapped(Struct, Generic[T]):
    payload: T


class _Stamped(Struct, Generic[T]):
    payload: T
    timestamp: str | None = None


class _Kind(Struct):
    type: str = ""


class _Envelope(Struct):
    timestamp: str | None = None
    ordinal: int | None = None
    type: str | None = None
    payload: _Kind | None = None
    id: str | None = None
    record_type: str | None = None


# Codex writes compact JSON in this order: everything needed to decide whether a line matters.
_HEAD = re.compile(
    rb'\{"timestamp":"([^"\\]*)",(?:"ordinal":(\d{1,15}),)?"type":"(\w+)",'
    rb'"payload":\{(?:"type":"(\w+)")?'
)
_TYPED = ("event_msg", "response_item")
KINDS = frozenset(
    [
        "session_meta",
        "turn_context",
        "token_usage_record",
        "compacted",
        "world_state",
        "state",
        "retained_context",
        "inter_agent_communication",
        "inter_agent_communication_metadata",
        "security_risk_score",
        "realtime_item",
    ]
)
"""Of records, beside events and the model's items."""
_BARE = ("message", "reasoning", "local_shell_call", "web_search_call", "compaction")
"""Items of the model that an old rollout holds bare, beside the calls of tools."""


def recognise(raw: bytes) -> Line:
    """What kind of record a line is. Raises UnreadableError."""
    if (head := _HEAD.match(raw)) is None or not raw.rstrip().endswith(b"}"):
        return _recognise_slowly(raw)
    stamp, ordinal, kind, part = head.groups()
    name = _name(kind, part)
    if name is None:
        return _recognise_slowly(raw)
    at = instant(stamp.decode(errors="replace"))
    return Line(raw, at, int(ordinal) if ordinal else None, name)


@lru_cache(maxsize=256)
def _name(kind: bytes, part: bytes | None) -> str | None:
    """None where the payload's type stands further back."""
    name = kind.decode()
    if name not in _TYPED:
        return name
    return f"{name}/{part.decode()}" if part is not None else None


def _recognise_slowly(raw: bytes) -> Line:
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    head = payload(Line(raw, None, None, "", bare=True), _Envelope)
    at = instant(head.timestamp)
    if head.payload is not None and head.type:
        typed = head.type in _TYPED
        kind = f"{head.type}/{head.payload.type}" if typed else head.type
        return Line(raw, at, head.ordinal, kind)
    if head.type:
        is_item = head.type in _BARE or "_call" in head.type
        return Line(raw, at, None, f"{'response_item/' if is_item else ''}{head.type}", bare=True)
    return Line(raw, at, None, "session_meta" if head.id and at else _unnamed(head), bare=True)


def _unnamed(head: _Envelope) -> str:
    return "state" if head.record_type else "unnamed"


def payload(line: Line, kind: type[T]) -> T:
    """The line's payload as `kind`; fields of a wrong type get their defaults.

    Raises:
        UnreadableError: the line is no JSON.
    """
    decoder = _decoder(kind, line.bare)
    try:
        decoded = decoder.decode(line.raw)
    except msgspec.ValidationError:
        return _piecemeal(kind, line.raw, line.bare)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _piecemeal(kind, repaired(line.raw), line.bare)
    return decoded if line.bare else decoded.payload


def stamped(raw: bytes | bytearray, kind: type[T]) -> tuple[T, float | None]:
    """The payload of a line in an envelope, and its instant. Raises UnreadableError."""
    try:
        decoded = _stamped_decoder(kind).decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        line = recognise(bytes(raw))
        return payload(line, kind), line.at
    return decoded.payload, instant(decoded.timestamp)


@cache
def _stamped_decoder(kind: type[Struct]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(_Stamped[kind])


@cache
def _decoder(kind: type[Struct], bare: bool) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind if bare else _Wrapped[kind])


def _piecemeal(kind: type[T], raw: bytes, bare: bool) -> T:
    """Each field by itself, so that one of a wrong type takes no other with it."""
    value = plain(raw)
    if not bare and isinstance(value, dict):
        value = cast("dict[str, object]", value).get("payload")
    record = convert(value, kind)
    if record is None:
        raise UnreadableError
    return record


def instant(stamp: str | None) -> float | None:
    """Unix seconds of an ISO timestamp; UTC where it names no offset."""
    if not stamp:
        return None
    try:
        moment = datetime.fromisoformat(stamp)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def born_ms(uuid: str | None) -> int | None:
    """The milliseconds in a UUIDv7; None for every other id."""
    if uuid is None or not _UUID7.fullmatch(uuid):
        return None
    return int(uuid[:8] + uuid[9:13], 16)


_UUID7 = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-7[0-9a-fA-F]{3}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
