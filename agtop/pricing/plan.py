"""Works out, once for all requests that ask alike, which price holds when and for which prompt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from agtop.model import Price
from agtop.pricing.names import LOCAL, OPEN_WEIGHTS, VENDORS, Name
from agtop.pricing.override import Override
from agtop.pricing.table import PER_MTOK, PICO, Entry, Rates, Row, Table, midnight

_STANDARD = frozenset({"", "standard", "default", "auto"})


class Ask(NamedTuple):
    """What of a request, besides its moment and size, chooses its price."""

    model: str
    provider: str
    service_tier: str
    fast: bool
    geo: str
    is_dated: bool
    searched: bool
    is_named: bool = False
    """The record itself names the provider."""

    @property
    def variant(self) -> str:
        if self.fast:
            return "fast"
        tier = self.service_tier.lower()
        return "" if tier in _STANDARD else tier


class Rate(NamedTuple):
    """A price ready to multiply: pico-dollars per token and per search."""

    rates: Rates
    search: int
    price: Price


class Period(NamedTuple):
    """The bands of a row, longest prompts first."""

    row: Row
    bands: tuple[tuple[int, Rate], ...]


Plan = tuple[Period, ...]
"""Of the periods whose row holds, the last one counts; the first always does. Empty: no price."""


def pick(plan: Plan, at: float | None, prompt: int) -> Rate:
    """The rate of a request at `at` (any, if the plan has but one period) with such a prompt."""
    bands = plan[0].bands
    if at is not None and len(plan) > 1:
        bands = next(period.bands for period in reversed(plan) if period.row.holds(at))
    for above, rate in bands:
        if prompt > above:
            return rate
    return bands[-1][1]


def sole(plan: Plan, first: float, last: float, least: int, most: int) -> Rate | None:
    """The rate of all requests between two moments with prompts between two sizes.

    None where not one rate holds for all of them.
    """
    later = plan[1:]
    if any(period.row.hours or first < period.row.start <= last for period in later):
        return None
    bands = next(period.bands for period in reversed(plan) if not later or period.row.holds(last))
    if any(least <= above < most for above, _ in bands):
        return None
    return next((rate for above, rate in bands if most > above), bands[-1][1])


def listed(table: Table, name: Name, entry: Entry, ask: Ask) -> Plan:
    """The plan by the vendor's list."""
    rows = list(_rows(entry, ask.variant))
    if not ask.is_dated:
        newest = midnight(table.date)
        row, note = next(pair for pair in reversed(rows) if pair[0].holds(newest))
        rows = [(row, _join(note, "undated: newest price"))]
    place = table.geo.get(entry.provider, {}).get(ask.geo.lower())
    where = _join(ask.geo.lower() if place else "", _route(name, entry))
    return tuple(
        Period(row, tuple(_bands(entry, row, place or 1.0, _join(note, where), ask)))
        for row, note in rows
    )


def overridden(plan: Plan, override: Override, name: Name, ask: Ask) -> Plan:
    """The plan with the user's prices in it; one of its own where the list has none."""
    if plan:
        return tuple(
            Period(row, tuple((above, _replace(rate, override)) for above, rate in bands))
            for row, bands in plan
        )
    if not override.is_complete:
        return ()
    provider = next((VENDORS[h] for h in reversed(name.hosts) if h in VENDORS), ask.provider)
    rates = override.rates(VENDORS.get(provider, provider), None)
    fee = override.fee(None)
    row = Row("", float("-inf"), (), (), (), fee, "override", "")
    note = "search fee unknown" if fee is None and ask.searched else ""
    price = _price(provider, name.spellings[0], row, rates, fee or 0, note)
    return (Period(row, ((-1, Rate(rates, fee or 0, price)),)),)


def runs_locally(name: Name, provider: str) -> bool:
    """Whether the user's own machine answers."""
    return any(host in LOCAL for host in name.hosts or (provider.lower(),))


def foreign_host(name: Name, entry: Entry) -> str | None:
    """Who was asked for the model in its vendor's stead."""
    return next((host for host in name.hosts if VENDORS.get(host) != entry.provider), None)


def is_sold_elsewhere(name: Name, entry: Entry, host: str | None = None) -> bool:
    """Whether a host was asked that sets its own price: anyone may host open weights.

    Args:
        host: who served the request by the record's own word, if it says.
    """
    if entry.provider not in OPEN_WEIGHTS:
        return False
    is_foreign = host is not None and VENDORS.get(host.lower()) != entry.provider
    return is_foreign or foreign_host(name, entry) is not None


def _rows(entry: Entry, variant: str) -> Iterator[tuple[Row, str]]:
    """Rows with the note that says what chose them; the later go before the earlier."""
    for row in entry.rows:
        yield row, f"no {variant[:20]} price known: standard" if variant else _when(row, entry.rows)
    rows = entry.variants.get(variant, ())
    for row in rows:
        yield row, _join(variant, _when(row, rows))


def _when(row: Row, rows: tuple[Row, ...]) -> str:
    later = [other for other in rows if other.start > row.start]
    until = min(later, key=lambda other: other.start).day if later else ""
    hours = ", ".join(f"{_clock(first)}–{_clock(last)}" for first, last in row.hours)
    return _join(f"before {until}" if until else "", f"{hours} UTC" if hours else "")


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _route(name: Name, entry: Entry) -> str:
    host = foreign_host(name, entry)
    return f"through {host[:40]}" if host else ""


def _bands(
    entry: Entry, row: Row, factor: float, note: str, ask: Ask
) -> Iterator[tuple[int, Rate]]:
    unknown_fee = "search fee unknown" if row.search is None and ask.searched else ""
    for above, listed_rates in row.bands:
        rates = Rates(*(round(rate * factor) for rate in listed_rates))
        text = _join(_size(above), note, unknown_fee)
        price = _price(entry.provider, entry.model, row, rates, row.search or 0, text)
        yield above or -1, Rate(rates, row.search or 0, price)


def _size(above: int) -> str:
    if not above:
        return ""
    limit, least = divmod(above + 1, 1000)
    return f"> {above / 1000:g}k prompt" if least else f"≥ {limit}k prompt"


def _replace(rate: Rate, override: Override) -> Rate:
    price = rate.price
    rates = override.rates(price.provider, rate.rates)
    fee = override.fee(rate.search) or 0
    row = Row("", 0.0, (), (), (), fee, "override", "")
    return Rate(rates, fee, _price(price.provider, price.model, row, rates, fee, price.note))


def _price(provider: str, model: str, row: Row, rates: Rates, fee: int, note: str) -> Price:
    return Price(
        provider,
        model,
        *(rate / PER_MTOK for rate in rates),
        search=fee / PICO,
        source=row.source,
        date=row.date,
        note=note,
    )


def _join(*notes: str) -> str:
    return "; ".join(note for note in notes if note)
