"""What besides the model chooses a price: prompt size, tier, place, day and hour."""

from __future__ import annotations

import pytest

from agtop.model import Price, Response, Tokens
from agtop.pricing import Prices
from tests.pricing.conftest import ask, dollars


def known(prices: Prices, response: Response, provider: str = "") -> Price:
    price = prices.price(response, provider)
    assert price is not None
    return price


def rates(price: Price) -> tuple[float, float, float]:
    return (price.input, price.cache_read, price.output)


LIMITS = [
    ("claude-haiku-5-5", 100_000, (0.1, 0.01, 0.5), (0.5, 0.05, 2.5)),
    ("gemini-3.1-pro-preview", 200_000, (2, 0.2, 12), (4, 0.4, 18)),
    ("gemini-2.5-pro", 200_000, (1.25, 0.125, 10), (2.5, 0.25, 15)),
    ("gpt-5.4", 272_000, (2.5, 0.25, 15), (5, 0.5, 22.5)),
    ("gpt-5.5", 272_000, (5, 0.5, 30), (10, 1, 45)),
    ("gpt-5.6-sol", 272_000, (4, 0.4, 20), (8, 0.8, 30)),
    ("gpt-6-astra", 272_000, (10, 1, 50), (20, 2, 75)),
    ("grok-4.5", 199_999, (2, 0.3, 6), (4, 0.6, 12)),
    ("minimax-m3", 512_000, (0.3, 0.06, 1.2), (0.6, 0.12, 2.4)),
    ("qwen3-coder-plus", 32_000, (1, 0.1, 5), (1.8, 0.18, 9)),
    ("qwen3-coder-plus", 128_000, (1.8, 0.18, 9), (3, 0.3, 15)),
    ("qwen3-coder-plus", 256_000, (3, 0.3, 15), (6, 0.6, 60)),
]


@pytest.mark.parametrize(("model", "limit", "below", "above"), LIMITS)
def test_a_prompt_longer_than_the_limit_and_no_shorter_raises_every_rate(
    prices: Prices,
    model: str,
    limit: int,
    below: tuple[float, float, float],
    above: tuple[float, float, float],
):
    assert rates(known(prices, ask(model, Tokens(limit)))) == below
    assert rates(known(prices, ask(model, Tokens(limit + 1)))) == above


@pytest.mark.parametrize("bucket", ["cache_read", "cache_write_5m", "cache_write_1h"])
def test_cached_tokens_count_towards_the_limit_and_the_output_does_not(prices: Prices, bucket: str):
    cached = Tokens(1, output=999_999) + Tokens(**{bucket: 100_000})
    uncached = Tokens(100_000, output=999_999)

    assert known(prices, ask("claude-haiku-5-5", cached)).note == "> 100k prompt"
    assert known(prices, ask("claude-haiku-5-5", uncached)).note == ""


TIERS = [
    ("gpt-5.3-codex", "priority", (3.5, 0.35, 28)),
    ("gpt-5.4", "priority", (5, 0.5, 30)),
    ("gpt-5.5", "priority", (12.5, 1.25, 75)),
    ("gpt-5.6-sol", "priority", (8, 0.8, 40)),
    ("gpt-6-sol", "priority", (4, 0.4, 20)),
    ("gpt-5.5", "fast", (12.5, 1.25, 75)),
    ("gpt-5.5", "flex", (2.5, 0.25, 15)),
    ("gpt-5.5", "batch", (2.5, 0.25, 15)),
    ("gpt-6.1-terra", "flex", (0.5, 0.025, 2.5)),
    ("claude-opus-5-5", "batch", (2, 0.1, 10)),
    ("claude-sonnet-4-5", "batch", (1.5, 0.15, 7.5)),
    ("gpt-4.1", "batch", (1, 0.5, 4)),  # its cached input has no price of its own in a batch
]


@pytest.mark.parametrize(("model", "tier", "expected"), TIERS)
def test_a_service_tier_has_prices_of_its_own(
    prices: Prices, model: str, tier: str, expected: tuple[float, float, float]
):
    price = known(prices, ask(model, service_tier=tier))

    assert rates(price) == expected
    assert price.note == tier


