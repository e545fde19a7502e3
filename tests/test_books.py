"""Rates are those of the responses' own instants, whatever was asked before."""

from __future__ import annotations

import random

import pytest

from agtop.books import Books, add_rates
from agtop.ledger import Booking
from agtop.model import PICO, Charge, Price, Rates, Response, Tokens
from agtop.model.hour import last_hour, slot

NOW = 1_800_000_000.0
DAY = 86400.0
FREE = Price("anthropic", "x", 0, 0, 0, 0, 0, 0, "test", "2026-11-20")

SONNET = Charge(300 * 3_000_000, 0, 0, 0, 20 * 15_000_000, 0, FREE)
"""300 tokens in at $3 a million, 20 out at $15."""


def response(at: float | None, output: int, model: str = "priced") -> Response:
    return Response("r", at, model, Tokens(output=output))


def charge(made: Response) -> Charge | None:
    """A micro-dollar per token, unless the model has no price."""
    if made.model != "priced":
        return None
    return Charge(0, 0, 0, 0, made.tokens.output * 10**6, 0, FREE)


def dollars(made: list[Response]) -> float | None:
    known = [found.total for each in made if (found := charge(each)) is not None]
    return None if made and not known else sum(known) / PICO


def expected(held: list[Response], now: float, midnight: float) -> Rates:
    """Every response looked at for every figure."""
    if not held:
        return Rates()
    past = [(each.at, each) for each in held if each.at is not None and each.at <= now]
    minute = [each for at, each in past if at > now - 60]
    hour = [each for at, each in past if at > now - 3600]
    today = [each for at, each in past if at >= midnight]
    projected = dollars(minute)
    return Rates(
        float(sum(each.tokens.total for each in minute)),
        None if projected is None else projected * 60,
        sum(each.tokens.total for each in hour),
        dollars(hour),
        dollars(today),
        slotted(past, now),
    )


def slotted(past: list[tuple[float, Response]], now: float) -> tuple[tuple[int, int], ...]:
    """Thirty slots of two minutes, those with tokens."""
    newest = int(now // 120)
    sums = dict.fromkeys(range(newest - 29, newest + 1), 0)
    for at, each in past:
        if int(at // 120) in sums:
            sums[int(at // 120)] += each.tokens.total
    return tuple((n, tokens) for n, tokens in sums.items() if tokens)


@pytest.mark.parametrize("seed", range(10))
def test_rates_asked_for_again_and_again_are_those_of_a_look_at_everything(seed: int) -> None:
    chance = random.Random(seed)
    books = Books(charge, "anthropic", included=False)
    held: dict[int, Response] = {}
    now, count = NOW, 0
    for _ in range(200):
        now += chance.choice([0.0, 2.0, 2.0, 2.0, 59.0, 600.0, 4000.0, -30.0])
        for _ in range(chance.randrange(4)):
            if held and chance.random() < 0.3:  # a fuller sighting, or another owner
                key = chance.choice(list(held))
                books.book([Booking("s", key, held.pop(key), -1)], now)
            else:
                key = count = count + 1
            at = now - chance.choice([-90.0, -1.0, 0.0, 1.0, 58.0, 61.0, 3599.0, 3601.0, 20000.0])
            made = response(
                at, chance.randrange(50), chance.choice(["priced", "priced", "mystery"])
            )
            held[key] = made
            books.book([Booking("s", key, made, 1)], now)
        midnight = now - now % DAY

        assert books.rates("s", now, midnight) == expected(list(held.values()), now, midnight)


def test_what_leaves_the_hour_stays_in_the_day() -> None:
    books = Books(charge, "anthropic", included=False)
    books.book([Booking("s", 1, response(NOW, 9), 1)], NOW)

    first = books.rates("s", NOW, NOW - 60)
    later = books.rates("s", NOW + 3600, NOW - 60)
    tomorrow = books.rates("s", NOW + 3602, NOW + 3601)

    assert (first.hour_tokens, later.hour_tokens) == (9, 0)
    assert first.today_cost == later.today_cost == 9e-6
    assert tomorrow.today_cost == 0


def test_tokens_and_money_of_the_last_minute_make_the_rates() -> None:
    books = Books(lambda made: SONNET, "anthropic", included=False)
    books.book([Booking("s", 1, Response("r", NOW - 1, "m", Tokens(300, output=20)), 1)], NOW)

    now = books.rates("s", NOW, NOW - DAY)
    later = books.rates("s", NOW + 61, NOW - DAY)
    never = books.rates("other", NOW, NOW - DAY)

    assert (now.tokens_per_min, now.cost_per_hour) == (320, pytest.approx(0.072))
    assert (later.tokens_per_min, later.cost_per_hour, later.hour_tokens) == (0, 0, 320)
    assert (never.tokens_per_min, never.cost_per_hour, never.hour_tokens) == (None, None, None)


def test_slots_of_several_sessions_add_up() -> None:
    one, other = Rates(1.0, hour_tokens=3, slots=((5, 1), (7, 2))), Rates(slots=((7, 4),))

    assert add_rates([one, other]).slots == ((5, 1), (7, 6))


def test_a_slot_that_is_too_old_is_not_shown_though_nobody_took_it_out() -> None:
    slots = ((slot(NOW) - 30, 1), (slot(NOW) - 29, 2), (slot(NOW), 3), (slot(NOW) + 1, 9))

    values = last_hour(slots, NOW)

    assert (len(values), values[0], values[-1], sum(values)) == (30, 2, 3, 5)
