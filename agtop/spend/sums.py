"""What was used, added up in whole numbers: the order makes no difference."""

from __future__ import annotations

from collections.abc import Iterable

from agtop.model import PICO, Bucket, Record, Tokens


class Sum(Record):
    """Use of any number of buckets."""

    tokens: tuple[int, ...] = (0, 0, 0, 0, 0, 0)
    """The buckets of `Tokens`, in its order."""
    requests: int = 0
    pico: int = 0
    """Pico-dollars at list price."""
    unpriced: int = 0
    """Tokens without a known price."""
    saved: int = 0
    """Pico-dollars that cached tokens would have cost above."""
    included: int = 0
    """The part of `pico` that a plan covers."""

    @property
    def total(self) -> int:
        """Tokens; reasoning is part of the output."""
        return sum(self.tokens[:5])

    @property
    def dollars(self) -> float | None:
        """At list price; None where tokens were used and none of them has a price."""
        if self.unpriced and self.unpriced == self.total:
            return None
        return self.pico / PICO

    @property
    def is_bound(self) -> bool:
        """More was spent than is known."""
        return self.unpriced > 0

    @property
    def saved_dollars(self) -> float | None:
        return None if self.dollars is None else self.saved / PICO

    def as_tokens(self) -> Tokens:
        return Tokens(*self.tokens)


def total(parts: Iterable[tuple[Bucket, bool]]) -> Sum:
    """Of (bucket, whether a plan covers it)."""
    tokens = [0] * 6
    requests = pico = unpriced = saved = included = 0
    for bucket, is_included in parts:
        for number, count in enumerate(bucket.tokens):
            tokens[number] += count
        requests += bucket.requests
        pico += bucket.pico
        unpriced += bucket.unpriced
        saved += bucket.saved
        included += bucket.pico if is_included else 0
    return Sum(tuple(tokens), requests, pico, unpriced, saved, included)
