"""What budgets hold a day and a week against: the calendar on the wall, and what is gone too."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agtop import cli, columns, purses
from agtop.budgets import Budget, Spent, parse_target, standings
from agtop.export import document
from agtop.model import PICO, QUARTER, Bucket, Expenses, Session, Snapshot, Spender
from agtop.spans import GOOD_FOR, Spans
from agtop.spend import Clock
from tests.budgets.test_standing import spender
from tests.claude_rows import SESSION, answer, usage, write

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()
"""A Friday."""
DAY = 86400.0


def bucket(session_id: str, ago: float, dollars: float, tokens: int = 100) -> Bucket:
    moment = int((NOW - ago) // QUARTER)
    return Bucket(session_id, "m", moment, (tokens, 0, 0, 0, 0, 0), 1, int(dollars * PICO), 0, 0)


def expenses(*buckets: Bucket, **more: Any) -> Expenses:
    return Expenses("claude", "Claude Code", more.pop("included", False), buckets, **more)


def spans(*found: Expenses, looks: list[int] | None = None) -> Spans:
    def take() -> tuple[Expenses, ...]:
        if looks is not None:
            looks.append(1)
        return found

    return Spans(take, clock=Clock(UTC))


def taken(*sessions: Session, at: float = NOW, complete: bool = True) -> Snapshot:
    return Snapshot(at, sessions, complete=complete)


def test_a_day_and_a_week_hold_what_was_used_in_them() -> None:
    here = spans(
        expenses(
            bucket("one", 3600, 1.0), bucket("one", 2 * DAY, 4.0), bucket("one", 9 * DAY, 32.0)
        )
    )
    one = spender("one", 37.0, 300)

    span = here.span(taken(one))

    assert span(one, "day") == Spent(1.0, 100)
    assert span(one, "week") == Spent(5.0, 200)
    assert span(one, None) == Spent(37.0, 300)


def test_what_was_used_since_is_added_without_looking_again() -> None:
    looks: list[int] = []
    here = spans(expenses(bucket("one", 3600, 1.0)), looks=looks)
    here.span(taken(spender("one", 11.0, 300)))
    later = spender("one", 13.5, 350)

    span = here.span(taken(later, at=NOW + 60))

    assert span(later, "week") == Spent(3.5, 150)
    assert looks == [1]


@pytest.mark.parametrize("later", [GOOD_FOR, DAY])
def test_all_is_added_up_anew_now_and_then_and_on_a_new_day(later: float) -> None:
    looks: list[int] = []
    here = spans(expenses(bucket("one", 3600, 1.0)), looks=looks)
    one = spender("one", 1.0)
    here.span(taken(one))

    span = here.span(taken(one, at=NOW + later))

    assert looks == [1, 1]
    assert span(one, "day").dollars == (1.0 if later < DAY else 0.0)


def test_until_all_is_read_sessions_tell_themselves() -> None:
    looks: list[int] = []
    here = spans(expenses(), looks=looks)
    one = spender("one", 1.0)

    assert here.span(taken(one, complete=False))(one, "week").dollars is None
    assert looks == []


def test_what_a_plan_covers_costs_nothing_and_its_tokens_count() -> None:
    here = spans(expenses(bucket("one", 60, 9.0), included=True))
    one = spender("one", 0.0)

    assert here.span(taken(one))(one, "week") == Spent(0.0, 100)


def test_what_nobody_knows_stays_unknown() -> None:
    here = spans(expenses(bucket("one", 60, 0.0)))
    unpriced, unmetered = spender("one", None), spender("two", None, None)

    span = here.span(taken(unpriced, unmetered))

    assert span(unpriced, "day").dollars is None
    assert span(unmetered, "week").tokens is None


def test_deleted_transcripts_count_in_budgets_of_a_day_and_a_week() -> None:
    known = {"old": Spender("old", repo="api")}
    here = spans(expenses(bucket("old", 2 * DAY, 4.0), spenders=known))
    one = spender("one", 1.0)
    span = here.span(taken(one))

    def used(target: str) -> float | None:
        budgets = [Budget(parse_target(target), 10.0)]
        (standing,) = standings(budgets, [one], NOW, span, here.gone)
        return standing.used

    assert used("week") == 4.0
    assert used("day") == 0.0
    assert used("repo:api/week") == 4.0
    assert used("repo:web/week") == 0.0
    assert used("agent:codex/week") == 0.0


def told(when: datetime, each: dict[str, Any]) -> dict[str, Any]:
    return {**each, "timestamp": when.isoformat().replace("+00:00", "Z")}


def test_a_budget_of_the_week_shows_its_use_and_fills_the_columns(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime.fromtimestamp(time.time(), UTC)
    tokens = usage(input=1_000_000)
    write(
        home,
        SESSION,
        told(now - timedelta(days=30), answer("a", 1, tokens)),
        told(now - timedelta(seconds=30), answer("b", 2, tokens)),
    )
    assert cli.main(["budget", "week", "2M tokens"]) == 0
    capsys.readouterr()

    assert cli.main(["budget"]) == 0

    rows = {row.split()[0]: row for row in capsys.readouterr().out.splitlines()}
    assert "1.0M tokens" in rows["week"]
    assert " 50% " in rows["week"]


def test_the_columns_of_budgets_are_filled_where_no_screen_is() -> None:
    here = spans(expenses(bucket("one", 2 * DAY, 4.0)))
    one = spender("one", 4.0)
    taken_now = taken(one)
    spending = (here.span(taken_now), here.gone)
    held = {"week": Budget(parse_target("week"), 10.0, action="pause")}

    (row,) = purses.weighed(taken_now, held, spending).sessions

    assert columns.find("budget").text(row, NOW) == "40%"
    assert columns.find("budget_left").text(row, NOW) == "$6.00"
    assert document(Snapshot(NOW, (row,)))["sessions"][0]["budget"] == {
        "limit_usd": 10.0, "limit_tokens": None, "used_fraction": 0.4, "action": "pause",
    }  # fmt: skip
