"""The proxy's bill with agtop's own count of the same days beside it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

from agtop.model import Record
from agtop.spend.period import Period
from agtop.spend.proxy.bill import Bill, Figures
from agtop.spend.rows import added
from agtop.spend.sums import Sum
from agtop.spend.uses import Use


class Line(Record):
    """A day or a model in both of the proxy's books."""

    name: str | None
    activity: Figures | None
    """None is not in that book."""
    logs: Figures | None


class Beside(Record):
    """The bill of a period, and what agtop counts itself; never added up."""

    period: Period
    bill: Bill
    own: Sum
    shift: int
    """Minutes by which the clock on the wall is ahead of UTC."""

    @property
    def days(self) -> tuple[Line, ...]:
        """The newest first."""
        activity, logs = dict(self.bill.activity.days), dict(self.bill.logs.days)
        days = sorted(activity.keys() | logs.keys(), reverse=True)
        return tuple(Line(f"{day}", activity.get(day), logs.get(day)) for day in days)

    @property
    def models(self) -> tuple[Line, ...]:
        activity, logs = dict(self.bill.activity.models), dict(self.bill.logs.models)
        names = dict.fromkeys((*activity, *logs))
        return tuple(Line(name, activity.get(name), logs.get(name)) for name in names)

    @property
    def total(self) -> Line:
        return Line("total", self.bill.activity.total, self.bill.logs.total)


def beside(period: Period, bill: Bill, found: Iterable[Use], now: float) -> Beside:
    """
    Args:
        found: everything there is.
    """
    local = datetime.fromtimestamp(now).astimezone().utcoffset()
    shift = 0 if local is None else int(local.total_seconds()) // 60
    return Beside(period, bill, own(found, bill.first, bill.last), shift)


def own(found: Iterable[Use], first: date, last: date) -> Sum:
    """What agtop counts on the proxy's days, which are UTC's."""
    return added(use for use in found if use.moment and first <= _day(use.moment.at) <= last)


def _day(at: float) -> date:
    return datetime.fromtimestamp(at, UTC).date()
