"""Cells that say more where there is room, and why a session does not go on."""

from __future__ import annotations

import pytest

from agtop.columns import DEFAULT, find, visible
from agtop.columns.cells import doing
from agtop.model import Activity, Session, State, StateName, replace
from tests.snapshots import NOW, session

DEFAULTS = tuple(find(name) for name in DEFAULT)


def one(name: StateName, asked: str | None = None, action: str | None = None) -> Session:
    plain = session(state=State(name, "input", NOW, "the evidence"))
    activity = Activity("asks", NOW, "the answer ends in a question", asked=asked)
    return replace(plain, reading=replace(plain.reading, activity=activity, action=action))


@pytest.mark.parametrize(("cells", "said"), [(120, "waiting"), (200, "waiting:input")])
def test_the_state_says_what_it_waits_for_where_there_is_room(cells: int, said: str) -> None:
    (state,) = (column for column in visible(DEFAULTS, cells) if column.name == "state")

    assert state.text(one("waiting"), NOW) == said
    assert state.width >= len(said)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (one("waiting", "Shall I push?"), "Shall I push?"),
        (one("waiting", "Shall I push?", "Bash: git push"), "Bash: git push"),
        (one("waiting"), "the evidence"),
        (one("error", "Shall I push?"), "the evidence"),
        (one("idle", "Shall I push?"), ""),
        (one("working"), ""),
    ],
)
def test_doing_says_why_a_session_does_not_go_on(given: Session, said: str) -> None:
    assert doing(given) == said


def test_columns_never_take_more_cells_than_there_are() -> None:
    for cells in range(20, 260):
        shown = visible(DEFAULTS, cells)
        droppable = any(column.drop for column in shown)
        assert not droppable or sum(column.width + 1 for column in shown) - 1 <= cells
