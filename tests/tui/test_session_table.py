"""The table: order, cursor, filter, mouse, and how little it repaints."""

from __future__ import annotations

import pytest
from textual.geometry import Offset

from agtop.model import Session, Tokens, replace
from agtop.tui.app import Agtop
from agtop.tui.session_table import SessionTable
from tests.tui.fleet import crowd, snapshot
from tests.tui.records import NOW, session
from tests.tui.stage import keys, painted, screen, seen, selected, show

__all__ = ["painted"]


def three() -> tuple[Session, ...]:
    return (
        session("one", seen=10.0, tokens=Tokens(5), project="alpha"),
        session("two", seen=20.0, tokens=Tokens(9), project="beta", state="working"),
        session("three", seen=30.0, tokens=None, project="gamma", state="ended"),
    )


async def test_the_newest_session_stands_first() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(three()))

        assert keys(app) == ["one", "two", "three"]
        assert selected(app) == "one"


async def test_the_cursor_stays_on_its_session_when_rows_move() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(three()))
        await pilot.press("down")
        one, two, ended = three()
        await show(pilot, snapshot((one, two, replace(ended, last_active=NOW))))

        assert keys(app) == ["three", "one", "two"]
        assert selected(app) == "two"
        assert app.table.cursor == 2


async def test_the_cursor_stays_on_its_session_when_the_order_changes() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(three()))
        await pilot.press("down", "I")

        assert keys(app) == ["three", "two", "one"]
        assert selected(app) == "two"


async def test_until_all_is_read_an_untouched_cursor_rests_on_the_first_line() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(three()[1:], complete=False))
        assert selected(app) == "two"
        await show(pilot, snapshot(three(), complete=False))

        assert selected(app) == "one"


async def test_when_its_session_goes_the_cursor_takes_the_one_in_its_place() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(three()))
        await pilot.press("down")
        one, _, ended = three()
        await show(pilot, snapshot((one, ended)))

        assert selected(app) == "three"


async def test_an_empty_table_has_no_selection_and_says_why() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(three()))
        await show(pilot, snapshot(()))

        assert selected(app) is None
        assert "no sessions yet" in seen(app)


@pytest.mark.parametrize(
    ("key", "column"),
    [("P", "cpu"), ("M", "memory"), ("$", "cost"), ("C", "context"), ("R", "tokens_per_min")],
)
async def test_letters_sort_by_their_column(key: str, column: str) -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        await pilot.press(key)

        assert (app.sort, app.reverse) == (column, False)


async def test_unknown_figures_stay_last_in_either_order() -> None:
    app = Agtop(None, sort="tokens")
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(three()))
        most_first = keys(app)
        await pilot.press("I")

        assert most_first == ["two", "one", "three"]
        assert keys(app) == ["one", "two", "three"]


async def test_the_arrow_keys_of_the_order_walk_along_the_titles() -> None:
    app = Agtop(None)
    async with app.run_test(size=(200, 36)) as pilot:
        await show(pilot, snapshot())
        await pilot.press(">")
        right = app.sort
        await pilot.press("<", "<")

        assert (right, app.sort) == ("doing", "pid")


async def test_a_click_on_a_title_sorts_and_another_turns_the_order() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(three()))
        x = screen(app)[3].index("PROJECT") + 1
        await pilot.click(SessionTable, offset=Offset(x, 0))
        await pilot.pause()
        first = (app.sort, keys(app))
        await pilot.click(SessionTable, offset=Offset(x, 0))
        await pilot.pause()

        assert first == ("project", ["one", "two", "three"])
        assert keys(app) == ["three", "two", "one"]
        assert "PROJECT▾" in screen(app)[3]


async def test_a_click_selects_and_a_second_opens_the_tabs() -> None:
    app = Agtop(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(three()))
        await pilot.click(SessionTable, offset=Offset(5, 2))
        await pilot.pause()
        once = (selected(app), app.panel.display)
        await pilot.click(SessionTable, offset=Offset(5, 2), times=2)
        await pilot.pause()

        assert once == ("two", False)
        assert app.panel.display


