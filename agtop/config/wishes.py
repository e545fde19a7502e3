"""What can be wished for in config.toml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

import msgspec

from agtop.attention import AlertWish
from agtop.budgets import THRESHOLDS, Action
from agtop.model import Record
from agtop.themes import Theme

Plan = Literal["retail", "max", "included"]
PLANS: tuple[Plan, ...] = ("retail", "max", "included")
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
PLAN_ALIASES: dict[str, Plan] = {
    **{plan: plan for plan in PLANS},
    "default": "retail",
    "api": "retail",
    "claude-max": "max",
    "enterprise": "included",
    "not-billed": "included",
}
DELAY = 2.0


class PriceOverride(Record):
    """Dollars per million tokens of one model; what is not given is the price list's."""

    input: float | None = None
    output: float | None = None
    cache_read: float | None = None
    cache_write_5m: float | None = None
    cache_write_1h: float | None = None
    search: float | None = None
    """Dollars per web search."""


class OwnAgent(Record):
    """An agent that only the user knows."""

    command: str
    """A shell pattern of its program's name."""
    label: str | None = None
    transcripts: str | None = None
    """A pattern of paths; `**` stands for any folders."""
    format: str | None = None
    """The agent whose transcripts they look like."""
    provider: str | None = None
    """Who serves its models; by default whoever serves those of `format`."""


class BudgetWish(Record):
    """What may be spent; what is not given has no bound."""

    dollars: float | None = None
    tokens: int | None = None
    action: Action = "warn"
    at: tuple[int, ...] = THRESHOLDS
    on_estimates: bool = False


class Config(Record):
    """The user's wishes; flags of the command line outrank them."""

    plan: Plan = "retail"
    plans: Mapping[str, Plan] = msgspec.field(default_factory=dict[str, Plan])
    """By agent, where it differs from `plan`."""
    delay: float = DELAY
    sort: str | None = None
    week_starts: Weekday = "monday"
    columns: tuple[str, ...] = ()
    """None chosen means the default set."""
    keys: Mapping[str, str | tuple[str, ...]] = msgspec.field(
        default_factory=dict[str, str | tuple[str, ...]]
    )
    """What to do → the keys for it; the screen, which has the keys, checks them."""
    theme: Theme = "dark"
    ascii: bool = False
    """Draw nothing but ASCII, wherever the terminal could draw more."""
    prices: Mapping[str, PriceOverride] = msgspec.field(default_factory=dict[str, PriceOverride])
    roots: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict[str, tuple[str, ...]])
    windows: Mapping[str, int] = msgspec.field(default_factory=dict[str, int])
    models: Mapping[str, str] = msgspec.field(default_factory=dict[str, str])
    """By agent: what it runs where its transcripts name no model."""
    agents: Mapping[str, OwnAgent] = msgspec.field(default_factory=dict[str, OwnAgent])
    budgets: Mapping[str, BudgetWish] = msgspec.field(default_factory=dict[str, BudgetWish])
    alerts: AlertWish = AlertWish()

    def covered(self, agents: Iterable[str]) -> frozenset[str]:
        """The agents whose use is paid for by a plan: `max` by itself means Claude's."""
        return frozenset(agent for agent in agents if self._covers(agent))

    @property
    def week_budget(self) -> float | None:
        """Dollars that a week of all sessions may cost."""
        return self.budgets["week"].dollars if "week" in self.budgets else None

    def _covers(self, agent: str) -> bool:
        if agent in self.plans:
            return self.plans[agent] != "retail"
        return self.plan == "included" or (self.plan == "max" and agent == "claude")


def parse_plan(text: str) -> Plan:
    """`max`, `claude-max`, `API`… → a plan. Raises ValueError with a sentence."""
    plan = PLAN_ALIASES.get(text.strip().casefold().replace("_", "-"))
    if plan is None:
        raise ValueError(f'there is no plan "{text}"; choose {one_of(PLANS)}')
    return plan


def one_of(words: Iterable[str]) -> str:
    """`a, b or c`."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def meant(word: str, words: Iterable[str]) -> str:
    """`; did you mean "claude"?`, or nothing when no word comes near."""
    import difflib

    close = difflib.get_close_matches(word.casefold(), list(words), 1)
    return f'; did you mean "{close[0]}"?' if close else ""
