"""What agents are set up with: counts, labels and states, never what a file says."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from agtop.inventory import automations, claude, codex, plain
from agtop.inventory.rows import Where, distinct, row
from agtop.inventory.uses import Uses, count
from agtop.model import InventoryKind, SourceRow, replace
from agtop.units import iso

__all__ = ["AGENTS", "Where", "take"]

AGENTS = ("claude", "codex", *(layout.name for layout in plain.LAYOUTS))
"""The agents whose settings are known."""

Rows = Mapping[InventoryKind, list[SourceRow]]


def take(where: Where, now: float, agents: Collection[str] = AGENTS) -> Rows:
    """Look at everything the named agents are set up with."""
    found = [_of(agent, where, now) for agent in AGENTS if agent in agents]
    kinds: tuple[InventoryKind, ...] = ("config", "integration", "memory", "skill", "automation")
    return {kind: [*distinct(each for rows in found for each in rows[kind])] for kind in kinds}


def _of(agent: str, where: Where, now: float) -> Rows:
    if agent == "claude":
        folder = claude.folder(where)
        return {
            "config": [*claude.config(where)],
            "integration": [*claude.integrations(where)],
            "memory": [*claude.memories(where)],
            "skill": _used(agent, claude.skills(where), [folder / "projects"], now),
            "automation": [*automations.claude(where, folder, now)],
        }
    if agent == "codex":
        folder = codex.folder(where)
        sessions = [folder / "sessions", folder / "archived_sessions"]
        return {
            "config": [*codex.config(where)],
            "integration": [*codex.integrations(where)],
            "memory": [*codex.memories(where)],
            "skill": _used(agent, codex.skills(where), sessions, now),
            "automation": [*automations.codex(folder, now)],
        }
    (layout,) = [each for each in plain.LAYOUTS if each.name == agent]
    return plain.rows(layout, where)


def _used(
    agent: str, installed: Iterable[SourceRow], folders: Collection[Path], now: float
) -> list[SourceRow]:
    """Skills with their uses: the most used of the last week first."""
    rows = [*installed]
    uses = count(folders, {each.label for each in rows}, now)
    known = [replace(each, **_figures(each, uses)) for each in rows]
    known += _gone(agent, uses, {each.label for each in rows})
    return sorted(known, key=_rank)


def _figures(each: SourceRow, uses: Uses) -> dict[str, object]:
    use = uses.by_name.get(each.label)
    told = {
        "week": 0 if use is None else use.week,
        "lastUsed": None if use is None else iso(use.last),
        "least": not uses.is_whole,
    }
    return {"count": 0 if use is None else use.total, "metadata": {**(each.metadata or {}), **told}}


def _gone(agent: str, uses: Uses, known: Collection[str]) -> Iterator[SourceRow]:
    """Skills that were used, and lie in no folder that was looked into."""
    for name in sorted(uses.by_name.keys() - known):
        plain_row = row(agent, "skill", "elsewhere", name, "ready", installed=False)
        use = uses.by_name[name]
        told = {"week": use.week, "lastUsed": iso(use.last), "least": not uses.is_whole}
        yield replace(plain_row, count=use.total, metadata={**(plain_row.metadata or {}), **told})


def _rank(each: SourceRow) -> tuple[int, int, str]:
    week = (each.metadata or {}).get("week")
    return (-(week if isinstance(week, int) else 0), -(each.count or 0), each.label)
