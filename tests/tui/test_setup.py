"""The setup: columns chosen, ordered and widened, live, kept or undone."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from agtop.columns import COLUMNS, DEFAULT
from agtop.tui.app import Agtop
from agtop.tui.screens.setup import Choice, SetupScreen
from tests.tui.fleet import snapshot
from tests.tui.stage import seen, show


@asynccontextmanager
async def setup(size: tuple[int, int] = (200, 50)) -> AsyncGenerator[tuple[Agtop, Pilot[None]]]:
    app = Agtop(None)
    async with app.run_test(size=size) as pilot:
        await show(pilot, snapshot())
        await pilot.press("f2")
        await pilot.pause()
        yield app, pilot


async def test_every_column_is_there_the_chosen_ones_first() -> None:
    async with setup((120, 60)) as (app, _):
        choice = Choice.of(app.table.column_names, {})

        assert isinstance(app.screen, SetupScreen)
        assert choice.columns == DEFAULT
        assert set(choice.order) == {column.name for column in COLUMNS}
        assert "F2 keeps" in seen(app)


async def test_a_column_is_left_out_moved_and_widened_before_one_s_eyes() -> None:
    async with setup() as (app, pilot):
        await pilot.press("j", "j", "space", "j", "J", "plus", "plus")
        await pilot.pause()
        live = app.table.column_names
        await pilot.press("f2")
        await pilot.pause()

        assert live[:4] == ("glyph", "state", "project", "session")
        assert app.table.column_names == live
        assert app.table.column_widths == {"session": 13}
        assert app.table.has_focus


async def test_escape_leaves_all_as_it_was() -> None:
    async with setup() as (app, pilot):
        theme = app.theme
        await pilot.press("space", "minus", "J", "t", "escape")
        await pilot.pause()

        assert app.table.column_names == DEFAULT
        assert app.table.column_widths == {}
        assert app.theme == theme


async def test_the_theme_changes_and_is_kept() -> None:
    async with setup() as (app, pilot):
        theme = app.theme
        await pilot.press("t", "q")
        await pilot.pause()

        assert app.theme != theme


async def test_reset_brings_the_usual_columns_back() -> None:
    async with setup() as (app, pilot):
        await pilot.press("space", "plus", "j", "K", "r", "f2")
        await pilot.pause()

        assert app.table.column_names == DEFAULT
        assert app.table.column_widths == {}


def test_the_last_column_stays() -> None:
    choice = Choice.of(("cost",), {}).toggled("cost")

    assert choice.columns == ("cost",)


@pytest.mark.parametrize(("place", "step"), [(0, -1), (len(COLUMNS) - 1, 1)])
def test_at_the_ends_nothing_moves(place: int, step: int) -> None:
    choice = Choice.of(DEFAULT, {})

    assert choice.moved(place, step) == choice


def test_a_width_has_bounds_and_the_usual_one_is_not_noted() -> None:
    choice = Choice.of(DEFAULT, {})

    assert choice.widened("cost", -100).width("cost") == 1
    assert choice.widened("cost", 100).width("cost") == 80
    assert choice.widened("cost", 1).widened("cost", -1).widths == {}
