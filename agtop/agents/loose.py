"""JSON whose fields differ from record to record, taken apart without trusting it."""

from __future__ import annotations

from typing import cast

import msgspec

from agtop.agents.decode import plain, repaired


def fields(value: object) -> dict[str, object]:
    """The fields of a JSON object; none of what is none."""
    value = plain(value) if isinstance(value, msgspec.Raw | bytes) else value
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def line_of(line: bytes) -> dict[str, object]:
    """The fields of a line of JSON, one with broken characters too; none of what is none."""
    return fields(plain(line) or plain(repaired(line)))


def objects(value: object) -> list[dict[str, object]]:
    """The objects in a JSON list."""
    value = plain(value) if isinstance(value, msgspec.Raw | bytes) else value
    found = cast("list[object]", value) if isinstance(value, list) else []
    return [known for each in found if (known := fields(each))]


def text(value: object) -> str | None:
    """A text that says something."""
    return value if isinstance(value, str) and value else None


def number(value: object) -> float | None:
    """A number of the size of a count or an instant."""
    return float(value) if isinstance(value, int | float) and abs(value) < 2**53 else None


def whole(value: object) -> int | None:
    """A whole number, also where it is written as 12.0."""
    found = number(value)
    return int(found) if found is not None and found.is_integer() else None
