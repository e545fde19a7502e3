"""What one model used in one session and what it cost, in whole numbers."""

from __future__ import annotations

from msgspec import Struct, field

from agtop.model import PICO, Batch, Charge, Cost, Price, Record, Response, Tokens, Usage, replace


class Tally(Struct):
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
        for i, part in enumerate(_pico(charge)):
            self.pico[i] += sign * part
        if sign > 0 and (response.at or 0.0) >= self.priced_at:
            self.price, self.priced_at = charge.price, response.at or 0.0

    def add_batch(self, batch: Batch, count: int, charge: Charge | None) -> None:
        """Add `count` responses at once."""
        t = batch.tokens
        parts = (t.input, t.cache_read, t.cache_write_5m, t.cache_write_1h, t.output, t.reasoning)
        for i, part in enumerate(parts):
            self.tokens[i] += part
        self.requests += count
        self.searches += batch.searches
        if charge is None:
            self.unpriced += t.total
            return
        for i, part in enumerate(_pico(charge)):
            self.pico[i] += part
        if batch.last >= self.priced_at:
            self.price, self.priced_at = charge.price, batch.last

    def merge(self, other: Tally) -> None:
        """Add what was tallied elsewhere."""
        for i in range(6):
            self.tokens[i] += other.tokens[i]
            self.pico[i] += other.pico[i]
        self.requests += other.requests
        self.searches += other.searches
        self.unpriced += other.unpriced
        if other.price is not None and other.priced_at >= self.priced_at:
            self.price, self.priced_at = other.price, other.priced_at

    def copy(self) -> Tally:
        """One that is added to by itself."""
        return replace(self, tokens=[*self.tokens], pico=[*self.pico])

    def usage(self, model: str | None, provider: str, included: bool) -> Usage:
        return Usage(
            model=model,
            provider=self.price.provider if self.price is not None else provider,
            tokens=Tokens(*self.tokens),
            cost=cost(self.pico, included, self.unpriced) if self.price is not None else None,
            price=self.price,
            requests=self.requests,
            searches=self.searches,
        )


class Subtotal(Record):
    """What one transcript adds to one session's account for one model; kept in the index."""

    owner: str
    model: str | None
    tally: Tally


Tallies = dict[tuple[str, str | None], Tally]
"""(session, model) → what was added."""


def _pico(charge: Charge) -> tuple[int, int, int, int, int, int]:
    return (
        charge.input,
        charge.cache_read,
        charge.cache_write_5m,
        charge.cache_write_1h,
        charge.output,
        charge.fees,
    )


def cost(pico: list[int], included: bool, unpriced: int) -> Cost:
    """Dollars of pico-dollars by bucket, in the order of `Cost`."""
    return Cost(*[part / PICO for part in pico], included=included, unpriced_tokens=unpriced)
