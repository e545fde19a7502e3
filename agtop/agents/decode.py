"""One transcript line into a typed record, losing as little as possible.

The typed decoder skips what no field asks for, which is most of every line. Where a line is valid
JSON but one of its fields has a wrong type, only that field is lost, never the usage beside it.
"""

from __future__ import annotations

import re
import types
import typing
from functools import cache
from typing import Any, Generic, TypeVar

import msgspec

from agtop.model import MOST

Record = TypeVar("Record", bound=msgspec.Struct)

# Invalid UTF-8 inside a string raises UnicodeDecodeError; absurd nesting RecursionError.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_UNWRITABLE = (msgspec.EncodeError, ValueError, OverflowError, RecursionError)

# JavaScript cuts text between the halves of an emoji and writes the half that is left as an escape,
# which no strict decoder takes. Escaped backslashes and whole pairs are matched to be passed over.
_HALF = re.compile(
    rb"(\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
_REPLACEMENT = rb"\ufffd"
_BOM = b"\xef\xbb\xbf"


def count(value: int | None) -> int:
    """A count of tokens; nothing for what cannot be one."""
    return known_count(value) or 0


def known_count(value: int | None) -> int | None:
    """A count of tokens; None for what cannot be one."""
    return value if value is not None and 0 <= value <= MOST else None


class Decoder(Generic[Record]):
    """Decodes lines into one kind of record."""

    def __init__(self, record: type[Record]) -> None:
        self._record = record
        self._typed = msgspec.json.Decoder(record)

    def decode(self, line: bytes | bytearray) -> Record | None:
        """The record, or None for a line that is not a JSON object."""
        try:
            return self._typed.decode(line)
        except _UNREADABLE:  # or not of its types, which is a kind of that
            record = self._attempt(line)
        if record is None and (mended := repaired(line)) != line:
            record = self._attempt(mended)
        return record

    def _attempt(self, line: bytes | bytearray) -> Record | None:
        try:
            return self._typed.decode(line)
        except msgspec.ValidationError:
            return convert(plain(line), self._record)
        except _UNREADABLE:
            return None


def plain(line: bytes | bytearray | msgspec.Raw) -> object:
    """Any JSON value; None for what is none."""
    try:
        return msgspec.json.decode(line)
    except _UNREADABLE:
        return None


def repaired(line: bytes | bytearray) -> bytes:
    """`line` without what stops a strict decoder: a BOM, invalid UTF-8, halves of characters."""
    text = line.removeprefix(_BOM).decode("utf-8", "replace").encode()
    return _HALF.sub(lambda found: found[1] or _REPLACEMENT, text)


def convert(value: object, record: type[Record]) -> Record | None:
    """`value` as a record, without the fields that do not fit; None if it is no object."""
    if not isinstance(value, dict):
        return None
    fields = typing.cast("dict[str, object]", value)
    kept: dict[str, Any] = {}
    for name, encoded, hint in _fields(record):
        if encoded not in fields:
            continue
        fitted = _fit(fields[encoded], hint)
        if fitted is not _MISFIT:
            kept[name] = fitted
    try:
        return record(**kept)
    except TypeError:
        return None


_MISFIT = object()


@cache
def _fields(record: type[msgspec.Struct]) -> tuple[tuple[str, str, Any], ...]:
    """(name, name in the file, type) of each field; working them out takes a millisecond."""
    hints = typing.get_type_hints(record, include_extras=True)
    fields = msgspec.structs.fields(record)
    return tuple((field.name, field.encode_name, hints[field.name]) for field in fields)


def _fit(value: object, hint: Any) -> object:
    if hint is msgspec.Raw:
        return _raw(value)
    try:
        return msgspec.convert(value, hint)
    except (msgspec.ValidationError, RecursionError):
        pass
    if isinstance(value, float) and value.is_integer():
        return _fit(int(value), hint)  # a count printed as 12.0
    for option in _options(hint):
        if isinstance(option, type) and issubclass(option, msgspec.Struct):
            if (inner := convert(value, option)) is not None:
                return inner
        elif typing.get_origin(option) is list and isinstance(value, list):
            (item,) = typing.get_args(option)
            fitted = [_fit(each, item) for each in typing.cast("list[object]", value)]
            return [each for each in fitted if each is not _MISFIT]
        elif typing.get_origin(option) is dict and isinstance(value, dict):
            _, item = typing.get_args(option)
            named = typing.cast("dict[str, object]", value).items()
            pairs = [(name, _fit(each, item)) for name, each in named]
            return {name: each for name, each in pairs if each is not _MISFIT}
    return _MISFIT


def _raw(value: object) -> object:
    try:
        return msgspec.Raw(msgspec.json.encode(value))
    except _UNWRITABLE:
        return _MISFIT


def _options(hint: Any) -> tuple[Any, ...]:
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        return typing.get_args(hint)
    return (hint,)
