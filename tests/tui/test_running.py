"""The verbs behind the colon: each is there, goes through the modes, and shows what it did."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from textual.pilot import Pilot

from agtop import flags, purses
from agtop.errors import AgtopError, UsageError
from agtop.model import Expenses, Process, Session, Snapshot
from agtop.tui.app import Agtop
from agtop.tui.command_bar import CommandBar, hint
from agtop.tui.commands import candidates
from agtop.tui.errand import Scene
from agtop.tui.screens.spend import SpendScreen
from agtop.tui.screens.told import ToldScreen
from agtop.tui.tabs.trace import TraceTab
from tests.tui.records import NOW, session
from tests.tui.stage import seen, selected, show
from tests.tui.test_acting import Stage, settle, toasts
from tests.tui.test_acting import stage as stage
from tests.tui.test_commands import typed, written


@dataclass
class Doing:
    """Errands that only remember what they were sent for."""

    answers: Sequence[str] = ("done",)
    problem: Exception | None = None
    known: dict[str, Process] = field(default_factory=dict[str, Process])
    asked: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])

    def run(self, words: Sequence[str], scene: Scene) -> int:
        self.asked.append(tuple(words))
        for each in self.answers:
            scene.say(each)
        if self.problem is not None:
            raise self.problem
        return 0

    def process(self, word: str, scene: Scene) -> Process:
        if word not in self.known:
            raise UsageError(f'"{word}" is nothing')
        return self.known[word]

    def session(self, word: str, scene: Scene) -> Session:
        for each in scene.snapshot.sessions:
            if each.session_id.startswith(word):
                return each
        raise UsageError(f'"{word}" is no session')

    def names(self) -> Iterable[str]:
        return ("claude-700",)

    def export(self, path: Path, snapshot: Snapshot) -> str:
        with path.open("x") as stream:
            stream.write(str(len(snapshot.sessions)))
        return f"{len(snapshot.sessions)} sessions"


@pytest.fixture
def doing() -> Doing:
    return Doing()


def app_of(stage: Stage, doing: Doing | None, readonly: bool = False) -> Agtop:
    app = Agtop(None, lend=stage.hands, readonly=readonly, purse=purses.invented())
    app.errands = doing
    return app


def two(stage: Stage) -> Snapshot:
    found = []
    for session_id, pid in (("aaaa1111", 700), ("bbbb2222", 800)):
        stage.paper.add(pid)
        process = stage.paper.process(pid)
        found.append(session(session_id, process=process, liveness="live"))
    return Snapshot(NOW, tuple(found))


async def give(pilot: Pilot[None], *lines: str) -> None:
    for line in lines:
        await pilot.press("colon", *typed(line), "enter")
        await settle(pilot)


def verbs() -> set[str]:
    (action,) = [each for each in flags.parser()._actions if not each.option_strings]
    assert isinstance(action, argparse._SubParsersAction)
    return set(action.choices)


FOR_PROGRAMS = {"metrics"}
"""Verbs that write on until they are interrupted: nothing for a page."""


async def test_every_verb_is_a_command(stage: Stage, doing: Doing) -> None:
    app = app_of(stage, doing)
    async with app.run_test(size=(120, 36)):
        assert verbs() - set(app.table_of_commands) - FOR_PROGRAMS == set()


# Signals


async def test_a_signal_waits_for_the_mode(stage: Stage, doing: Doing) -> None:
    app = app_of(stage, doing)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, two(stage))
        await give(pilot, "kill", "pause 800", "resume", "kill TERM aaaa")

        assert stage.sent == []
        assert set(toasts(app)) == {"agtop only watches now: m lets it act, and asks first."}


async def test_one_that_is_named_is_signalled_and_not_the_selected_one(
    stage: Stage, doing: Doing
) -> None:
    app = app_of(stage, doing)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, two(stage))
        doing.known["baker-800"] = stage.paper.process(800)
        await give(pilot, "mode trust", "kill HUP baker-800 --alone", "pause", "resume")

        assert stage.sent == [("HUP", 800), ("STOP", 700), ("CONT", 700)]
        assert app.activity.entries[0].what.startswith("HUP to ")


async def test_what_cannot_be_undone_is_armed_and_done_by_the_same_key(
    stage: Stage, doing: Doing
) -> None:
    app = app_of(stage, doing)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, two(stage))
        await give(pilot, "mode ask", "kill KILL")
        assert stage.sent == []
        assert "F9 or k again sends KILL" in seen(app)
        await pilot.press("k")
        await settle(pilot)

        assert stage.sent == [("KILL", 700)]


async def test_a_name_that_means_nothing_sends_nothing_to_anybody(
    stage: Stage, doing: Doing
) -> None:
    app = app_of(stage, doing)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, two(stage))
        doing.known["800"] = stage.paper.process(800)
        await give(pilot, "mode trust", "pause 800 nobody")

        assert stage.sent == []
        assert '"nobody" is nothing' in toasts(app)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("kill --all", ':kill takes no "--all"; did you mean "--alone"?'),
        ("pause --wait 5s", ':pause takes no "--wait"'),
        ("kill --wait", "--wait needs a word behind it"),
        ("kill -s FOO", 'no signal is called "FOO"'),
        ("kill --wait=soon", '"soon"'),
        ("mode asks", 'there is no mode "asks"; did you mean "ask"?'),
        ("scan 'a", "a quote is open in 'a"),
        ("budget day", 'write an amount behind "day"'),
        ("budget day nan", '"nan" is no amount'),
        ("spend weak", '"weak" is no part of :spend; did you mean "week"?'),
        ("spend --since x", '"x" is no day'),
        ("trace --kind x", 'no kind of event is called "x"'),
        ("trace --last 3", ':trace takes no "--last"'),
        ("go nobody", '"nobody" is no session'),
        ("delay soon", '"soon"'),
        ("sources all", ":sources takes nothing behind it"),
        ("forget", ":forget NAME… needs more"),
    ],
)
async def test_what_is_wrong_is_told_and_can_be_mended(
    stage: Stage, doing: Doing, line: str, sentence: str
) -> None:
    app = app_of(stage, doing)
    async with app.run_test(size=(200, 36)) as pilot:
        await show(pilot, two(stage))
        await give(pilot, "mode trust", line)

        assert sentence in seen(app)
        assert written(app) == line
        assert app.query_one(CommandBar).display


async def test_readonly_stays_so(stage: Stage, doing: Doing) -> None:
    app = app_of(stage, doing, readonly=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, two(stage))
        await give(pilot, "kill KILL", "mode trust")

        assert (app.mode, stage.sent) == ("observe", [])


# Verbs


async def test_a_verb_runs_with_its_words_and_what_it_changed_is_in_the_log(
    stage: Stage, doing: Doing
) -> None:
    app = app_of(stage, doing)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, two(stage))
        await give(
            pilot, "scan --register", "register", "register 800 baker", "forget baker-800",
            "statusline install", "statusline print", "conflicts", "bus status",
            "bus publish --topic finding the lock's never released".replace("'", ""),
            "history forget --agent codex", "budgets day", "scan",
        )  # fmt: skip

        assert doing.asked == [
            ("scan", "--register"), ("register", "700"), ("register", "800", "baker"),
            ("forget", "baker-800"), ("statusline", "install"), ("statusline", "print"),
            ("conflicts",), ("bus", "status"),
            ("bus", "publish", "--topic", "finding", "the locks never released"),
            ("history", "forget", "--agent", "codex"), ("budget", "day"), ("scan",),
        ]  # fmt: skip
        assert [each.what for each in app.activity.entries] == [
            "agtop scan --register", "agtop register 700", "agtop register 800 baker",
            "agtop forget baker-800", "agtop statusline install",
            "agtop bus publish --topic finding 'the locks never released'",
            "agtop history forget --agent codex",
        ]  # fmt: skip


async def test_a_long_answer_has_a_page_and_a_short_one_a_toast(stage: Stage, doing: Doing) -> None:
    doing.answers = ("  PID  NAME", "  700  \x1b[31mclaude", "  800  –")
    app = app_of(stage, doing)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, two(stage))
        await give(pilot, "scan")

        assert isinstance(app.screen, ToldScreen)
        assert "agtop scan" in seen(app)
        assert "  PID  NAME" in seen(app)
        assert "\x1b" not in seen(app)
        await pilot.press("escape")
        doing.answers = ("forgot baker-800",)
        await give(pilot, "forget baker-800")
        assert toasts(app) == ["forgot baker-800"]


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (AgtopError("the file is locked"), "the file is locked"),
        (PermissionError(13, "Permission denied", "/x/y"), "/x/y: permission denied"),
    ],
)
async def test_a_verb_that_fails_says_why(
    stage: Stage, doing: Doing, problem: Exception, sentence: str
) -> None:
    doing.answers, doing.problem = (), problem
    app = app_of(stage, doing)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, two(stage))
        await give(pilot, "register 700")

        assert toasts(app) == [sentence]
        assert [each.result for each in app.activity.entries] == [sentence]
        assert not app.is_working


async def test_guests_have_no_verbs(stage: Stage) -> None:
    app = app_of(stage, None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, two(stage))
        await give(pilot, "scan --all")

        assert "that is not at hand here" in seen(app)


# Budgets, spend, trace, export


async def test_a_budget_is_set_for_whom_is_named_and_taken_away(stage: Stage, doing: Doing) -> None:
    app = app_of(stage, doing)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, two(stage))
        await give(pilot, "budget day 20", "budget bbbb 5 pause", "budget 3",
                   "budget agent:claude/week 2M tokens --action stop")  # fmt: skip
        held = {str(each.target): (each.dollars, each.action) for each in app.budgets.values()}
        await give(pilot, "budget day none", "budget bbbb --remove", "budget none")

        assert held == {
            "day": (20.0, "warn"), "session:claude:bbbb2222": (5.0, "pause"),
            "session:claude:aaaa1111": (3.0, "warn"), "agent:claude/week": (None, "stop"),
        }  # fmt: skip
        assert [str(each.target) for each in app.budgets.values()] == ["agent:claude/week"]


async def test_spend_begins_with_the_page_that_is_asked_for(stage: Stage, doing: Doing) -> None:
    from agtop.config import Config

    def none() -> tuple[Expenses, ...]:
        return ()

    app = app_of(stage, doing)
    app.spent = (none, Config())
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, two(stage))
        await give(pilot, "spend --since 2026-11-02 --until 2026-11-08 by agent")
        assert isinstance(app.screen, SpendScreen)
        await settle(pilot)
        assert "2026-11-02 to 2026-11-08 · by agent" in seen(app)
        await pilot.press("escape")
        await give(pilot, "spend all model")
        await settle(pilot)

        assert "all times · by model" in seen(app)


async def test_trace_goes_to_the_session_and_chooses(stage: Stage, doing: Doing) -> None:
    app = app_of(stage, doing)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, two(stage))
        await give(pilot, "trace bbbb --kind tool-call --grep 'rm -rf'")

        assert (selected(app), app.tab) == ("bbbb2222", "trace")
        assert app.query_one(TraceTab).filtered_by == "rm -rf"
        await give(pilot, "go 700")
        assert selected(app) == "aaaa1111"


async def test_what_is_shown_is_exported_and_nothing_is_written_over(
    stage: Stage, doing: Doing, tmp_path: Path
) -> None:
    app = app_of(stage, doing)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, two(stage))
        path = tmp_path / "out.json"
        await give(pilot, "filter bbbb2222", f"export {path}", f"export {path}")

        assert path.read_text() == "1"
        assert f"{path} is there already; name another file" in toasts(app)
        [entry] = app.activity.entries
        assert (entry.effect, entry.what) == ("file", str(path))


# Completion


async def test_every_word_is_completed(stage: Stage, doing: Doing) -> None:
    app = app_of(stage, doing)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, two(stage))
        commands = app.table_of_commands

        assert candidates(commands, "kill ")[:2] == ["INT", "TERM"]
        assert candidates(commands, "kill TERM cl") == ["claude-700"]
        assert "bbbb2222" in candidates(commands, "pause ")
        assert candidates(commands, "budget agent:") == ["agent:claude"]
        assert candidates(commands, "budget day 20 p") == ["pause"]
        assert candidates(commands, "statusline r") == ["remove"]
        assert candidates(commands, "bus pub") == ["publish"]
        assert candidates(commands, "trace --kind comp") == ["compaction"]
        assert candidates(commands, "forget ") == ["claude-700"]
        assert candidates(commands, "spend week a") == ["all", "agent"]
        assert candidates(commands, "sort cost ") == []
        assert hint(commands, "mode ") == "observe  ask  trust"
