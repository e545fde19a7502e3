"""Whatever changes from snapshot to snapshot, the rows are those of a sort from the start."""

from __future__ import annotations

from random import Random

import pytest

from agtop.columns import COLUMNS, order
from agtop.columns.column import Column
from agtop.model import Session, Tokens, replace
from agtop.tui.arrangement import Arrangement
from tests.tui.fleet import crowd
from tests.tui.records import session


def changed(rows: tuple[Session, ...], chance: Random) -> tuple[Session, ...]:
    """A few sessions changed, one gone and one new."""
    fresh = list(rows)
    for _ in range(3):
        place = chance.randrange(len(fresh))
        tokens = chance.choice([None, Tokens(chance.randrange(9))])
        fresh[place] = replace(
            fresh[place],
            tokens=tokens,
            project=chance.choice([None, "alpha", "Beta", "gamma"]),
            last_active=chance.choice([None, chance.random()]),
        )
    del fresh[chance.randrange(len(fresh))]
    name = f"{chance.random()}"
    return (*fresh, session(name, seen=chance.random(), project="beta"))


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_moving_a_few_gives_the_order_of_a_full_sort(column: Column, reverse: bool) -> None:
    chance, rows = Random(column.name), crowd(400)
    arrangement = Arrangement(column, reverse)
    for _ in range(12):
        rows = changed(rows, chance)
        arrangement.take(rows)

        assert arrangement.rows == order(rows, column, reverse)


def test_only_what_changed_is_judged() -> None:
    judged: list[str] = []

    def wanted(session: Session) -> bool:
        judged.append(session.session_id)
        return session.tokens != Tokens(1)

    rows = crowd(1_000)
    arrangement = Arrangement(COLUMNS[0], wanted=wanted)
    arrangement.take(rows)
    judged.clear()
    arrangement.take((*rows[:7], replace(rows[7], tokens=Tokens(1)), *rows[8:]))

    assert judged == [rows[7].session_id]
    assert len(arrangement.rows) == 999


def test_a_session_that_was_not_wanted_comes_in_when_it_is() -> None:
    rows = crowd(1_000)
    hidden = replace(rows[7], tokens=Tokens(1))
    arrangement = Arrangement(COLUMNS[0], wanted=lambda s: s.tokens != Tokens(1))
    arrangement.take((*rows[:7], hidden, *rows[8:]))
    before = len(arrangement.rows)
    arrangement.take(rows)

    assert (before, len(arrangement.rows)) == (999, 1_000)


def test_the_same_sessions_give_the_same_rows() -> None:
    rows = crowd(1_000)
    arrangement = Arrangement(COLUMNS[0])
    arrangement.take(rows)
    before = arrangement.rows
    arrangement.take((*rows,))

    assert arrangement.rows is before
