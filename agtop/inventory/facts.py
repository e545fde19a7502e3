"""The inventory in plain words, the same for the terminal's scroll and for the screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from agtop.inventory.risks import MEANING
from agtop.model import INVENTORY_KINDS, InventoryKind, Scalar, SourceRow
from agtop.units import UNKNOWN, age, clock, instant, size

HEADINGS: Mapping[InventoryKind, str] = {
    "config": "Settings, hooks and policies",
    "integration": "MCP servers, plugins and providers",
    "memory": "Instructions and memories",
    "skill": "Skills and commands",
    "automation": "Automations",
}
COLUMNS = ("AGENT", "KIND", "NAME", "STATUS", "COUNT", "CHANGED", "DETAILS")
RIGHT = (False, False, False, False, True, True, False)

_COUNTED = {
    "allowed": "allowed",
    "asked": "asked",
    "denied": "denied",
    "folders": "folders",
    "variables": "variables",
    "headers": "headers",
    "projects": "projects",
    "trusted": "trusted",
    "untrusted": "untrusted",
    "projectServers": "project servers",
    "permissions": "permissions",
    "agents": "agents",
    "week": "in the last week",
}
_TOLD = ("mode", "model", "reasoning", "verbosity", "sandbox", "approval", "transport", "cadence")
_SET = {
    "statusLine": "status line",
    "bypassAccepted": "bypass accepted",
    "memories": "memories",
    "cut": "more than was counted",
}

Section = tuple[str, list[SourceRow]]


def sections(inventory: Mapping[InventoryKind, Sequence[SourceRow]]) -> list[Section]:
    """(heading, rows) of what is there; what is missing is left to `absent`."""
    found = [
        (HEADINGS[kind], [each for each in inventory.get(kind, ()) if each.status != "missing"])
        for kind in INVENTORY_KINDS
    ]
    return [each for each in found if each[1]]


def absent(inventory: Mapping[InventoryKind, Sequence[SourceRow]]) -> str:
    """A sentence on what is not there, or nothing."""
    rows = [each for kind in INVENTORY_KINDS for each in inventory.get(kind, ())]
    missing = [f"{each.agent} {each.label}" for each in rows if each.status == "missing"]
    return f"Not there: {', '.join(missing)}." if missing else ""


def is_risk(row: SourceRow) -> bool:
    return row.kind == "policy"


def cells(row: SourceRow, now: float) -> tuple[str, ...]:
    """One line of the table."""
    known = row.metadata or {}
    least = "≥ " if known.get("least") is True else ""
    return (
        row.agent,
        row.kind,
        row.label,
        "risk" if is_risk(row) else row.status,
        UNKNOWN if row.count is None else f"{least}{row.count:,}",
        UNKNOWN if row.last_updated_at is None else age(now - row.last_updated_at),
        "; ".join(_details(row, known, now)),
    )


def _details(row: SourceRow, known: Mapping[str, Scalar], now: float) -> Iterator[str]:
    if is_risk(row):
        yield f"{known.get('scope')}: {MEANING.get(row.label, row.label)}"
        return
    if row.kind != "settings":
        yield str(known.get("scope"))
    for name in _TOLD:
        value = known.get(name)
        if isinstance(value, str):
            yield value if name in ("transport", "cadence") else f"{name} {value}"
    if known.get("enabled") is False:
        yield "off"
    if known.get("installed") is False:
        yield "not installed here"
    for name, words in _COUNTED.items():
        value = known.get(name)
        if isinstance(value, int) and value and not isinstance(value, bool):
            yield f"{value:,} {words.removesuffix('s') if value == 1 else words}"
    held = known.get("bytes")
    if isinstance(held, int) and held:
        yield size(held)
    yield from (words for name, words in _SET.items() if known.get(name) is True)
    yield from _times(known, now)


def _times(known: Mapping[str, Scalar], now: float) -> Iterator[str]:
    outcome = known.get("outcome")
    if isinstance(outcome, str):
        yield outcome
    for name, words in (("lastUsed", "used"), ("lastRun", "ran"), ("nextRun", "next")):
        at = instant(known.get(name))
        if at is not None:
            yield f"{words} {clock(at, now)}" if at > now else f"{words} {age(now - at)} ago"
