"""What the proxy answered, in whole numbers: by day and by model, and what is missing of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from agtop.model import PICO, Record
from agtop.spend.period import Period

ACTIVITY, LOGS = "/user/daily/activity", "/spend/logs"
OLDEST = date(2023, 1, 1)
"""No proxy has booked anything before."""


class Figures(Record):
    """What rows tell together."""

    pico: int = 0
    priced: int = 0
    """Rows that told what they cost."""
    unpriced: int = 0
    """Rows that did not."""
    input: int | None = None
    output: int | None = None
    requests: int | None = None

    @property
    def dollars(self) -> float | None:
        """None where rows are there and none told."""
        return None if self.unpriced and not self.priced else self.pico / PICO

    @property
    def is_bound(self) -> bool:
        """More was spent than is known."""
        return self.unpriced > 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.pico + other.pico,
            self.priced + other.priced,
            self.unpriced + other.unpriced,
            _plus(self.input, other.input),
            _plus(self.output, other.output),
            _plus(self.requests, other.requests),
        )


def _plus(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other


NOTHING = Figures()


def added(parts: Iterable[Figures]) -> Figures:
    return sum(parts, NOTHING)


class Answer(Record):
    """What came to one question."""

    question: str
    days: tuple[tuple[date, Figures], ...] = ()
    models: tuple[tuple[str | None, Figures], ...] = ()
    """The most expensive first; None where rows name no model."""
    gaps: tuple[str, ...] = ()
    """What did not come, and why."""
    came: bool = True
    """At least a part of it."""

    @property
    def total(self) -> Figures | None:
        return added(figures for _, figures in self.days) if self.came else None

    @property
    def is_whole(self) -> bool:
        return not self.gaps


class Bill(Record):
    """Both answers: two books of the same spending, never to be added up."""

    base: str
    """Where the proxy is, as it may be shown."""
    first: date
    """By its own calendar, which is UTC's; as `last`."""
    last: date
    activity: Answer
    logs: Answer
    is_clear: bool = False
    """The key went there unencrypted."""

    @property
    def gaps(self) -> tuple[tuple[str, str], ...]:
        """(question, what did not come of it)."""
        answers = (self.activity, self.logs)
        return tuple((each.question, gap) for each in answers for gap in each.gaps)

    @property
    def came(self) -> bool:
        return self.activity.came or self.logs.came


def asked(period: Period, now: float) -> tuple[date, date]:
    """The days to ask for: none that is yet to come, here or where the proxy keeps its days."""
    today = max(datetime.fromtimestamp(now).date(), datetime.fromtimestamp(now, UTC).date())
    first = period.first or OLDEST
    return first, max(first, min(period.last or today, today))


def next_day(day: date) -> date:
    return day + timedelta(days=1)
