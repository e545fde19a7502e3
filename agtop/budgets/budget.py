"""Whose spending is bounded, by how much, and what happens at the bound."""

from __future__ import annotations

import math
import re
from typing import Literal

from agtop.model import Record, Session
from agtop.units import compact, dollars

Scope = Literal["session", "agent", "repo", "all"]
Period = Literal["day", "week"]
Kind = Literal["dollars", "tokens"]
Action = Literal["warn", "pause", "stop"]
ACTIONS: tuple[Action, ...] = ("warn", "pause", "stop")
THRESHOLDS = (50, 80, 95, 100)
"""Percent at which it is said once."""
PERIODS: tuple[Period, ...] = ("day", "week")
_WRITTEN = "session, session:ID, agent:NAME, repo:NAME, all, day, week; agent:NAME/day"
_DOLLARS = re.compile(r"\$?\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*(?:\$|usd|dollars?)?", re.IGNORECASE)
_TOKENS = re.compile(
    r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*([kmg]?)\s*(?:tokens?|tok|t)", re.IGNORECASE
)
_SCALE = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
MOST = 10**15
"""Of anything: beyond it nobody means a budget."""


class Target(Record):
    """Whose spending, and since when."""

    scope: Scope
    key: str | None = None
    """Of one session, agent or repository; None means each session by itself, or all there are."""
    period: Period | None = None
    """None: since each session began."""

    def covers(self, session: Session) -> bool:
        match self.scope:
            case "session":
                return self.key is None or session.key == self.key
            case "agent":
                return session.agent == self.key
            case "repo":
                return session.project == self.key
            case "all":
                return True

    def __str__(self) -> str:
        if self.scope == "all" and self.period:
            return self.period
        name = self.scope if self.key is None else f"{self.scope}:{self.key}"
        return f"{name}/{self.period}" if self.period else name


class Budget(Record):
    """One entry of [budgets]."""

    target: Target
    dollars: float | None = None
    tokens: int | None = None
    """As the TOKENS column counts them: each bucket, the cache too."""
    action: Action = "warn"
    thresholds: tuple[int, ...] = THRESHOLDS
    on_estimates: bool = False
    """Whether `action` is taken on numbers that are, in part, an agent's estimate."""

    def limits(self) -> tuple[tuple[Kind, float], ...]:
        found: list[tuple[Kind, float]] = []
        if self.dollars is not None:
            found.append(("dollars", self.dollars))
        if self.tokens is not None:
            found.append(("tokens", self.tokens))
        return tuple(found)


def parse_target(text: str) -> Target:
    """`day`, `agent:claude/day`… → whose. Raises ValueError with a sentence."""
    plain = text.strip()
    if plain in PERIODS:
        return Target("all", None, "day" if plain == "day" else "week")
    body, slash, ending = plain.rpartition("/")
    period: Period | None = None
    if slash and ending in PERIODS:
        plain, period = body, "day" if ending == "day" else "week"
    scope, colon, key = plain.partition(":")
    if scope == "all" and not colon:
        return Target("all", None, period)
    if scope == "session" and period is None and bool(key) == bool(colon):
        return Target("session", key or None)
    if scope in ("agent", "repo") and key:
        return Target("agent" if scope == "agent" else "repo", key, period)
    raise ValueError(f'"{text}" is nothing to set a budget for; there are {_WRITTEN}')


def parse_amount(text: str) -> tuple[Kind, float]:
    """`20`, `$2.50`, `500k tokens` → what and how much. Raises ValueError with a sentence."""
    plain = text.strip()
    in_tokens = _TOKENS.fullmatch(plain)
    if in_tokens:
        amount = float(in_tokens[1]) * _SCALE[in_tokens[2].lower()]
        amount = round(amount) if math.isfinite(amount) else amount
    else:
        in_dollars = _DOLLARS.fullmatch(plain)
        if in_dollars is None:
            shown = plain if len(plain) <= 40 else f"{plain[:40]}…"
            raise ValueError(
                f'"{shown}" is no amount; write dollars (20, $2.50) or tokens (500k tokens)'
            )
        amount = float(in_dollars[1])
    if not 0 < amount <= MOST:
        raise ValueError(f"a budget is more than nothing and at most {compact(MOST)}")
    return ("tokens" if in_tokens else "dollars"), amount


def amount_text(kind: Kind, amount: float | None) -> str:
    """`$20.00`, `500.0k tokens`, `–`."""
    return dollars(amount) if kind == "dollars" else f"{compact(amount)} tokens"
