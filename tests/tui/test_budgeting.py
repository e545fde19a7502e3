"""Budgets on the screen: told once, enforced, typed on a row and shown in columns."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from agtop import columns, purses, wiring
from agtop.budgets import AlertLog, Budget, parse_target
from agtop.config import Config
from agtop.model import Cost, Session, Snapshot, Tokens, replace
from agtop.tui.app import Agtop
from agtop.tui.budget_bar import BudgetBar, parse
from agtop.tui.messages import SnapshotTaken
from agtop.tui.purse import Forgetful, Log, Purse
from tests.tui.records import NOW, session
from tests.tui.stage import seen
from tests.tui.test_acting import Stage, settle, toasts
from tests.tui.test_acting import stage as stage

KEY = "claude:aaaa1111"


def spender(stage: Stage, dollars: float = 6.0) -> Session:
    """A live session surely served by a process on paper."""
    if 700 not in stage.paper.vital:
        stage.paper.add(700)
    plain = session(
        "aaaa1111",
        process=stage.paper.process(700),
        liveness="live",
        cost=Cost(dollars),
        tokens=Tokens(1000),
    )
    match = replace(plain.match, confidence="high")
    return replace(plain, match=match)


def purse(log: Log | None = None, **budgets: Budget) -> Purse:
    invented = purses.invented()
    return replace(invented, budgets=budgets, log=log or Forgetful())


def budget(target: str, dollars: float, **more: object) -> Budget:
    return Budget(parse_target(target), dollars, **more)  # pyright: ignore[reportArgumentType]


def app_of(stage: Stage, held: Purse, readonly: bool = False) -> Agtop:
    return Agtop(None, lend=stage.hands, purse=held, readonly=readonly)


async def round_of(pilot: Pilot[None], app: Agtop, *sessions: Session) -> None:
    """What the collector's thread does with a snapshot."""
    app.post_message(SnapshotTaken(app.weighed(Snapshot(NOW, sessions, complete=True))))
    await pilot.pause()
    await settle(pilot)


# Told


async def test_the_highest_threshold_is_told_once(stage: Stage) -> None:
    app = app_of(stage, purse(all=budget("all", 7.0)))
    async with app.run_test(size=(120, 36)) as pilot:
        await round_of(pilot, app, spender(stage))
        await round_of(pilot, app, spender(stage))

        assert toasts(app) == ["budget all: $6.00 of $7.00 used (86%)"]


async def test_it_is_not_told_again_by_a_later_screen(stage: Stage, tmp_path: Path) -> None:
    told: list[list[str]] = []
    for _ in range(2):
        app = app_of(stage, purse(AlertLog(tmp_path), all=budget("all", 7.0)))
        async with app.run_test(size=(120, 36)) as pilot:
            await round_of(pilot, app, spender(stage))
            told.append(toasts(app))

    assert [len(each) for each in told] == [1, 0]


class Full:
    """A disk that takes nothing more."""

    def read(self) -> frozenset[str]:
        return frozenset()

    def add(self, keys: Iterable[str]) -> frozenset[str]:
        raise OSError(28, "No space left on device")


async def test_a_full_disk_costs_no_snapshot_and_no_order(stage: Stage) -> None:
    app = app_of(stage, purse(Full(), all=budget("all", 5.0, action="pause")))
    async with app.run_test(size=(120, 36)) as pilot:
        await round_of(pilot, app, spender(stage))
        await round_of(pilot, app, spender(stage))

        assert stage.sent == [("STOP", 700)]
        assert len(app.table.rows) == 1
        lost = "alerts of budgets cannot be remembered (no space left on device)"
        assert toasts(app).count(lost) == 1


# Enforced


async def test_a_budget_that_is_used_up_pauses_its_session_once(stage: Stage) -> None:
    app = app_of(stage, purse(all=budget("all", 5.0, action="pause")))
    async with app.run_test(size=(120, 36)) as pilot:
        await round_of(pilot, app, spender(stage))
        await round_of(pilot, app, spender(stage))

        assert stage.sent == [("STOP", 700)]
        assert f"budget all is used up: pausing {KEY}" in toasts(app)
        entry = app.activity.entries[0]
        assert (entry.by, entry.what) == ("budget all", "STOP to claude (pid 700)")


async def test_a_budget_stops_by_the_same_ladder(stage: Stage) -> None:
    stage.ends_on = ""
    app = app_of(stage, purse(all=budget("all", 5.0, action="stop")))
    async with app.run_test(size=(120, 36)) as pilot:
        await round_of(pilot, app, spender(stage))

        assert stage.sent == [("TERM", 700), ("KILL", 700)]


async def test_the_header_says_that_budgets_act_while_agtop_observes(stage: Stage) -> None:
    app = app_of(stage, purse(all=budget("all", 50.0, action="stop")))
    async with app.run_test(size=(120, 36)) as pilot:
        await round_of(pilot, app, spender(stage))

        assert " · observe, budgets act" in seen(app)


async def test_nothing_is_enforced_on_estimates(stage: Stage) -> None:
    estimated = spender(stage)
    estimated = replace(estimated, reading=replace(estimated.reading, estimated=True))
    app = app_of(stage, purse(all=budget("all", 5.0, action="stop")))
    async with app.run_test(size=(120, 36)) as pilot:
        await round_of(pilot, app, estimated)

        assert stage.sent == []
        assert toasts(app) == ["budget all: ~$6.00 of $5.00 used (120%)"]


