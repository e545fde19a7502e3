"""The app: keys, filter, tabs, pages, and the thread that takes snapshots."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.widgets import Input, OptionList

from agtop.columns import COLUMNS
from agtop.model import Problem, Response, Session
from agtop.tui.app import Agtop
from agtop.tui.filter_bar import FilterBar
from agtop.tui.keys import APP_KEYS
from agtop.tui.messages import SnapshotTaken
from agtop.tui.screens.help import HelpScreen
from agtop.tui.screens.sheet import Sheet
from agtop.tui.screens.sort import SortMenu
from agtop.tui.session_table import SessionTable
from agtop.tui.tabs.base import Tab
from agtop.tui.tabs.info import Info
from tests.tui.fleet import PROBLEMS, fleet, responses, snapshot
from tests.tui.records import NOW, OPUS, priced, session
from tests.tui.stage import keys, screen, seen, selected, show

# The filter


async def test_a_filter_takes_effect_while_it_is_typed() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        await pilot.press("slash", *"agent:codex")
        await pilot.pause()

        assert {s.agent for s in app.table.rows} == {"codex"}
        assert "sessions 2 of 14 ─ filter agent:codex" in seen(app)


async def test_enter_keeps_the_filter_and_gives_the_keys_back() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        await pilot.press("f4", *"codex", "enter", "down")
        await pilot.pause()

        assert app.table.has_focus
        assert app.table.cursor == 1
        assert len(app.table.rows) == 2


@pytest.mark.parametrize("leave", [["escape"], ["enter", "escape"]])
async def test_escape_drops_the_filter(leave: list[str]) -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        await pilot.press("slash", *"codex", *leave)
        await pilot.pause()

        assert len(app.table.rows) == 14
        assert app.table.has_focus
        assert app.query_one(Input).value == ""


async def test_what_cannot_be_read_is_told_and_the_rest_works() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        await pilot.press("slash", *"agent:codex cots>1")
        await pilot.pause()

        assert len(app.table.rows) == 2
        assert 'did you mean "cost"?' in seen(app)


async def test_letters_typed_into_the_filter_are_not_keys() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        await pilot.press("slash", *"qhHP1")
        await pilot.pause()

        assert app.query_one(FilterBar).query_one(Input).value == "qhHP1"
        assert app.is_running


async def test_a_filter_and_an_order_can_be_given_from_the_start() -> None:
    app = Agtop(None, filter="agent:claude", sort="cost", reverse=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        costs = [s.cost.total for s in app.table.rows if s.cost is not None]

        assert {s.agent for s in app.table.rows} == {"claude"}
        assert costs == sorted(costs)


def test_a_start_with_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="did you mean"):
        Agtop(None, filter="cots>1")
    with pytest.raises(KeyError):
        Agtop(None, sort="colour")


# Tabs


async def test_tabs_show_from_the_start_only_on_a_tall_screen() -> None:
    for size, shows in (((80, 24), False), ((120, 36), True)):
        app = Agtop(None)
        async with app.run_test(size=size):
            assert app.panel.display is shows


async def test_tabs_follow_the_selected_session() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        before = "Port the ledger to sqlite" in seen(app)
        await pilot.press("down")
        await pilot.pause()

        assert before
        assert "Port the ledger to sqlite" not in seen(app)
        assert "Fix the flaky login test" in seen(app)


async def test_numbers_and_tab_choose_the_tab() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        chosen: list[str] = []
        for key in ("2", "3", "4", "5", "6", "7", "tab", "shift+tab", "1"):
            await pilot.press(key)
            await pilot.pause()
            chosen.append(app.panel.shown.TITLE)

        assert chosen == [
            *("Process", "Cost", "Trace", "Bus", "Changes", "Limits", "Info", "Limits", "Info")
        ]


async def test_a_click_on_its_name_shows_a_tab() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        y = next(n for n, line in enumerate(screen(app)) if "2 Process" in line)
        await pilot.click(offset=(screen(app)[y].index("Process") + 2, y))
        await pilot.pause()

        assert app.panel.shown.TITLE == "Process"


async def test_hidden_tabs_draw_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        for tab in app.query(Tab):
            monkeypatch.setattr(tab, "draw", _noted(tab, drawn))
        await show(pilot, snapshot())
        first = set(drawn)
        await pilot.press("3")
        await pilot.pause()
        drawn.clear()
        await show(pilot, snapshot(taken_at=NOW + 2))
        await pilot.press("i")
        await pilot.pause()
        second = set(drawn)
        drawn.clear()
        await show(pilot, snapshot(taken_at=NOW + 4))

        assert (first, second, drawn) == ({"Info"}, {"Cost"}, [])


def _noted(tab: Tab, drawn: list[str]) -> Callable[[Session, float, int], object]:
    draw = tab.draw

    def noted(session: Session, now: float, width: int) -> object:
        drawn.append(tab.TITLE)
        return draw(session, now, width)

    return noted


async def test_enter_opens_the_tabs_then_gives_them_the_keys_and_escape_takes_them_back() -> None:
    app = Agtop(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot())
        await pilot.press("enter")
        opened = (app.panel.display, app.table.has_focus)
        await pilot.press("enter")
        inside = isinstance(app.focused, Info)
        await pilot.press("escape")

        assert opened == (True, True)
        assert inside
        assert app.table.has_focus


async def test_the_age_of_a_state_is_told_by_the_snapshot_not_by_a_clock() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot((session("one", seen=40.0),)))
        before = "idle · for 40s" in seen(app)
        await show(pilot, snapshot((session("one", seen=40.0),), taken_at=NOW + 60))

        assert before
        assert "idle · for 1m" in seen(app)


# Pages


async def test_the_help_names_every_key_and_every_column() -> None:
    app = Agtop(None, keymap={"app.quit": "x"})
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.press("f1")
        await pilot.pause()
        page = app.screen
        assert isinstance(page, HelpScreen)
        text = "\n".join(line.plain for line in page.lines(146))

        listed = [*APP_KEYS, *SessionTable.BINDINGS, *SortMenu.BINDINGS, *Sheet.BINDINGS]
        for binding in Binding.make_bindings(listed):
            assert binding.tooltip in text
        for column in COLUMNS:
            assert column.title.strip() in text
        assert "  x                   Leave agtop" in text


def test_every_key_has_an_id_of_its_own_and_a_sentence() -> None:
    classes = [Agtop.BINDINGS, SessionTable.BINDINGS, Tab.BINDINGS, FilterBar.BINDINGS]
    bindings = [b for group in classes for b in group if isinstance(b, Binding)]

    assert all(b.id and b.tooltip for b in bindings)
    assert len({b.id for b in APP_KEYS}) == len(APP_KEYS)


@pytest.mark.parametrize("key", ["question_mark", "h", "f1"])
async def test_escape_leaves_the_help(key: str) -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press(key)
        opened = isinstance(app.screen, HelpScreen)
        await pilot.press("escape")

        assert opened
        assert not isinstance(app.screen, HelpScreen)


async def test_the_menu_sorts_by_the_column_that_is_chosen() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        await pilot.press("f6")
        menu = app.screen
        assert isinstance(menu, SortMenu)
        menu.query_one(OptionList).highlighted = [c.name for c in COLUMNS].index("cost")
        await pilot.press("enter")
        await pilot.pause()

        assert app.sort == "cost"
        assert app.table.rows[0].cost == max(
            (s.cost for s in fleet() if s.cost is not None), key=lambda cost: cost.notional
        )


async def test_problems_say_what_where_and_what_to_do() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(problems=PROBLEMS))
        await pilot.press("exclamation_mark")
        await pilot.pause()

        assert "/home/ada/.codex/sessions/2026/05" in seen(app)
        assert "check its permissions" in seen(app)
        assert "3 of its lines could not be read" in seen(app)


async def test_a_problem_in_ones_own_home_is_told_with_a_short_path(home: Path) -> None:
    problem = Problem(f"{home}/.claude/projects/a.jsonl", "cannot be read")
    app = Agtop(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(problems=(problem,)))
        await pilot.press("exclamation_mark")
        await pilot.pause()

        assert "! ~/.claude/projects/a.jsonl" in seen(app)


async def test_why_lists_the_answers_behind_the_figure() -> None:
    asked: list[str] = []

    def why(key: str) -> tuple[Response, ...]:
        asked.append(key)
        return responses(5)

    app = Agtop(None, why=why, price=lambda _session, r: priced(r.tokens, OPUS))
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        await pilot.press("w")
        await app.workers.wait_for_complete()
        await pilot.pause()
        await pilot.pause()

        assert asked == ["codex:0197f3c2-77d1-7d0e-b8a2-5d1f0c9be411"]
        assert "5 answers, 222,440 tokens, $0.1856" in " ".join(seen(app).split())


async def test_why_shows_the_cost_on_the_narrowest_screen() -> None:
    app = Agtop(None, why=lambda _: responses(5), price=lambda _, r: priced(r.tokens, OPUS))
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot())
        await pilot.press("w")
        await app.workers.wait_for_complete()
        await pilot.pause()
        await pilot.pause()
        titles = next(line for line in screen(app) if "OUTPUT" in line)

        assert "TIME MODEL INPUT READ WRITE OUTPUT COST" in " ".join(titles.split())


async def test_a_why_that_fails_says_so_on_its_page() -> None:
    def why(_key: str) -> tuple[Response, ...]:
        raise ZeroDivisionError("a bug")

    app = Agtop(None, why=why)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        await pilot.press("w")
        await pilot.pause()
        await pilot.pause()

        assert "The records could not be read" in seen(app)


async def test_without_records_why_says_so() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await show(pilot, snapshot())
        await pilot.press("w")
        await pilot.pause()

        assert "not at hand" in seen(app)


async def test_the_id_of_the_session_can_be_copied() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        await pilot.press("y")

        assert app.clipboard == selected(app)


@pytest.mark.parametrize("key", ["q", "f10", "ctrl+c"])
async def test_quitting_takes_one_key(key: str) -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        await pilot.press(key)

        assert app.return_code == 0
        assert not app.is_running


# Colour


async def test_without_colour_the_cursor_is_reversed_and_states_keep_their_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        line = app.screen._compositor.render_strips()[4]
        styles = [segment.style for segment in line if segment.style is not None]

        assert any(style.reverse for style in styles)
        assert all(style.color is None or style.color.is_default for style in styles)
        assert all(style.bgcolor is None or style.bgcolor.is_default for style in styles)
        assert "◆ waiting" in seen(app)


@pytest.mark.parametrize("theme", ["textual-light", "nord", "ansi-light", "ansi-dark"])
async def test_any_theme_can_be_worn(theme: str) -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        app.theme = theme
        await pilot.pause()

        assert keys(app)
        assert "● working" in seen(app)


async def test_a_snapshot_is_one_frame_with_the_tabs_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        redrawn: list[float | None] = []

        def redraw(tab: Info) -> None:
            redrawn.append(tab.selection.now)

        monkeypatch.setattr(Info, "watch_selection", redraw)
        app.take(SnapshotTaken(snapshot(taken_at=NOW + 2)))

        assert app.selection.now == NOW + 2
        await pilot.pause()
        assert redrawn == [NOW + 2]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_ended_from_outside_it_closes_as_if_by_a_key(number: signal.Signals) -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        assert signal.getsignal(number) is not signal.SIG_DFL
        signal.raise_signal(number)
        await pilot.pause()

    assert app.return_code == 128 + number
