"""Prices the user sets."""

from __future__ import annotations

import pytest

from agtop.model import Tokens
from agtop.pricing import Override, Prices
from tests.pricing.conftest import ask, dollars


def test_an_override_wins_over_everything():
    prices = Prices({"claude-haiku-5-5": Override(7, 8, 9, 10, 11, 12)})

    price = prices.price(
        ask("claude-haiku-5-5", Tokens(100_001), geo="us", service_tier="batch"), "anthropic"
    )

    assert price is not None
    assert (price.input, price.output, price.cache_read) == (7, 8, 9)
    assert (price.cache_write_5m, price.cache_write_1h, price.search) == (10, 11, 12)
    assert price.source == "override"


def test_cache_prices_that_are_not_given_keep_their_proportion_to_the_input():
    prices = Prices({"claude-opus-5-5": Override(input=2)})

    price = prices.price(ask("claude-opus-5-5"), "anthropic")

    assert price is not None
    assert (price.input, price.cache_read) == (2, 0.1)
    assert (price.cache_write_5m, price.cache_write_1h) == (2.5, 4)
    assert (price.output, price.search) == (20, 0.01)


def test_an_override_of_one_part_leaves_the_rest_as_listed():
    prices = Prices({"gpt-5.5": Override(output=1)})

    long = prices.price(ask("gpt-5.5", Tokens(272_001)), "openai")

    assert long is not None
    assert (long.input, long.cache_read, long.output) == (10, 1, 1)


def test_an_override_prices_a_model_nobody_lists():
    prices = Prices({"my-model": Override(input=1, output=2)})

    charge = prices.charge(ask("my-model", Tokens(100, 100, 100, 100, 100)), "nobody")

    assert dollars(charge) == pytest.approx(600 / 1e6, abs=1e-15)
    assert charge is not None
    assert (charge.price.provider, charge.price.model) == ("nobody", "my-model")


def test_an_unlisted_model_of_anthropic_pays_for_cache_writes_as_its_models_do():
    prices = Prices({"claude-next": Override(input=4, output=2)})

    price = prices.price(ask("claude-next"), "anthropic")

    assert price is not None
    assert (price.cache_read, price.cache_write_5m, price.cache_write_1h) == (4, 5, 8)


def test_an_override_prices_what_has_no_public_price():
    prices = Prices({"gpt-5.3-codex-spark": Override(input=1, output=2)})

    assert prices.price(ask("gpt-5.3-codex-spark"), "openai") is not None


def test_an_override_of_nothing_is_free():
    prices = Prices({"claude-opus-5-5": Override(0, 0, 0, 0, 0)})

    assert dollars(prices.charge(ask("claude-opus-5-5"), "anthropic")) == 0


@pytest.mark.parametrize(
    "spelling",
    ["claude-opus-5.5", "claude-opus-5-5-20261101", "anthropic/claude-opus-5-5", "CLAUDE-OPUS-5-5"],
)
def test_an_override_holds_for_the_models_other_spellings(spelling: str):
    prices = Prices({"claude-opus-5-5": Override(input=1)})

    price = prices.price(ask(spelling), "anthropic")

    assert price is not None
    assert price.input == 1


def test_an_override_holds_for_no_other_model_of_the_same_price():
    prices = Prices({"gpt-5": Override(input=1)})

    other = prices.price(ask("gpt-5-codex"), "openai")

    assert other is not None
    assert other.input == 1.25


def test_an_override_for_one_host_leaves_the_others():
    prices = Prices({"groq/kimi-k2.5": Override(input=1, output=2)})

    there = prices.price(ask("groq/kimi-k2.5"), "opencode")
    here = prices.price(ask("kimi-k2.5"), "moonshotai")

    assert there is not None
    assert here is not None
    assert (there.input, here.input) == (1, 0.6)


@pytest.mark.parametrize("half", [Override(input=1), Override(output=1), Override()])
def test_an_unlisted_model_needs_both_input_and_output(half: Override):
    with pytest.raises(ValueError, match='"my-model" needs both input and output'):
        Prices({"my-model": half})


@pytest.mark.parametrize("name", ["", "x" * 300])
def test_an_override_needs_a_possible_name(name: str):
    with pytest.raises(ValueError, match="is not the name of a model"):
        Prices({name: Override(1, 1)})


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -float("inf"), -0.01, True, "3"])
@pytest.mark.parametrize("part", ["input", "output", "cache_read", "cache_write_1h", "search"])
def test_an_impossible_price_is_refused(part: str, wrong: object):
    with pytest.raises(ValueError, match=f"the price .{part} = .* is not possible"):
        Override(**{part: wrong})  # pyright: ignore[reportArgumentType]


def test_overrides_leave_other_models_alone(prices: Prices):
    changed = Prices({"claude-opus-5-5": Override(input=1)})

    assert changed.price(ask("gpt-5.5"), "openai") == prices.price(ask("gpt-5.5"), "openai")


def test_an_overridden_model_is_not_called_unpriced():
    prices = Prices({"auto": Override(1, 2)})

    assert prices.why_unpriced("auto", "cursor") == (
        '"auto" has the price that config.toml gives it.'
    )
