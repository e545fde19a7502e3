"""Which names mean a model that has a price, and which must not."""

from __future__ import annotations

import pytest

from agtop.pricing import Prices
from tests.pricing.conftest import ask

SAME = {
    "claude-sonnet-4-5": """
        claude-sonnet-4.5
        claude-sonnet-4-5-20250929
        claude-sonnet-4-5-2025-09-29
        claude-sonnet-4-5@20250929
        claude-sonnet-4-5[1m]
        claude-sonnet-4-5-20250929[1m]
        Claude-Sonnet-4-5
        anthropic/claude-sonnet-4-5
        anthropic.claude-sonnet-4-5-20250929-v1:0
        us.anthropic.claude-sonnet-4-5-20250929-v1:0
        global.anthropic.claude-sonnet-4-5-20250929-v1:0[1m]
        bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0
        arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0
        openrouter/anthropic/claude-sonnet-4.5
        github-copilot/claude-sonnet-4.5
        vertex_ai/claude-sonnet-4-5@20250929
        projects/p/locations/l/publishers/anthropic/models/claude-sonnet-4-5@20250929""",
    "claude-opus-4-0": "claude-opus-4 claude-opus-4-20250514 claude-4-opus",
    "claude-opus-4-6": "anthropic.claude-opus-4-6-v1 claude-opus-4.6@default",
    "claude-3-5-haiku-latest": "claude-3-5-haiku claude-3-5-haiku-20241022 claude-3.5-haiku",
    "claude-opus-5": "claude-opus-5-latest claude-opus-5-20261101",
    "gpt-5": "gpt-5-codex gpt-5-2025-08-07 openai/gpt-5 azure/gpt-5",
    "gpt-5.6-sol": "gpt-5.6 gpt-5-6-sol gpt-5.6-sol-2026-06-01",
    "gemini-3.1-pro-preview": """
        models/gemini-3.1-pro-preview
        gemini-3.1-pro-preview-customtools
        google/gemini-3.1-pro-preview
        gemini/gemini-3-1-pro-preview""",
    "kimi-k2.5": "moonshotai/kimi-k2.5 kimi-code/kimi-k2.5",
    "glm-4.6": "GLM-4.6 zai/glm-4.6 z-ai/glm-4.6 zai-coding-plan/glm-4.6",
    "grok-4.6": "xai/grok-4.6 x-ai/grok-4.6 grok-4.6-latest grok-4.6-build",
    "qwen3-coder-plus": "dashscope/qwen3-coder-plus qwen3-coder-plus-2025-07-22",
}


@pytest.mark.parametrize(
    ("spelling", "model"), [(s, model) for model, text in SAME.items() for s in text.split()]
)
def test_a_model_is_known_by_its_other_spellings(prices: Prices, spelling: str, model: str):
    price = prices.price(ask(spelling), "anywhere")

    assert price is not None
    assert price.model == model


UNKNOWN = """
    gpt-5-future-ultra gpt-5.9 gpt-5-9 gpt-7 gpt-5-pro-max gpt-5.5-nano gpt-50 gpt
    claude-opus-9 claude-sonnet-5-6-foo claude-sonnet-5-6 claude claude-opus claude-opus-5-
    claude-opus-5-5-20269999 claude-opus-5-5-2026 claude-opus-5-5-v2 claude-opus-5-5-thinking
    claude-opus-5-5-latest claude-3-5-haiku-v9 claude-sonnet-5[2m] claude-sonnet-5[1m][1m]
    o3-something o5 gemini-3.1-pro-previewer gemini-3.1 gemini-2.5-pro-tts gemini-3.9-flash
    kimi-k4 kimi-k2.9 glm-6 grok-5 grok-4.6-builder deepseek deepseek-v5 mistral qwen3-coder-ultra
    llama-4-maverick composer-2.5 anthropic anthropic/ /claude //
"""


