"""The thread that takes snapshots: it feeds the screen, wakes, fails and leaves."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from textual.events import AppBlur, AppFocus
from textual.pilot import Pilot

from agtop.model import Snapshot
from agtop.tui.app import Agtop
from agtop.tui.collecting import AWAY
from agtop.tui.messages import SnapshotTaken
from tests.tui.fleet import snapshot
from tests.tui.records import NOW
from tests.tui.stage import seen, selected


class Source:
    """Takes snapshots when it is allowed to, and tells when it has."""

    def __init__(self, *results: Snapshot | Exception) -> None:
        self.results = list(results)
        self.taken = threading.Semaphore(0)

    def __call__(self) -> Snapshot:
        result = self.results.pop(0) if len(self.results) > 1 else self.results[0]
        self.taken.release()
        if isinstance(result, Exception):
            raise result
        return result


async def until(pilot: Pilot[None], true: Callable[[], bool]) -> None:
    for _ in range(400):
        if true():
            return
        await pilot.pause(0.005)
    raise AssertionError("it never came true")


async def test_the_thread_brings_snapshots_to_the_screen() -> None:
    app = Agtop(Source(snapshot()), delay=3_600)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: selected(app) == "0197f3c2-77d1-7d0e-b8a2-5d1f0c9be411")

        assert len(app.table.rows) == 14


async def test_a_key_wakes_the_thread_that_waits() -> None:
    app = Agtop(Source(snapshot(()), snapshot()), delay=3_600)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.snapshot.taken_at == NOW)
        await pilot.press("r")
        await until(pilot, lambda: len(app.table.rows) == 14)


async def test_rounds_are_rarer_while_the_terminal_has_not_the_keys() -> None:
    app = Agtop(None, delay=2)
    async with app.run_test() as pilot:
        assert app.pause == 2
        app.post_message(AppBlur())
        await until(pilot, lambda: not app.app_focus)

        assert app.pause == AWAY * 2


async def test_whoever_comes_back_to_the_terminal_gets_a_round_at_once() -> None:
    app = Agtop(Source(snapshot(()), snapshot()), delay=3_600)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.snapshot.taken_at == NOW)
        app.post_message(AppBlur())
        await until(pilot, lambda: not app.app_focus)
        assert not app.table.rows
        app.post_message(AppFocus())
        await until(pilot, lambda: len(app.table.rows) == 14)


async def test_a_bug_in_the_thread_leaves_the_screen_and_its_figures(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = Agtop(Source(snapshot(), ZeroDivisionError("[/] a bug")), delay=3_600)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, lambda: len(app.table.rows) == 14)
        await pilot.press("r")
        await until(pilot, lambda: "ZeroDivisionError" in seen(app))

        assert app.is_running
        assert len(app.table.rows) == 14
        assert "ZeroDivisionError: [/] a bug" in caplog.text


def test_closing_does_not_wait_for_the_next_round() -> None:
    app = Agtop(Source(snapshot()), delay=3_600)

    async def leave(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: len(app.table.rows) == 14)
        await pilot.press("q")

    app.run(headless=True, auto_pilot=leave)  # pyright: ignore[reportArgumentType]

    assert app.return_code == 0


async def test_of_snapshots_that_wait_only_the_newest_is_taken() -> None:
    older, newer = SnapshotTaken(snapshot(())), SnapshotTaken(snapshot())

    assert older.can_replace(newer)
