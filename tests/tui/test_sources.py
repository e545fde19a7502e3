"""The sources screen tells what the collector found, and waits for nobody."""

from __future__ import annotations

import threading

import pytest
from textual.pilot import Pilot

from agtop.model import Root, SourceReport, Unread, replace
from agtop.sources import AppServer
from agtop.text import width
from agtop.tui.app import Agtop
from agtop.tui.screens.sources import SourcesScreen
from tests.sources.reports import REPORTS, SERVER, report
from tests.tui.fleet import snapshot
from tests.tui.hostile import hostile
from tests.tui.records import HOSTILE
from tests.tui.stage import screen, seen, show

WIDE = (150, 120)
"""Tall enough for all of it."""


async def opened(pilot: Pilot[None], key: str = "s") -> None:
    await pilot.press(key)
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    await pilot.pause()


async def test_it_tells_every_agent_its_state_and_why() -> None:
    app = Agtop(None, sources=lambda: REPORTS)
    async with app.run_test(size=WIDE) as pilot:
        await show(pilot, snapshot())
        await opened(pilot)

        text = seen(app)
        for state in ("ready", "degraded", "missing", "empty", "pending", "unknown"):
            assert state in text
        assert "4 lines of 2 sessions could not be read" in text
        assert "process 8421: no transcript of it was found" in text
        assert "/srv/agents/.gone: not there" in text
        assert "app server" not in text


async def test_models_without_a_price_are_told() -> None:
    app = Agtop(None, sources=lambda: REPORTS)
    async with app.run_test(size=WIDE) as pilot:
        await show(pilot, snapshot())
        await opened(pilot)

        assert "without a known price are in no cost" in seen(app)


async def test_without_a_collector_it_says_so() -> None:
    app = Agtop(None)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await show(pilot, snapshot())
        await opened(pilot)

        assert not isinstance(app.screen, SourcesScreen)
        assert "not at hand here" in seen(app)


async def test_a_new_round_is_taken_in_while_it_is_open() -> None:
    told = [REPORTS[:1], (replace(REPORTS[0], files=121),)]
    app = Agtop(None, sources=lambda: told.pop(0) if len(told) > 1 else told[0])
    async with app.run_test(size=WIDE) as pilot:
        await show(pilot, snapshot())
        await opened(pilot)
        assert "120 files" in seen(app) or "118 jsonl" in seen(app)

        await show(pilot, snapshot())
        app.answer_soon()
        await app.workers.wait_for_complete()
        await pilot.pause()
        await pilot.pause()

        assert " 121 " in seen(app)


async def test_it_is_asked_in_the_collector_s_own_thread() -> None:
    threads: list[str] = []
    taken = threading.Event()

    def collect() -> object:
        threads.append(threading.current_thread().name)
        return snapshot()

    def sources() -> tuple[SourceReport, ...]:
        threads.append(threading.current_thread().name)
        taken.set()
        return REPORTS

    app = Agtop(collect, delay=60.0, sources=sources)  # pyright: ignore[reportArgumentType]
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await pilot.press("s")
        while not taken.is_set():
            await pilot.pause(0.01)

        assert len(set(threads)) == 1
        assert threads[0] != threading.main_thread().name


async def test_the_app_server_is_waited_for_by_nobody() -> None:
    answer = threading.Event()

    def probe() -> AppServer:
        assert answer.wait(30)
        return SERVER

    app = Agtop(None, sources=lambda: REPORTS, app_server=probe)
    async with app.run_test(size=WIDE) as pilot:
        await show(pilot, snapshot())
        await pilot.press("s")
        while "Claude Code" not in seen(app):
            await pilot.pause(0.01)
        assert "asking it…" in seen(app)

        answer.set()
        await app.workers.wait_for_complete()
        await pilot.pause()
        await pilot.pause()

        assert "41 MCP tools" in seen(app)
        assert "app/list needs a login" in seen(app)


async def test_a_page_that_was_left_takes_its_answer_with_it() -> None:
    answer = threading.Event()

    def sources() -> tuple[SourceReport, ...]:
        assert answer.wait(30)
        return REPORTS

    app = Agtop(None, sources=sources)
    async with app.run_test(size=WIDE) as pilot:
        await show(pilot, snapshot())
        await pilot.press("s", "escape")
        answer.set()
        await app.workers.wait_for_complete()
        await pilot.pause()

        assert not isinstance(app.screen, SourcesScreen)
        assert app.is_running


async def test_a_bug_in_the_thread_is_told_on_the_page() -> None:
    def sources() -> tuple[SourceReport, ...]:
        raise RuntimeError("boom")

    app = Agtop(None, sources=sources)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await show(pilot, snapshot())
        await pilot.press("s")
        while "could not be read; the details" not in seen(app):
            await pilot.pause(0.01)

        assert app.is_running


async def test_the_palette_knows_it() -> None:
    app = Agtop(None, sources=lambda: REPORTS)
    async with app.run_test(size=WIDE) as pilot:
        await show(pilot, snapshot())

        assert "Sources" in [each.title for each in app.get_system_commands(app.screen)]


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50)])
async def test_hostile_words_are_drawn_harmlessly(size: tuple[int, int]) -> None:
    evil = report(
        label=HOSTILE,
        roots=(Root(HOSTILE, True, 1),),
        versions=((HOSTILE, 1),),
        formats=((HOSTILE, 1),),
        problems=(("unreadable_path", HOSTILE, HOSTILE),),
        unread=(Unread(HOSTILE, HOSTILE, "unsupported_row", HOSTILE),),
    )
    app = Agtop(None, sources=lambda: (evil,))
    async with app.run_test(size=size) as pilot:
        await show(pilot, snapshot((hostile(),)))
        await opened(pilot)

        lines = screen(app)
        assert isinstance(app.screen, SourcesScreen)
        assert all(letter.isprintable() or letter == "\u200d" for line in lines for letter in line)
        assert all(width(line) == size[0] for line in lines)
