"""Sums of what was used: they never go down."""

from __future__ import annotations

from agtop.metrics import Purse
from agtop.model import Bucket, Expenses, State, replace
from tests.metrics.made import session, snapshot

PICO = 10**12


def history(dollars: float = 1.0, tokens: int = 1000) -> tuple[Expenses, ...]:
    bucket = Bucket("a", "opus", 1, (0, 0, 0, 0, tokens, 0), 1, round(dollars * PICO), 0, 0)
    return (Expenses("claude", "Claude Code", False, (bucket,)),)


def total(purse: Purse) -> tuple[int, float | None]:
    [spent] = purse.spent()
    return sum(spent.tokens), spent.billed


def test_what_was_used_before_the_first_look_counts_once() -> None:
    purse = Purse(history(dollars=5.0, tokens=4000))

    purse.look(snapshot(session("a", 1.0, 1000)))

    assert total(purse) == (4000, 5.0)


def test_what_is_added_is_added() -> None:
    purse = Purse(history())
    purse.look(snapshot(session("a", 1.0, 1000)))

    purse.look(snapshot(session("a", 1.5, 1400), session("b", 0.25, 100)))

    assert total(purse) == (1500, 1.75)


def test_a_transcript_that_goes_takes_nothing_away_and_adds_nothing_when_it_returns() -> None:
    purse = Purse(history())
    purse.look(snapshot(session("a", 1.0, 1000)))
    purse.look(snapshot())
    assert total(purse) == (1000, 1.0)
    purse.look(snapshot(session("b", 0.5, 300)))
    assert total(purse) == (1300, 1.5)

    purse.look(snapshot(session("a", 1.0, 1000), session("b", 0.5, 300)))

    assert total(purse) == (1300, 1.5)


def test_a_session_that_becomes_a_subagent_is_not_counted_twice() -> None:
    purse = Purse(())
    purse.look(snapshot(session("a", 1.0, 1000)))

    purse.look(snapshot(session("top", 1.0, 1000, subagents=(session("a", 1.0, 1000),))))

    assert total(purse) == (1000, 1.0)


def test_a_figure_that_is_corrected_downwards_stays_until_it_is_passed() -> None:
    purse = Purse(())
    purse.look(snapshot(session("a", 2.0, 2000)))
    purse.look(snapshot(session("a", 1.0, 1000)))
    assert total(purse) == (2000, 2.0)

    purse.look(snapshot(session("a", 3.0, 2500)))

    assert total(purse) == (2500, 3.0)


def test_a_model_without_a_price_costs_an_unknown_amount() -> None:
    purse = Purse(())

    purse.look(snapshot(session("a", None, 700, model="odd"), session("b", None, 1, model=None)))

    found = {each.model: each for each in purse.spent()}
    assert (found["odd"].billed, found["odd"].unpriced) == (None, 700)
    assert found[""].unpriced == 1


def test_what_a_plan_covers_is_not_billed() -> None:
    purse = Purse(())

    purse.look(snapshot(session("a", 2.0, included=True)))

    [spent] = purse.spent()
    assert (spent.billed, spent.included) == (0.0, 2.0)


def test_sessions_are_counted_by_what_they_do_now() -> None:
    one = session("a", state=State("working"), liveness="live")
    purse = Purse(())
    purse.look(snapshot(one, session("b")))
    purse.look(snapshot(replace(one, state=State("idle")), session("b")))

    [crowd] = purse.crowds()

    assert crowd.states == {"idle": 1, "unknown": 1}
    assert (crowd.totals.sessions, crowd.totals.live) == (2, 1)
