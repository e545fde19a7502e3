"""What was used when: the history that outlives transcripts."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import field

from agtop.model.record import Record

QUARTER = 900
"""Seconds of one bucket: every time zone's days and hours begin with one."""

Counts = tuple[int, int, int, int, int, int]
"""The buckets of `Tokens`, in its order."""


class Bucket(Record, frozen=True, gc=False, array_like=True):
    """What one session used of one model within a quarter of an hour."""

    session_id: str
    """Who made the requests: a session or a subagent."""
    model: str | None
    moment: int | None
    """Instant // `QUARTER`; None where the records are not dated."""
    tokens: Counts
    requests: int
    pico: int
    """Pico-dollars at list price."""
    unpriced: int
    """Tokens without a known price."""
    saved: int
    """Pico-dollars that its cached tokens would have cost above, at the price of plain input."""

    @property
    def total(self) -> int:
        """Tokens; reasoning is part of the output."""
        return sum(self.tokens[:5])


class Spender(Record):
    """A session or subagent that used something, without a word of what it was about."""

    session_id: str
    parent_id: str | None = None
    repo: str | None = None
    interactive: bool = True
    started_at: float | None = None
    last_active: float | None = None
    prompts: int | None = None
    """What its user asked; None where that is not known."""
    lines: int | None = None
    """Lines it wrote; None where that is not known."""
    archived: bool = False
    """Its transcript is gone."""


class Expenses(Record):
    """Everything one agent's sessions used."""

    agent: str
    label: str
    included: bool
    """A plan covers it."""
    buckets: tuple[Bucket, ...]
    spenders: Mapping[str, Spender] = field(default_factory=dict[str, Spender])
    """By session id."""
