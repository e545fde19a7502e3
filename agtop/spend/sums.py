"""What was used, added up in whole numbers: the order makes no difference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agtop.model import PICO, Bucket, Record


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


def total(parts: Sequence[tuple[Bucket, bool]]) -> Sum:
    """Of (bucket, whether a plan covers it)."""
    # Column by column: a page adds up a hundred thousand buckets a few times.
    buckets = [bucket for bucket, _ in parts]
    return Sum(
        tuple(map(sum, zip(*[bucket.tokens for bucket in buckets], strict=True))) or (0,) * 6,
        sum([bucket.requests for bucket in buckets]),
        sum([bucket.pico for bucket in buckets]),
        sum([bucket.unpriced for bucket in buckets]),
        sum([bucket.saved for bucket in buckets]),
        sum([bucket.pico for bucket, is_included in parts if is_included]),
    )


def together(sums: Iterable[Sum]) -> Sum:
    """What several sums come to."""
    each = list(sums)
    if len(each) == 1:
        return each[0]
    return Sum(
        tuple(map(sum, zip(*[one.tokens for one in each], strict=True))) or (0,) * 6,
        sum([one.requests for one in each]),
        sum([one.pico for one in each]),
        sum([one.unpriced for one in each]),
        sum([one.saved for one in each]),
        sum([one.included for one in each]),
    )
