"""Days, weeks and months by the calendar on the wall."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from agtop.model import Record

Span = Literal["all", "day", "week", "month", "range"]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Period(Record):
    """From one day to another, both of them in it; None is without an end."""

    span: Span
    first: date | None = None
    last: date | None = None

    def holds(self, day: date | None) -> bool:
        """What is not dated belongs only to all times together."""
        if day is None:
            return self.first is None and self.last is None
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    @property
    def days(self) -> tuple[date, ...]:
        """All of them; none where there is no end."""
        if self.first is None or self.last is None:
            return ()
        count = (self.last - self.first).days + 1
        return tuple(self.first + timedelta(days=number) for number in range(count))

    def previous(self) -> Period | None:
        """The one before: the calendar's for a month, else as many days; None for all times."""
        if self.first is None or self.last is None:
            return None
        last = self.first - timedelta(days=1)
        if self.span == "month":
            return Period("month", last.replace(day=1), last)
        return Period(self.span, last - (self.last - self.first), last)

    def shifted(self, steps: int) -> Period:
        """That many days, weeks or months later."""
        if self.first is None or self.last is None:
            return self
        if self.span == "month":
            months = self.first.year * 12 + self.first.month - 1 + steps
            return month_of(date(months // 12, months % 12 + 1, 1))
        by = (self.last - self.first + timedelta(days=1)) * steps
        return Period(self.span, self.first + by, self.last + by)

    def __str__(self) -> str:
        if self.first is None and self.last is None:
            return "all times"
        if self.last is None:
            return f"since {self.first}"
        if self.first is None:
            return f"until {self.last}"
        if self.first == self.last:
            return f"{self.first:%A} {self.first}"
        if self.span == "month":
            return f"{self.first:%B %Y}"
        return f"{self.first} to {self.last}"


EVERYTHING = Period("all")


def day_of(today: date) -> Period:
    return Period("day", today, today)


def week_of(today: date, first_weekday: int = 0) -> Period:
    """The week that holds a day.

    Args:
        first_weekday: 0 is Monday.
    """
    first = today - timedelta(days=(today.weekday() - first_weekday) % 7)
    return Period("week", first, first + timedelta(days=6))


def month_of(today: date) -> Period:
    first = today.replace(day=1)
    later = (first + timedelta(days=31)).replace(day=1)
    return Period("month", first, later - timedelta(days=1))


def period(
    span: Span, today: date, first_weekday: int = 0, since: date | None = None,
    until: date | None = None,
) -> Period:  # fmt: skip
    """The one of that kind that holds today; a range where days are given."""
    if since is not None or until is not None:
        return Period("range", since, until or max(today, since or today))
    if span == "day":
        return day_of(today)
    if span == "week":
        return week_of(today, first_weekday)
    return month_of(today) if span == "month" else EVERYTHING


def parse_day(text: str, today: date) -> date:
    """`2026-11-20`, `today`, `yesterday`, `7d` (that many days ago). Raises ValueError."""
    plain = text.strip().casefold()
    if plain in ("today", "yesterday"):
        return today - timedelta(days=int(plain == "yesterday"))
    try:
        if plain.endswith("d") and plain[:-1].isdecimal():
            return today - timedelta(days=int(plain[:-1]))
        return date.fromisoformat(plain)
    except (ValueError, OverflowError):
        raise ValueError(f'"{text}" is no day; write 2026-11-20, today, yesterday or 7d') from None
