"""How full a model's context window is, and whether its prompt cache is still warm."""

from __future__ import annotations

from agtop.model.record import Record

THRASH = 600.0
"""Two compactions less than these seconds apart: the context fills again as soon as it is freed."""
_RECENT = 1800.0


class Context(Record):
    """Of the main conversation; subagents have their own."""

    used: int
    window: int | None
    peak: int
    """The largest use seen, before any compaction."""
    compactions: int | None = 0
    compacted_at: tuple[float, ...] = ()
    """When, oldest first: the newest two."""
    cached_at: float | None = None
    """When its prompt cache was last written or read: its lifetime began anew."""
    cache_lasts: float | None = None
    """Seconds, by what was written to it last; None where no record says."""
    compacts_at: int | None = None
    """The use at which the agent is expected to sum up: an estimate."""
    wake_cost: float | None = None
    """Dollars at list price for writing it to the cache again once that is cold."""

    @property
    def percent(self) -> float | None:
        return None if not self.window else 100.0 * self.used / self.window

    @property
    def to_full(self) -> float | None:
        """Percent of the window that is free."""
        return None if self.percent is None else max(0.0, 100.0 - self.percent)

    @property
    def to_compaction(self) -> float | None:
        """Percent of the window that may still be used before the agent sums up."""
        if not self.window or self.compacts_at is None:
            return None
        return max(0.0, 100.0 * (self.compacts_at - self.used) / self.window)

    @property
    def cold_at(self) -> float | None:
        """When the cache is, or was, forgotten."""
        if self.cached_at is None or self.cache_lasts is None:
            return None
        return self.cached_at + self.cache_lasts

    def warm_for(self, now: float) -> float | None:
        """Seconds left; 0 when it is cold, None where nobody knows."""
        return None if self.cold_at is None else max(0.0, self.cold_at - now)

    def is_thrashing(self, now: float) -> bool:
        """It was summed up twice in a short while, not long ago."""
        if len(self.compacted_at) < 2:
            return False
        before, last = self.compacted_at[-2:]
        return last - before <= THRASH and now - last <= _RECENT
