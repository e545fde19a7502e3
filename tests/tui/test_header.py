"""The two lines on top, and the rule below them."""

from __future__ import annotations

import pytest

from agtop.model import Host, Totals, Weight, replace
from agtop.model.hour import SLOT, slot
from agtop.tui.app import Agtop
from agtop.tui.gauge import gauge
from agtop.tui.graph import graph
from tests.snapshots import bare
from tests.tui.fleet import PROBLEMS, fleet, limits, snapshot
from tests.tui.records import NOW
from tests.tui.stage import screen, show


async def top(width: int, **facts: object) -> list[str]:
    app = Agtop(None)
    async with app.run_test(size=(width, 36)) as pilot:
        await show(pilot, replace(snapshot(), **facts))  # pyright: ignore[reportArgumentType]
        return screen(app)


@pytest.mark.parametrize("width", [80, 100, 120, 160, 200, 250])
async def test_every_fact_of_the_header_shows_at_every_width(width: int) -> None:
    text = "\n".join((await top(width))[:3])

    for fact in ("agtop 0.1", "lovelace", "agents 9", "41%", "8.8G", "69.9k", "12.68", "$44.40"):
        assert fact in text
    assert "0.6%" in text
    assert "58M" in text
    assert "20:26:40" in text


async def test_states_have_words_where_there_is_room() -> None:
    wide, narrow = await top(200), await top(80)

    assert "◆ 2 waiting" in wide[0]
    assert "◆2" in narrow[1]


async def test_the_unknown_is_a_dash() -> None:
    lines = await top(120, host=Host("", ""), weight=Weight(1), totals=Totals())
    text = "\n".join(lines[:2])

    assert "cpu ────────    –" in text
    assert "$/h      –" in text
    assert "today        –" in text
    assert "0%" not in text


async def test_a_sum_with_a_gap_says_so() -> None:
    assert "≥ $79.84, 2 sessions unpriced" in (await top(120))[2]
    assert "≥ $79.84, 2 unpriced" in (await top(80))[3]


async def test_a_sum_without_a_gap_stands_alone() -> None:
    priced = fleet()[:2]

    assert "all $11.70" in (await top(120, sessions=priced, totals=Totals.of(priced)))[2]


async def test_of_sessions_nobody_knows_anything_of_there_is_no_sum() -> None:
    sessions = (bare("one"),)

    assert "$" not in (await top(120, sessions=sessions, totals=Totals.of(sessions)))[2]


async def test_problems_are_counted() -> None:
    assert "! 2 problems" in (await top(120, problems=PROBLEMS))[2]


async def test_the_first_reading_tells_how_far_it_is() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(complete=False))

        assert "reading transcripts 120 of 940" in screen(app)[2]


def speed(line: str) -> str:
    """The graph in a line of the header."""
    return line.partition("tok/min ")[2].split(" ")[0]


async def test_the_graph_is_of_the_last_hour_at_once_and_moves_only_with_its_slots() -> None:
    begun = NOW - NOW % SLOT
    slots = ((slot(begun) - 20, 100), (slot(begun), 100))
    totals = replace(snapshot().totals, slots=slots)
    app = Agtop(None)
    async with app.run_test(size=(200, 36)) as pilot:
        drawn: list[str] = []
        for now in (begun, begun + 2, begun + SLOT - 1, begun + SLOT, begun + 3600):
            await show(pilot, replace(snapshot(taken_at=now), totals=totals))
            drawn.append(speed(screen(app)[1]))

        first, after, last, moved, gone = drawn
        assert first == after == last
        assert (len(first), first[-1], moved[-1]) == (15, "⣸", "⣇"), drawn
        assert gone == "⣀" * 15


async def test_what_nobody_knows_of_the_last_hour_is_no_flat_line() -> None:
    lines = await top(200, totals=Totals())

    assert speed(lines[1]) == "·" * 15
    assert "1h       –" in lines[1]


@pytest.mark.parametrize("width", [80, 120, 200])
async def test_the_last_hours_cost_stands_beside_the_projection(width: int) -> None:
    text = "\n".join((await top(width))[:3])

    assert "1h  $17.02" in text


def test_a_graph_is_scaled_from_zero() -> None:
    assert graph([50.0, 50.0, 50.0, 50.0], 2) == "⣿⣿"
    assert graph([0.0, 100.0], 1) == "⣸"


def test_a_graph_tells_nothing_known_from_nothing_done() -> None:
    assert graph([None, None, 0.0, 0.0], 2) == " ⣀"


def test_a_graph_shows_the_newest_values() -> None:
    assert graph([100.0] * 50 + [0.0, 0.0], 1) == "⣀"


@pytest.mark.parametrize(
    ("percent", "bar"),
    [
        (None, "────"),
        (0.0, "────"),
        (1.0, "▇───"),
        (50.0, "▇▇──"),
        (100.0, "▇▇▇▇"),
        (250.0, "▇▇▇▇"),
    ],
)
def test_a_gauge_fills_from_empty_to_full(percent: float | None, bar: str) -> None:
    assert gauge(percent, 4).plain == bar


@pytest.mark.parametrize("width", [80, 120, 160, 200])
async def test_the_plan_that_presses_most_shows_where_there_is_room(width: int) -> None:
    text = "\n".join((await top(width, limits=limits()))[:3])

    assert "claude 5h" in text
    assert "78%" in text
    assert ("→ 21:06" in text) == (width > 120)
    assert "codex" not in text


async def test_a_wide_header_has_room_for_more_than_one_window() -> None:
    assert "claude 7d" in (await top(200, limits=limits()))[1]


async def test_a_plan_that_was_measured_long_ago_says_so() -> None:
    old = replace(limits()[0], as_of=NOW - 3 * 3600)

    assert "78% 3h ago" in (await top(200, limits=(old,)))[1]


async def test_a_models_own_window_names_the_model() -> None:
    assert "claude 7d Opus" in (await top(200, limits=limits()[2:]))[1]
