"""The table is what its sources say, and nothing was lost or invented on the way."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from agtop.model import Response, Tokens
from agtop.pricing import Prices
from agtop.pricing.names import VENDORS, key, parse
from agtop.pricing.table import TABLE, Table, midnight
from tests.pricing.conftest import ask, dollars

PACKAGE = TABLE.parent
OVERLAY: dict[str, Any] = tomllib.loads((PACKAGE / "overlay.toml").read_text())
CONTENT: dict[str, Any] = json.loads(TABLE.read_text())


def test_the_table_is_made_of_its_sources():
    pytest.importorskip("genai_prices")
    from agtop.pricing import generate

    assert generate.text() == TABLE.read_text()


def test_the_table_holds_every_line_of_the_overlay():
    from agtop.pricing import generate

    models = {model["id"]: model for model in CONTENT["models"]}
    assert CONTENT["date"] == OVERLAY["date"]
    assert CONTENT["search"] == OVERLAY["search"]
    assert CONTENT["geo"] == OVERLAY["geo"]
    assert CONTENT["unpriced"] == {key(name): why for name, why in OVERLAY["unpriced"].items()}
    for given in OVERLAY["models"]:
        model = models[given["id"]]
        assert model["provider"] == given["provider"]
        if "rows" in given:
            assert model["rows"] == generate.overlay_rows(given["rows"])
        for kind in set(given) & set(generate.KINDS):
            assert model["variants"][kind] == generate.overlay_rows(given[kind])
    for name, window in OVERLAY["windows"].items():
        assert models[name]["window"] == window
    for name, aliases in OVERLAY["aliases"].items():
        assert {key(alias) for alias in aliases} <= set(models[name]["names"])


def test_no_two_models_share_a_name():
    names = [name for model in CONTENT["models"] for name in model["names"]]
    names += CONTENT["unpriced"]

    assert len(names) == len(set(names))
    assert all(name == key(name) for name in names)


def test_every_model_has_a_price_at_any_time():
    table = Table()
    for model in CONTENT["models"]:
        name = parse(model["id"])
        assert name is not None
        entry = table.find(name)
        assert entry is not None
        assert entry.provider in VENDORS.values(), entry.model
        for rows in (entry.rows, *entry.variants.values()):
            assert [row.start for row in rows] == sorted(row.start for row in rows), entry.model
            assert all(row.bands[-1].above == 0 for row in rows), entry.model
        assert entry.rows[0].holds(0), entry.model


def test_every_price_is_whole_in_pico_dollars():
    for model in CONTENT["models"]:
        for rows in (model["rows"], *model.get("variants", {}).values()):
            for row in rows:
                for _, *figures in row["bands"]:
                    for dollars_per_mtok in filter(None, figures):
                        picos = dollars_per_mtok * 1e6
                        assert picos == pytest.approx(round(picos), rel=1e-12), model["id"]


MOMENTS = ("2025-01-15", "2026-02-01", "2026-07-01", "2026-09-01", "2026-10-21", "2026-11-20")
REQUESTS = (
    Tokens(20_000, output=4_000),
    Tokens(280_000, 5_000, output=4_000),
    Tokens(20_000, 5_000, 3_000, 0, 4_000),
    Tokens(20_000, 100_000, 3_000, 2_000, 4_000),
    Tokens(20_000, 180_001, 0, 0, 4_000),
    Tokens(20_000, 560_000, 3_000, 0, 4_000),
)
TIERS: dict[str, dict[str, str]] = {
    "": {},
    "priority": {"service_tier": "priority"},
    "flex": {"service_tier": "flex"},
    "batch": {"processing": "batch"},
    "fast": {"service_tier": "fast", "speed": "fast"},
}


def test_prices_agree_with_the_package_they_come_from(prices: Prices):
    """For every model not laid over by ours, at several times, sizes and tiers."""
    package = pytest.importorskip("genai_prices")
    theirs = {(p.id, m.id.lower()): (p, m) for p in _providers() for m in p.models}
    ours = {model["id"] for model in OVERLAY["models"]}
    models = [model for model in CONTENT["models"] if model["id"] not in ours]

    for model, day, tokens, tier in product(models, MOMENTS, REQUESTS, TIERS):
        if not _has_own_prices(model, tokens):
            continue
        at = midnight(day) + 43_200
        provider, info = theirs[model["provider"], model["id"]]
        expected = info.calc_price(
            _usage(package, tokens),
            provider,
            genai_request_timestamp=datetime.fromtimestamp(at, UTC),
            price_context=TIERS[tier],
        )
        charge = prices.charge(Response("r", at, model["id"], tokens, tier), model["provider"])
        case = (model["id"], day, tokens, tier)
        assert dollars(charge) == pytest.approx(float(expected.total_price), rel=1e-12), case


def _providers() -> list[Any]:
    return import_module("genai_prices.data").providers


def _usage(package: Any, tokens: Tokens) -> Any:
    return package.Usage(
        input_tokens=tokens.prompt,
        cache_read_tokens=tokens.cache_read,
        cache_write_tokens=tokens.cache_write_5m + tokens.cache_write_1h,
        cache_write_1h_tokens=tokens.cache_write_1h,
        output_tokens=tokens.output,
    )


def _has_own_prices(model: dict[str, Any], tokens: Tokens) -> bool:
    """Where a bucket has no price of its own, the package and agtop fill the gap differently."""
    counts = (0, tokens.cache_read, tokens.cache_write_5m, tokens.cache_write_1h, 0)
    bands = [band for row in model["rows"] for band in row["bands"]]
    return all(
        figure is not None
        for _, *figures in bands
        for figure, count in zip(figures, counts, strict=True)
        if count
    )


def test_loading_the_prices_waits_for_the_first_request():
    program = (
        "import sys, agtop.pricing as p\n"
        "prices = p.Prices()\n"
        "assert not {'json', 'tomllib', 'genai_prices', 'pydantic', 'textual'} & set(sys.modules)\n"
        "assert prices.table_date\n"
        "assert 'json' in sys.modules and 'genai_prices' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", program], check=True, cwd=PACKAGE.parents[1])


def test_the_notice_of_the_source_is_shipped_with_the_table():
    notice = (PACKAGE / "NOTICE.md").read_text()

    assert "Copyright (c) Pydantic Services" in notice
    assert CONTENT["source"].replace(" ", ", version ") in notice.replace(
        "[genai-prices](https://github.com/pydantic/genai-prices)", "genai-prices"
    )
    assert Path(TABLE).is_file()


def test_a_newer_table_is_read_from_where_it_is_told(tmp_path: Path):
    content = CONTENT | {"date": "2027-01-01"}
    newer = tmp_path / "table.json"
    newer.write_text(json.dumps(content))

    prices = Prices(table=newer)

    assert prices.table_date == "2027-01-01"
    price = prices.price(ask("gpt-5"), "openai")
    assert price is not None
    assert price.date == "2027-01-01"
