"""How a week stands: what it costs a day, where that leads, and what its budget says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta

from agtop.model import PICO, Record
from agtop.spend.period import week_of
from agtop.spend.rows import added
from agtop.spend.sums import Sum
from agtop.spend.uses import Clock, Use

DAY = 86400.0
EARLY = DAY / 4
"""Seconds into a week before which no pace can be told."""


class Strip(Record):
    """The week that holds now."""

    days: tuple[tuple[date, Sum | None], ...]
    """None for those that are yet to come."""
    spent: Sum
    budget: float | None
    """Dollars; None where none is set."""
    daily: float | None
    """Dollars a day so far; None early in the week, or where no price is known."""
    projected: float | None
    """Dollars at its end, at that pace."""
    days_left: float
    """Until it ends: a day of the change to summer time has 23 hours."""

    @property
    def percent(self) -> float | None:
        spent = self.spent.dollars
        if self.budget is None or spent is None:
            return None
        return 100.0 * spent / self.budget if self.budget else math.inf

    @property
    def will_exceed(self) -> bool | None:
        if self.budget is None or self.projected is None:
            return None
        return self.projected > self.budget

    @property
    def days_until_exceeded(self) -> float | None:
        """0 where it is; None where it will not be this week, or nobody can tell."""
        if not self.will_exceed or self.budget is None or not self.daily:
            return None
        return max(0.0, (self.budget - self.spent.pico / PICO) / self.daily)


def strip(
    found: Sequence[Use], now: float, clock: Clock, first_weekday: int, budget: float | None
) -> Strip:
    """
    Args:
        found: everything there is.
        budget: what a week may cost, in dollars.
    """
    week = week_of(clock.today(now), first_weekday)
    assert week.first is not None
    today = clock.today(now)
    by_day: dict[date, list[Use]] = {day: [] for day in week.days}
    for use in found:
        if use.moment is not None and use.moment.day in by_day:
            by_day[use.moment.day].append(use)
    spent = added(use for part in by_day.values() for use in part)
    begin = clock.midnight(week.first)
    end = clock.midnight(week.first + timedelta(days=7))
    past = now - begin
    is_known = past >= EARLY and spent.dollars is not None
    daily = spent.pico / PICO / past * DAY if is_known else None
    return Strip(
        tuple((day, added(part) if day <= today else None) for day, part in by_day.items()),
        spent,
        budget,
        daily,
        None if daily is None else daily * (end - begin) / DAY,
        (end - now) / DAY,
    )
