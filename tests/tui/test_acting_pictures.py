"""What acting looks like: pictures to compare with."""

from __future__ import annotations

from agtop.activity import Entry
from agtop.model import Allowance, Snapshot, replace
from agtop.tui.app import Agtop
from tests.tui.fleet import fleet, snapshot
from tests.tui.records import NOW
from tests.tui.test_acting import Stage, app_of
from tests.tui.test_acting import stage as stage
from tests.tui.test_budgeting import purse
from tests.tui.test_pictures import SIZES, Compare, posed

HELD = Allowance("day", "dollars", 40.0, 31.07, action="pause")


def acting(stage: Stage) -> Snapshot:
    """The fleet, its first session served by a process on paper and under a budget."""
    stage.paper.add(4242, 1, "claude")
    first, *others = fleet()
    served = replace(first, process=stage.paper.process(4242), liveness="live", allowance=HELD)
    return replace(snapshot(), sessions=(served, *others))


def logged(stage: Stage) -> Agtop:
    app = app_of(stage)
    whom = "claude (pid 4242) with 2 below it"
    for n, (name, result, by) in enumerate(
        (
            ("STOP", f"sent STOP to {whom}", "budget day"),
            ("END", f"asked {whom} to end (TERM)", "you"),
            ("END", "1 process has not ended within 5s: forced (KILL)", "you"),
        )
    ):
        app.activity.add(Entry(NOW - 60 + n, "signal", f"{name} to {whom}", result, by))
    app.activity.add(
        Entry(NOW, "file", "~/.config/agtop/config.toml", "budget of day: $20.00, then pause")
    )
    return app


@SIZES
def test_menu_of_signals(snap_compare: Compare, stage: Stage, size: tuple[int, int]) -> None:
    pose = posed(acting(stage), keys=("down", "m", "k"))

    assert snap_compare(app_of(stage), terminal_size=size, run_before=pose)


@SIZES
def test_what_is_armed(snap_compare: Compare, stage: Stage, size: tuple[int, int]) -> None:
    pose = posed(acting(stage), keys=("down", "m", "k", "enter"))

    assert snap_compare(app_of(stage), terminal_size=size, run_before=pose)


@SIZES
def test_log_of_activity(snap_compare: Compare, stage: Stage, size: tuple[int, int]) -> None:
    pose = posed(acting(stage), keys=("down", "A"))

    assert snap_compare(logged(stage), terminal_size=size, run_before=pose)


@SIZES
def test_budget_that_is_typed(snap_compare: Compare, stage: Stage, size: tuple[int, int]) -> None:
    app = Agtop(None, lend=stage.hands, purse=purse())
    pose = posed(acting(stage), keys=("down", "b", "5", "space", "p"))

    assert snap_compare(app, terminal_size=size, run_before=pose)
