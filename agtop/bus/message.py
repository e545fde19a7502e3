"""What agents tell each other: the schema of a message and of the line that carries it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NoReturn, cast

from agtop.errors import BusError

SCHEMA_VERSION = 1
MOST_BYTES = 64 * 1024
"""The longest frame, without its newline."""

REQUIRED = ("agent", "topic", "summary")
OPTIONAL = ("source", "path", "id", "timestamp")
EXAMPLES = {
    "agent": "who speaks, such as claude:8421",
    "topic": "a kind, such as finding",
    "summary": "one sentence",
}


def new_id() -> str:
    """A random UUID of version 4."""
    digits = bytearray(os.urandom(16))
    digits[6] = digits[6] & 0x0F | 0x40
    digits[8] = digits[8] & 0x3F | 0x80
    text = digits.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def now() -> str:
    """This instant as a message carries it: ISO 8601 in UTC, with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True)
class Message:
    """One message of one agent.

    Raises:
        BusError: something is missing, or of the wrong type.
    """

    agent: str
    """Who speaks: name and pid, `claude:8421`."""
    topic: str
    summary: str
    source: str | None = None
    path: str | None = None
    """What it is about: `file.py:42`."""
    data: Mapping[str, object] = field(default_factory=dict[str, object])
    id: str | None = field(default_factory=new_id)
    timestamp: str | None = field(default_factory=now)
    schema_version: int = SCHEMA_VERSION

    def __post_init__(self) -> None:
        for name in REQUIRED:
            _check_required(name, getattr(self, name))
        for name in OPTIONAL:
            value = getattr(self, name)
            if value is not None and not isinstance(value, str):
                raise BusError(f"{name} of a message is text, not {_kind(value)}")
        _check_version(self.schema_version)
        data = cast("object", self.data)
        if not isinstance(data, Mapping):
            raise BusError(f"data of a message is an object, not {_kind(data)}")
        object.__setattr__(self, "data", MappingProxyType(dict(self.data)))

    def fields(self) -> dict[str, object]:
        """What is known of it, in the order of the schema."""
        named = {name: getattr(self, name) for name in ("source", "path")}
        last = {"id": self.id, "timestamp": self.timestamp, "schema_version": self.schema_version}
        return {
            "agent": self.agent,
            "topic": self.topic,
            "summary": self.summary,
            **{name: value for name, value in named.items() if value is not None},
            **({"data": dict(self.data)} if self.data else {}),
            **{name: value for name, value in last.items() if value is not None},
        }


def _check_required(name: str, value: object) -> None:
    if value is None:
        raise BusError(f"a message needs {name}: {EXAMPLES[name]}")
    if not isinstance(value, str):
        raise BusError(f"{name} of a message is text, not {_kind(value)}")
    if not value.strip():
        raise BusError(f"{name} of a message is empty; write {EXAMPLES[name]}")


def _check_version(version: object) -> None:
    if isinstance(version, bool) or not isinstance(version, int):
        raise BusError(f"schema_version of a message is a number, not {_kind(version)}")
    if version < 1:
        raise BusError(f"schema_version of a message is 1 or more, not {version}")


def _kind(value: object) -> str:
    """What `value` is, in the words of JSON."""
    kinds: dict[type[object], str] = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "text",
        list: "a list",
        dict: "an object",
        type(None): "null",
    }
    return kinds.get(type(value), type(value).__name__)


def encode(message: Message) -> bytes:
    """The frame of `message`, with its newline.

    Raises:
        BusError: it is too long, or its data is not JSON.
    """
    try:
        frame = dump(message.fields())
    except (TypeError, ValueError, RecursionError) as error:
        reason = str(error).lower() or "nested too deeply"
        raise BusError(f"data of a message cannot be written as JSON ({reason})") from None
    if len(frame) - 1 > MOST_BYTES:
        raise BusError(
            f"the message takes {len(frame) - 1:,} bytes and the bus carries {MOST_BYTES:,}; "
            "shorten its data"
        )
    return frame


def dump(fields: Mapping[str, object]) -> bytes:
    """One line of ASCII, so that no byte of it can steer a terminal."""
    text = json.dumps(fields, allow_nan=False, separators=(",", ":"))
    return text.replace("\x7f", "\\u007f").encode("ascii") + b"\n"


def load(frame: bytes) -> dict[str, object]:
    """The object in a frame.

    Raises:
        BusError: there is none.
    """
    try:
        value: object = json.loads(frame, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise BusError("a frame on the bus is not JSON; write one object to a line") from None
    if not isinstance(value, dict):
        raise BusError(f"a frame on the bus is an object, not {_kind(value)}")
    return cast("dict[str, object]", value)


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def message_of(fields: Mapping[str, object]) -> Message:
    """The message that an object holds; what the schema does not know is left out.

    Raises:
        BusError: it holds none.
    """
    data = fields.get("data")
    known = {name: fields.get(name) for name in (*REQUIRED, *OPTIONAL)}
    known["data"] = {} if data is None else data
    known["schema_version"] = fields.get("schema_version", SCHEMA_VERSION)
    return Message(**known)  # pyright: ignore[reportArgumentType] - Message checks each of them


def decode(frame: bytes) -> Message:
    """The message in a frame. Raises BusError when there is none."""
    return message_of(load(frame))
