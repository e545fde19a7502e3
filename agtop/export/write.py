"""Documents as JSON text that any terminal may show and any parser reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TextIO, cast

import msgspec

from agtop.export.document import document, session_document
from agtop.model import Snapshot, replace

if TYPE_CHECKING:
    from agtop.export import shape

_AT_ONCE = 64
"""Sessions that are written in one go."""
_NOT_PLAIN = re.compile("[^\x00-\x7e]")


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the document, made from its types."""
    from agtop.export.shape import Document

    return _schema(Document, "agtop --json")


def contract_schema() -> dict[str, Any]:
    """The JSON Schema of `agtop sources --json`."""
    from agtop.export.contract_shape import Contract

    return _schema(Contract, "agtop sources --json")


def inventory_schema() -> dict[str, Any]:
    """The JSON Schema of `agtop inventory --json`."""
    from agtop.export.contract_shape import Inventory

    return _schema(Inventory, "agtop inventory --json")


def _schema(document: type, title: str) -> dict[str, Any]:
    from pydantic import TypeAdapter

    schema = TypeAdapter(document).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}


def write_json(stream: TextIO, value: Mapping[str, Any], indent: int | None = 2) -> None:
    """Write `value` and a newline; on one line when `indent` is None."""
    stream.write(encode(value, indent) + "\n")
    stream.flush()


def write_snapshot(stream: TextIO, snapshot: Snapshot, indent: int | None = 2) -> None:
    """The document of a snapshot and a newline, a few sessions at a time: a history holds
    thousands."""
    rest = encode(document(replace(snapshot, sessions=())), indent)
    mark = '"sessions":[]' if indent is None else '"sessions": []'
    before, _, after = rest.partition(mark)
    margin = "" if indent is None else "\n" + " " * indent
    stream.write(before + mark[:-1])
    head, tail = "{" + margin + mark[:-1], margin + "]" + ("}" if indent is None else "\n}")
    for n in range(0, len(snapshot.sessions), _AT_ONCE):
        some = [
            session_document(session, snapshot.taken_at)
            for session in snapshot.sessions[n : n + _AT_ONCE]
        ]
        text = encode({"sessions": some}, indent)
        stream.write(("," if n else "") + text[len(head) : -len(tail)])
    stream.write((margin if snapshot.sessions else "") + "]" + after + "\n")
    stream.flush()


def write_each(
    stream: TextIO, take: Callable[[], Snapshot], delay: float, wait: Callable[[float], None]
) -> None:
    """One document on one line for every snapshot, until interrupted."""
    while True:
        write_snapshot(stream, take(), indent=None)
        wait(delay)


def encode(value: shape.Document | Mapping[str, Any], indent: int | None = 2) -> str:
    """JSON in ASCII, so that no byte of a title or path can steer a terminal."""
    try:
        data = msgspec.json.encode(value)
    except UnicodeEncodeError:
        data = msgspec.json.encode(_whole(value))
    if indent is not None:
        data = msgspec.json.format(data, indent=indent)
    text = data.decode()
    return text if text.isascii() and "\x7f" not in text else _NOT_PLAIN.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    """`\\u00e9`; two of them for what lies beyond the first plane."""
    units = match[0].encode("utf-16-be").hex()
    return "".join(f"\\u{units[n : n + 4]}" for n in range(0, len(units), 4))


def _whole(value: Any) -> Any:
    """`value` with U+FFFD for surrogates without their other half, which strict parsers refuse."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, Any]", value)
        return {_whole(key): _whole(item) for key, item in pairs.items()}
    if isinstance(value, list):
        return [_whole(item) for item in cast("list[Any]", value)]
    return value
