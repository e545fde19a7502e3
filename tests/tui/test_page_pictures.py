"""What each further tab, page and line looks like at three sizes: pictures to compare with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from agtop.model import Snapshot, replace
from agtop.tui.app import Agtop
from agtop.tui.screens.environment import EnvironmentScreen
from agtop.tui.screens.spend import SpendScreen
from agtop.tui.screens.told import ToldScreen
from tests.tui.fleet import limits, snapshot
from tests.tui.records import NOW
from tests.tui.stage import show
from tests.tui.test_bus_tab import Told, heard, said
from tests.tui.test_changes_tab import met, writing
from tests.tui.test_dashboard import busy
from tests.tui.test_inventory import FOUND
from tests.tui.test_pictures import SIZES, Compare, app, fleet_over_time, posed
from tests.tui.test_spend import expenses
from tests.tui.test_trace import event, silent, tell, traced

Pose = Callable[[Pilot[None]], Awaitable[None]]


@SIZES
def test_trace(snap_compare: Compare, size: tuple[int, int]) -> None:
    async def pose(pilot: Pilot[None]) -> None:
        await traced(pilot)
        await tell(
            pilot,
            event("Mend the login", "prompt"),
            event("I look at the session's cookie first.", "thinking"),
            event("Read: src/login.ts", "tool call"),
            event("src/login.ts: 120 lines", "result", body="export function login() {"),
            event("The cookie is lost when the basket is merged.", "text"),
        )

    assert snap_compare(
        Agtop(None, readers={"claude": silent}), terminal_size=size, run_before=pose
    )


@SIZES
def test_bus(snap_compare: Compare, size: tuple[int, int]) -> None:
    async def pose(pilot: Pilot[None]) -> None:
        await show(pilot, snapshot())
        await heard(pilot, said("I rewrite cart.py"), said("the lock is never released", "finding"))

    assert snap_compare(Agtop(None, feed=Told()), terminal_size=size, run_before=pose)


@SIZES
def test_changes(snap_compare: Compare, size: tuple[int, int]) -> None:
    one = writing()
    taken = Snapshot(NOW, (one,), conflicts=(met(one),))

    assert snap_compare(app(), terminal_size=size, run_before=posed(taken, keys=("6",)))


@SIZES
def test_plans(snap_compare: Compare, size: tuple[int, int]) -> None:
    plans = replace(snapshot(), limits=limits())

    assert snap_compare(app(), terminal_size=size, run_before=posed(plans, keys=("7",)))


@SIZES
@pytest.mark.parametrize("key", ["f1", "f2", "f6", "exclamation_mark", "w", "v"])
def test_pages(snap_compare: Compare, size: tuple[int, int], key: str) -> None:
    shown = app(inventory=lambda: FOUND)
    pose = posed(*fleet_over_time(), keys=("down", key))

    assert snap_compare(shown, terminal_size=size, run_before=pose)


@SIZES
def test_dashboard(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=posed(busy(), keys=("d",)))


@SIZES
def test_spend(snap_compare: Compare, size: tuple[int, int]) -> None:
    async def pose(pilot: Pilot[None]) -> None:
        await show(pilot, snapshot())
        page = SpendScreen(0, 50.0, now=lambda: NOW)
        await pilot.app.push_screen(page)
        page.find(expenses)
        for _ in range(3):
            await pilot.app.workers.wait_for_complete()
            await pilot.pause()

    assert snap_compare(app(), terminal_size=size, run_before=pose)


@SIZES
def test_variables(snap_compare: Compare, size: tuple[int, int]) -> None:
    names = ("ANTHROPIC_API_KEY", "HOME", "PATH", "TERM")
    page = EnvironmentScreen("claude (pid 4242)", names)

    assert snap_compare(app(), terminal_size=size, run_before=over(page))


@SIZES
def test_the_answer_of_a_verb(snap_compare: Compare, size: tuple[int, int]) -> None:
    rows = (
        " PID  NAME        AGENT   ROLE     AGE  DIRECTORY     COMMAND",
        "4242  claude-4242 claude  session  2m   ~/work/shop   claude --resume",
        "5151  –           codex   session  9m   ~/work/api    codex",
    )

    assert snap_compare(app(), terminal_size=size, run_before=over(ToldScreen("agtop scan", rows)))


@SIZES
@pytest.mark.parametrize(
    "line", ["spend week ", "sort cots"], ids=["what can follow", "what is wrong"]
)
def test_a_command(snap_compare: Compare, size: tuple[int, int], line: str) -> None:
    async def pose(pilot: Pilot[None]) -> None:
        await show(pilot, snapshot())
        await pilot.press("colon")
        box = pilot.app.query_one("#command-input", Input)
        box.cursor_blink = False
        box.insert_text_at_cursor(line)
        await pilot.press(*(("enter",) if line == "sort cots" else ()))
        await pilot.pause()

    assert snap_compare(app(), terminal_size=size, run_before=pose)


def over(page: ToldScreen | EnvironmentScreen) -> Pose:
    """The page over the fleet."""

    async def pose(pilot: Pilot[None]) -> None:
        await show(pilot, snapshot())
        await pilot.app.push_screen(page)
        await pilot.pause()

    return pose
