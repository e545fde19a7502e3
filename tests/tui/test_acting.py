"""Modes, signals, the armed strip, undo and the log; processes on paper or of the test's own."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from threading import Event

import pytest
from textual.pilot import Pilot

from agtop import flags
from agtop.control import Me, Sent
from agtop.control.aims import Aim
from agtop.errors import UsageError
from agtop.model import Process, Session, Snapshot, replace
from agtop.processes.source import system_source
from agtop.tui.app import Agtop
from agtop.tui.hands import DEMO, Hands
from agtop.tui.modes import TRUSTED, Modes
from agtop.tui.screens.activity import ActivityScreen
from agtop.tui.screens.signals import SignalMenu
from agtop.tui.strip import Strip, under_way
from tests.control.conftest import start as start
from tests.control.family import Clock, Paper, Start, process_of
from tests.tui.records import NOW, session
from tests.tui.stage import seen, show


@dataclass
class Stage:
    """Processes on paper, a clock that only waits move, and what was sent."""

    clock: Clock = field(default_factory=Clock)
    paper: Paper = field(default_factory=Paper)
    sent: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    lent: int = 0
    ends_on: str = "TERM"
    excuse: str = ""

    def hands(self) -> Hands:
        self.lent += 1
        return Hands(
            self.paper, self.paper.me, self.clock, lambda: NOW, self.wait, self.names, self.excuse
        )

    def names(self, pid: int) -> tuple[str, ...]:
        return ("API_KEY", "HOME")

    def wait(self, bell: Event, seconds: float) -> bool:
        self.clock.wait(seconds)
        return bell.is_set()

    def note(self, aim: Aim, signal: object, processes: object, me: object) -> Sent:
        name: str = getattr(signal, "name")  # noqa: B009
        self.sent.append((name, aim.pid))
        if name in (self.ends_on, "KILL"):
            self.paper.vital.pop(aim.pid)
        return Sent(aim, "sent")


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    stage = Stage()
    monkeypatch.setattr("agtop.control.delivery.send", stage.note)
    return stage


def app_of(stage: Stage, readonly: bool = False) -> Agtop:
    return Agtop(None, lend=stage.hands, readonly=readonly)


def one(stage: Stage, pid: int = 700) -> Snapshot:
    stage.paper.add(pid)
    return serving(stage.paper.process(pid))


def serving(process: Process | None) -> Snapshot:
    live: Session = session("aaaa1111", process=process, liveness="live" if process else None)
    return Snapshot(NOW, (live,))


async def settle(pilot: Pilot[None]) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    await pilot.pause()


async def choose(pilot: Pilot[None], *keys: str) -> None:
    """Open the menu, move in it, and take what is marked."""
    await pilot.press("k", *keys, "enter")
    await settle(pilot)


def toasts(app: Agtop) -> list[str]:
    return [each.message for each in app._notifications]


# The mode


async def test_agtop_observes_and_says_how_to_let_it_act(stage: Stage) -> None:
    app = app_of(stage)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, one(stage))
        await pilot.press("k")
        await settle(pilot)

        assert " · observe" in seen(app)
        assert not isinstance(app.screen, SignalMenu)
        assert toasts(app) == ["agtop only watches now: m lets it act, and asks first."]
        assert stage.sent == []


async def test_the_mode_goes_round_and_stands_in_the_header(stage: Stage) -> None:
    app = app_of(stage)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, one(stage))
        shown: list[str] = []
        for _ in range(3):
            await pilot.press("m")
            await pilot.pause()
            shown.append(next(m for m in ("observe", "ask", "trust") if f" · {m}" in seen(app)))

        assert shown == ["ask", "trust", "observe"]


async def test_readonly_stays_at_observing(stage: Stage) -> None:
    app = app_of(stage, readonly=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, one(stage))
        await pilot.press("m", "k")
        await settle(pilot)

        assert app.mode == "observe"
        assert set(toasts(app)) == {"agtop was started with --readonly or --safe: it only watches."}
        assert stage.sent == []


async def test_trust_is_over_after_half_an_hour(stage: Stage) -> None:
    app = app_of(stage)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, one(stage))
        await pilot.press("m", "m")
        stage.clock.now += TRUSTED - 1
        await show(pilot, one(stage))
        before = app.mode
        stage.clock.now += 1
        await show(pilot, one(stage))

        assert (before, app.mode) == ("trust", "ask")


def test_readonly_is_for_the_screen() -> None:
    assert flags.parse(["--readonly"]).readonly
    with pytest.raises(UsageError, match="--readonly is for the full screen"):
        flags.parse(["--readonly", "--list"])


def test_trust_given_again_lasts_anew() -> None:
    clock = Clock()
    modes = Modes(clock)
    for _ in range(2):
        modes.next()
    clock.now += TRUSTED - 1
    for _ in range(3):
        modes.next()
    clock.now += 2

    assert modes.now == "trust"


# Asking


async def test_what_cannot_be_undone_waits_for_the_same_key(stage: Stage) -> None:
    app = app_of(stage)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, one(stage))
        await pilot.press("m")
        await choose(pilot, "j", "j", "j", "j", "k")
        before = list(stage.sent)
        shown = seen(app)
        await pilot.press("f9")
        await settle(pilot)

        assert before == []
        assert "! 3 s  F9 or k again sends KILL to claude (pid 700), Esc calls it off" in shown
        assert stage.sent == [("KILL", 700)]


async def test_escape_calls_off_what_is_armed(stage: Stage) -> None:
    app = app_of(stage)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, one(stage))
        await pilot.press("m")
        await choose(pilot, "j", "j")
        await pilot.press("escape", "k")
        await settle(pilot)

        assert stage.sent == []
        assert isinstance(app.screen, SignalMenu), "the same key asks anew"


async def test_what_is_armed_is_forgotten_after_three_seconds(stage: Stage) -> None:
    app = app_of(stage)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, one(stage))
        await pilot.press("m")
        await choose(pilot, "j", "j")
        stage.clock.now += 3.0
        app.tick()
        await pilot.pause()
        is_shown = app.query_one(Strip).display
        await pilot.press("k")
        await settle(pilot)

        assert not is_shown
        assert stage.sent == []


async def test_escape_drops_the_filter_while_nothing_is_armed(stage: Stage) -> None:
    app = Agtop(None, lend=stage.hands, filter="codex")
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, one(stage))
        await pilot.press("escape")
        await pilot.pause()

        assert not app.filter


async def test_a_later_process_with_the_pid_is_not_hit(stage: Stage) -> None:
    app = app_of(stage)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, one(stage))
        stage.paper.change(700, started_at=99.0, start_ticks=9900)
        await pilot.press("m", "m")
        await choose(pilot)

        assert stage.sent == []
        assert "claude (pid 700) has ended; there is nothing to signal" in toasts(app)


# Trust, steps and undoing


async def test_trusted_it_asks_waits_and_forces_and_the_log_has_each_step(stage: Stage) -> None:
    stage.ends_on = ""
    app = app_of(stage)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, one(stage))
        await pilot.press("m", "m")
        await choose(pilot)

        assert stage.sent == [("TERM", 700), ("KILL", 700)]
        assert [entry.result for entry in app.activity.entries] == [
            "asked claude (pid 700) to end (TERM)",
            "1 process has not ended within 5s: forced (KILL)",
            "it ended after 5.0s",
        ]
        assert toasts(app)[-1] == "it ended after 5.0s"


async def test_escape_stops_the_ladder_before_force(stage: Stage) -> None:
    stage.ends_on = ""
    app = app_of(stage)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, one(stage))
        stage.clock.after[3] = app.action_call_off
        await pilot.press("m", "m")
        await choose(pilot)

        assert stage.sent == [("TERM", 700)]
        assert toasts(app)[-1] == "called off before force; 1 process has not ended yet"


async def test_a_pause_runs_at_once_and_is_undone(stage: Stage) -> None:
    app = app_of(stage)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, one(stage))
        await pilot.press("m")
        await choose(pilot, "j", "j", "j", "j")
        await pilot.press("u")
        await settle(pilot)

        assert stage.sent == [("STOP", 700), ("CONT", 700)]
        assert "sent STOP to claude (pid 700); u undoes it" in toasts(app)


async def test_the_process_alone_leaves_its_children(stage: Stage) -> None:
    app = app_of(stage)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, one(stage))
        stage.paper.add(701, 700, "bash", 11.0)
        await pilot.press("m", "m")
        await choose(pilot, "j", "j", "t")
        alone = list(stage.sent)
        await show(pilot, one(stage, 800))
        stage.paper.add(801, 800, "bash", 11.0)
        await choose(pilot, "j", "j")

        assert alone == [("TERM", 700)]
        assert stage.sent[1:] == [("TERM", 800), ("TERM", 801)]


async def test_tagged_sessions_are_meant_before_the_selected_one(stage: Stage) -> None:
    app = app_of(stage)
    async with app.run_test(size=(120, 36)) as pilot:
        stage.paper.add(800)
        stage.paper.add(900)
        others = [session(f"tagged{pid}", process=stage.paper.process(pid)) for pid in (800, 900)]
        selected = one(stage)
        await show(pilot, replace(selected, sessions=(*selected.sessions, *others)))
        app.table.tag(frozenset(other.key for other in others))
        await pilot.press("m", "m")
        await choose(pilot, "j", "j")

        assert stage.sent == [("TERM", 800), ("TERM", 900)]


async def test_the_demo_sends_nothing_and_says_so(stage: Stage) -> None:
    stage.excuse = DEMO
    app = app_of(stage)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, one(stage))
        await pilot.press("m", "m")
        await choose(pilot)

        assert stage.sent == []
        assert toasts(app)[-1] == f"Nothing was sent: {DEMO}"


async def test_a_session_without_a_process_says_so(stage: Stage) -> None:
    app = app_of(stage)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, serving(None))
        await pilot.press("m", "k")
        await settle(pilot)

        assert toasts(app)[-1] == "claude:aaaa1111 has no process; it is not running"


async def test_nothing_is_borrowed_until_it_is_needed(stage: Stage) -> None:
    app = app_of(stage)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, one(stage))

        assert stage.lent == 0


# What is under way


def test_what_takes_long_names_its_step_after_200_ms() -> None:
    assert under_way("asked it to end", 0.199) is None
    shown = under_way("asked it to end", 0.2)
    assert shown is not None
    assert "asked it to end" in shown.plain


async def test_escape_and_a_spinner_stand_beside_the_step_that_is_taken(stage: Stage) -> None:
    stage.ends_on = ""
    app = app_of(stage)
    shown: list[str] = []
    async with app.run_test(size=(120, 36)) as pilot:

        async def look() -> None:
            await pilot.pause()
            app.tick()
            shown.append(str(app.query_one(Strip).content))

        for wait in (1, 3):
            stage.clock.after[wait] = lambda: app.call_from_thread(look)
        await show(pilot, one(stage))
        await pilot.press("m", "m")
        await choose(pilot)
        is_shown = app.query_one(Strip).display

        assert shown[0] == "", "after 100 ms"
        assert "asked claude (pid 700) to end (TERM)   0 s, Esc calls it off" in shown[1]
        assert not is_shown


# Pages


async def test_the_log_lists_signals_newest_first(stage: Stage) -> None:
    app = app_of(stage)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, one(stage))
        await pilot.press("m")
        await choose(pilot, "j", "j", "j", "j")
        await pilot.press("u")
        await settle(pilot)
        await pilot.press("A")
        await settle(pilot)

        assert isinstance(app.screen, ActivityScreen)
        shown = seen(app)
        assert shown.index("CONT to claude (pid 700)") < shown.index("STOP to claude (pid 700)")


async def test_variables_are_names_without_values(stage: Stage) -> None:
    app = app_of(stage)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, one(stage))
        await pilot.press("e")
        await settle(pilot)

        assert "API_KEY = redacted" in seen(app)


# A real process


async def test_a_process_of_the_tests_own_is_ended(start: Start) -> None:
    child: subprocess.Popen[str] = start()
    source = system_source()
    app = Agtop(None, lend=lambda: Hands(source, Me.of(source)))
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, serving(process_of(child.pid)))
        await pilot.press("m", "m")
        await choose(pilot, "j", "j")

        assert child.wait(10) == -15
        assert toasts(app)[-1] == f"sent TERM to claude (pid {child.pid})"
