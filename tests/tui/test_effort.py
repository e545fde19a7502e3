"""What a key costs with thousands of sessions, forty of them at work: what shows, and no more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agtop.model import Session, Tokens, replace
from agtop.tui import arrangement, rows
from agtop.tui.app import Agtop
from tests.tui.fleet import crowd, snapshot
from tests.tui.stage import painted, show

__all__ = ["painted"]

LIVE = 40
SHOWN = 30
"""At most so many rows show on 36 lines."""


@pytest.fixture
def formatted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sessions whose cells were put into words."""
    found: list[str] = []
    cells: Callable[..., tuple[str, ...]] = rows.cells

    def counted(session: Session, *rest: object) -> tuple[str, ...]:
        found.append(session.session_id)
        return cells(session, *rest)

    monkeypatch.setattr(rows, "cells", counted)
    return found


@pytest.fixture
def ranked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sessions whose place was looked for."""
    found: list[str] = []
    rank: Callable[[arrangement.Arrangement, Session], object] = arrangement.Arrangement._rank

    def counted(self: arrangement.Arrangement, session: Session) -> object:
        found.append(session.session_id)
        return rank(self, session)

    monkeypatch.setattr(arrangement.Arrangement, "_rank", counted)
    return found


def at_work(sessions: tuple[Session, ...], turn: int) -> tuple[Session, ...]:
    """The same sessions a round later."""
    moved = [replace(each, tokens=Tokens(turn)) for each in sessions[:LIVE]]
    return (*moved, *sessions[LIVE:])


@pytest.mark.parametrize("count", [2_000, 10_000])
async def test_a_key_puts_no_more_rows_into_words_than_it_moves_between(
    painted: list[int], formatted: list[str], ranked: list[str], count: int
) -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(crowd(count)))
        for each in (painted, formatted, ranked):
            each.clear()
        await pilot.press("down")
        await pilot.pause()

    assert len(painted) == 2
    assert len(formatted) <= 4
    assert ranked == []


@pytest.mark.parametrize("count", [2_000, 10_000])
async def test_a_refresh_costs_what_changed_and_what_shows(
    painted: list[int], formatted: list[str], ranked: list[str], count: int
) -> None:
    app = Agtop(None)
    sessions = crowd(count)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(sessions))
        for each in (painted, formatted, ranked):
            each.clear()
        await show(pilot, snapshot(at_work(sessions, 1)))

    assert 0 < len(painted) <= SHOWN
    assert len(formatted) <= 2 * SHOWN
    assert len(ranked) == 2 * LIVE


async def test_a_key_during_a_refresh_costs_no_more(
    painted: list[int], formatted: list[str], ranked: list[str]
) -> None:
    app = Agtop(None)
    sessions = crowd(2_000)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(sessions))
        for each in (painted, formatted, ranked):
            each.clear()
        for turn in range(1, 6):
            await show(pilot, snapshot(at_work(sessions, turn)))
            await pilot.press("down")
        await pilot.pause()

    assert len(painted) <= 5 * (SHOWN + 2)
    assert len(formatted) <= 5 * (2 * SHOWN + 4)
    assert len(ranked) == 5 * 2 * LIVE
