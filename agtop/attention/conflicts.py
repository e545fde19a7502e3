"""Conflicts that need the user, as alerts: one for each episode."""

from __future__ import annotations

from collections.abc import Iterator

from agtop.attention.alerts import Alert
from agtop.model import Conflict, Snapshot

LASTING = 600.0
"""Seconds after its newest write for which a conflict goes on."""
_DOES = {
    "writes": "wrote the same file",
    "foreign": "met a change of another",
    "branch": "had its branch switched",
}


def going_on(snapshot: Snapshot) -> tuple[Conflict, ...]:
    """Those the header counts: no mere overlaps, nothing small, nothing long over."""
    return tuple(
        conflict
        for conflict in snapshot.conflicts
        if conflict.severity != "low"
        and not conflict.is_overlap
        and snapshot.taken_at - conflict.last_at <= LASTING
    )


def conflict_alerts(snapshot: Snapshot) -> Iterator[Alert]:
    """For `Alerts.look`, as what else needs the user now."""
    for conflict in going_on(snapshot):
        keys = [writer.key for writer in conflict.writers]
        agents = " and ".join(dict.fromkeys(writer.agent for writer in conflict.writers))
        if len(keys) > 1 and " and " not in agents:
            agents = f"{len(keys)} sessions of {agents}"
        name = conflict.path.rstrip("/").rpartition("/")[2]
        agent, _, session_id = keys[-1].partition(":") if keys else ("", "", "")
        yield Alert(
            "conflict",
            conflict.key,
            f"{agents} {_DOES[conflict.grade]}: {name}",
            f"{conflict.path}: {conflict.evidence}",
            conflict.severity,
            agent or None,
            session_id or None,
            None,
            conflict.first_at,
        )
