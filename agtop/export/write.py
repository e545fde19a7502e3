"""Documents as JSON text that any terminal may show and any parser reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TextIO, cast

import msgspec

from agtop.export.document import document
from agtop.model import Snapshot


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


def write_each(
    stream: TextIO, take: Callable[[], Snapshot], delay: float, wait: Callable[[float], None]
) -> None:
    """One document on one line for every snapshot, until interrupted."""
    while True:
        write_json(stream, document(take()), indent=None)
        wait(delay)


def encode(value: Mapping[str, Any], indent: int | None = 2) -> str:
    """JSON in ASCII, so that no byte of a title or path can steer a terminal.

    Raises:
        ValueError: a number is not finite.
    """
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    if "\\ud" in text:  # a surrogate: half of a pair that is whole, or one that stands alone
        text = json.dumps(_whole(value), allow_nan=False, separators=(",", ":"))
    if indent is not None:
        text = msgspec.json.format(text, indent=indent)  # json's own takes four times as long
    return text.replace("\x7f", "\\u007f")


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
