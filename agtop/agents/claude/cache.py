"""The clock of the prompt cache: when it was used last and how long it then lasts."""

from __future__ import annotations

from agtop.agents.claude import usage
from agtop.agents.claude.records import Usage

SHORT, LONG = 300.0, 3600.0


class CacheClock:
    """Started anew by every answer that reads or writes the cache."""

    def __init__(self) -> None:
        self.used_at: float | None = None
        self.lasts: float | None = None

    def take(self, used: Usage, at: float | None) -> None:
        """An answer of the main conversation; what it wrote tells how long that is kept."""
        _, read, short, long, _, _ = usage.counts(used)
        if at is None or not (read or short or long):
            return
        self.used_at = at if self.used_at is None else max(self.used_at, at)
        if short or long:
            self.lasts = LONG if long >= short else SHORT