async def test_nothing_is_enforced_with_readonly(stage: Stage) -> None:
    held = purse(all=budget("all", 5.0, action="stop"))
    app = app_of(stage, held, readonly=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await round_of(pilot, app, spender(stage))

        assert stage.sent == []
        assert "budgets act" not in seen(app)


async def test_nothing_is_enforced_before_all_is_read(stage: Stage) -> None:
    app = app_of(stage, purse(all=budget("all", 5.0, action="stop")))
    async with app.run_test(size=(120, 36)) as pilot:
        app.weighed(Snapshot(NOW, (spender(stage),), complete=False))
        await settle(pilot)

        assert stage.sent == []


async def test_what_a_budget_may_not_signal_is_told(stage: Stage) -> None:
    app = app_of(stage, purse(all=budget("all", 5.0, action="stop")))
    async with app.run_test(size=(120, 36)) as pilot:
        meant = spender(stage)
        stage.paper.owners[700] = "0"
        await round_of(pilot, app, meant)

        assert stage.sent == []
        why = "claude (pid 700) belongs to another user; agtop never signals that"
        assert why in toasts(app)
        assert app.activity.entries[0].result == why


# Shown


def test_a_row_has_the_fullest_budget_over_it(stage: Stage) -> None:
    app = app_of(stage, purse(all=budget("all", 60.0), session=budget("session", 8.0)))
    row = app.weighed(Snapshot(NOW, (spender(stage),))).sessions[0]

    assert columns.find("budget").text(row, NOW) == "75%"
    assert columns.find("budget_left").text(row, NOW) == "$2.00"


def test_a_row_under_no_budget_has_dashes(stage: Stage) -> None:
    row = spender(stage)

    assert columns.find("budget").text(row, NOW) == "–"
    assert columns.find("budget_left").text(row, NOW) == "–"


def test_a_row_that_did_not_change_is_the_same_one(stage: Stage) -> None:
    app = app_of(stage, purse(all=budget("all", 60.0)))
    one = spender(stage)

    rows = [app.weighed(Snapshot(NOW + n, (one,))).sessions[0] for n in range(2)]

    assert rows[0] is rows[1]


async def test_info_tells_the_budget(stage: Stage) -> None:
    app = app_of(stage, purse(all=budget("all", 8.0, action="pause")))
    async with app.run_test(size=(120, 36)) as pilot:
        await round_of(pilot, app, spender(stage))

        assert "75% of $8.00 · $2.00 left · all · then pause" in seen(app)


# Typed


async def type_budget(pilot: Pilot[None], text: str) -> None:
    await pilot.press("b")
    await pilot.pause()
    pilot.app.query_one("#budget-input", Input).value = text
    await pilot.press("enter")
    await settle(pilot)


async def test_b_sets_the_budget_of_the_row_in_the_config_file(stage: Stage, home: Path) -> None:
    held = purses.purse(Config(), wiring.load_config, wiring.check_config)
    app = app_of(stage, held)
    async with app.run_test(size=(120, 36)) as pilot:
        await round_of(pilot, app, spender(stage))
        await type_budget(pilot, "5 pause")

        [(name, made)] = app.budgets.items()
        assert (name, made.dollars, made.action) == (f"session:{KEY}", 5.0, "pause")
        [entry] = app.activity.entries
        assert entry.effect == "file"
        assert entry.what.endswith("config.toml")
        assert app.table.has_focus


async def test_b_shows_what_there_is_and_empty_takes_it_away(stage: Stage, home: Path) -> None:
    held = purses.purse(Config(), wiring.load_config, wiring.check_config)
    app = app_of(stage, held)
    async with app.run_test(size=(120, 36)) as pilot:
        await round_of(pilot, app, spender(stage))
        await type_budget(pilot, "5 pause")
        await pilot.press("b")
        before = app.query_one("#budget-input", Input).value
        await pilot.press("escape")
        await type_budget(pilot, "")

        assert before == "5 pause"
        assert app.budgets == {}


@pytest.mark.parametrize("text", ["nan", "inf", "-3", "0", "many", "pause", "week"])
async def test_what_is_no_budget_stays_with_a_sentence(stage: Stage, text: str) -> None:
    app = app_of(stage, purse())
    async with app.run_test(size=(120, 36)) as pilot:
        await round_of(pilot, app, spender(stage))
        await type_budget(pilot, text)

        assert app.budgets == {}
        bar = app.query_one(BudgetBar)
        assert bar.error
        assert bar.has_class("-open")


async def test_a_config_file_that_cannot_be_followed_is_left_as_it_is(
    stage: Stage, home: Path
) -> None:
    from agtop import paths

    held = purses.purse(Config(), wiring.load_config, wiring.check_config)
    file = paths.config_dir() / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"delay = = 2\n")
    app = app_of(stage, held)
    async with app.run_test(size=(120, 36)) as pilot:
        await round_of(pilot, app, spender(stage))
        await type_budget(pilot, "5")

        assert file.read_bytes() == b"delay = = 2\n"
        assert "config.toml" in app.query_one(BudgetBar).error


def test_a_target_may_stand_in_front() -> None:
    wish = parse("agent:claude/day 500k tokens stop")

    assert str(wish.target) == "agent:claude/day"
    assert (wish.amount, wish.action) == ("500k tokens", "stop")
