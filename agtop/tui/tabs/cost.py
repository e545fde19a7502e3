"""Cost: every model, every bucket, tokens × price = dollars, and where each price is from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from textual.content import Content

from agtop.model import Cost, Price, Session, Spend, Tokens, Usage
from agtop.text import line
from agtop.tui.lines import beside
from agtop.tui.tabs.base import Tab
from agtop.tui.tabs.facts import columns, fact, heading, many, wrapped
from agtop.tui.tones import QUIET, STRONG, WARN
from agtop.tui.words import figure, quiet, toned
from agtop.units import UNKNOWN, compact, dollars

_TWO_COLUMNS = 114
_SUMS = 44
"""Cells for the sums when they stand beside the models."""
_MODELS = 84


class CostTab(Tab):
    TITLE = "Cost"

    def draw(self, session: Session, _now: float, width: int, /) -> Sequence[Content]:
        if not session.usage:
            return [*_nothing(session, width)]
        if width >= _TWO_COLUMNS:
            left = min(width - _SUMS, _MODELS)
            return beside([*_models(session, left - 2)], [*_sums(session, width - left)], left)
        return [*_sums(session, width), Content(""), *_models(session, width)]


def _nothing(session: Session, width: int) -> Iterator[Content]:
    if session.reported_cost is not None:
        yield fact("its own", dollars(session.reported_cost, 4), "by the agent's own reckoning")
    if session.tokens is None and session.reading.replies:
        why = "this agent's files hold no token counts, so tokens and cost are unknown"
    else:
        why = "no answer with token counts has been recorded yet"
    yield from (quiet(text.plain) for text in wrapped(f"No usage: {why}.", width))


def _models(session: Session, width: int) -> Iterator[Content]:
    """One block for each model; their figures stand in the same columns."""
    blocks = [[*_buckets(usage)] for usage in session.usage]
    flush = (False, True, False, True, False, True, False)
    lines = iter(columns([row for block in blocks for row in block], flush))
    for number, (usage, block) in enumerate(zip(session.usage, blocks, strict=True)):
        if number:
            yield Content("")
        provider = f"{line(usage.provider)}, " if usage.provider else ""
        yield heading(
            line(usage.model or "model unknown"), provider + many(usage.requests, "request")
        )
        yield from islice(lines, len(block))
        for text in wrapped(_origin(usage), width - 2):
            yield Content.assemble("  ", toned(text.plain, QUIET if usage.price else WARN))


def _buckets(usage: Usage) -> Iterator[list[Content]]:
    """Name, tokens, ×, dollars per million, =, dollars, note."""
    tokens, cost, price = usage.tokens, usage.cost or Cost(), usage.price
    for name, field in _BUCKETS:
        count = getattr(tokens, field)
        if count:
            rate = None if price is None else getattr(price, field)
            amount = None if usage.cost is None else getattr(cost, field)
            yield _bucket(name, count, rate, amount, _thinking(tokens) if field == "output" else "")
    if usage.searches or cost.fees:
        each = UNKNOWN if price is None else f"${price.search:g} each"
        fees = None if usage.cost is None else cost.fees
        yield _line("web search", f"{usage.searches:,}", each, fees)
    total = None if usage.cost is None else cost.notional
    yield [
        quiet("  together"),
        toned(f"{tokens.total:,}", STRONG),
        *[Content("")] * 3,
        figure(dollars(total, 4), STRONG),
        Content(""),
    ]


_BUCKETS = (
    ("input", "input"),
    ("cache read", "cache_read"),
    ("cache write 5m", "cache_write_5m"),
    ("cache write 1h", "cache_write_1h"),
    ("output", "output"),
)


def _bucket(
    name: str, count: int, rate: float | None, amount: float | None, note: str
) -> list[Content]:
    """When requests met several prices, their mean stands for them, marked `~`."""
    if rate is None or amount is None:
        return _line(name, f"{count:,}", UNKNOWN, amount, note)
    exact = abs(count * rate / 1e6 - amount) < 0.00005 + 1e-6 * amount
    per_million = f"${rate:,.3f}/M" if exact else f"~${amount / count * 1e6:,.3f}/M"
    return _line(name, f"{count:,}", per_million, amount, note)


def _line(name: str, count: str, rate: str, amount: float | None, note: str = "") -> list[Content]:
    return [
        quiet(f"  {name}"),
        toned(count),
        quiet("×"),
        figure(rate),
        quiet("="),
        figure(dollars(amount, 4)),
        quiet(note),
    ]


def _thinking(tokens: Tokens) -> str:
    return f"{compact(tokens.reasoning)} thinking" if tokens.reasoning else ""


def _origin(usage: Usage) -> str:
    price = usage.price
    if price is None:
        return "no known price: its tokens are counted, its cost is not"
    note = f", {line(price.note)}" if price.note else ""
    mixed = "; ~ is the mean of several prices" if _is_mixed(usage, price) else ""
    return f"price of {line(price.model)}: {line(price.source)}, {line(price.date)}{note}{mixed}"


def _is_mixed(usage: Usage, price: Price) -> bool:
    cost, tokens = usage.cost, usage.tokens
    if cost is None:
        return False
    return any(
        abs(getattr(tokens, f) * getattr(price, f) / 1e6 - getattr(cost, f))
        >= 0.00005 + 1e-6 * getattr(cost, f)
        for _, f in _BUCKETS
    )


def _sums(session: Session, width: int) -> Iterator[Content]:
    cost, rates = session.cost, session.rates
    tokens = session.tokens
    sign = "~" if session.is_estimated else ""
    count = f"{sign}{tokens.total:,} tokens" if tokens else ""
    yield fact("total", toned(sign + _billed(cost), STRONG), count)
    if cost is not None and cost.included:
        yield fact("list price", f"{dollars(cost.notional, 4)}, which the plan covers")
    if session.is_estimated:
        yield fact("estimate", "the agent noted its own estimate, not its provider's count")
    if session.reported_cost is not None:
        yield fact("its own", dollars(session.reported_cost, 4), "by the agent's own reckoning")
    if session.subagents:
        yield fact("own", *_spend(session.own))
        yield fact("subagents", *_spend(_rest(session)))
    yield fact("today", dollars(rates.today_cost))
    hourly = "" if rates.hour_tokens is None else f"{compact(rates.hour_tokens)} tokens"
    yield fact("last hour", dollars(rates.hour_cost), hourly)
    if rates.cost_per_hour is not None:
        yield fact("pace", f"{dollars(rates.cost_per_hour)} an hour by the last minute")
    yield from _gaps(session, width)
    yield Content("")
    yield Content.assemble(("w", STRONG), (" shows the records behind these figures", QUIET))


def _billed(cost: Cost | None) -> str:
    if cost is None:
        return UNKNOWN
    if cost.included:
        return "incl"
    return ("≥ " if cost.unpriced_tokens else "") + dollars(cost.total, 4)


def _spend(spend: Spend) -> list[str]:
    cost = None if spend.cost is None else spend.cost.notional
    return [dollars(cost, 4), f"{compact(spend.tokens.total)} tokens" if spend.tokens else ""]


def _rest(session: Session) -> Spend:
    """What the subagents used: all of it without the session's own."""
    tokens = [child.tokens for child in session.subagents if child.tokens is not None]
    total = sum(tokens, Tokens())
    if session.cost is None or session.own.cost is None:
        return Spend(total if tokens else None, None)
    return Spend(
        total if tokens else None,
        Cost(input=max(0.0, session.cost.notional - session.own.cost.notional)),
    )


def _gaps(session: Session, width: int) -> list[Content]:
    models = [line(u.model or "a model without a name") for u in session.usage if u.cost is None]
    if not models:
        return []
    text = f"without a known price, so not in any figure here: {', '.join(models)}"
    return [toned(part.plain, WARN) for part in wrapped(text, width)]
