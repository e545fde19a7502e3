"""What burns in the whole fleet: by agent over the last hour, by agent and model today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agtop.model import Rates, Record, Session, StateName
from agtop.model.hour import Slots, add_slots

SEVERAL = "several models"
UNNAMED = "unnamed model"
NEEDS: tuple[StateName, ...] = ("waiting", "limited", "error", "stalled", "looping")
"""States in which a person should look."""


class Burn(Record):
    """One agent's speed; None where nothing of it can be observed."""

    agent: str
    slots: Slots | None
    tokens_per_min: float | None
    hour_cost: float | None


def by_agent(sessions: Iterable[Session]) -> list[Burn]:
    """The agents that used something within the hour or run now, the busiest first."""
    rates: dict[str, list[Rates]] = {}
    for session in sessions:
        if session.rates.hour_tokens or session.is_live:
            rates.setdefault(session.agent, []).append(session.rates)
    found = [_burn(agent, each) for agent, each in rates.items()]
    return sorted(found, key=lambda b: (-sum(n for _, n in b.slots or ()), b.agent))


def _burn(agent: str, rates: list[Rates]) -> Burn:
    known = [each for each in rates if each.hour_tokens is not None]
    speeds = [each.tokens_per_min for each in known if each.tokens_per_min is not None]
    costs = [each.hour_cost for each in known if each.hour_cost is not None]
    return Burn(
        agent,
        add_slots(each.slots for each in known) if known else None,
        sum(speeds) if speeds else None,
        sum(costs) if costs else None,
    )


def spent_today(sessions: Iterable[Session]) -> tuple[dict[str, float], dict[str, float]]:
    """Dollars of today (by agent, by model), the most first.

    A session that asked several models itself stands under a name of its own: of which model its
    part of today was, its rates do not tell.
    """
    agents: dict[str, float] = {}
    models: dict[str, float] = {}
    for session in sessions:
        if not session.rates.today_cost:
            continue
        agents[session.agent] = agents.get(session.agent, 0.0) + session.rates.today_cost
        for model, dollars in _by_model(session):
            models[model] = models.get(model, 0.0) + dollars
    return _most_first(agents), _most_first(models)


def _by_model(session: Session) -> Iterator[tuple[str, float]]:
    total, below = session.rates.today_cost or 0.0, 0.0
    for child in session.subagents:
        below += child.rates.today_cost or 0.0
        yield from _by_model(child)
    own = total - below
    if own > 1e-9:
        yield _own_model(session), own


def _own_model(session: Session) -> str:
    """The only model it asked itself: that of its usage which is not all its subagents'."""
    used = {usage.model: usage.tokens.total for usage in session.usage}
    for child in session.subagents:
        for usage in child.usage:
            used[usage.model] = used.get(usage.model, 0) - usage.tokens.total
    names = [name for name, tokens in used.items() if tokens > 0]
    return (names[0] or UNNAMED) if len(names) == 1 else SEVERAL


def _most_first(spent: dict[str, float]) -> dict[str, float]:
    return dict(sorted(spent.items(), key=lambda each: (-each[1], each[0])))


def in_need(sessions: Iterable[Session]) -> list[Session]:
    """Those a person should look at: waiting ones first, then who has waited longest."""
    found = [s for s in sessions if s.state.name in NEEDS]
    return sorted(found, key=lambda s: (NEEDS.index(s.state.name), s.state.since or float("inf")))
