"""The ledger: each response once, owned by the session that made it, in any order."""

from __future__ import annotations

import itertools
from time import process_time

from agtop.ledger import Booking, Ledger
from agtop.model import Claim, Response, Tokens


def claim(
    key: str = "m1",
    output: int = 10,
    owner: str = "a",
    proof: int = 2,
    born_at: float = 1.0,
    transcript: str | None = None,
) -> Claim:
    response = Response(key, 5.0, "model", Tokens(input=1, output=output))
    return Claim(response, owner, proof, born_at, transcript or f"/{owner}.jsonl")


def settled(*claims: Claim, ends: dict[str, float] | None = None) -> dict[str, list[int]]:
    """Owner → outputs of its responses."""
    ledger = Ledger()
    for each in claims:
        ledger.book([each])
    ledger.settle(ends or {})
    return {o: [r.tokens.output for r in ledger.responses(o)] for o in sorted(ledger.owners())}


def test_the_largest_row_of_a_response_counts_once() -> None:
    assert settled(claim(output=1), claim(output=319), claim(output=1)) == {"a": [319]}


def test_a_zeroed_copy_never_overwrites() -> None:
    assert settled(claim(output=455), claim(output=0, owner="fork", proof=3)) == {"a": [455]}


def test_the_owner_is_the_same_in_every_order() -> None:
    claims = [
        claim(owner="origin", proof=0, born_at=9.0),
        claim(owner="copy", proof=2, born_at=1.0, output=99),
        claim(owner="sub", proof=4, born_at=0.0),
    ]

    outcomes = [settled(*order) for order in itertools.permutations(claims)]

    assert all(outcome == {"origin": [99]} for outcome in outcomes)


def test_of_equal_proofs_the_older_transcript_owns() -> None:
    for order in itertools.permutations(
        [claim(owner="a", born_at=1.0), claim(owner="b", born_at=2.0)]
    ):
        assert settled(*order) == {"a": [10]}


def test_of_copies_with_the_same_first_row_the_one_that_ended_first_owns() -> None:
    ends = {"a": 100.0, "b": 50.0}

    for proof in (0, 2):
        claims = [claim(owner="a", proof=proof), claim(owner="b", proof=proof)]
        for order in itertools.permutations(claims):
            assert settled(*order, ends=ends) == {"b": [10]}


def test_independent_responses_with_equal_numbers_both_count() -> None:
    assert settled(claim("m1"), claim("m2", owner="b")) == {"a": [10], "b": [10]}


def test_bookings_balance_to_what_the_owner_made() -> None:
    ledger = Ledger()
    booked: list[Booking] = []
    for each in (claim(output=1), claim(output=7), claim(output=9, owner="o", proof=0)):
        booked += ledger.book([each])
    booked += ledger.settle({})

    balance: dict[str, int] = {}
    for booking in booked:
        balance[booking.owner] = (
            balance.get(booking.owner, 0) + booking.sign * booking.response.tokens.output
        )

    assert balance == {"a": 0, "o": 9}


def test_a_copy_in_another_transcript_waits_until_it_is_settled() -> None:
    ledger = Ledger()
    ledger.book([claim(owner="a", born_at=5.0)])

    at_once = ledger.book([claim(owner="b", born_at=1.0)])
    settled = ledger.settle({})

    assert at_once == []
    assert [(b.owner, b.sign) for b in settled] == [("a", -1), ("b", 1)]
    assert ledger.settle({}) == []


def test_a_copy_that_grows_after_it_was_settled_is_weighed_again() -> None:
    ledger = Ledger()
    ledger.book([claim(owner="a", proof=0, output=3)])
    ledger.book([claim(owner="b", output=3)])
    ledger.settle({})

    ledger.book([claim(owner="b", output=8)])
    ledger.settle({})

    assert [r.tokens.output for r in ledger.responses("a")] == [8]
    assert list(ledger.owners()) == ["a"]


def test_a_block_adopted_whole_counts_like_its_claims() -> None:
    source = Ledger()
    source.book([claim("m1"), claim("m2", output=7)])
    (block,) = source.blocks.values()
    ledger = Ledger()
    ledger.book([claim("m2", output=9, owner="b", proof=0)])

    ledger.adopt(block)
    ledger.settle({})

    assert [r.tokens.output for r in ledger.responses("a")] == [10]
    assert [r.tokens.output for r in ledger.responses("b")] == [9]


def test_a_claim_repeated_books_nothing() -> None:
    ledger = Ledger()
    ledger.book([claim()])

    assert ledger.book([claim()]) == []


def test_a_transcript_that_moves_takes_its_responses_with_it() -> None:
    ledger = Ledger()
    ledger.book([claim(owner="a"), claim(owner="b")])
    ends = {"a": 50.0, "b": 100.0}
    ledger.settle(ends)

    ledger.book([claim(owner="a", transcript="/elsewhere/a.jsonl")])
    ledger.settle(ends)

    assert list(ledger.owners()) == ["a"]


def test_a_transcript_may_name_any_number_of_sessions_and_models() -> None:
    ledger = Ledger()
    began = process_time()
    for n in range(70_000):
        response = Response(f"m{n}", 5.0, f"model-{n}", Tokens(output=1))
        ledger.book([Claim(response, f"s{n}", 0, 1.0, "/t.jsonl")])

    assert process_time() - began < 30
    assert [r.model for r in ledger.responses("s69999")] == ["model-69999"]
