"""Everything that is told of a period."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from agtop.model import PICO, QUARTER, Record, Spender
from agtop.spend.period import Period
from agtop.spend.rows import Cut, Row, added, rows
from agtop.spend.sums import Sum
from agtop.spend.uses import Clock, Use
from agtop.spend.week import Strip, strip


class Unit(Record):
    """What one of something cost."""

    dollars: float | None
    """None where nothing was counted, or nothing has a price."""
    count: int
    """Of how many."""
    sessions: int
    """In how many sessions, all of whose use lies in the period."""


class Report(Record):
    """What was used in a period, and how it compares."""

    period: Period
    cut: Cut
    total: Sum
    rows: tuple[Row, ...]
    days: tuple[tuple[date, Sum], ...]
    """Every day of the period up to today; where it has no end, those on which something was
    used."""
    undated: Sum
    """The part of the total that is of no known day."""
    week: Strip
    heat: tuple[tuple[Sum, ...], ...]
    """Weekday (0 is Monday) × hour."""
    subagents: Sum
    """The part of the total that subagents used."""
    per_answer: float | None
    """Dollars an answer of a model."""
    per_prompt: Unit
    per_line: Unit
    sessions: int
    archived: int
    """Sessions whose transcript is gone."""
    previous: Period | None = None
    before: Sum | None = None
    """In the whole period before."""
    before_so_far: Sum | None = None
    """In the period before up to the same point, where this one is not over."""


def report(
    found: Sequence[Use],
    period: Period,
    cut: Cut,
    now: float,
    clock: Clock,
    first_weekday: int = 0,
    budget: float | None = None,
) -> Report:
    """
    Args:
        found: everything there is.
        first_weekday: 0 is Monday.
        budget: what a week may cost, in dollars.
    """
    here = [use for use in found if period.holds(_day(use))]
    previous = period.previous()
    there = None if previous is None else [use for use in found if previous.holds(_day(use))]
    sums = added(here)
    whole = _whole(found, here)
    return Report(
        period,
        cut,
        sums,
        rows(here, cut, there),
        _days(here, period, clock.today(now)),
        added(use for use in here if use.moment is None),
        strip(found, now, clock, first_weekday, budget),
        _heat(here),
        added(use for use in here if use.is_subagent),
        sums.dollars / sums.requests if sums.dollars is not None and sums.requests else None,
        _unit(whole, lambda spender: spender.prompts),
        _unit(whole, lambda spender: spender.lines),
        len({use.session for use in here}),
        len({use.session for use in here if use.spender.archived}),
        previous,
        None if there is None else added(there),
        _so_far(there, period, previous, now, clock),
    )


def _day(use: Use) -> date | None:
    return None if use.moment is None else use.moment.day


def _days(here: Sequence[Use], period: Period, today: date) -> tuple[tuple[date, Sum], ...]:
    by_day: dict[date, list[Use]] = {day: [] for day in period.days if day <= today}
    for use in here:
        if use.moment is not None:
            by_day.setdefault(use.moment.day, []).append(use)
    return tuple((day, added(by_day[day])) for day in sorted(by_day))


def _heat(here: Sequence[Use]) -> tuple[tuple[Sum, ...], ...]:
    cells: list[list[list[Use]]] = [[[] for _ in range(24)] for _ in range(7)]
    for use in here:
        if use.moment is not None:
            cells[use.moment.weekday][use.moment.hour].append(use)
    return tuple(tuple(added(cell) for cell in row) for row in cells)


def _so_far(
    there: Sequence[Use] | None, period: Period, previous: Period | None, now: float, clock: Clock
) -> Sum | None:
    """Up to the same time of the same day, counted from the first."""
    today = clock.today(now)
    if there is None or previous is None or not period.holds(today):
        return None
    assert period.first is not None
    assert previous.first is not None
    same_day = previous.first + (today - period.first)
    time = datetime.fromtimestamp(now, clock.zone)
    quarter = time.hour * 3600 + time.minute * 60

    def is_past(use: Use) -> bool:
        assert use.moment is not None
        if use.moment.day != same_day:
            return use.moment.day < same_day
        begun = datetime.fromtimestamp(use.moment.at, clock.zone)
        return begun.hour * 3600 + begun.minute * 60 + QUARTER <= quarter

    return added(use for use in there if is_past(use))


def _whole(found: Sequence[Use], here: Sequence[Use]) -> list[tuple[Spender, Sum]]:
    """The sessions of which nothing was used outside: only they can be divided by counts."""
    own: dict[str, list[Use]] = {}
    for use in here:
        own.setdefault(use.session, []).append(use)
    every: dict[str, int] = {}
    for use in found:
        every[use.session] = every.get(use.session, 0) + 1
    return [(part[0].spender, added(part)) for key, part in own.items() if len(part) == every[key]]


def _unit(whole: Sequence[tuple[Spender, Sum]], count: Callable[[Spender], int | None]) -> Unit:
    known = [(each, spent) for each, spent in whole if count(each) and spent.dollars is not None]
    number = sum(count(each) or 0 for each, _ in known)
    pico = sum(spent.pico for _, spent in known)
    return Unit(pico / PICO / number if number else None, number, len(known))
