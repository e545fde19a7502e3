"""Invented use: responses at any instant, in buckets and one by one."""

from __future__ import annotations

import random
from collections.abc import Sequence

from agtop import buckets
from agtop.model import Charge, Expenses, Price, Record, Response, Spender, Tokens

PRICE = Price("anthropic", "opus", 5.0, 0.5, 6.25, 10.0, 25.0, 0.01, "test", "2026-01-01")


class Spent(Record):
    """One response and whose it is."""

    agent: str
    session: str
    response: Response


def price(response: Response) -> Charge | None:
    """Of all models but one."""
    t = response.tokens
    if response.model == "unknown-model":
        return None
    return Charge(
        t.input * 5_000_003,
        t.cache_read * 500_001,
        t.cache_write_5m * 6_250_000,
        t.cache_write_1h * 10_000_000,
        t.output * 25_000_007,
        response.searches * 10_000_000_000,
        PRICE,
    )


def spent(first: float, last: float, count: int, seed: int = 7) -> list[Spent]:
    """Responses of three agents, strewn over a time."""
    dice = random.Random(seed)
    found: list[Spent] = []
    for number in range(count):
        agent = dice.choice(("claude", "codex", "gemini"))
        counts = [dice.randrange(20_000) for _ in range(5)]
        response = Response(
            f"{number}",
            None if dice.random() < 0.02 else dice.uniform(first, last),
            dice.choice(("opus", "sonnet", "unknown-model", None)),
            Tokens(*counts, reasoning=counts[4] // 2),
            searches=dice.randrange(2),
        )
        found.append(Spent(agent, f"s{dice.randrange(12)}", response))
    return found


def expenses(found: Sequence[Spent], included: str = "gemini") -> tuple[Expenses, ...]:
    """The same in buckets: odd sessions are subagents of the even ones before them."""
    made: list[Expenses] = []
    for agent in ("claude", "codex", "gemini"):
        own = [(each.session, each.response) for each in found if each.agent == agent]
        spenders = {
            f"s{n}": Spender(
                f"s{n}",
                f"s{n - 1}" if n % 2 else None,
                f"repo{n % 3}" if n < 10 else None,
                interactive=n % 4 != 0,
                prompts=n,
                lines=10 * n,
                archived=n == 2,
            )
            for n in range(12)
        }
        parts = buckets.of_responses(own, price)
        made.append(Expenses(agent, agent.title(), agent == included, parts, spenders))
    return tuple(made)
