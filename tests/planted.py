"""Records in which every text is something private, made from their fields: new ones too."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin

from msgspec.structs import fields

from agtop.model import (
    INVENTORY_KINDS,
    Record,
    Response,
    Snapshot,
    SourceReport,
    SourceRow,
    replace,
)
from agtop.sources import AppServer, Inventory
from tests.snapshots import NOW

PLANTS = {
    "secret": "sk-ant-api03-PLANTED0123456789",
    "token": "ghp_PLANTED0123456789abcdefghijklmnopqrst",
    "password": "DB_PASSWORD=PLANTED",
    "prompt": "PLANTED: write the letter about the merger before Friday",
    "path": "/home/PLANTED/clients/PLANTED/plan.md",
    "windows": "C:\\Users\\PLANTED\\plan.md",
    "dashed": "-home-PLANTED-clients",
    "address": "PLANTED.lovelace@example.com",
    "link": "https://PLANTED.example.com/mcp?key=PLANTED",
}
NEEDLE = "PLANTED"
DEPTH = 3
"""Records of a kind in a record of that kind."""


def record(kind: type[Any], text: str, depth: int = DEPTH) -> Any:
    """A record of that kind with `text` wherever one may stand."""
    return kind(**{each.name: _value(each.type, text, depth) for each in fields(kind)})


def _value(hint: Any, text: str, depth: int) -> Any:
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        return parts[0]
    if origin in (Union, types.UnionType):
        known = [part for part in parts if part is not type(None)]
        return _value(known[0], text, depth)
    if origin is tuple:
        if len(parts) == 2 and parts[1] is Ellipsis:
            is_record = isinstance(parts[0], type) and issubclass(parts[0], Record)
            if is_record and depth == 0:
                return ()
            return (_value(parts[0], text, depth - is_record),)
        return tuple(_value(part, text, depth) for part in parts)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {text: _value(parts[1], text, depth)}
    if isinstance(hint, type) and issubclass(hint, Record):
        return record(hint, text, depth)
    return {str: text, bool: False, int: 1, float: NOW}[hint]


def snapshot(text: str) -> Snapshot:
    """Two sessions, one live and one that nothing serves."""
    planted: Snapshot = record(Snapshot, text)
    (live,) = planted.sessions
    ended = replace(
        live,
        session_id=f"{text}-2",
        process=None,
        liveness=None,
        state=replace(live.state, name="ended"),
        match=replace(live.match, confidence="ambiguous"),
    )
    return replace(
        planted,
        taken_at=NOW,
        complete=True,
        sessions=(replace(live, liveness="live"), ended),
    )


def report(text: str) -> SourceReport:
    return replace(record(SourceReport, text), looked=True, is_first_reading=False, waiting=0)


def inventory(text: str) -> Inventory:
    return {kind: [record(SourceRow, text)] for kind in INVENTORY_KINDS}


def app_server(text: str) -> AppServer:
    return record(AppServer, text)


def responses(text: str) -> tuple[Response, ...]:
    return (record(Response, text),)
