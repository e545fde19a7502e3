"""Makes table.json out of the genai-prices package and overlay.toml.

The package is a source, not a dependency: install the version that overlay.toml names, run
`python -m agtop.pricing.generate`, and read the difference before committing it.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

from agtop.pricing.names import key
from agtop.pricing.table import TABLE

OVERLAY = Path(__file__).with_name("overlay.toml")
KINDS = ("fast", "priority", "flex", "batch")
BUCKETS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
SOURCE_BUCKETS = dict(
    zip(
        ("input_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok", "output_mtok"),
        BUCKETS,
        strict=True,
    )
)
SEARCHES = "web_searches_kcount"

# Models that no coding agent talks to, or that bill by something else than text.
_SKIPPED = re.compile(
    r"(^|[-:/.])(ada|babbage|curie|davinci|image|tts|embed|embedding|audio|realtime|live|transcribe"
    r"|moderation|ocr|voxtral|whisper|robotics|omni|banana|search|deep-research|ft|free"
    r"|vision|claude-v1|computer-use|extended|her)($|[-:.\d])"
)
# Prices the source itself took from a reseller: what the vendor would charge is not known.
_HEARSAY = re.compile(r"openrouter|open router", re.IGNORECASE)
_CONFIRMED = "Verified against"


def main() -> None:
    """Write the table anew."""
    TABLE.write_text(text(), encoding="utf-8")


def text() -> str:
    """The table as JSON, a model per line so that a change shows as one."""
    overlay = read_overlay()
    models = merged(source_models(overlay["source"]["providers"]), overlay)
    head = {
        "date": overlay["date"],
        "source": f"{overlay['source']['package']} {overlay['source']['version']}",
        "search": overlay["search"],
        "geo": overlay["geo"],
        "unpriced": {key(name): reason for name, reason in overlay["unpriced"].items()},
    }
    _check_names(models.values(), head["unpriced"])
    lines = [f"{_json(k)}:{_json(v)}" for k, v in head.items()]
    rows = ",\n".join(_json(models[name]) for name in sorted(models))
    return "{" + ",\n".join(lines) + ',\n"models":[\n' + rows + "\n]}\n"


def read_overlay() -> dict[str, Any]:
    """What agtop knows better than its source."""
    return tomllib.loads(OVERLAY.read_text(encoding="utf-8"))


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _check_names(models: Iterable[dict[str, Any]], unpriced: Iterable[str]) -> None:
    seen: dict[str, str] = dict.fromkeys(unpriced, "unpriced")
    for model in models:
        for name in model["names"]:
            if name in seen:
                raise ValueError(f'both {seen[name]} and {model["id"]} are called "{name}"')
            seen[name] = model["id"]


# --- the source ---


def source_models(providers: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The source's text models by id. Google and Mistral also list models that are others'."""
    listed = {p.id: p for p in import_module("genai_prices.data").providers}
    models: dict[str, dict[str, Any]] = {}
    for provider in providers:
        for info in listed[provider].models:
            if _is_wanted(provider, info):
                models[info.id.lower()] = _model(provider, info)
    return models


def _is_wanted(provider: str, info: Any) -> bool:
    comment = info.price_comments or ""
    if _HEARSAY.search(comment) and _CONFIRMED not in comment:
        return False
    if provider == "google" and not info.id.startswith("gemini"):
        return False
    if provider == "mistral" and info.id.startswith(("deepseek", "zai")):
        return False
    prices = _standard(info)[0][1]
    return not _SKIPPED.search(info.id.lower()) and {"input_mtok", "output_mtok"} <= prices.keys()


def _model(provider: str, info: Any) -> dict[str, Any]:
    standard = _standard(info)
    model: dict[str, Any] = {"id": info.id.lower(), "provider": provider}
    model["names"] = sorted({key(n) for n in (info.id, *_names(info.match)) if "/" not in n})
    if info.context_window:
        model["window"] = info.context_window
    model["rows"] = [_row(constraint, prices) for constraint, prices in standard]
    variants = {kind: rows for kind in KINDS if (rows := _variant(info, kind, standard))}
    if variants:
        model["variants"] = variants
    return model


def _names(clause: Any) -> Iterator[str]:
    """The exact names a match rule holds; rules that would take in unknown names are left out."""
    for part in getattr(clause, "or_", None) or getattr(clause, "and_", None) or (clause,):
        if part is not clause:
            yield from _names(part)
        elif equals := getattr(part, "equals", None):
            yield equals
        elif (start := getattr(part, "starts_with", "").rstrip("-@")) and _is_whole(start):
            yield start


def _is_whole(start: str) -> bool:
    """Whether a prefix is a name by itself, and does not stop within one."""
    return bool(re.search(r"\d", start)) and not re.search(r"-(20\d\d|0)$|[:@/]", start)


