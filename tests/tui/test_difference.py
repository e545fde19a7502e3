"""The difference between two snapshots is found wherever it is, and nothing else is."""

from __future__ import annotations

import pytest

from agtop.model import Tokens, difference, replace
from agtop.model.difference import changes
from tests.tui.fleet import crowd
from tests.tui.records import session

ROWS = crowd(2_000)


@pytest.mark.parametrize("place", [0, 63, 64, 65, 255, 256, 1_000, 1_999])
def test_one_changed_session_is_found(place: int) -> None:
    new = replace(ROWS[place], tokens=Tokens(1))

    found = changes(ROWS, (*ROWS[:place], new, *ROWS[place + 1 :]))

    assert found == ([ROWS[place]], [new])


@pytest.mark.parametrize("place", [0, 64, 1_000, 1_999])
def test_sessions_come_and_go(place: int) -> None:
    new = tuple(session(f"new-{n}") for n in range(70))

    assert changes(ROWS, (*ROWS[:place], *new, *ROWS[place:])) == ([], list(new))
    assert changes((*ROWS[:place], *new, *ROWS[place:]), ROWS) == (list(new), [])


def test_the_first_snapshot_is_all_new_and_none_is_all_gone() -> None:
    assert changes((), ROWS) == ([], list(ROWS))
    assert changes(ROWS, ()) == (list(ROWS), [])
    assert changes((), ()) == ([], [])


def test_a_session_that_moved_up_did_not_change() -> None:
    assert changes(ROWS, (ROWS[900], *ROWS[:900], *ROWS[901:])) == ([], [])


def test_of_thousands_only_the_two_ends_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    compare = difference._different

    def counted(before: difference.Sessions, after: difference.Sessions) -> object:
        looked.append(len(before))
        return compare(before, after)

    monkeypatch.setattr(difference, "_different", counted)
    live, unwritten = replace(ROWS[3], tokens=Tokens(1)), session("no transcript yet")

    changes(ROWS, (*ROWS[:3], live, *ROWS[4:], unwritten))

    assert looked == [128]
