"""The proxy's days are UTC's: which are asked for, and what agtop counts itself on them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from agtop.model import QUARTER, Bucket, Expenses, Spender
from agtop.spend import Clock, uses
from agtop.spend.period import EVERYTHING, Period, day_of, month_of
from agtop.spend.proxy.beside import Beside, beside, own
from agtop.spend.proxy.bill import ACTIVITY, LOGS, Answer, Bill, Figures, asked
from agtop.spend.proxy.told import difference, facts

DAY = date(2025, 11, 20)
At = Callable[[str], None]


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[At]:
    """Sets the clock on the wall."""
    if not hasattr(time, "tzset"):
        pytest.skip("the zone cannot be set here")

    def chosen(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield chosen
    monkeypatch.undo()
    time.tzset()


def instant(text: str, name: str = "UTC") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(name)).timestamp()


def used(*moments: str) -> tuple[Expenses, ...]:
    """A dollar at each of these moments of UTC."""
    buckets = tuple(
        Bucket("s", "m", int(instant(each) // QUARTER), (1, 0, 0, 0, 1, 0), 1, 10**12, 0, 0)
        for each in moments
    )
    return (Expenses("claude", "Claude Code", False, buckets, {"s": Spender("s")}),)


def bill(dollars: float | None, gaps: tuple[str, ...] = ()) -> Bill:
    pico = 0 if dollars is None else round(dollars * 10**12)
    told = Figures(pico, 1) if dollars is not None else Figures(0, 0, 1)
    activity = Answer(ACTIVITY, ((DAY, told),), (), gaps)
    return Bill("http://localhost", DAY, DAY, activity, Answer(LOGS, gaps=("403",), came=False))


def told(dollars: float | None, *moments: str, gaps: tuple[str, ...] = ()) -> Beside:
    return beside(day_of(DAY), bill(dollars, gaps), uses(used(*moments), Clock(UTC)), 0.0)


@pytest.mark.parametrize("name", ["Asia/Tokyo", "America/Los_Angeles", "UTC", "Asia/Kathmandu"])
def test_agtops_own_count_is_of_utcs_days_whatever_the_clock_on_the_wall(name: str) -> None:
    found = used(
        "2025-11-19T23:45", "2025-11-20T00:00", "2025-11-20T12:00", "2025-11-20T23:45",
        "2025-11-21T00:00",
    )  # fmt: skip

    assert own(uses(found, Clock(ZoneInfo(name))), DAY, DAY).dollars == 3.0


@pytest.mark.parametrize(
    ("name", "now", "period", "days"),
    [
        ("UTC", "2025-11-20T12:00", month_of(DAY), ("2025-11-01", "2025-11-20")),
        ("UTC", "2025-11-20T12:00", day_of(DAY), ("2025-11-20", "2025-11-20")),
        ("UTC", "2025-12-20T12:00", month_of(DAY), ("2025-11-01", "2025-11-30")),
        ("UTC", "2025-11-20T12:00", EVERYTHING, ("2023-01-01", "2025-11-20")),
        # in the evening of the west the proxy keeps tomorrow already
        ("America/Los_Angeles", "2025-11-20T20:00", month_of(DAY), ("2025-11-01", "2025-11-21")),
        ("America/Los_Angeles", "2025-11-20T20:00", day_of(DAY), ("2025-11-20", "2025-11-20")),
        # in the morning of the east it keeps yesterday still
        ("Asia/Tokyo", "2025-11-20T06:00", month_of(DAY), ("2025-11-01", "2025-11-20")),
        ("UTC", "2025-11-20T12:00", Period("range", date(2030, 1, 1)), ("2030-01-01",) * 2),
    ],
)
def test_the_days_asked_for_are_those_of_the_period_that_have_begun(
    zone: At, name: str, now: str, period: Period, days: tuple[str, str]
) -> None:
    zone(name)

    first, last = asked(period, instant(now, name))

    assert (f"{first}", f"{last}") == days


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("UTC", None),
        ("Europe/Berlin", "each begins here at 01:00"),
        ("Asia/Kathmandu", "each begins here at 05:45"),
        ("America/Los_Angeles", "each begins here at 16:00 of the day before"),
    ],
)
def test_where_utcs_days_begin_on_the_wall_is_said(zone: At, name: str, said: str | None) -> None:
    zone(name)

    found = beside(day_of(DAY), bill(1.0), (), instant("2025-11-20T12:00"))

    days = dict(facts(found)).get("days")
    assert (days is None) if said is None else (days is not None and days.endswith(said))


def test_the_difference_is_told_only_against_a_book_that_came_in_full() -> None:
    noon = "2025-11-20T12:00"

    assert difference(told(3.5, noon)) == -2.5
    assert difference(told(3.5, noon, gaps=("page 2 is missing",))) is None
    assert difference(told(None, noon)) is None


@pytest.mark.parametrize(
    ("dollars", "said"), [(1.0, "days, as much;"), (0.25, "$0.75 more;"), (3.0, "$2.00 less;")]
)
def test_agtops_own_stands_beside_and_is_said_to_be_no_part(dollars: float, said: str) -> None:
    (sentence,) = [text for name, text in facts(told(dollars, "2025-11-20T12:00")) if name == "own"]

    assert said in sentence
    assert sentence.endswith("no part of the proxy's figures")