def test_a_tier_has_a_limit_of_its_own(prices: Prices):
    long = Tokens(272_001)

    assert known(prices, ask("gpt-5.5", long, service_tier="flex")).input == 5
    assert known(prices, ask("gpt-5.5", long, service_tier="priority")).input == 12.5
    assert known(prices, ask("gpt-5.6-sol", long, service_tier="priority")).input == 16


FAST = [
    ("claude-opus-4-6", (30, 3, 37.5, 60, 150)),
    ("claude-opus-4-7", (30, 3, 37.5, 60, 150)),
    ("claude-opus-4-8", (10, 1, 12.5, 20, 50)),
    ("claude-opus-5", (10, 1, 12.5, 20, 50)),
    ("claude-opus-5-5", (8, 0.4, 10, 16, 40)),
    ("claude-fable-5-2", (16, 0.4, 20, 32, 80)),
    ("claude-mythos-5-2", (16, 0.4, 20, 32, 80)),
]


@pytest.mark.parametrize(("model", "expected"), FAST)
def test_fast_mode_has_prices_of_its_own(prices: Prices, model: str, expected: tuple[float, ...]):
    price = known(prices, ask(model, fast=True))

    assert (
        price.input,
        price.cache_read,
        price.cache_write_5m,
        price.cache_write_1h,
        price.output,
    ) == expected
    assert price.note == "fast"


@pytest.mark.parametrize("tier", ["", "standard", "default", "auto", "Standard"])
def test_the_ordinary_tier_is_the_list_price(prices: Prices, tier: str):
    price = known(prices, ask("gpt-5.5", service_tier=tier))

    assert (price.input, price.note) == (5, "")


def test_a_tier_nobody_lists_is_charged_as_standard_and_says_so(prices: Prices):
    price = known(prices, ask("claude-sonnet-5", fast=True))
    old = known(prices, ask("gpt-5.5", service_tier="priority", at="2026-05-01T00:00:00"))

    assert (price.input, price.note) == (2, "no fast price known: standard")
    assert (old.input, old.note) == (5, "no priority price known: standard")


def test_inference_in_the_us_costs_a_tenth_more_by_the_token_and_not_by_the_search(prices: Prices):
    tokens = Tokens(1000, 1000, 1000, 1000, 1000)
    anywhere = prices.charge(ask("claude-opus-5-5", tokens, searches=2), "anthropic")
    us = prices.charge(ask("claude-opus-5-5", tokens, searches=2, geo="us"), "anthropic")

    assert anywhere is not None
    assert us is not None
    assert us.total - us.fees == (anywhere.total - anywhere.fees) * 11 // 10
    assert us.fees == anywhere.fees == 20_000_000_000
    assert us.price.note == "us"


@pytest.mark.parametrize("geo", ["", "global", "not_available", "eu"])
def test_inference_elsewhere_costs_the_list_price(prices: Prices, geo: str):
    assert known(prices, ask("claude-opus-5-5", geo=geo)).input == 4


def test_only_anthropic_charges_for_the_place(prices: Prices):
    assert known(prices, ask("gpt-5.5", geo="us")).input == 5


def test_notes_add_up(prices: Prices):
    response = ask("claude-haiku-5-5", Tokens(100_001), service_tier="batch", geo="us")

    assert known(prices, response).note == "> 100k prompt; batch; us"


SEARCHES = [
    ("claude-opus-5-5", 0.01),
    ("gpt-5.5", 0.01),
    ("gpt-5.1-codex-mini", 0.01),
    ("gemini-3.1-pro-preview", 0.014),
    ("gemini-2.5-pro", 0.035),
]


@pytest.mark.parametrize(("model", "fee"), SEARCHES)
def test_searches_are_charged_one_by_one(prices: Prices, model: str, fee: float):
    charge = prices.charge(ask(model, Tokens(), searches=3), "")

    assert dollars(charge) == pytest.approx(3 * fee, abs=1e-15)


def test_a_search_without_a_known_fee_is_noted(prices: Prices):
    assert known(prices, ask("kimi-k3", searches=1)).note == "search fee unknown"
    assert known(prices, ask("kimi-k3")).note == ""


