"""Rows of the inventory: what they are made from, and their names, which are harmless."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from agtop.inventory.files import Found, Table, below, many, table, word
from agtop.model import Readiness, Record, Scalar, SourceRow, replace
from agtop.privacy import REDACTED, label

LONGEST = 40
"""Letters of a name that go into an id."""
MOST = 200
"""Rows of one kind from one place; the rest is one row with their number."""

_TRANSPORTS = {
    "stdio": "stdio",
    "local": "stdio",
    "http": "http",
    "streamable-http": "http",
    "streamablehttp": "http",
    "remote": "http",
    "sse": "sse",
    "ws": "websocket",
    "websocket": "websocket",
    "sdk": "sdk",
}


class Where(Record):
    """Whose things are looked at."""

    home: Path
    environ: Mapping[str, str]
    repository: Path | None = None
    """The one agtop was started in."""
    system: Path = Path("/")
    """Below it lie the settings that an administrator made."""


def row(
    agent: str,
    kind: str,
    scope: str,
    name: str,
    status: Readiness,
    count: int | None = None,
    at: float | None = None,
    **metadata: Scalar,
) -> SourceRow:
    """A row; `name` is told only where it is surely harmless."""
    told = label(name) or REDACTED
    slug = re.sub(r"[^a-z0-9]+", "-", told.lower()).strip("-")[:LONGEST] or "unnamed"
    return SourceRow(
        f"{agent}:{kind}:{scope}:{slug}",
        agent,
        kind,
        told,
        status,
        count,
        at,
        {"scope": scope, **metadata},
    )


def distinct(rows: Iterable[SourceRow]) -> Iterator[SourceRow]:
    """The rows, each with an id of its own."""
    met: Counter[str] = Counter()
    for each in rows:
        met[each.id] += 1
        yield replace(each, id=f"{each.id}-{met[each.id]}") if met[each.id] > 1 else each


def few(rows: Iterable[SourceRow], agent: str, kind: str, scope: str) -> Iterator[SourceRow]:
    """As many rows as anybody reads, then their number."""
    left = 0
    for number, each in enumerate(rows):
        if number < MOST:
            yield each
        else:
            left += 1
    if left:
        yield row(agent, kind, scope, "further ones", "ready", left)


def servers(
    agent: str,
    scope: str,
    found: object,
    at: float | None,
    enabled: Mapping[str, bool] | None = None,
) -> Iterator[SourceRow]:
    """MCP servers: how they are reached and whether they are on; never by what or where."""
    listed = table(found).items()
    rows = (_server(agent, scope, name, table(each), at, enabled or {}) for name, each in listed)
    yield from few(rows, agent, "mcp-server", scope)


def _server(
    agent: str, scope: str, name: str, server: Table, at: float | None, known: Mapping[str, bool]
) -> SourceRow:
    is_on = server.get("enabled")
    off = server.get("disabled")
    return row(
        agent,
        "mcp-server",
        scope,
        name,
        "ready" if server else "degraded",
        None,
        at,
        transport=transport(server),
        enabled=known.get(name, is_on if isinstance(is_on, bool) else off is not True),
        variables=many(server.get("env") or server.get("environment")),
        headers=many(server.get("headers") or server.get("http_headers")),
    )


def transport(server: Table) -> str:
    """The class of it."""
    told = word(server.get("type") or server.get("transport"))
    if told is not None:
        return _TRANSPORTS.get(told.lower(), "other")
    if "command" in server:
        return "stdio"
    return "http" if {"url", "httpUrl", "serverUrl"} & server.keys() else "other"


def hooks(agent: str, scope: str, found: object, at: float | None) -> Iterator[SourceRow]:
    """One row for each event that commands hang on."""
    for event, groups in list(table(found).items())[:MOST]:
        commands = sum(many(below(group, "hooks")) or 1 for group in _list(groups))
        yield row(agent, "hooks", scope, event, "ready" if commands else "empty", commands, at)


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def risks(
    agent: str, scope: str, found: Iterable[tuple[str, bool]], at: float | None
) -> Iterator[SourceRow]:
    """The policies that were found true."""
    for name, is_set in found:
        if is_set:
            yield row(agent, "policy", scope, name, "ready", None, at, risk=True)


def layer(
    agent: str, scope: str, found: Found, name: str = "settings", **metadata: Scalar
) -> SourceRow:
    """The row of a settings file."""
    count = len(found.table) if found.status in ("ready", "empty") else None
    told = metadata if found.status == "ready" else {}
    return row(agent, "settings", scope, f"{scope} {name}", found.status, count, found.at, **told)
