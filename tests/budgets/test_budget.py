"""What can be bounded, and by which amounts."""

from __future__ import annotations

import pytest

from agtop.budgets import Target, parse_amount, parse_target
from tests.snapshots import session


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("day", Target("all", None, "day")),
        ("all/week", Target("all", None, "week")),
        ("all", Target("all")),
        ("session", Target("session")),
        ("session:claude:0f3c", Target("session", "claude:0f3c")),
        ("agent:claude", Target("agent", "claude")),
        ("agent:claude/day", Target("agent", "claude", "day")),
        ("repo:org/shop", Target("repo", "org/shop")),
        ("repo:org/shop/week", Target("repo", "org/shop", "week")),
    ],
)
def test_a_target_is_read_and_written_the_same(text: str, target: Target):
    assert parse_target(text) == target
    assert parse_target(str(target)) == target


@pytest.mark.parametrize(
    "text",
    ["", "month", "agent", "agent:", "repo:/day", "session:", "session/day", "all:x", "day/week"],
)
def test_what_cannot_be_bounded_is_a_sentence(text: str):
    with pytest.raises(ValueError, match="is nothing to set a budget for; there are session"):
        parse_target(text)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("20", ("dollars", 20)),
        ("$2.50", ("dollars", 2.5)),
        (" .5 ", ("dollars", 0.5)),
        ("3 usd", ("dollars", 3)),
        ("500k tokens", ("tokens", 500_000)),
        ("2Mtok", ("tokens", 2_000_000)),
        ("1000 t", ("tokens", 1000)),
    ],
)
def test_amounts_are_dollars_unless_they_say_tokens(text: str, amount: tuple[str, float]):
    assert parse_amount(text) == amount


@pytest.mark.parametrize(
    "text",
    [
        *("nan", "NaN", "inf", "-inf", "Infinity", "0", "0.00", "-1", "$-5", "abc", "", "1e309"),
        *(
            "1_000",
            "1,5",
            "1:30",
            "true",
            "0 tokens",
            "0.2 tokens",
            "9" * 400,
            "9" * 400 + " tokens",
        ),
        *("٣", "²", "5 k", "2 million"),
    ],
)
def test_what_is_no_amount_is_refused(text: str):
    with pytest.raises(ValueError, match=r"is no amount; write dollars|is more than nothing"):
        parse_amount(text)


@pytest.mark.parametrize(
    ("target", "covered"),
    [
        ("session", True),
        ("session:claude:one", True),
        ("session:claude:two", False),
        ("agent:claude", True),
        ("agent:codex", False),
        ("repo:shop", True),
        ("repo:sho", False),
        ("day", True),
    ],
)
def test_a_target_covers_its_own_sessions(target: str, covered: bool):
    one = session("one", project="shop")

    assert parse_target(target).covers(one) is covered
