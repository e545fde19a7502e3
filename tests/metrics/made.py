"""Sessions, snapshots and samples of the tests' own."""

from __future__ import annotations

from typing import Any

from agtop.metrics import Effort, Sample
from agtop.metrics.spent import Crowd, Spent
from agtop.model import (
    Cost,
    Reading,
    Session,
    Snapshot,
    State,
    Tokens,
    Totals,
    Usage,
    Window,
)

AT = 1795180000.25


def session(
    name: str = "a",
    dollars: float | None = 1.0,
    tokens: int = 1000,
    model: str | None = "opus",
    agent: str = "claude",
    included: bool = False,
    **more: Any,
) -> Session:
    cost = None if dollars is None else Cost(output=dollars, included=included)
    usage = Usage(model, None, Tokens(output=tokens), cost, None, 1)
    return Session(
        agent,
        agent.title(),
        name,
        Reading(name, "/t"),
        usage=(usage,),
        tokens=usage.tokens,
        cost=cost,
        **more,
    )


def snapshot(*sessions: Session) -> Snapshot:
    return Snapshot(AT, sessions, Totals.of(sessions))


def sample(**more: Any) -> Sample:
    whole: dict[str, Any] = {
        "efforts": (
            Effort("claude", 3, 1, 12, 300 << 20, 150.0, 0.0, 2.0 * (1 << 20), 12.5, 0, 4096),
            Effort("codex", 1, 0, 4, 20 << 20),
        ),
        "spent": (
            Spent("claude", "opus", (1, 2, 3, 4, 5), 1.25, 0.0, 0),
            Spent("claude", "odd", (0, 0, 0, 0, 70), None, None, 70),
        ),
        "crowds": (Crowd("claude", {"working": 2, "ended": 9}, Totals(sessions=11, live=2)),),
        "totals": Totals(sessions=11, live=2, cost_today=0.5),
    }
    return Sample(AT, **(whole | more))


def window(**more: Any) -> Window:
    whole: dict[str, Any] = {
        "agent": "claude",
        "agent_label": "Claude Code",
        "provider": "anthropic",
        "limit_id": "five_hour",
        "minutes": 300,
        "used_percent": 42.0,
        "resets_at": None,
        "as_of": AT,
    }
    return Window(**(whole | more))


__all__ = ["AT", "State", "sample", "session", "snapshot", "window"]
