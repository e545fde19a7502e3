"""Every token of a model is in one line, priced or not."""

from __future__ import annotations

from agtop.model import Cost, Tokens, Usage, replace
from agtop.sources import uses
from tests.snapshots import COST, TOKENS, session


def used(model: str | None, tokens: Tokens, cost: Cost | None, requests: int = 1) -> Usage:
    return Usage(model, "anthropic", tokens, cost, None, requests)


def test_a_model_is_added_up_over_sessions() -> None:
    one = session("a", usage=(used("m", TOKENS, COST, 2),))
    other = session("b", usage=(used("m", TOKENS, COST, 3),))

    (found,) = uses([one, other])

    assert found.tokens == TOKENS + TOKENS
    assert found.messages == 5
    assert found.cost == COST.total * 2


def test_priced_and_unpriced_use_of_one_model_stay_apart() -> None:
    row = session("a", usage=(used("m", TOKENS, COST), used("m", Tokens(5), None)))

    priced, unpriced = uses([row])

    assert (priced.cost, unpriced.cost) == (COST.total, None)
    assert unpriced.tokens == Tokens(5)


def test_included_use_costs_nothing_but_keeps_its_value() -> None:
    (found,) = uses([session("a", usage=(used("m", TOKENS, replace(COST, included=True)),))])

    assert (found.cost, found.notional) == (0.0, COST.notional)


def test_agents_stay_apart_and_the_most_tokens_come_first() -> None:
    small = session("a", usage=(used(None, Tokens(1), None),))
    large = session("b", agent="codex", usage=(used(None, Tokens(9), None),))

    assert [use.agent for use in uses([small, large])] == ["codex", "claude"]


def test_no_sessions_use_nothing() -> None:
    assert uses([]) == ()
