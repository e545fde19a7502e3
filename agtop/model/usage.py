"""Tokens and money."""

from __future__ import annotations

from agtop.model.record import Record

MOST = 2**32 - 1
"""No request uses as many tokens, or searches as often: a larger number is damage, not a count."""


class Tokens(Record):
    """Tokens in disjoint billable buckets; only `reasoning` is part of another (`output`)."""

    input: int = 0
    """Prompt tokens neither read from nor written to a cache."""
    cache_read: int = 0
    cache_write_5m: int = 0
    """Written to the cache with the short (or an unstated) lifetime."""
    cache_write_1h: int = 0
    output: int = 0
    """All generated tokens, thinking included."""
    reasoning: int = 0
    """The part of `output` that was thinking; informational."""

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(
            self.input + other.input,
            self.cache_read + other.cache_read,
            self.cache_write_5m + other.cache_write_5m,
            self.cache_write_1h + other.cache_write_1h,
            self.output + other.output,
            self.reasoning + other.reasoning,
        )

    @property
    def prompt(self) -> int:
        """What the model was sent: decides the long-context tier."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h

    @property
    def cache(self) -> int:
        return self.cache_read + self.cache_write_5m + self.cache_write_1h

    @property
    def total(self) -> int:
        return self.prompt + self.output


class Response(Record):
    """One answer of a model, counted once: the unit of usage and of price."""

    key: str
    """The response id, unique over all transcripts of its agent."""
    at: float | None
    model: str | None
    tokens: Tokens
    service_tier: str = ""
    """`priority`, `flex`, `batch`; empty or `standard` otherwise."""
    fast: bool = False
    geo: str = ""
    """Where inference was asked to run (`us` costs more at Anthropic)."""
    searches: int = 0
    """Web searches, billed per use."""
    provider: str = ""
    """Who served the model, where the record says so; else whoever serves the agent's models."""


class Batch(Record):
    """Responses that are alike but for their moment and size, added up."""

    model: str | None
    service_tier: str
    fast: bool
    geo: str
    provider: str
    tokens: Tokens
    searches: int
    """None of them searched, or all did."""
    first: float
    """When the oldest was made; every one's instant is known."""
    last: float
    least: int
    """The shortest prompt."""
    most: int
    """The longest prompt."""


class Claim(Record):
    """One transcript's word that a session made a request.

    Copies of a response in other transcripts (forks, resumes, archives) make claims too;
    the ledger decides which session owns it and which copy's numbers are complete.
    """

    response: Response
    owner: str
    """The id of the session (or subagent) that made the request."""
    proof: int
    """How good that word is, the lowest best. 0: the record names its session; 1: the transcript
    holds the request itself; 2: the record stands in this transcript; above: even that says little,
    since records of others are known to be repeated there."""
    born_at: float
    """When the transcript's first record was made: of two equal claims the older wins."""
    transcript: str


class Price(Record):
    """Dollars per million tokens for one request, with everything that chose them applied."""

    provider: str
    model: str
    """The name in the price table, which may differ from the transcript's."""
    input: float
    cache_read: float
    cache_write_5m: float
    cache_write_1h: float
    output: float
    search: float
    """Dollars per web search."""
    source: str
    """Where the figures are from: a table's name or `override`."""
    date: str
    """ISO date of that source."""
    note: str = ""
    """What chose this row: `> 200k prompt`, `fast`, `us`."""


class Charge(Record):
    """What one request cost, in whole pico-dollars (1e-12 $) by bucket: sums of them are exact."""

    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    fees: int
    """Charges per use, such as web searches."""
    price: Price

    @property
    def total(self) -> int:
        return (
            self.input
            + self.cache_read
            + self.cache_write_5m
            + self.cache_write_1h
            + self.output
            + self.fees
        )

    def cost(self) -> Cost:
        return Cost(
            self.input / PICO,
            self.cache_read / PICO,
            self.cache_write_5m / PICO,
            self.cache_write_1h / PICO,
            self.output / PICO,
            self.fees / PICO,
        )


PICO = 10**12
"""Pico-dollars in a dollar."""


class Cost(Record):
    """Dollars by bucket."""

    input: float = 0.0
    cache_read: float = 0.0
    cache_write_5m: float = 0.0
    cache_write_1h: float = 0.0
    output: float = 0.0
    fees: float = 0.0
    """Charges per use, such as web searches."""
    included: bool = False
    """The plan covers it: `total` is 0, `notional` what it would have cost."""
    unpriced_tokens: int = 0
    """Tokens of models without a known price, missing from every figure here."""

    @property
    def notional(self) -> float:
        """The price at list rates, whatever the plan."""
        return (
            self.input
            + self.cache_read
            + self.cache_write_5m
            + self.cache_write_1h
            + self.output
            + self.fees
        )

    @property
    def total(self) -> float:
        """What is billed."""
        return 0.0 if self.included else self.notional


class Usage(Record):
    """The tokens of one model in one session, and what they cost."""

    model: str | None
    provider: str | None
    tokens: Tokens
    cost: Cost | None
    """None when the model has no known price."""
    price: Price | None
    """The price of the newest request; others may have met another tier or date."""
    requests: int
    searches: int = 0
