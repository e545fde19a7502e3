"""Every cut of what was spent comes to the same, by the calendar on the wall."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from agtop.model import PICO
from agtop.spend import CUTS, Clock, Cut, Period, Row, Strip, Sum, report, rows, uses
from agtop.spend.period import EVERYTHING, month_of, parse_day, period, week_of
from agtop.spend.rows import added
from agtop.spend.told import weekdays
from agtop.spend.view import View
from agtop.verbs.spend import page, show
from tests.spend.made import Spent, expenses, price, spent

SPRING = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
SUMMER = datetime(2026, 4, 10, tzinfo=UTC).timestamp()
AUTUMN = datetime(2026, 10, 15, tzinfo=UTC).timestamp()
WINTER = datetime(2026, 11, 15, tzinfo=UTC).timestamp()
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")


def slowly(found: list[Spent], zone: ZoneInfo) -> dict[date, Fraction]:
    """Dollars by local day: one response after the other, from its own instant."""
    days: dict[date, Fraction] = {}
    for each in found:
        at, charge = each.response.at, price(each.response)
        if at is None or charge is None:
            continue
        local = datetime.fromtimestamp(at, UTC).astimezone(zone)
        days[local.date()] = days.get(local.date(), Fraction(0)) + Fraction(charge.total, PICO)
    return days


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("span", [(SPRING, SUMMER), (AUTUMN, WINTER)])
def test_days_are_those_of_the_wall_clock_whatever_the_season(
    name: str, span: tuple[float, float]
) -> None:
    zone = ZoneInfo(name)
    found = spent(*span, 3000)

    told = report(uses(expenses(found), Clock(zone)), EVERYTHING, "agent", span[1], Clock(zone))

    expected = slowly(found, zone)
    assert {day: Fraction(s.pico, PICO) for day, s in told.days if s.pico} == expected


@pytest.mark.parametrize("cut", CUTS)
def test_the_parts_of_every_cut_come_to_the_total(cut: Cut) -> None:
    found = spent(SPRING, SUMMER, 2000)
    clock = Clock(ZoneInfo("Europe/Berlin"))

    told = report(uses(expenses(found), clock), EVERYTHING, cut, SUMMER, clock)

    charges = [price(each.response) for each in found]
    assert told.total.pico == sum(c.total for c in charges if c is not None)
    assert told.total.requests == 2000
    assert sum(row.sum.pico for row in told.rows) == told.total.pico
    assert sum(row.sum.total for row in told.rows) == told.total.total
    assert sum(row.sum.saved for row in told.rows) == told.total.saved
    assert sum(row.sum.included for row in told.rows) == told.total.included > 0
    assert sum(s.pico for _, s in told.days) + told.undated.pico == told.total.pico
    heat = sum(cell.pico for line in told.heat for cell in line)
    assert heat + told.undated.pico == told.total.pico


@pytest.mark.parametrize("cut", CUTS)
def test_json_and_csv_say_the_same_to_the_cent(cut: Cut) -> None:
    clock = Clock(ZoneInfo("America/New_York"))
    told = report(
        uses(expenses(spent(SPRING, SUMMER, 500)), clock),
        month_of(date(2026, 3, 9)), cut, SUMMER, clock,
    )  # fmt: skip
    written, lines = io.StringIO(), io.StringIO()

    show(written, told, SUMMER, "json", None, 0)
    show(lines, told, SUMMER, "csv", None, 0)

    document = json.loads(written.getvalue())
    total = document["total"]["cost"]
    table = [*csv.DictReader(io.StringIO(lines.getvalue()))]
    assert told.total.pico > 0
    assert total == told.total.dollars
    assert round(sum(row["cost"] or 0 for row in document["rows"]), 2) == round(total, 2)
    assert round(sum(day["cost"] for day in document["days"]), 2) == round(total, 2)
    parts = [float(row["cost"] or 0) for row in table if row["by"] != "total"]
    assert round(sum(parts), 2) == round(total, 2) == round(float(table[-1]["cost"]), 2)


def test_a_row_and_its_sessions_come_to_the_same() -> None:
    clock = Clock(UTC)
    found = uses(expenses(spent(SPRING, SUMMER, 500)), clock)

    for row in rows(found, "repo"):
        inside = [use for use in found if use.spender.repo == row.key]
        parts = rows(inside, "session")
        assert sum(part.sum.pico for part in parts) == row.sum.pico
        assert len(parts) == row.sessions


def test_a_subagents_use_is_that_of_the_session_above_it() -> None:
    clock = Clock(UTC)
    found = uses(expenses(spent(SPRING, SUMMER, 300)), clock)

    assert {use.session for use in found if use.bucket.session_id == "s3"} <= {
        "claude:s2", "codex:s2", "gemini:s2",
    }  # fmt: skip
    told = report(found, EVERYTHING, "agent", SUMMER, clock)
    below = [use for use in found if int(use.bucket.session_id[1:]) % 2]
    assert told.subagents == added(below)


@pytest.mark.parametrize(
    ("today", "first_weekday", "first"),
    [
        (date(2026, 3, 29), 0, date(2026, 3, 23)),
        (date(2026, 3, 29), 6, date(2026, 3, 29)),
        (date(2026, 3, 28), 6, date(2026, 3, 22)),
        (date(2026, 3, 27), 5, date(2026, 3, 21)),
    ],
)
def test_a_week_begins_on_the_day_that_is_wished_for(
    today: date, first_weekday: int, first: date
) -> None:
    week = week_of(today, first_weekday)

    assert (week.first, week.last) == (first, first + timedelta(days=6))


def test_the_period_before_is_the_calendars() -> None:
    assert str(month_of(date(2026, 3, 31)).previous()) == "February 2026"
    assert week_of(date(2026, 1, 1)).previous() == week_of(date(2025, 12, 25))
    given = period("range", date(2026, 3, 9), 0, date(2026, 3, 5), date(2026, 3, 7))
    assert given.previous() == Period("range", date(2026, 3, 2), date(2026, 3, 4))
    assert month_of(date(2026, 1, 9)).shifted(-1) == month_of(date(2025, 12, 1))
    assert EVERYTHING.previous() is None


def test_a_period_under_way_is_compared_up_to_the_same_point() -> None:
    zone = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 4, 1, 12, 0, tzinfo=zone).timestamp()
    found = spent(SPRING, SUMMER, 3000)
    clock = Clock(zone)

    told = report(uses(expenses(found), clock), week_of(date(2026, 4, 1)), "agent", now, clock)

    begin = datetime(2026, 3, 23, tzinfo=zone).timestamp()
    end = datetime(2026, 3, 25, 12, 0, tzinfo=zone).timestamp()
    inside = [e.response for e in found if e.response.at and begin <= e.response.at < end]
    charges = [charge for each in inside if (charge := price(each)) is not None]
    assert told.before_so_far is not None
    assert told.before_so_far.pico == sum(charge.total for charge in charges) > 0


def test_a_week_of_the_change_to_summer_time_is_an_hour_shorter() -> None:
    zone = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 3, 25, 0, 0, tzinfo=zone).timestamp()
    clock = Clock(zone)
    found = uses(expenses(spent(now - 86400, now, 100)), clock)

    told = report(found, EVERYTHING, "agent", now, clock, budget=0.5).week

    assert told.days_left == pytest.approx(5 - 1 / 24)
    assert told.daily == pytest.approx(told.spent.pico / PICO / 2)
    assert told.daily is not None
    assert told.projected == pytest.approx(told.daily * (7 - 1 / 24))
    assert told.will_exceed is True
    assert told.days_until_exceeded == 0
    assert [spent is None for _, spent in told.days] == [False] * 3 + [True] * 4


def test_no_pace_is_told_of_a_week_that_has_just_begun() -> None:
    now = datetime(2026, 3, 23, 1, 0, tzinfo=UTC).timestamp()
    found = uses(expenses(spent(now - 3600, now, 50)), Clock(UTC))

    told = report(found, EVERYTHING, "agent", now, Clock(UTC), budget=10).week

    assert (told.daily, told.projected, told.will_exceed) == (None, None, None)


def test_what_a_prompt_cost_is_told_of_whole_sessions_only() -> None:
    clock = Clock(UTC)
    found = uses(expenses(spent(SPRING, SUMMER, 40)), clock)
    whole = report(found, EVERYTHING, "agent", SUMMER, clock)

    part = report(found, Period("range", date(2026, 3, 2), date(2026, 3, 3)), "agent", 0, clock)

    assert whole.per_prompt.sessions > 0
    assert part.per_prompt.dollars is None


def test_what_has_no_price_is_unknown_and_leaves_the_rest_a_bound() -> None:
    clock = Clock(UTC)
    found = uses(expenses(spent(SPRING, SUMMER, 200)), clock)

    by_model = {row.key: row for row in rows(found, "model")}

    assert by_model["unknown-model"].sum.dollars is None
    text = "\n".join(page(report(found, EVERYTHING, "model", SUMMER, clock), 0))
    assert "unknown-model" in text
    assert "≥ $" in text


def test_nothing_spent_is_a_page_too() -> None:
    text = "\n".join(page(report([], month_of(date(2026, 3, 1)), "agent", 0, Clock(UTC)), 0))

    assert "$0.00" in text


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "99999999999d", "-3d"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no day"):
        parse_day(text, date(2026, 3, 1))


def test_a_formula_stays_text_in_a_spreadsheet() -> None:
    found = expenses(spent(SPRING, SUMMER, 30))
    evil = [e.__class__(e.agent, e.label, e.included, tuple(
        b.__class__(b.session_id, "=cmd|x", b.moment, b.tokens, b.requests, b.pico, 0, 0)
        for b in e.buckets), e.spenders) for e in found]  # fmt: skip
    lines = io.StringIO()

    told = report(uses(evil, Clock(UTC)), EVERYTHING, "model", SUMMER, Clock(UTC))
    show(lines, told, SUMMER, "csv", None, 0)

    assert "'=cmd" in lines.getvalue()


def test_the_days_of_a_week_are_seen_beside_each_other() -> None:
    days = [(date(2026, 11, 16 + n), spent) for n, spent in enumerate((0, 4, 8, 1))]
    known = tuple((day, Sum(pico=pico)) for day, pico in days)
    ahead = tuple((date(2026, 11, 20 + n), None) for n in range(3))
    week = Strip((*known, *ahead), Sum(pico=13), None, None, None, 3.0)

    assert weekdays(week) == "Mon · Tue ▄ Wed █ Thu ▁ Fri Sat Sun"


def test_what_is_new_has_changed_the_most_and_what_is_unknown_comes_last() -> None:
    def made(name: str, now: int, before: int | None) -> Row:
        return Row(name, name, Sum(pico=now), 1, 1.0, None if before is None else Sum(pico=before))

    found = [made("less", 1, 2), made("unknown", 5, None), made("new", 1, 0), made("more", 3, 2)]
    view = View(EVERYTHING).sorted_on("CHANGE")

    assert [row.label for row in view.arranged(found)] == ["new", "more", "less", "unknown"]
    turned = view.sorted_on("CHANGE")
    assert [row.label for row in turned.arranged(found)] == ["less", "more", "new", "unknown"]