async def test_a_click_below_the_last_row_selects_nothing_else() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(three()))
        await pilot.click(SessionTable, offset=Offset(5, 9))

        assert selected(app) == "one"


async def test_ended_sessions_can_be_hidden() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(three()))
        await pilot.press("H")

        assert keys(app) == ["one", "two"]
        assert "sessions 2 of 3" in seen(app)


async def test_keys_move_by_line_by_page_and_to_the_ends() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 24)) as pilot:
        await show(pilot, snapshot(crowd(200)))
        page = app.table.size.height - 1
        places: list[int] = []
        for key in ("down", "up", "up", "pagedown", "G", "end", "pageup", "g"):
            await pilot.press(key)
            places.append(app.table.cursor)

        assert places == [1, 0, 0, page, 199, 199, 199 - page, 0]


async def test_the_cursor_is_always_in_view() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 24)) as pilot:
        await show(pilot, snapshot(crowd(200)))
        await pilot.press("G")
        await pilot.pause()

        last = app.table.rows[-1].session_id.replace("-", "")[-8:]
        assert last in seen(app)


async def test_rows_above_do_not_push_the_view_of_who_reads_below() -> None:
    app = Agtop(None)
    rows = crowd(200)
    async with app.run_test(size=(120, 24)) as pilot:
        await show(pilot, snapshot(rows))
        await pilot.press("G", "pageup", "pageup", "up")
        await pilot.pause()
        before = screen(app)[4:-1]
        await show(pilot, snapshot((session("fresh", seen=0.0), *rows)))

        assert screen(app)[4:-1] == before


async def test_one_changed_session_of_two_thousand_repaints_one_line(painted: list[int]) -> None:
    app = Agtop(None)
    rows = crowd(2_000)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(rows))
        painted.clear()
        changed = replace(rows[4], tokens=Tokens(1))
        await show(pilot, snapshot((*rows[:4], changed, *rows[5:])))

        assert painted == [5]


async def test_a_snapshot_without_news_repaints_nothing(painted: list[int]) -> None:
    app = Agtop(None)
    rows = crowd(2_000)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(rows))
        painted.clear()
        await show(pilot, snapshot(rows))

        assert painted == []


async def test_time_alone_repaints_the_lines_whose_age_shows_it(painted: list[int]) -> None:
    app = Agtop(None)
    rows = crowd(40)  # two of them are seconds old, the others minutes and hours
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(rows))
        painted.clear()
        await show(pilot, snapshot(rows, taken_at=NOW + 2))

        assert painted == [1]


async def test_a_moved_cursor_repaints_two_lines(painted: list[int]) -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(crowd(2_000)))
        painted.clear()
        await pilot.press("down")
        await pilot.pause()

        assert sorted(painted) == [1, 2]


async def test_rows_out_of_sight_are_not_drawn(painted: list[int]) -> None:
    app = Agtop(None)
    rows = crowd(2_000)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(rows))
        painted.clear()
        changed = replace(rows[1_500], tokens=Tokens(1))
        await show(pilot, snapshot((*rows[:1_500], changed, *rows[1_501:])))

        assert painted == []


async def test_columns_give_way_on_a_narrow_screen_and_come_back() -> None:
    app = Agtop(None)
    async with app.run_test(size=(60, 24)) as pilot:
        await show(pilot, snapshot())
        narrow = app.table.shown_columns
        await pilot.resize_terminal(200, 50)
        await pilot.pause()

        assert {"glyph", "state", "cost"} <= set(narrow)
        assert "doing" not in narrow
        assert "doing" in app.table.shown_columns


async def test_more_columns_than_fit_are_reached_by_scrolling() -> None:
    app = Agtop(None)
    async with app.run_test(size=(40, 24)) as pilot:
        app.table.column_names = ("state", "reason", "cwd", "uptime")
        await show(pilot, snapshot(three()))
        hidden = "UPTIME" in seen(app)
        await pilot.press(*["right"] * 20)
        await pilot.pause()

        assert not hidden
        assert "UPTIME" in seen(app)