def _standard(info: Any) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(when, prices) in the source's order, which is ours: the last that holds counts."""
    if hasattr(info.prices, "calc_price"):
        return [({}, _prices(info.prices))]
    rows = [(_when(c.constraint), _prices(c.prices)) for c in info.prices]
    days = [when["from"] for when, _ in rows if "from" in when]
    if rows[0][0] or days != sorted(days):
        raise ValueError(f"the prices of {info.id} are not in the order of their days")
    return rows


def _when(constraint: Any) -> dict[str, Any]:
    if constraint is None:
        return {}
    if hasattr(constraint, "start_date"):
        return {"from": constraint.start_date.isoformat()}
    first, last = constraint.start_time, constraint.end_time
    return {"hours": [[first.hour * 60 + first.minute, last.hour * 60 + last.minute]]}


def _prices(price: Any) -> dict[str, Any]:
    figures: dict[str, Any] = price.__dict__
    return {k: v for k, v in figures.items() if v is not None}


def _variant(
    info: Any, kind: str, standard: list[tuple[dict[str, Any], dict[str, Any]]]
) -> list[dict[str, Any]]:
    """Rows of a service tier: for each day on which it or the standard price changed, the standard
    price with the tier's own figures in it."""
    asked = {"processing": "batch"} if kind == "batch" else None
    rules = [
        (_when(v.constraint), _prices(v.prices))
        for v in info.price_variants or ()
        if v.when in (asked, {"service_tier": kind}, {"speed": kind})
    ]
    rows: list[dict[str, Any]] = []
    for day in sorted({when.get("from", "") for when, _ in (*rules, *standard)}):
        active = [prices for when, prices in rules if when.get("from", "") <= day]
        if active:
            prices = [p for when, p in standard if when.get("from", "") <= day][-1].copy()
            for rule in reversed(active):
                prices |= rule
            row = _row({"from": day} if day else {}, prices)
            if not rows or {**rows[-1], "from": ""} != {**row, "from": ""}:
                rows.append(row)
    return rows


def _row(when: dict[str, Any], prices: dict[str, Any]) -> dict[str, Any]:
    row = dict(when)
    if SEARCHES in prices:
        row["search"] = _number(prices[SEARCHES] / 1000)
    listed = {ours: prices.get(theirs) for theirs, ours in SOURCE_BUCKETS.items()}
    limits = {t.start for p in listed.values() for t in getattr(p, "tiers", ())}
    row["bands"] = [
        [above, *(_at(listed[b], above) for b in BUCKETS)] for above in sorted({0, *limits})
    ]
    return row


def _at(price: Any, above: int) -> float | int | None:
    """A bucket's price once the prompt is longer than `above`."""
    if price is None or not hasattr(price, "tiers"):
        return _number(price)
    reached = [tier.price for tier in price.tiers if tier.start <= above]
    return _number(reached[-1] if above and reached else price.base)


def _number(price: Decimal | float | None) -> float | int | None:
    if price is None:
        return None
    return int(price) if price == int(price) else float(price)


# --- the overlay ---


def merged(models: dict[str, dict[str, Any]], overlay: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The source's models with the overlay's figures in place of theirs."""
    for given in overlay["models"]:
        model = models.setdefault(given["id"], {"id": given["id"], "provider": given["provider"]})
        model["names"] = sorted({*model.get("names", ()), *map(key, _own_names(given))})
        if "window" in given:
            model["window"] = given["window"]
        if "rows" in given:
            model["rows"] = overlay_rows(given["rows"])
        tiers = {kind: overlay_rows(given[kind]) for kind in KINDS if kind in given}
        if tiers:
            model["variants"] = model.get("variants", {}) | tiers
    for name, aliases in overlay["aliases"].items():
        models[name]["names"] = sorted({*models[name]["names"], *map(key, aliases)})
    for name, window in overlay["windows"].items():
        models[name]["window"] = window
    return {name: _ordered(model) for name, model in models.items()}


def _own_names(given: dict[str, Any]) -> tuple[str, ...]:
    return (given["id"], *given.get("aliases", ()))


def overlay_rows(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows out of the overlay's flat lines: one with `above` > 0 is a band of the row before."""
    rows: list[dict[str, Any]] = []
    for line in lines:
        band = [line.get("above", 0), *(line.get(bucket) for bucket in BUCKETS)]
        if band[0]:
            rows[-1]["bands"].append(band)
            continue
        row: dict[str, Any] = {k: line[k] for k in ("hours", "days") if k in line}
        if "from" in line:
            row["from"] = line["from"].isoformat()
        rows.append(row | {"source": "agtop overlay", "bands": [band]})
    return rows


def _ordered(model: dict[str, Any]) -> dict[str, Any]:
    return {
        k: model[k] for k in ("id", "provider", "names", "window", "rows", "variants") if k in model
    }


if __name__ == "__main__":
    main()