@pytest.mark.parametrize("name", UNKNOWN.split())
def test_a_name_that_only_looks_like_a_model_has_no_price(prices: Prices, name: str):
    assert prices.price(ask(name), "anthropic") is None
    assert prices.charge(ask(name), "anthropic") is None
    assert prices.context_window(name, "anthropic") is None


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        " ",
        "\x00",
        "\x1b[31mclaude-opus-5-5",
        "claude-opus-5-5\n",
        "\ud800",
        "/" * 200,
        "." * 200,
        "x" * 10_000,
        "a/" * 5_000,
        "us." * 3_000 + "anthropic.claude-opus-5-5",
        "claude-opus-5-5" + "[1m]" * 2_000,
        "٣",
    ],
)
def test_a_hostile_name_has_no_price_and_does_no_harm(prices: Prices, name: str | None):
    assert prices.price(ask(name), "anthropic") is None
    assert prices.charge(ask(name), "\x1b" * 1000) is None
    assert prices.why_unpriced(name, "anthropic").endswith(".")
    assert len(prices.why_unpriced(name, "anthropic")) < 300
    assert prices.context_window(name or "", "anthropic") is None


def test_thousands_of_invented_names_do_not_pile_up():
    prices = Prices()

    for number in range(10_000):
        prices.price(ask(f"model-{number}"), "anthropic")

    assert len(prices._plans) < 5_000


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("ollama/deepseek-r1", "anthropic"),
        ("deepseek-r1", "ollama"),
        ("lmstudio/openai/gpt-5", "openai"),
    ],
)
def test_a_model_run_at_home_has_no_price(prices: Prices, model: str, provider: str):
    assert prices.price(ask(model), provider) is None
    assert "runs on" in prices.why_unpriced(model, provider)


def test_open_weights_hosted_by_others_do_not_cost_what_their_vendor_asks(prices: Prices):
    assert prices.price(ask("groq/moonshotai/kimi-k2.5"), "opencode") is None
    assert "groq" in prices.why_unpriced("groq/moonshotai/kimi-k2.5", "opencode")
    assert prices.price(ask("kimi-k2.5"), "opencode") is not None


def test_a_closed_model_asked_through_another_says_so(prices: Prices):
    price = prices.price(ask("openrouter/anthropic/claude-opus-5.5"), "opencode")

    assert price is not None
    assert (price.provider, price.note) == ("anthropic", "through openrouter")


@pytest.mark.parametrize(
    "model", ["codex-auto-review", "gpt-5.3-codex-spark", "kimi-code/kimi-for-coding", "auto"]
)
def test_a_model_without_a_public_price_says_why(prices: Prices, model: str):
    assert prices.price(ask(model), "openai") is None
    assert "no public price: " in prices.why_unpriced(model, "openai")


def test_what_an_agent_writes_itself_has_no_price(prices: Prices):
    assert prices.price(ask("<synthetic>"), "anthropic") is None
    assert "wrote" in prices.why_unpriced("<synthetic>", "anthropic")
    assert prices.why_unpriced(None, "x") == "The transcript does not name the model."


def test_why_unpriced_names_the_model_and_the_remedy(prices: Prices):
    assert prices.why_unpriced("gpt-5.9", "openai") == (
        '"gpt-5.9" is in no price list that agtop has; give it a price in config.toml.'
    )


WINDOWS = {
    200_000: """
        claude-haiku-4-5 claude-opus-4-0 claude-opus-4-1 claude-opus-4-5 claude-opus-4-6
        claude-sonnet-4-0 claude-sonnet-4-5 claude-sonnet-4-6 claude-sonnet-4-5-20250929 glm-4.6""",
    1_000_000: """
        claude-opus-4-6[1m] claude-sonnet-4-6[1m] claude-sonnet-4-5[1m] claude-opus-4-7
        claude-opus-4-8 claude-opus-5 claude-opus-5-5 claude-sonnet-5 claude-sonnet-5-5
        claude-haiku-5-5 claude-fable-5 claude-fable-5-2 claude-mythos-5 claude-mythos-5-1
        claude-mythos-5-2 anthropic/claude-opus-5.5""",
    1_048_576: "gemini-2.5-pro gemini-3-pro-preview gemini-3.1-pro-preview kimi-k3",
    400_000: "gpt-5 gpt-5.3-codex",
    262_144: "kimi-k2.5",
}


@pytest.mark.parametrize("window", WINDOWS)
def test_a_context_window_is_the_one_its_vendor_names(prices: Prices, window: int):
    for model in WINDOWS[window].split():
        assert prices.context_window(model, "anthropic") == window, model
