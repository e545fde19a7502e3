"""The tokens of each model over all sessions of an agent, priced and unpriced apart."""

from __future__ import annotations

from collections.abc import Iterable

from agtop.model import Record, Session, Tokens, Usage


class ModelUse(Record):
    """What one agent used of one model."""

    agent: str
    model: str | None
    provider: str | None
    tokens: Tokens
    messages: int
    """Answers of the model."""
    cost: float | None
    """Dollars billed; None without a known price, which is not nothing."""
    notional: float | None
    """Dollars at list prices, whatever the plan."""


def uses(sessions: Iterable[Session]) -> tuple[ModelUse, ...]:
    """By agent, model and whether there is a price, the most tokens first."""
    groups: dict[tuple[str, str | None, str | None, bool], list[Usage]] = {}
    for session in sessions:
        for usage in session.usage:
            key = (session.agent, usage.model, usage.provider, usage.cost is not None)
            groups.setdefault(key, []).append(usage)
    found = [
        _sum(agent, model, provider, each) for (agent, model, provider, _), each in groups.items()
    ]
    return tuple(sorted(found, key=lambda use: (-use.tokens.total, use.agent, use.model or "")))


def _sum(agent: str, model: str | None, provider: str | None, parts: list[Usage]) -> ModelUse:
    costs = [part.cost for part in parts if part.cost is not None]
    return ModelUse(
        agent,
        model,
        provider,
        sum((part.tokens for part in parts), Tokens()),
        sum(part.requests for part in parts),
        sum(cost.total for cost in costs) if costs else None,
        sum(cost.notional for cost in costs) if costs else None,
    )
