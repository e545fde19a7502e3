"""What each session has used and what it cost, kept up to date by the ledger's bookings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from agtop import buckets
from agtop.block import Block, Terms
from agtop.ledger import Booking
from agtop.model import (
    PICO,
    Batch,
    Bucket,
    Charge,
    Cost,
    Rates,
    Record,
    Response,
    Tokens,
    Usage,
    replace,
)
from agtop.model.hour import SLOTS, Slots, add_slots, slot
from agtop.tally import Subtotal, Tallies, Tally
from agtop.tally import cost as cost_of

HORIZON = 26 * 3600.0
"""Seconds of single responses kept for rates: the longest local day and an hour."""

Pricer = Callable[[Response], Charge | None]
BatchPricer = Callable[[Batch], Charge | Literal["mixed"] | None]
"""What a batch costs; "mixed" where not one price holds for all of it."""


Spent = tuple[float, int, int | None]
"""Instant, tokens, and pico-dollars or None when unpriced."""
_STILL = Rates(0.0, 0.0, 0, 0.0, 0.0)


class Account:
    """Everything one session used itself."""

    __slots__ = ("_earlier", "_hour", "_sorted_at", "models", "recent")

    def __init__(self) -> None:
        self.models: dict[str | None, Tally] = {}
        self.recent: dict[int, Spent] = {}
        """Within the horizon, by response number."""
        self._hour: dict[int, Spent] = {}
        """Those of the last hour and of times to come: rates are asked for in every round, and
        only these can have moved since."""
        self._earlier = _NO_SUM
        """Those of today before that."""
        self._sorted_at: tuple[float, float] | None = None
        """The instant and the midnight they were told apart for; None when that must be redone."""

    def merge(self, model: str | None, tally: Tally) -> None:
        known = self.models.get(model)
        if known is None:
            known = self.models[model] = tally.copy()
        else:
            known.merge(tally)
        if not known.requests:
            del self.models[model]

    def remember(self, booking: Booking, charge: Charge | None, now: float) -> None:
        """Keep, or drop, a single response for as long as rates need it."""
        response = booking.response
        if booking.sign < 0:
            self._take_out(booking.key)
        elif response.at is not None and response.at > now - HORIZON:
            spent = None if charge is None else charge.total
            self._put_in(booking.key, (response.at, response.tokens.total, spent))

    @property
    def requests(self) -> int:
        return sum(tally.requests for tally in self.models.values())

    def rates(self, now: float, midnight: float) -> Rates:
        """Speed by the responses' own instants; those dated in the future wait for their time."""
        if not self.models:
            return Rates()
        if not self.recent:
            return _STILL
        self._sort(now, midnight)
        past = [spent for spent in self._hour.values() if spent[0] <= now]
        hour = _sum(past)
        minute = _sum([spent for spent in past if spent[0] > now - 60])
        today = self._earlier + _sum([spent for spent in past if spent[0] >= midnight])
        projected = minute.dollars
        return Rates(
            tokens_per_min=float(minute.tokens),
            cost_per_hour=None if projected is None else projected * 60,
            hour_tokens=hour.tokens,
            hour_cost=hour.dollars,
            today_cost=today.dollars,
            slots=_slots(past, now),
        )

    def _put_in(self, key: int, spent: Spent) -> None:
        self.recent[key] = spent
        if self._sorted_at is not None and spent[0] > self._sorted_at[0] - 3600:
            self._hour[key] = spent
        else:
            self._sorted_at = None

    def _take_out(self, key: int) -> None:
        self.recent.pop(key, None)
        if self._hour.pop(key, None) is None:
            self._sorted_at = None

    def _sort(self, now: float, midnight: float) -> None:
        """Tell the last hour from earlier today; normally only what has left the hour moves."""
        if self._sorted_at is None or self._sorted_at[0] > now or self._sorted_at[1] != midnight:
            self.recent = {k: spent for k, spent in self.recent.items() if spent[0] > now - HORIZON}
            self._hour = dict(self.recent)
            self._earlier = _Sum()
        self._sorted_at = (now, midnight)
        left = [key for key, spent in self._hour.items() if spent[0] <= now - 3600]
        if left:
            passed = [self._hour.pop(key) for key in left]
            self._earlier += _sum([spent for spent in passed if spent[0] >= midnight])


class _Sum(Record):
    """Of responses in one span of time."""

    responses: int = 0
    tokens: int = 0
    priced: int = 0
    pico: int = 0

    def __add__(self, other: _Sum) -> _Sum:
        return _Sum(
            self.responses + other.responses,
            self.tokens + other.tokens,
            self.priced + other.priced,
            self.pico + other.pico,
        )

    @property
    def dollars(self) -> float | None:
        """The known part: 0 when nothing was spent, None when nothing could be priced."""
        return None if self.responses and not self.priced else self.pico / PICO


_NO_SUM = _Sum()


def _sum(rows: list[Spent]) -> _Sum:
    known = [pico for _, _, pico in rows if pico is not None]
    return _Sum(len(rows), sum([tokens for _, tokens, _ in rows]), len(known), sum(known))


def _slots(rows: list[Spent], now: float) -> Slots:
    """Those of the last hour that lie in it whole: a part of one would shrink by and by."""
    oldest = slot(now) - SLOTS
    sums: dict[int, int] = {}
    for at, tokens, _ in rows:
        number = slot(at)
        if tokens and number > oldest:
            sums[number] = sums.get(number, 0) + tokens
    return tuple(sorted(sums.items()))


