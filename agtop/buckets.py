"""Adds up responses by the quarter of an hour in which they were made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from agtop.block import UNKNOWN, Block
from agtop.model import QUARTER, Batch, Bucket, Charge, Response, Tokens

PICO_PER_TOKEN = 10**6
"""Pico-dollars a token where a million tokens cost a dollar."""
Place = tuple[str, str | None, int | None]
"""Session, model, moment."""


class Sums:
    """Buckets being filled."""

    def __init__(self) -> None:
        self._sums: dict[Place, list[int]] = {}
        """Six counts of tokens, requests, pico-dollars, unpriced tokens, saved pico-dollars."""

    def add(self, place: Place, tokens: Tokens, requests: int, charge: Charge | None) -> None:
        sums = self._sums.get(place)
        if sums is None:
            sums = self._sums[place] = [0] * 10
        sums[0] += tokens.input
        sums[1] += tokens.cache_read
        sums[2] += tokens.cache_write_5m
        sums[3] += tokens.cache_write_1h
        sums[4] += tokens.output
        sums[5] += tokens.reasoning
        sums[6] += requests
        if charge is None:
            sums[8] += tokens.total
            return
        sums[7] += charge.total
        sums[9] += _saved(tokens, charge)

    def buckets(self) -> tuple[Bucket, ...]:
        return tuple(
            Bucket(*place, (s[0], s[1], s[2], s[3], s[4], s[5]), *s[6:])
            for place, s in self._sums.items()
        )


def of_block(
    block: Block,
    price: Callable[[Response], Charge | None],
    price_batch: Callable[[Batch], Charge | Literal["mixed"] | None],
) -> tuple[Bucket, ...]:
    """Everything in a block; what is alike is added up before it is priced."""
    sums = Sums()
    for owner, terms, rows in block.groups():
        for moment, part in _by_moment(block, rows):
            place = (owner, terms.model, moment)
            batch = block.batch(terms, part) if len(part) > 1 else None
            charge = "mixed" if batch is None else price_batch(batch)
            if batch is not None and charge != "mixed":
                sums.add(place, batch.tokens, len(part), charge)
                continue
            for row in part:
                response = block.response(row)
                sums.add(place, response.tokens, 1, price(response))
    return sums.buckets()


def of_responses(
    responses: Iterable[tuple[str, Response]], price: Callable[[Response], Charge | None]
) -> tuple[Bucket, ...]:
    """(session, response) pairs, each counted once already."""
    sums = Sums()
    for owner, response in responses:
        moment = None if response.at is None else int(response.at // QUARTER)
        sums.add((owner, response.model, moment), response.tokens, 1, price(response))
    return sums.buckets()


def _by_moment(block: Block, rows: list[int] | None) -> Iterator[tuple[int | None, list[int]]]:
    found: dict[int | None, list[int]] = {}
    ats = block.ats
    for row in range(len(block)) if rows is None else rows:
        at = ats[row]
        moment = None if at == UNKNOWN else int(at // QUARTER)
        part = found.get(moment)
        if part is None:
            found[moment] = [row]
        else:
            part.append(row)
    yield from found.items()


def _saved(tokens: Tokens, charge: Charge) -> int:
    plain = round(charge.price.input * PICO_PER_TOKEN)
    return tokens.cache * plain - charge.cache_read - charge.cache_write_5m - charge.cache_write_1h
