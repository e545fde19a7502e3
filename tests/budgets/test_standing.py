"""How budgets stand: the same figures as on the rows, and unknown where those are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from agtop.budgets import Budget, Span, Spent, Standing, parse_target, so_far, standings
from agtop.model import Cost, Rates, Session, Tokens, replace
from tests.snapshots import NOW, session

NOON = datetime.fromisoformat("2026-11-20T12:00").timestamp()


def spender(
    session_id: str, dollars: float | None, tokens: int | None = 100, **more: Any
) -> Session:
    cost = None if dollars is None else Cost(input=dollars)
    used = None if tokens is None else Tokens(tokens)
    return session(session_id, cost=cost, tokens=used, subagents=(), **more)


def only(budget: Budget, *sessions: Session, now: float = NOW, spent: Span = so_far) -> Standing:
    (standing,) = standings([budget], sessions, now, spent)
    return standing


def budget(target: str, dollars: float | None = 10.0, **more: Any) -> Budget:
    return Budget(parse_target(target), dollars, **more)


def test_a_budget_adds_up_those_it_covers():
    here = spender("one", 2.0), spender("two", 3.0), spender("three", 90.0, agent="codex")

    standing = only(budget("agent:claude"), *here)

    assert (standing.used, standing.left, standing.percent) == (5.0, 5.0, 50.0)


def test_tokens_are_counted_as_on_the_row():
    one = session("one")
    assert one.tokens is not None

    standing = only(budget("all", None, tokens=10_000_000), one)

    assert standing.used == one.tokens.total


def test_dollars_and_tokens_stand_by_themselves():
    both = standings([budget("all", 10.0, tokens=50)], [spender("one", 2.0)], NOW)

    assert [(each.kind, each.used) for each in both] == [("dollars", 2.0), ("tokens", 100)]


def test_each_live_session_has_its_own():
    here = spender("one", 2.0), spender("two", 3.0), spender("past", 90.0, liveness=None)

    found = standings([budget("session")], here, NOW)

    assert [(each.subject, each.used) for each in found] == [
        ("claude:one", 2.0),
        ("claude:two", 3.0),
    ]


def test_what_a_plan_covers_bills_nothing():
    one = spender("one", 2.0)
    covered = replace(one, cost=Cost(input=90.0, included=True), rates=Rates(today_cost=90.0))

    assert only(budget("all"), one, covered).used == 2.0
    assert only(budget("day"), covered).used == 0.0


def test_unknown_is_not_zero():
    standing = only(budget("all"), spender("one", None))

    assert (standing.used, standing.left, standing.percent) == (None, None, None)
    assert not standing.is_used_up


def test_nobody_spends_nothing():
    assert only(budget("agent:codex"), spender("one", 1.0)).used == 0


def test_a_gap_makes_it_a_lower_bound():
    standing = only(budget("all"), spender("one", 1.0), spender("two", None))

    assert (standing.used, standing.is_partial) == (1.0, True)
    assert only(budget("all"), spender("one", 1.0)).is_partial is False


def test_a_day_counts_todays_cost():
    one = spender("one", 50.0, rates=Rates(today_cost=4.0))

    standing = only(budget("day"), one, now=NOON)

    assert (standing.used, standing.window) == (4.0, "2026-11-20")


def test_a_week_is_unknown_unless_somebody_can_tell():
    one = spender("one", 50.0)

    assert only(budget("week"), one, now=NOON).used is None
    told = only(budget("week"), one, now=NOON, spent=lambda session, period: Spent(7.0))
    assert (told.used, told.window) == (7.0, "2026-W47")


def test_nothing_is_left_of_what_is_overdrawn():
    standing = only(budget("all"), spender("one", 12.0))

    assert (standing.left, standing.percent, standing.is_used_up) == (0, 120, True)


@pytest.mark.parametrize(("used", "is_used_up"), [(9.99, False), (10.0, True)])
def test_the_whole_is_used_up_at_the_limit(used: float, is_used_up: bool):
    assert only(budget("all"), spender("one", used)).is_used_up is is_used_up
