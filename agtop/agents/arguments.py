"""What best tells one call of a tool from another: a path, a command, a question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import msgspec

from agtop.agents.decode import plain

_TELLING = (
    "path",
    "file_path",
    "command",
    "pattern",
    "query",
    "url",
    "description",
    "prompt",
    "question",
)
"""The names of arguments, the most telling first."""


def best(arguments: Mapping[str, object]) -> str:
    """The most telling argument; else the first text among them, or nothing."""
    named = [arguments.get(name) for name in _TELLING]
    for value in (*named, *arguments.values()):
        if isinstance(value, str) and value.strip():
            return value
    return ""


def opened(recorded: bytes | msgspec.Raw) -> Mapping[str, object]:
    """A call's arguments; none where they are no JSON object."""
    value = plain(recorded) if bytes(recorded) else None
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}
