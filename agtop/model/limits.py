"""Plans: what agents' own files say of their limits, and what that comes to now."""

from __future__ import annotations

from typing import Literal

from agtop.model.record import Record


class Level(Record):
    """How full one window of a limit was."""

    minutes: int | None
    """How long the window is."""
    used_percent: float | None
    resets_at: float | None = None


class Limit(Record):
    """What one file said of one limit at one instant, the words of the agent unchanged."""

    limit_id: str
    told_at: float
    levels: tuple[Level, ...]
    """Its windows: what a later word leaves out is no more."""
    model: str | None = None
    """The model the limit is for, when it is for one alone."""
    plan: str | None = None


class Share(Record):
    """A session's part, 0–1, of what this machine used in a window."""

    key: str
    share: float


class Window(Record):
    """A window of a plan: how much of it is used, when it begins anew, when it will be full."""

    agent: str
    agent_label: str
    provider: str
    limit_id: str
    minutes: int | None
    """How long it is; None for a limit that was met and named no length."""
    used_percent: float | None
    """None where nobody measured it since it last began anew."""
    resets_at: float | None
    as_of: float | None
    """When it was measured."""
    source: Literal["measured", "estimate"] = "measured"
    """An estimate knows only what this machine used."""
    where: str = ""
    """The file that says so."""
    model: str | None = None
    plan: str | None = None
    is_over: bool = False
    """It began anew since it was measured: `used_percent` is 0, or unknown once it was used."""
    full_at: float | None = None
    """When it fills at the present pace, which may be after its reset."""
    full_before_reset: bool | None = None
    shares: tuple[Share, ...] = ()
    """Of top-level sessions, the largest first."""
    shared_by: Literal["cost", "tokens"] | None = None
    tokens: int | None = None
    """What this machine used in it, by the transcripts."""
    cost: float | None = None
    """That at list prices; None where some of it has no known price."""
    account: str | None = None
    """Whose plan it is, where the agent is logged in to several: its folder's name."""

    @property
    def label(self) -> str:
        """`5 h`, `7 d`; `limit` where its length is unknown."""
        return span(self.minutes)

    @property
    def owner(self) -> str:
        """`claude`, or `claude (work)` where it is logged in to several accounts."""
        return f"{self.agent} ({self.account})" if self.account else self.agent

    @property
    def owner_label(self) -> str:
        """`Claude Code`, or `Claude Code (work)`."""
        return f"{self.agent_label} ({self.account})" if self.account else self.agent_label

    def is_stale(self, now: float) -> bool:
        """Measured so long ago that the figure may well have moved."""
        return self.as_of is None or now - self.as_of > STALE


STALE = 3600.0
"""Seconds: as long as Claude Code itself takes such a figure for fresh."""


def span(minutes: int | None) -> str:
    """The length of a window in words: `5 h`, `7 d`; `limit` where it is not known."""
    if minutes is None or minutes <= 0:
        return "limit"
    for length, unit in ((1440, "d"), (60, "h")):
        if minutes % length == 0:
            return f"{minutes // length} {unit}"
    return f"{minutes} min"
