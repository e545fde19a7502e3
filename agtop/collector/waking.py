"""Notices that the time of day leapt ahead: the machine slept, or somebody set its clock."""

from __future__ import annotations

from collections.abc import Callable

LEAP = 60.0
"""Seconds between two rounds that only one of the clocks counted."""


class Waking:
    """Keeps when it happened last: nobody was silent in hours that did not pass."""

    def __init__(self, ticks: Callable[[], float] | None) -> None:
        """
        Args:
            ticks: a clock that nobody sets and that stands still while the machine sleeps;
                without it nothing is noticed.
        """
        self._ticks = ticks
        self._before: tuple[float, float] | None = None
        self._woke_at: float | None = None

    def look(self, now: float) -> float | None:
        """When the machine woke last, as far as that was seen."""
        if self._ticks is None:
            return None
        tick, before = self._ticks(), self._before
        self._before = (now, tick)
        if before is not None and (now - before[0]) - (tick - before[1]) > LEAP:
            self._woke_at = now
        elif self._woke_at is not None and self._woke_at > now:
            self._woke_at = None  # the clock was set back since
        return self._woke_at
