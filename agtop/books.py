"""What each session has used and what it cost, kept up to date by the ledger's bookings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from agtop.ledger import Booking
from agtop.model import PICO, Charge, Cost, Price, Rates, Response, Tokens, Usage

HORIZON = 26 * 3600.0
"""Seconds of single responses kept for rates: the longest local day and an hour."""

Pricer = Callable[[Response], Charge | None]


@dataclass(slots=True)
class Tally:
    """One model in one session."""

    tokens: list[int] = field(default_factory=lambda: [0] * 6)
    pico: list[int] = field(default_factory=lambda: [0] * 6)
    requests: int = 0
    searches: int = 0
    unpriced: int = 0
    price: Price | None = None
    priced_at: float = float("-inf")

    def add(self, response: Response, charge: Charge | None, sign: int) -> None:
        t = response.tokens
        counts = (
            t.input,
            t.cache_read,
            t.cache_write_5m,
            t.cache_write_1h,
            t.output,
            t.reasoning,
        )
        for i, count in enumerate(counts):
            self.tokens[i] += sign * count
        self.requests += sign
        self.searches += sign * response.searches
        if charge is None:
            self.unpriced += sign * t.total
            return
        parts = (
            charge.input,
            charge.cache_read,
            charge.cache_write_5m,
            charge.cache_write_1h,
            charge.output,
            charge.fees,
        )
        for i, part in enumerate(parts):
            self.pico[i] += sign * part
        if sign > 0 and (response.at or 0.0) >= self.priced_at:
            self.price, self.priced_at = charge.price, response.at or 0.0

    def usage(self, model: str | None, provider: str, included: bool) -> Usage:
        return Usage(
            model=model,
            provider=self.price.provider if self.price is not None else provider,
            tokens=Tokens(*self.tokens),
            cost=_cost(self.pico, included, self.unpriced) if self.price is not None else None,
            price=self.price,
            requests=self.requests,
            searches=self.searches,
        )


class Account:
    """Everything one session used itself."""

    def __init__(self) -> None:
        self.models: dict[str | None, Tally] = {}
        self.recent: dict[str, tuple[float, int, int | None]] = {}
        """Response key → (instant, tokens, pico-dollars or None when unpriced)."""

    def book(self, booking: Booking, charge: Charge | None, now: float) -> None:
        response = booking.response
        tally = self.models.setdefault(response.model, Tally())
        tally.add(response, charge, booking.sign)
        if not tally.requests:
            del self.models[response.model]
        if booking.sign < 0:
            self.recent.pop(response.key, None)
        elif response.at is not None and response.at > now - HORIZON:
            spent = None if charge is None else charge.total
            self.recent[response.key] = (response.at, response.tokens.total, spent)

    @property
    def requests(self) -> int:
        return sum(tally.requests for tally in self.models.values())

    def rates(self, now: float, midnight: float) -> Rates:
        """Speed by the responses' own instants; those dated in the future wait for their time."""
        if not self.models:
            return Rates()
        for key in [k for k, (at, _, _) in self.recent.items() if at <= now - HORIZON]:
            del self.recent[key]
        minute = [r for r in self.recent.values() if now - 60 < r[0] <= now]
        hour = [r for r in self.recent.values() if now - 3600 < r[0] <= now]
        today = [r for r in self.recent.values() if midnight <= r[0] <= now]
        projected = _dollars(minute)
        return Rates(
            tokens_per_min=float(sum(tokens for _, tokens, _ in minute)),
            cost_per_hour=None if projected is None else projected * 60,
            hour_tokens=sum(tokens for _, tokens, _ in hour),
            hour_cost=_dollars(hour),
            today_cost=_dollars(today),
        )


