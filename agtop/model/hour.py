"""The last hour in slots of two minutes that all sessions share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

SLOT = 120.0
"""Seconds; slots begin at whole multiples of it since the epoch, so that no graph moves between
two rounds unless a slot has passed."""
SLOTS = 30

Slots = tuple[tuple[int, int], ...]
"""(number of the slot, tokens), oldest first, without those in which nothing was used."""


def slot(at: float) -> int:
    """The number of the slot an instant is in."""
    return int(at // SLOT)


def last_hour(slots: Slots, now: float) -> list[int]:
    """Tokens of the newest slots, the one under way last: what has grown too old drops out."""
    newest = slot(now)
    values = [0] * SLOTS
    for number, tokens in slots:
        age = newest - number
        if 0 <= age < SLOTS:
            values[SLOTS - 1 - age] += tokens
    return values


def add_slots(parts: Iterable[Slots]) -> Slots:
    """Together, slot by slot."""
    sums: Counter[int] = Counter()
    for part in parts:
        for number, tokens in part:
            sums[number] += tokens
    return tuple(sorted(sums.items()))
