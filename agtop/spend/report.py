"""Everything that is told of a period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from itertools import compress

from agtop.model import PICO, QUARTER, Record, Spender
from agtop.spend.period import Period, week_of
from agtop.spend.rows import Cut, Row, added, grouped, rows
from agtop.spend.sums import Sum, together
from agtop.spend.uses import Clock, Moment, Use
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
    within = _Days(found).within
    here = within(period)
    previous = period.previous()
    there = None if previous is None else within(previous)
    today = clock.today(now)
    by_day = _by_day(here)
    counts = Counter([use.session for use in here])
    sums = together(by_day.values())
    whole = _whole(found, here, counts)
    return Report(
        period,
        cut,
        sums,
        rows(here, cut, there),
        _days(by_day, period, today),
        by_day.get(None, Sum()),
        strip(within(week_of(today, first_weekday)), now, clock, first_weekday, budget),
        _heat(here),
        added([use for use in here if use.is_subagent]),
        sums.dollars / sums.requests if sums.dollars is not None and sums.requests else None,
        _unit(whole, lambda spender: spender.prompts),
        _unit(whole, lambda spender: spender.lines),
        len(counts),
        len({use.session for use in here if use.spender.archived}),
        previous,
        None if there is None else added(there),
        _so_far(there, period, previous, now, clock),
    )


class _Days:
    """Finds what was used in a period; each quarter of an hour is looked up once."""

    def __init__(self, found: Sequence[Use]) -> None:
        self._found = found
        self._numbers = [use.bucket.moment for use in found]
        moments = dict(zip(self._numbers, [use.moment for use in found], strict=True))
        self._days = {number: _day(moment) for number, moment in moments.items()}

    def within(self, period: Period) -> Sequence[Use]:
        held = {day for day in set(self._days.values()) if period.holds(day)}
        inside = {number for number, day in self._days.items() if day in held}
        if len(inside) == len(self._days):
            return self._found
        return list(compress(self._found, map(inside.__contains__, self._numbers)))


def _day(moment: Moment | None) -> date | None:
    return None if moment is None else moment.day


def _by_day(here: Sequence[Use]) -> dict[date | None, Sum]:
    parts = grouped(here, lambda use: _day(use.moment))
    return {day: added(part) for day, part in parts.items()}


def _days(
    by_day: Mapping[date | None, Sum], period: Period, today: date
) -> tuple[tuple[date, Sum], ...]:
    found = {day: Sum() for day in period.days if day <= today}
    found |= {day: each for day, each in by_day.items() if day is not None}
    return tuple((day, found[day]) for day in sorted(found))


def _heat(here: Sequence[Use]) -> tuple[tuple[Sum, ...], ...]:
    cells = grouped(
        [use for use in here if use.moment is not None],
        lambda use: None if use.moment is None else (use.moment.weekday, use.moment.hour),
    )
    return tuple(
        tuple(added(cells.get((weekday, hour), ())) for hour in range(24)) for weekday in range(7)
    )


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


def _whole(
    found: Sequence[Use], here: Sequence[Use], counts: Mapping[str, int]
) -> list[tuple[Spender, int | None]]:
    """The sessions of which nothing was used outside, and their pico-dollars: only they can be
    divided by counts. None where nothing has a price."""
    every = counts if here is found else Counter([use.session for use in found])
    whole = {session for session, count in counts.items() if every[session] == count}
    parts = grouped([use for use in here if use.session in whole], lambda use: use.session)
    return [(part[0].spender, _pico(part)) for part in parts.values()]


def _pico(part: Sequence[Use]) -> int | None:
    unpriced = sum([use.bucket.unpriced for use in part])
    if unpriced and unpriced == sum([use.bucket.total for use in part]):
        return None
    return sum([use.bucket.pico for use in part])


def _unit(
    whole: Sequence[tuple[Spender, int | None]], count: Callable[[Spender], int | None]
) -> Unit:
    known = [(many, pico) for each, pico in whole if (many := count(each)) and pico is not None]
    number = sum([many for many, _ in known])
    pico = sum([pico for _, pico in known])
    return Unit(pico / PICO / number if number else None, number, len(known))