class Books:
    """The accounts of one agent's sessions."""

    def __init__(
        self,
        price: Pricer,
        provider: str,
        included: bool,
        price_batch: BatchPricer = lambda _batch: "mixed",
    ) -> None:
        self._price = price
        self._price_batch = price_batch
        self._provider = provider
        self._included = included
        self._accounts: dict[str, Account] = {}

    def book(
        self, bookings: Iterable[Booking], now: float, subtotals: Tallies | None = None
    ) -> set[str]:
        """Enter bookings; the sessions whose account changed.

        Args:
            subtotals: where what is added is tallied too.
        """
        added: Tallies = {}
        for booking in bookings:
            response = booking.response
            charge = self._price(response)
            place = (booking.owner, response.model)
            tally = added.get(place)
            if tally is None:
                tally = added[place] = Tally()
            tally.add(response, charge, booking.sign)
            if booking.sign < 0 or (response.at or 0.0) > now - HORIZON:
                self._account(booking.owner).remember(booking, charge, now)
        for (owner, model), tally in added.items():
            self._account(owner).merge(model, tally)
            if subtotals is not None:
                _add(subtotals, (owner, model), tally)
        return {owner for owner, _ in added}

    def post(self, block: Block, now: float, subtotals: Tallies | None = None) -> set[str]:
        """Enter all responses of a block, added up before they are priced."""
        added: Tallies = {}
        for owner, terms, rows in block.groups():
            tally = added.setdefault((owner, terms.model), Tally())
            self._add_up(block, terms, rows, tally)
        if block.last > now - HORIZON:
            self._remember_recent(block, now)
        for (owner, model), tally in added.items():
            self._account(owner).merge(model, tally)
            if subtotals is not None:
                _add(subtotals, (owner, model), tally)
        return {owner for owner, _ in added}

    def _add_up(self, block: Block, terms: Terms, rows: Sequence[int] | None, tally: Tally) -> None:
        batch = block.batch(terms, rows)
        charge = "mixed" if batch is None else self._price_batch(batch)
        rows = range(len(block)) if rows is None else rows
        if batch is not None and charge != "mixed":
            tally.add_batch(batch, len(rows), charge)
            return
        for row in rows:
            response = block.response(row)
            tally.add(response, self._price(response), 1)

    def _remember_recent(self, block: Block, now: float) -> None:
        for row, at in enumerate(block.ats):
            if at > now - HORIZON:
                owner, response = block.owners[block.makers[row]], block.response(row)
                booking = Booking(owner, block.keys[row], response, 1)
                self._account(owner).remember(booking, self._price(response), now)

    def adopt(self, subtotals: Iterable[Subtotal]) -> set[str]:
        """Enter what an earlier run tallied; the sessions whose account changed."""
        touched: set[str] = set()
        for subtotal in subtotals:
            self._account(subtotal.owner).merge(subtotal.model, subtotal.tally)
            touched.add(subtotal.owner)
        return touched

    def tally(self, responses: Iterable[tuple[str, Response]]) -> Tallies:
        """What (session, response) pairs come to, entered nowhere."""
        found: Tallies = {}
        for owner, response in responses:
            place = (owner, response.model)
            found.setdefault(place, Tally()).add(response, self._price(response), 1)
        return found

    def spread(self, block: Block) -> tuple[Bucket, ...]:
        """When the responses of a block were made, and what they cost."""
        return buckets.of_block(block, self._price, self._price_batch)

    def spread_out(self, responses: Iterable[tuple[str, Response]]) -> tuple[Bucket, ...]:
        """The same of (session, response) pairs."""
        return buckets.of_responses(responses, self._price)

    def _account(self, owner: str) -> Account:
        account = self._accounts.get(owner)
        if account is None:
            account = self._accounts[owner] = Account()
        return account

    def usage(self, owner: str) -> tuple[Usage, ...]:
        """By model, most tokens first."""
        account = self._accounts.get(owner)
        if account is None:
            return ()
        usages = [
            tally.usage(model, self._provider, self._included)
            for model, tally in account.models.items()
        ]
        if len(usages) > 1:
            usages.sort(key=lambda u: (-u.tokens.total, u.model or ""))
        return tuple(usages)

    def requests(self, owner: str) -> int:
        account = self._accounts.get(owner)
        return account.requests if account is not None else 0

    def rates(self, owner: str, now: float, midnight: float) -> Rates:
        account = self._accounts.get(owner)
        return Rates() if account is None else account.rates(now, midnight)


def _add(tallies: Tallies, place: tuple[str, str | None], tally: Tally) -> None:
    known = tallies.setdefault(place, tally)
    if known is not tally:
        known.merge(tally)


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
    """The tokens of several models."""
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
    if len(known) < 2:
        return known[0] if known else None
    # Buckets are whole pico-dollars: summed as such, the order makes no difference.
    parts = [0] * 6
    for cost in known:
        for i, part in enumerate(_parts(cost)):
            parts[i] += round(part * PICO)
    return cost_of(parts, all(c.included for c in known), sum(c.unpriced_tokens for c in known))


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
        add_slots(row.slots for row in rows),
    )


def _parts(cost: Cost) -> tuple[float, ...]:
    return (
        cost.input,
        cost.cache_read,
        cost.cache_write_5m,
        cost.cache_write_1h,
        cost.output,
        cost.fees,
    )