DAYS = [
    ("gpt-5.6-sol", "2026-08-20T23:59:59", 5),
    ("gpt-5.6-sol", "2026-08-21T00:00:00", 4),
    ("gpt-5.6-terra", "2026-07-29T12:00:00", 2.5),
    ("gpt-5.6-luna", "2026-07-30T00:00:00", 0.2),
    ("o3", "2025-06-09T12:00:00", 10),
    ("o3", "2025-06-10T12:00:00", 2),
    ("gemini-3.8-flash", "2026-12-31T23:59:59", 0.75),
    ("gemini-3.8-flash", "2027-01-01T00:00:00", 1.5),
    ("glm-5.3-flash", "2026-09-09T12:00:00", 0.075),
    ("glm-5.3-flash", "2026-09-10T12:00:00", 0.15),
]


@pytest.mark.parametrize(("model", "at", "expected"), DAYS)
def test_a_price_is_that_of_its_day(prices: Prices, model: str, at: str, expected: float):
    assert known(prices, ask(model, at=at)).input == expected


@pytest.mark.parametrize(
    ("model", "last", "first"),
    [
        ("claude-opus-4-6", "2026-03-12T23:59:59", "2026-03-13T00:00:00"),
        ("claude-sonnet-4-6", "2026-03-12T23:59:59", "2026-03-13T00:00:00"),
        ("claude-sonnet-4-5", "2026-04-29T23:59:59", "2026-04-30T00:00:00"),
    ],
)
def test_a_long_prompt_cost_more_until_the_tier_was_dropped(
    prices: Prices, model: str, last: str, first: str
):
    plain = known(prices, ask(model)).input
    long = Tokens(200_001)

    assert known(prices, ask(model, long, at=last)).input == 2 * plain
    assert known(prices, ask(model, Tokens(200_000), at=last)).input == plain
    assert known(prices, ask(model, long, at=first)).input == plain


def test_a_past_price_says_when_it_ended(prices: Prices):
    assert known(prices, ask("gpt-5.6-sol", at="2026-01-01")).note == "before 2026-08-21"


HOURS = [
    ("deepseek-v4-pro", "2026-11-20T00:59:59", 0.66),  # a Friday
    ("deepseek-v4-pro", "2026-11-20T01:00:00", 1.32),
    ("deepseek-v4-pro", "2026-11-20T03:59:59", 1.32),
    ("deepseek-v4-pro", "2026-11-20T04:00:00", 0.66),
    ("deepseek-v4-pro", "2026-11-20T06:00:00", 1.32),
    ("deepseek-v4-pro", "2026-11-20T10:00:00", 0.66),
    ("deepseek-v4-pro", "2026-11-21T02:00:00", 0.66),  # a Saturday
    ("deepseek-v4-pro", "2026-08-22T02:00:00", 1.32),  # a Saturday when weekends still counted
    ("deepseek-v4-pro", "2026-08-01T02:00:00", 0.435),  # before there were peak hours
    ("deepseek-v4-flash", "2026-08-18T02:00:00", 0.44),
    ("deepseek-v4-flash", "2026-11-20T02:00:00", 0.3),
    ("deepseek-v4-flash", "2026-11-20T12:00:00", 0.15),
    ("deepseek-chat", "2026-11-21T12:00:00", 0.27),
    ("deepseek-chat", "2026-11-21T20:00:00", 0.135),
]


@pytest.mark.parametrize(("model", "at", "expected"), HOURS)
def test_a_price_is_that_of_its_hour(prices: Prices, model: str, at: str, expected: float):
    assert known(prices, ask(model, at=at)).input == expected


def test_a_price_by_the_hour_says_which(prices: Prices):
    peak = known(prices, ask("deepseek-v4-pro", at="2026-11-20T02:00:00"))

    assert peak.note == "01:00–04:00, 06:00–10:00 UTC"


def test_a_request_without_a_time_takes_the_newest_price_and_says_so(prices: Prices):
    price = known(prices, ask("gpt-5.6-sol", at=None))
    rising = known(prices, ask("gemini-3.8-flash", at=None))

    assert (price.input, price.note) == (4, "undated: newest price")
    assert rising.input == 0.75, "a price that is yet to come is not the newest"


@pytest.mark.parametrize("at", [float("nan"), float("inf"), -1e300, 1e300])
def test_an_impossible_time_is_none(prices: Prices, at: float):
    broken = Response("r", at, "deepseek-v4-pro", Tokens(1000))

    price = known(prices, broken)

    assert price.note.endswith("undated: newest price")
