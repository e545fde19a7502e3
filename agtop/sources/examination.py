"""All sources at one instant: what every face of `agtop sources` shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agtop.model import (
    INVENTORY_KINDS,
    InventoryKind,
    Readiness,
    Record,
    Snapshot,
    SourceReport,
    SourceRow,
)
from agtop.sources.app_server import AppServer
from agtop.sources.diagnosis import Diagnosis, diagnose
from agtop.sources.usage import ModelUse, uses

Inventory = Mapping[InventoryKind, Sequence[SourceRow]]
"""Kind → what agents are set up with; a kind that is missing was not looked at."""

_WORST: tuple[Readiness, ...] = ("degraded", "unknown", "pending", "ready", "empty", "missing")
"""Which state of a row stands for several rows of one kind."""


class Examination(Record):
    """What was found of every agent, and what it means."""

    taken_at: float
    diagnoses: tuple[Diagnosis, ...]
    uses: tuple[ModelUse, ...]
    app_server: AppServer | None
    """None where none was named."""
    inventory: Inventory

    def kinds(self, agent: str) -> dict[InventoryKind, Readiness]:
        """The state of each kind of thing the agent is set up with."""
        return {kind: self._kind(agent, kind) for kind in INVENTORY_KINDS}

    def _kind(self, agent: str, kind: InventoryKind) -> Readiness:
        if kind not in self.inventory:
            return "pending"
        found = {row.status for row in self.inventory[kind] if row.agent == agent}
        for status in _WORST:
            if status in found:
                return status
        is_known = any(row.agent == agent for rows in self.inventory.values() for row in rows)
        return "empty" if is_known else "unknown"


def examine(
    snapshot: Snapshot,
    reports: Sequence[SourceReport],
    app_server: AppServer | None = None,
    inventory: Inventory | None = None,
) -> Examination:
    """Judge what a round left.

    Args:
        inventory: what the agents are set up with, where somebody looked.
    """
    used = uses(snapshot.sessions)
    return Examination(
        snapshot.taken_at,
        tuple(diagnose(report, used, snapshot.taken_at) for report in reports),
        used,
        app_server,
        inventory or {},
    )
