"""One value of a TOML file changed, and every other byte of it as it was.

tomli-w would drop the user's comments. Here a line is replaced, or put in, and the result is read
again: unless it differs from before in exactly that value, it is not given out.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

Scalar = str | int | float
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_HEADER = re.compile(r"\s*\[(?!\[)\s*(.+?)\s*\]\s*(?:#.*)?$")
_COMMENT = re.compile(r"\s*#[^\"']*$")


class CannotEditError(ValueError):
    """The value is written in a way that only a person can change."""


def with_value(text: str, table: Sequence[str], key: str, value: Scalar | None) -> str:
    """`text` with `key` in `table` set to `value`, or without it for None.

    Raises:
        CannotEditError: not without touching something else.
        tomllib.TOMLDecodeError: `text` is no TOML.
    """
    document = tomllib.loads(text)
    wanted = _changed(document, table, key, value)
    lines = text.splitlines(keepends=True)
    _edit(lines, table, key, value)
    edited = "".join(lines)
    try:
        is_right = _filled(tomllib.loads(edited)) == _filled(wanted)
    except tomllib.TOMLDecodeError:
        is_right = False
    if not is_right:
        raise CannotEditError
    return edited


def _edit(lines: list[str], table: Sequence[str], key: str, value: Scalar | None) -> None:
    newline = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    start = next((n for n, line in enumerate(lines) if _opens(line, table)), None)
    if start is None:
        if value is not None:
            _append(lines, table, key, value, newline)
        return
    end = next(
        (n for n in range(start + 1, len(lines)) if lines[n].lstrip()[:1] == "["), len(lines)
    )
    at = next((n for n in range(start + 1, end) if _sets(lines[n], key)), None)
    if value is None:
        _remove(lines, start, end, at)
    elif at is None:
        _insert(lines, start, f"{_key(key)} = {_literal(value)}", newline)
    else:
        lines[at] = f"{_front(lines[at])}{_literal(value)}{_back(lines[at])}"


def _append(lines: list[str], table: Sequence[str], key: str, value: Scalar, newline: str) -> None:
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += newline
    gap = [newline] if lines and lines[-1].strip() else []
    header = ".".join(map(_key, table))
    lines += [*gap, f"[{header}]{newline}", f"{_key(key)} = {_literal(value)}{newline}"]


def _insert(lines: list[str], start: int, line: str, newline: str) -> None:
    if not lines[start].endswith(("\n", "\r")):
        lines[start] += newline
    lines.insert(start + 1, line + newline)


def _remove(lines: list[str], start: int, end: int, at: int | None) -> None:
    """A table that is then empty, but for blanks, goes with its last value."""
    if at is None:
        return
    rest = [line for n, line in enumerate(lines[start + 1 : end], start + 1) if n != at]
    if any(line.strip() for line in rest) or "#" in lines[start]:
        del lines[at]
        return
    del lines[start:end]


def _opens(line: str, table: Sequence[str]) -> bool:
    """Whether a line is the header of `table`, however its keys are quoted."""
    match = _HEADER.match(line.rstrip("\r\n"))
    if match is None:
        return False
    try:
        found: object = tomllib.loads(f"[{match[1]}]")
    except tomllib.TOMLDecodeError:
        return False
    wanted: dict[str, Any] = {}
    for part in reversed(table):
        wanted = {part: wanted}
    return found == wanted


def _sets(line: str, key: str) -> bool:
    front, equals, _ = line.partition("=")
    return bool(equals) and front.strip() in (key, f'"{key}"', f"'{key}'")


def _front(line: str) -> str:
    """Up to the value."""
    match = re.match(r"[^=]*=\s*", line)
    assert match is not None
    return match[0].rstrip("\r\n")


def _back(line: str) -> str:
    """The comment behind a plain value, and the end of the line."""
    ending = line[len(line.rstrip("\r\n")) :]
    comment = _COMMENT.search(line.rstrip("\r\n"))
    return (comment[0] if comment else "") + ending


def _key(part: str) -> str:
    return part if _BARE.fullmatch(part) else _quoted(part)


def _literal(value: Scalar) -> str:
    return _quoted(value) if isinstance(value, str) else repr(value)


def _quoted(text: str) -> str:
    def escaped(match: re.Match[str]) -> str:
        code = ord(match[0])
        return f"\\{match[0]}" if match[0] in '"\\' else f"\\u{code:04X}"

    return '"' + re.sub(r'["\\\x00-\x1f\x7f]', escaped, text) + '"'


def _changed(
    document: Mapping[str, Any], table: Sequence[str], key: str, value: Scalar | None
) -> dict[str, Any]:
    """What the edited text must say."""
    if not table:
        changed = {name: kept for name, kept in document.items() if name != key}
        return changed if value is None else {**changed, key: value}
    name, *rest = table
    below: Any = document.get(name, {})
    if not isinstance(below, Mapping):
        raise CannotEditError
    inner = _changed(below, rest, key, value)  # pyright: ignore[reportUnknownArgumentType]
    kept = {other: each for other, each in document.items() if other != name}
    return {**kept, name: inner}


def _filled(document: Mapping[str, Any]) -> dict[str, Any]:
    """Without its empty tables, which say nothing."""
    filled = {k: _filled(v) if isinstance(v, dict) else v for k, v in document.items()}  # pyright: ignore[reportUnknownArgumentType]
    return {k: v for k, v in filled.items() if v != {}}
