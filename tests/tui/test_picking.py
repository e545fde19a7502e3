"""Search, tags, pids, follow, freeze and highlights: all of them belong to sessions, not lines."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from agtop.model import Session, Tokens, replace
from agtop.tui import picking
from agtop.tui.app import Agtop
from tests.tui.fleet import crowd, snapshot
from tests.tui.records import NOW, process, reading, session
from tests.tui.stage import keys, painted, screen, seen, selected, show

__all__ = ["painted"]


def named(name: str, title: str, seen: float, **facts: object) -> Session:
    plain = session(name, seen=seen, reading=reading(name, title=title))
    return replace(plain, **facts)  # pyright: ignore[reportArgumentType]


def five() -> tuple[Session, ...]:
    below = (named("helper", "Read the logs", 4.0),)
    return (
        named("one", "Fix the login", 1.0, subagents=below),
        named("two", "Write docs", 2.0, process=process(8_123, 0.1, 9)),
        named("three", "Login again", 3.0, process=process(8_12, 0.1, 9, process(7_777, 0, 9))),
        named("four", "Tidy up", 4.0),
        named("five", "The LOGIN page", 5.0),
    )


# Search


async def test_the_cursor_goes_to_what_is_typed_and_on_from_there() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(five()))
        await pilot.press("down", "f3", *"login")
        await pilot.pause()
        places = [selected(app)]
        await pilot.press("enter")
        for key in ("n", "n", "N", "N", "N"):
            await pilot.press(key)
            await pilot.pause()
            places.append(selected(app))

        assert places == ["three", "five", "one", "five", "three", "one"]
        assert len(keys(app)) == 5
        assert app.table.has_focus


async def test_escape_goes_back_to_where_the_search_began() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(five()))
        await pilot.press("down", "f3", *"page", "escape")
        await pilot.pause()

        assert selected(app) == "two"
        assert "Search:" not in seen(app)


async def test_while_it_is_typed_f3_and_the_arrows_step() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(five()))
        await pilot.press("f3", *"login", "f3", "down", "up")
        await pilot.pause()

        assert selected(app) == "three"
        assert app.query_one("SearchBar Input", Input).has_focus


async def test_a_search_without_a_match_says_so_and_leaves_the_cursor() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(five()))
        await pilot.press("down", "f3", *'nix"da')
        await pilot.pause()

        assert "no session matches" in seen(app)
        assert selected(app) == "two"


async def test_n_without_a_search_asks_for_one() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(five()))
        await pilot.press("n")
        await pilot.pause()

        assert "Search:" in seen(app)


# Tags


async def test_space_tags_and_goes_on_and_the_tag_stays_with_its_session() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(five()))
        await pilot.press("space", "space")
        await show(pilot, snapshot((named("new", "First", 0.0), *five())))
        lines = screen(app)[4:9]

        assert [line[0] for line in lines] == [" ", "*", "*", " ", " "]
        assert "2 tagged" in seen(app)
        assert [s.session_id for s in app.table.picked] == ["one", "two"]


async def test_a_tag_outlasts_a_filter() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(five()))
        await pilot.press("space", "f4", *"docs", "enter")
        await pilot.pause()

        assert keys(app) == ["two"]
        assert [s.session_id for s in app.table.picked] == ["one"]


async def test_a_tree_is_tagged_at_once_and_all_tags_go_at_once() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(five()))
        await pilot.press("c")
        await pilot.pause()
        tagged = app.table.tagged
        await pilot.press("U")
        await pilot.pause()

        assert tagged == {"claude:one", "claude:helper"}
        assert "tagged" not in seen(app)
        assert [s.session_id for s in app.table.picked] == ["one"]


# Pids


@pytest.mark.parametrize(
    ("digits", "found"), [("812", "three"), ("8123", "two"), ("7777", "three"), ("81239", "two")]
)
async def test_digits_find_a_pid_and_leave_the_tab_alone(digits: str, found: str) -> None:
    app = Agtop(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(five()))
        await pilot.press(*digits)
        await pilot.pause()

        assert selected(app) == found
        assert (app.tab, app.panel.display) == ("info", False)


async def test_tabs_can_be_leafed_through_in_haste() -> None:
    app = Agtop(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(five()))
        await pilot.press("2", "3", "1", "2", "3")
        await pilot.pause()

        assert (selected(app), app.tab, app.panel.display) == ("one", "cost", True)


async def test_digits_with_a_pause_between_them_are_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 90, 9))
    monkeypatch.setattr(picking, "monotonic", lambda: float(next(clock)))
    app = Agtop(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(five()))
        await pilot.press("8", "1", "2")
        await pilot.pause()

        assert (selected(app), app.tab, app.panel.display) == ("one", "process", True)


# Follow


async def test_followed_a_session_stays_in_view_until_the_cursor_moves() -> None:
    app = Agtop(None)
    rows = crowd(200)
    async with app.run_test(size=(120, 24)) as pilot:
        await show(pilot, snapshot(rows))
        await pilot.press("F")
        await pilot.pause()
        note = "following" in seen(app)
        app.table.scroll_to(y=150, animate=False, force=True)
        await show(pilot, snapshot((replace(rows[0], last_active=0.0), *rows[1:])))
        in_view = app.table.cursor - app.table.scroll_offset.y
        await pilot.press("up")
        await pilot.pause()

        assert note
        assert selected(app) == rows[199].session_id
        assert 0 <= in_view < app.table.size.height
        assert "following" not in seen(app)


# Freeze


async def test_what_is_frozen_stands_still_and_then_catches_up() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(five()))
        await pilot.press("Z")
        await show(pilot, snapshot((named("new", "First", 0.0), *five())))
        frozen = (keys(app), seen(app))
        await pilot.press("Z")
        await pilot.pause()

        assert "new" not in frozen[0]
        assert "frozen at " in frozen[1]
        assert keys(app)[0] == "new"
        assert "frozen" not in seen(app)


# Highlights


def reversed_cells(app: Agtop, line: int) -> list[str]:
    strip = app.table.render_line(line)
    return [s.text.strip() for s in strip if s.style is not None and s.style.reverse]


async def test_what_changed_is_shown_until_the_next_snapshot(painted: list[int]) -> None:
    app = Agtop(None, highlights=True)
    one, *others = five()
    changed = replace(one, tokens=Tokens(77), state=one.state)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot((one, *others)))
        await pilot.press("down")
        await show(pilot, snapshot((changed, *others)))
        shown = reversed_cells(app, 1)
        painted.clear()
        await show(pilot, snapshot((changed, *others), taken_at=NOW + 0.01))

        assert shown == ["77"]
        assert painted == [1]
        assert reversed_cells(app, 1) == []


async def test_time_is_no_news() -> None:
    app = Agtop(None, highlights=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(five()))
        await pilot.press("G")
        await show(pilot, snapshot(five(), taken_at=NOW + 900))

        assert reversed_cells(app, 1) == []


async def test_without_the_flag_nothing_is_highlighted() -> None:
    app = Agtop(None)
    one, *others = five()
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot((one, *others)))
        await pilot.press("down")
        await show(pilot, snapshot((replace(one, tokens=Tokens(77)), *others)))

        assert reversed_cells(app, 1) == []