class Books:
    """The accounts of one agent's sessions."""

    def __init__(self, price: Pricer, provider: str, included: bool) -> None:
        self._price = price
        self._provider = provider
        self._included = included
        self._accounts: dict[str, Account] = {}

    def book(self, bookings: Iterable[Booking], now: float) -> set[str]:
        """Enter bookings; the sessions whose account changed."""
        touched: set[str] = set()
        for booking in bookings:
            account = self._accounts.setdefault(booking.owner, Account())
            account.book(booking, self._price(booking.response), now)
            touched.add(booking.owner)
        return touched

    def usage(self, owner: str) -> tuple[Usage, ...]:
        """By model, most tokens first."""
        account = self._accounts.get(owner)
        if account is None:
            return ()
        usages = [
            tally.usage(model, self._provider, self._included)
            for model, tally in account.models.items()
        ]
        return tuple(sorted(usages, key=lambda u: (-u.tokens.total, u.model or "")))

    def requests(self, owner: str) -> int:
        account = self._accounts.get(owner)
        return account.requests if account is not None else 0

    def rates(self, owner: str, now: float, midnight: float) -> Rates:
        account = self._accounts.get(owner)
        return Rates() if account is None else account.rates(now, midnight)


def merge_usage(parts: Iterable[Usage]) -> tuple[Usage, ...]:
    """Usage of several sessions by model."""
    merged: dict[str | None, Usage] = {}
    for part in parts:
        known = merged.get(part.model)
        merged[part.model] = part if known is None else _join(known, part)
    return tuple(sorted(merged.values(), key=lambda u: (-u.tokens.total, u.model or "")))


def _join(one: Usage, other: Usage) -> Usage:
    return Usage(
        one.model,
        one.provider,
        one.tokens + other.tokens,
        add_costs([one.cost, other.cost]),
        one.price or other.price,
        one.requests + other.requests,
        one.searches + other.searches,
    )


def total_tokens(usages: Iterable[Usage]) -> Tokens:
    total = Tokens()
    for usage in usages:
        total += usage.tokens
    return total


def total_cost(usages: Iterable[Usage], included: bool = False) -> Cost | None:
    """The cost of all models together; a model without a price leaves a gap, not a zero.

    None when tokens were used and none of them has a price; $0 when nothing was used. What the
    plan covers costs nothing, whether its worth is known or not.
    """
    rows = list(usages)
    known = [u.cost for u in rows if u.cost is not None]
    missing = sum(u.tokens.total for u in rows if u.cost is None)
    if missing and not known and not included:
        return None
    joined = add_costs(known) or Cost(included=included)
    if not missing:
        return joined
    return replace(joined, unpriced_tokens=joined.unpriced_tokens + missing)


def add_costs(costs: Iterable[Cost | None]) -> Cost | None:
    """The sum of the known ones; None when none is known."""
    known = [cost for cost in costs if cost is not None]
    if not known:
        return None
    # Buckets are whole pico-dollars: summed as such, the order makes no difference.
    parts = [
        sum(round(part * PICO) for part in column)
        for column in zip(*map(_parts, known), strict=True)
    ]
    return _cost(parts, all(c.included for c in known), sum(c.unpriced_tokens for c in known))


def add_rates(parts: Iterable[Rates]) -> Rates:
    """Together; what nobody could observe stays unknown."""
    rows = list(parts)

    def known(read: Callable[[Rates], float | None]) -> float | None:
        values = [value for row in rows if (value := read(row)) is not None]
        return sum(values) if values else None

    hour = known(lambda r: r.hour_tokens)
    return Rates(
        known(lambda r: r.tokens_per_min),
        known(lambda r: r.cost_per_hour),
        None if hour is None else int(hour),
        known(lambda r: r.hour_cost),
        known(lambda r: r.today_cost),
    )


def _cost(pico: list[int], included: bool, unpriced: int) -> Cost:
    return Cost(*(part / PICO for part in pico), included=included, unpriced_tokens=unpriced)


def _parts(cost: Cost) -> tuple[float, ...]:
    return (
        cost.input,
        cost.cache_read,
        cost.cache_write_5m,
        cost.cache_write_1h,
        cost.output,
        cost.fees,
    )


def _dollars(rows: list[tuple[float, int, int | None]]) -> float | None:
    """The known part in dollars: 0 when nothing was spent, None when nothing could be priced."""
    known = [pico for _, _, pico in rows if pico is not None]
    return None if rows and not known else sum(known) / PICO
