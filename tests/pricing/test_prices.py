"""Prices against answers known from elsewhere: bills that agents printed, vendors' own lists."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from agtop.model import Charge, Tokens
from agtop.pricing import Prices
from tests.pricing.conftest import ask, dollars

BILLS = [
    ("claude-opus-5-5", "anthropic", Tokens(1091, 31900, 349, 577, 319), 0.023485),
    ("claude-haiku-5-5", "anthropic", Tokens(1598, 98200, 622, 1006, 982), 0.00955875),
    ("claude-haiku-5-5", "anthropic", Tokens(100_000), 0.01),
    ("claude-haiku-5-5", "anthropic", Tokens(300_000), 0.15),
    ("claude-sonnet-4-5", "anthropic", Tokens(300_000), 0.90),
    ("gpt-5.5", "openai", Tokens(2573, 225_700, 4321, 0, 2926), 0.2351),
    ("gemini-3.1-pro-preview", "google", Tokens(3665, 368_500, 0, 0, 4774), 0.247992),
    ("claude-sonnet-4-5", "opencode", Tokens(4913, 531_700, 6218, 0, 5317), 0.2773215),
]


@pytest.mark.parametrize(("model", "provider", "tokens", "bill"), BILLS)
def test_a_request_costs_what_its_bill_says(
    prices: Prices, model: str, provider: str, tokens: Tokens, bill: float
):
    assert dollars(prices.charge(ask(model, tokens), provider)) == bill


def test_three_requests_cost_the_sum_of_three_prices_not_the_price_of_their_sum(prices: Prices):
    parts = [Tokens(1507, 86_300, 573, 929, 863)] * 3

    bill = sum(dollars(prices.charge(ask("claude-sonnet-5", t), "anthropic")) for t in parts)

    assert bill == pytest.approx(0.1021575, abs=1e-12)


def test_requests_that_are_short_one_by_one_stay_in_the_short_tier(prices: Prices):
    one = prices.charge(ask("claude-haiku-5-5", Tokens(60_000)), "anthropic")
    both = prices.charge(ask("claude-haiku-5-5", Tokens(120_000)), "anthropic")

    assert 2 * dollars(one) == 0.012
    assert dollars(both) == 0.06


V1 = Tokens(input=100, cache_read=1_000_000, output=1_000)


def test_v1_cache_reads_are_charged_once_and_cheaply(prices: Prices):
    assert dollars(prices.charge(ask("claude-sonnet-4-5", V1), "anthropic")) == 0.3153
    assert dollars(prices.charge(ask("claude-sonnet-4-5", V1, at=None), "anthropic")) == 0.3153
    assert V1.total == 1_001_100


def test_v2_cache_writes_are_charged_by_their_lifetime(prices: Prices):
    tokens = V1 + Tokens(cache_write_5m=10_000, cache_write_1h=10_000)

    charge = prices.charge(ask("claude-sonnet-4-5", tokens), "anthropic")

    assert charge is not None
    assert (charge.cache_write_5m, charge.cache_write_1h) == (37_500_000_000, 60_000_000_000)
    assert dollars(charge) == 0.4128


def test_v3_reasoning_is_part_of_the_output_and_cached_input_part_of_no_other(prices: Prices):
    tokens = Tokens(input=10_000, cache_read=40_000, output=1_000, reasoning=600)

    assert dollars(prices.charge(ask("gpt-5-codex", tokens), "openai")) == 0.0275
    assert tokens.total == 51_000


def test_v9_a_model_that_is_not_listed_never_takes_the_price_of_a_shorter_name(tmp_path: Path):
    content = json.loads((Path(__file__).parents[2] / "agtop/pricing/table.json").read_text())
    content["models"] = [m for m in content["models"] if m["id"] != "gpt-5-pro"]
    reduced = tmp_path / "table.json"
    reduced.write_text(json.dumps(content))
    prices = Prices(table=reduced)

    assert prices.price(ask("gpt-5"), "openai") is not None
    assert prices.price(ask("gpt-5-pro"), "openai") is None
    assert prices.charge(ask("gpt-5-pro"), "openai") is None


BUCKETS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")


def test_every_bucket_costs_what_claude_code_charged_for_it(prices: Prices, corpus: Path):
    measured = json.loads((corpus / "claude-price-table.json").read_text())["models"]

    for model in measured.values():
        for bucket, per_mtok in model["usd_per_mtok"].items():
            response = ask(model["priced_as"], Tokens(**{bucket: 1_000}))
            charge = prices.charge(response, "anthropic")
            assert dollars(charge) == pytest.approx(per_mtok / 1e3, abs=1e-12), (model, bucket)
        if tier := model.get("tier"):
            for bucket, per_mtok in tier["usd_per_mtok"].items():
                filler = Tokens(input=200_000) + Tokens(**{bucket: 1_000})
                charge = prices.charge(ask(model["priced_as"], filler), "anthropic")
                plain = 200_000 * tier["usd_per_mtok"]["input"] / 1e6
                assert dollars(charge) == pytest.approx(plain + per_mtok / 1e3, abs=1e-12)


def test_long_prompts_are_flat_where_claude_code_found_them_flat(prices: Prices, corpus: Path):
    measured = json.loads((corpus / "claude-price-table.json").read_text())["models"]

    for model in measured.values():
        if model["long_prompt"] == "flat to 300k":
            charge = prices.charge(ask(model["priced_as"], Tokens(300_000)), "anthropic")
            assert dollars(charge) == pytest.approx(0.3 * model["usd_per_mtok"]["input"], abs=1e-12)


# input / cache read / write 5m / write 1h / output, at noon (UTC) of 2026-11-20
LISTS = {
    "anthropic": """
        claude-haiku-4-5 1 .1 1.25 2 5
        claude-haiku-5-5 .1 .01 .125 .2 .5
        claude-3-5-haiku .8 .08 1 1.6 4
        claude-3-7-sonnet claude-sonnet-4 claude-sonnet-4-5 claude-sonnet-4-6 3 .3 3.75 6 15
        claude-sonnet-5 2 .2 2.5 4 10
        claude-sonnet-5-5 2 .1 2.5 4 10
        claude-opus-4 claude-opus-4-1 15 1.5 18.75 30 75
        claude-opus-4-5 claude-opus-4-6 claude-opus-4-7 claude-opus-4-8 5 .5 6.25 10 25
        claude-opus-5 5 .5 6.25 10 25
        claude-opus-5-5 4 .2 5 8 20
        claude-fable-5 claude-mythos-5 10 1 12.5 20 50
        claude-fable-5-1 claude-mythos-5-1 10 .25 12.5 20 50
        claude-fable-5-2 claude-mythos-5-2 8 .2 10 16 40""",
    "openai": """
        gpt-5 gpt-5.1 gpt-5.1-codex-max 1.25 .125 1.25 1.25 10
        gpt-5-mini .25 .025 .25 .25 2
        gpt-5.2 gpt-5.3-codex 1.75 .175 1.75 1.75 14
        gpt-5.4 2.5 .25 2.5 2.5 15
        gpt-5.5 5 .5 5 5 30
        gpt-5.6-sol 4 .4 5 5 20
        gpt-5.6-terra 2 .2 2.5 2.5 12
        gpt-5.6-luna .2 .02 .25 .25 1.2
        gpt-6-astra 10 1 12.5 12.5 50
        gpt-6-sol 2 .2 2.5 2.5 10
        gpt-6.1-sol 2 .1 2.5 2.5 10
        gpt-6.1-terra 1 .05 1.25 1.25 5
        gpt-6-luna .1 .01 .125 .125 .5""",
    "google": """
        gemini-2.5-pro 1.25 .125 1.25 1.25 10
        gemini-2.5-flash .3 .03 .3 .3 2.5
        gemini-3-pro-preview gemini-3.1-pro-preview 2 .2 2 2 12
        gemini-3-flash-preview .5 .05 .5 .5 3
        gemini-3.5-flash 1.5 .15 1.5 1.5 9
        gemini-3.5-flash-lite .3 .03 .3 .3 2.5
        gemini-3.6-flash gemini-3.7-flash gemini-3.8-flash .75 .075 .75 .75 3.75""",
    "moonshotai": """
        kimi-k2.5 .6 .1 .6 .6 3
        kimi-k2.6 .95 .16 .95 .95 4
        kimi-k2.7-code .95 .19 .95 .95 4
        kimi-k3 3 .3 3 6 15
        kimi-k3.1-pro 2 .2 2 4 10""",
    "zai": """
        glm-4.6 GLM-4.7 .6 .11 .6 .6 2.2
        glm-5 1 .2 1 1 3.2
        glm-5.1 glm-5.2 GLM-5.3 1.4 .26 1.4 1.4 4.4""",
    "x-ai": """
        grok-4.5 2 .3 2 2 6
        grok-4.6 grok-4.7 grok-4.6-build 2 .5 2 2 6
        grok-code-fast-1 .2 .02 .2 .2 1.5""",
    "deepseek": "deepseek-v4-pro .66 .022 .66 .66 1.98",
    "minimax": "MiniMax-M2.7 .3 .06 .375 .375 1.2",
    "alibaba": "qwen3-coder-plus 1 .1 1 1 5",
}


@pytest.mark.parametrize("provider", LISTS)
def test_a_model_costs_what_its_vendor_lists(prices: Prices, provider: str):
    for row in LISTS[provider].strip().splitlines():
        *models, plain, read, short, long, output = row.split()
        for model in models:
            price = prices.price(ask(model), provider)
            assert price is not None, model
            assert [getattr(price, bucket) for bucket in BUCKETS] == [
                float(figure) for figure in (plain, read, short, long, output)
            ], model
            assert price.provider == provider
            assert price.date == prices.table_date


def test_the_sum_of_charges_is_the_same_in_any_order(prices: Prices):
    chance = random.Random(7)
    models = ["claude-opus-5-5", "claude-haiku-5-5", "gpt-5.5", "deepseek-v4-pro", "gpt-6-luna"]
    charges: list[Charge] = []
    for _ in range(2_000):
        tokens = Tokens(*(chance.randrange(150_000) for _ in range(5)))
        charge = prices.charge(ask(chance.choice(models), tokens, geo="us", searches=1), "")
        assert charge is not None
        charges.append(charge)
    totals = {sum(charge.total for charge in charges)}

    for _ in range(5):
        chance.shuffle(charges)
        totals.add(sum(charge.total for charge in charges))

    assert len(totals) == 1
    assert all(type(charge.total) is int for charge in charges)


def test_a_charge_is_its_tokens_times_its_price(prices: Prices):
    tokens = Tokens(11, 222, 3_333, 44_444, 555)

    charge = prices.charge(ask("claude-sonnet-5", tokens, searches=3), "anthropic")

    assert charge is not None
    assert charge.price == prices.price(ask("claude-sonnet-5", tokens, searches=3), "anthropic")
    for bucket in BUCKETS:
        expected = getattr(tokens, bucket) * getattr(charge.price, bucket) * 1e6
        assert getattr(charge, bucket) == round(expected)
    assert charge.fees == 30_000_000_000
