"""What best tells one call of a tool from another: a path, a command, a question."""

from __future__ import annotations

from collections.abc import Mapping

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
