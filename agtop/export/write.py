"""Documents as JSON text that any terminal may show and any parser reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TextIO, cast

import msgspec

from agtop.export.document import document, is_lasting, session_document
from agtop.model import Session, Snapshot, replace

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


class Store(Protocol):
    """Where texts of sessions that nothing changes any more may be left for the next time."""

    def find(self, sessions: Iterable[Session]) -> Mapping[str, str]:
        """Session key → text."""
        ...

    def keep(self, texts: Collection[tuple[Session, str]]) -> None: ...


def write_snapshot(
    stream: TextIO, snapshot: Snapshot, indent: int | None = 2, store: Store | None = None
) -> None:
    """The document of a snapshot and a newline, a few sessions at a time: a history holds
    thousands.

    Args:
        store: of texts that are indented by as much.
    """
    rest = encode(document(replace(snapshot, sessions=())), indent)
    mark = '"sessions":[]' if indent is None else '"sessions": []'
    before, _, after = rest.partition(mark)
    margin = "" if indent is None else "\n" + " " * indent
    stream.write(before + mark[:-1])
    for n in range(0, len(snapshot.sessions), _AT_ONCE):
        some = snapshot.sessions[n : n + _AT_ONCE]
        texts = _texts(some, snapshot.taken_at, indent, store)
        stream.write(("," if n else "") + ",".join(texts))
    stream.write((margin if snapshot.sessions else "") + "]" + after + "\n")
    stream.flush()


def _texts(
    sessions: Sequence[Session], now: float, indent: int | None, store: Store | None
) -> list[str]:
    known: Mapping[str, str] = store.find(sessions) if store else {}
    missing = [session for session in sessions if session.key not in known]
    new = {session.key: _text(session, now, indent) for session in missing}
    if store:
        store.keep([(each, new[each.key]) for each in missing if is_lasting(each, now)])
    return [known.get(session.key) or new[session.key] for session in sessions]


def _text(session: Session, now: float, indent: int | None) -> str:
    """As it stands among the sessions of a snapshot's document."""
    text = encode({"sessions": [session_document(session, now)]}, indent)
    if indent is None:
        return text[len('{"sessions":[') : -len("]}")]
    margin = "\n" + " " * indent
    return text[len("{" + margin + '"sessions": [') : -len(margin + "]\n}")]


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
