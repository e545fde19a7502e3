"""What the invented transcripts hold: tallied while they are written, priced by an own list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

RATES: Mapping[str, tuple[float, float, float, float, float]] = {
    # $ per million tokens: input, cache read, write 5 m, write 1 h, output.
    "claude-opus-4-5": (5, 0.5, 6.25, 10, 25),
    "claude-sonnet-4-5": (3, 0.3, 3.75, 6, 15),
    "claude-haiku-4-5": (1, 0.1, 1.25, 2, 5),
    "gpt-5": (1.25, 0.125, 1.25, 1.25, 10),
    "gpt-5.1-codex": (1.25, 0.125, 1.25, 1.25, 10),
}
"""Models that every program compared here knows the price of."""
_PICO = {model: [round(rate * 1e6) for rate in rates] for model, rates in RATES.items()}
"""Pico-dollars per token: sums of them are exact."""


class Spent(NamedTuple):
    """The disjoint buckets of one response; `reasoning` is part of `output`."""

    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    reasoning: int

    @property
    def prompt(self) -> int:
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h


@dataclass
class Tally:
    """The totals of one agent."""

    sessions: int = 0
    responses: int = 0
    tokens: Spent = Spent(0, 0, 0, 0, 0, 0)
    pico_dollars: int = 0

    def add(self, model: str, spent: Spent) -> None:
        """Count one response, once, wherever else a copy of it may stand."""
        self.responses += 1
        self.tokens = Spent(*map(sum, zip(self.tokens, spent, strict=True)))
        rates = _PICO[model]
        self.pico_dollars += sum(n * rate for n, rate in zip(spent[:5], rates, strict=True))

    @property
    def cost(self) -> float:
        return self.pico_dollars / 1e12


@dataclass
class Truth:
    """What a corpus holds, and the stamp by which it is known again."""

    stamp: dict[str, Any]
    files: int = 0
    folders: int = 0
    bytes: int = 0
    claude_bytes: int = 0
    lines: int = 0
    usage_lines: int = 0
    """Lines that carry a usage, copies included."""
    usage_bytes: int = 0
    newest: list[str] = field(default_factory=list[str])
    """The ids of the sessions written to last."""
    agents: dict[str, Tally] = field(
        default_factory=lambda: {"claude": Tally(), "codex": Tally()}
    )  # fmt: skip

    def save(self, path: Path) -> None:
        whole = asdict(self)
        for tally in whole["agents"].values():
            tally["tokens"] = tally["tokens"]._asdict()
        path.write_text(json.dumps(whole, indent=1) + "\n")


def load(path: Path) -> Truth | None:
    """The truth beside a corpus; None where there is none that can be read."""
    try:
        whole = json.loads(path.read_text())
        agents = {name: _tally(**tally) for name, tally in whole.pop("agents").items()}
        return Truth(**whole, agents=agents)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _tally(tokens: dict[str, int], **rest: int) -> Tally:
    return Tally(tokens=Spent(**tokens), **rest)
