"""The plan's limits."""

from __future__ import annotations

from agtop.agents.codex.limits import Limits
from agtop.agents.codex.records import RateLimits, Window
from agtop.model import Level


def test_each_limit_keeps_its_newest_state() -> None:
    limits = Limits()
    limits.take(RateLimits(limit_id="codex", primary=Window(used_percent=10)), 1.0)
    limits.take(RateLimits(limit_id="codex_other", primary=Window(used_percent=90)), 2.0)
    limits.take(RateLimits(limit_id="codex", primary=Window(used_percent=12)), 3.0)
    used = {
        name: told.primary and told.primary.used_percent
        for name, (_, told) in limits.newest.items()
    }
    assert used == {"codex": 12, "codex_other": 90}


def test_seconds_that_are_left_become_an_instant() -> None:
    limits = Limits()
    limits.take(RateLimits(primary=Window(resets_in_seconds=60)), 1_000.0)
    assert limits.newest["codex"][1].primary == Window(resets_in_seconds=60, resets_at=1_060.0)


def test_the_plan_is_remembered_when_it_is_not_told_again() -> None:
    limits = Limits()
    limits.take(RateLimits(plan_type="plus"), 1.0)
    limits.take(RateLimits(), 2.0)
    assert limits.plan == "plus"


def test_a_reached_limit_ends_when_its_used_up_windows_do() -> None:
    limits = Limits()
    short = Window(used_percent=100, resets_at=50.0)
    week = Window(used_percent=30, resets_at=900.0)
    reached = RateLimits(primary=short, secondary=week, rate_limit_reached_type="primary")
    limits.take(reached, 1.0)
    assert (limits.reached, limits.until) == (True, 50.0)


def test_what_is_told_is_the_windows_first_word_and_the_newest() -> None:
    limits = Limits()
    for at, used, reset in ((1.0, 90, 500), (2.0, 1, 9_000), (3.0, 2, 9_060), (4.0, 5, 9_000)):
        window = Window(used_percent=used, window_minutes=300, resets_at=reset)
        limits.take(RateLimits(primary=window, plan_type="plus"), at)

    told = [(t.told_at, t.limit_id, t.plan, t.levels[0]) for t in limits.told()]

    assert told == [
        (2.0, "codex", "plus", Level(300, 1.0, 9_000.0)),
        (4.0, "codex", "plus", Level(300, 5.0, 9_000.0)),
    ]


def test_a_limit_for_one_model_names_it() -> None:
    limits = Limits()
    window = Window(used_percent=1, window_minutes=300)
    limits.take(RateLimits(limit_id="codex_x", limit_name="GPT-X", primary=window), 1.0)
    limits.take(RateLimits(limit_id="codex_y", primary=window), 2.0)

    assert [t.model for t in limits.told()] == ["GPT-X", "codex_y"]


def test_an_account_without_a_plan_tells_nothing() -> None:
    limits = Limits()
    limits.take(RateLimits(limit_id="codex"), 1.0)
    limits.take(RateLimits(primary=Window(window_minutes=300)), 2.0)

    assert limits.told() == ()
