"""An app that runs the verbs of the command line behind `:`, in a thread, and shows the answer."""

from __future__ import annotations

import os
import shlex
from collections.abc import Awaitable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on, work
from textual.message import Message

from agtop.activity import Effect
from agtop.errors import AgtopError
from agtop.model import Snapshot, Totals, replace
from agtop.tui.budgeting import Budgeting
from agtop.tui.commanding import Commanding
from agtop.tui.commands import Command, any_of, only
from agtop.tui.picking import Picking
from agtop.tui.screens.told import ToldScreen

if TYPE_CHECKING:
    from agtop.tui.errand import Errands, Scene

MOST_IN_A_TOAST = 2
"""Lines of an answer that need no page."""
STEPS = {
    "scan": "listing the agents that run",
    "register": "giving it a name",
    "forget": "taking names back",
    "statusline": "looking at Claude Code's settings",
    "history": "reading what is left, then forgetting the rest",
    "conflicts": "looking for conflicts",
    "bus": "asking the bus",
    "budget": "adding up what was spent",
}
_EFFECTS: dict[tuple[str, ...], Effect] = {
    ("register",): "file",
    ("forget",): "file",
    ("scan", "--register"): "file",
    ("statusline", "install"): "file",
    ("statusline", "remove"): "file",
    ("history", "forget"): "file",
    ("bus", "publish"): "bus",
}
"""What is more than a look."""
_WITH_VALUE = frozenset({"-t", "--topic", "--path", "--agent", "--source", "--data"})


class Running(Commanding, Budgeting):
    """Its commands are the verbs that need nothing of the screen but what it shows."""

    errands: Errands | None = None
    """Without it there are none: a guest may look only."""

    @dataclass
    class Answered(Message):
        """A verb is done."""

        words: tuple[str, ...]
        lines: Sequence[str]
        failure: str = ""

    @dataclass
    class Exported(Message):
        """A file is written, or not."""

        path: str
        told: str
        failure: str = ""

    def commands(self) -> Iterator[Command]:
        run, names = self._run, any_of(self.registered)
        yield Command("scan", "List the agents that run, with their names", partial(run, "scan"),
                      "[--all] [--register]", any_of(lambda: ("--all", "--register")))  # fmt: skip
        yield Command("register", "Give a process a name, the selected one's if none is written",
                      self._register_one, "[PID [NAME]]")  # fmt: skip
        yield Command("forget", "Take names back; the processes go on", partial(run, "forget"),
                      "NAME…", names)  # fmt: skip
        yield Command("statusline", "Have Claude Code tell agtop of its plan and its context",
                      partial(run, "statusline"), "install|print|remove",
                      only(lambda: ("install", "print", "remove")))  # fmt: skip
        yield Command("history", "Forget what was used by transcripts that are gone",
                      partial(run, "history"), "forget [--agent NAME] [--repo NAME] [--before DAY]",
                      _history_words)  # fmt: skip
        yield Command("conflicts", "Files that two sessions wrote", partial(run, "conflicts"))
        targets = only(lambda: [str(each.target) for each in self.budgets.values()])
        yield Command("budgets", "How all stand", partial(run, "budget"), "[TARGET]", targets)
        yield Command("bus", "Hear the bus, ask how it does, or say something", self._bus,
                      "[tail|status|publish --topic TOPIC WORDS]", _bus_words)  # fmt: skip
        yield Command("export", "Write what is shown to a new .json, .ndjson, .txt or .csv",
                      self._export, "FILE")  # fmt: skip
        yield from super().commands()

    def registered(self) -> Iterable[str]:
        try:
            return () if self.errands is None else self.errands.names()
        except (OSError, AgtopError):
            return ()

    # Running one

    def _run(self, verb: str, text: str) -> None:
        self.run_verb(verb, *words(text))

    def run_verb(self, *wanted: str) -> None:
        """Raises ValueError where it cannot be."""
        if self.errands is None:
            raise ValueError("that is not at hand here")
        if self.is_working:
            raise ValueError("something is still under way; Esc calls it off")
        self.begin(STEPS.get(wanted[0], wanted[0]))
        self._answer(wanted, self.scene())

    def scene(self) -> Scene:
        from agtop.tui.errand import Scene

        table = self.screen_stack[0].query_one(Picking)
        lines: list[str] = []
        cells = max(40, self.size.width - 8)
        return Scene(table.snapshot, self.budgets, self.spending, lines, self.called_off, cells)

    @work(thread=True, exit_on_error=False, group="act")
    def _answer(self, wanted: tuple[str, ...], scene: Scene) -> None:
        failure = ""
        try:
            assert self.errands is not None
            self.errands.run(wanted, scene)
        except AgtopError as error:
            failure = str(error)
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            failure = f"{where}{(error.strerror or str(error)).lower()}"
        finally:
            self.post_message(self.Answered(wanted, tuple(scene.lines), failure))

    @on(Answered)
    def show_answer(self, message: Answered) -> None:
        called_off = self.called_off.is_set()
        self.rest()
        verb = f"agtop {shlex.join(message.words)}"
        effect = _effect(message.words)
        if effect is not None:
            self.note(effect, verb, message.failure or ". ".join(message.lines))
        if message.failure:
            self.say(message.failure, severity="warning")
        if len(message.lines) > MOST_IN_A_TOAST:
            self.push_screen(ToldScreen(verb, message.lines, called_off))
        else:
            for told in message.lines:
                self.say(told)

    @on(Exported)
    def show_export(self, message: Exported) -> None:
        if message.failure:
            self.say(message.failure, severity="warning")
        else:
            self.note("file", message.path, message.told)
            self.say(f"{message.path} holds {message.told}.")

    # What needs a word more

    def _register_one(self, text: str) -> None:
        wanted = words(text)
        if not wanted:
            session = self.screen_stack[0].query_one(Picking).selected
            if session is None or session.process is None:
                raise ValueError("no process of the selected session is known; write a pid")
            wanted = [str(session.process.pid)]
        self.run_verb("register", *wanted)

    def _bus(self, text: str) -> Awaitable[object] | None:
        wanted = words(text)
        if wanted[:1] in ([], ["tail"]):
            return self.run_action("show_tab('bus')")
        if wanted[0] == "publish":
            wanted = ["publish", *_one_summary(wanted[1:])]
        self.run_verb("bus", *wanted)
        return None

    def _export(self, text: str) -> None:
        errands = self.errands
        if errands is None:
            raise ValueError("that is not at hand here")
        path = Path(os.path.expanduser(" ".join(words(text))))
        table = self.screen_stack[0].query_one(Picking)
        shown = replace(table.snapshot, sessions=table.tops, totals=Totals.of(table.tops))
        self.ask(partial(self._write, errands, path, shown))
        self.answer_soon()

    def _write(self, errands: Errands, path: Path, shown: Snapshot) -> None:
        """In the collector's thread: what was spent is known there alone."""
        failure = told = ""
        try:
            told = errands.export(path, shown)
        except FileExistsError:
            failure = f"{path} is there already; name another file"
        except OSError as error:
            failure = f"{path} cannot be written ({(error.strerror or str(error)).lower()})"
        except AgtopError as error:
            failure = str(error)
        self.post_message(self.Exported(str(path), told, failure))


def _effect(wanted: Sequence[str]) -> Effect | None:
    """What it changed, if it is more than a look."""
    for what, effect in _EFFECTS.items():
        if what[0] == wanted[0] and set(what) <= set(wanted):
            return effect
    return None


def words(text: str) -> list[str]:
    """As a shell reads them. Raises ValueError with a sentence."""
    try:
        return shlex.split(text)
    except ValueError:
        raise ValueError(f"a quote is open in {text}; close it, or put \\ before it") from None


def _one_summary(wanted: Sequence[str]) -> list[str]:
    """All that belongs to no flag is the sentence, quoted or not."""
    flags: list[str] = []
    said: list[str] = []
    rest = iter(wanted)
    for word in rest:
        if word in _WITH_VALUE:
            flags += [word, *(value for value in (next(rest, None),) if value is not None)]
        elif word.startswith("--"):
            flags.append(word)
        else:
            said.append(word)
    return [*flags, *([" ".join(said)] if said else [])]


def _bus_words(before: Sequence[str]) -> Iterable[str]:
    if not before:
        return ("tail", "status", "publish")
    return [
        w for w in ("--topic", "--path", "--data") if before[0] == "publish" and w not in before
    ]


def _history_words(before: Sequence[str]) -> Iterable[str]:
    if not before:
        return ("forget",)
    return [word for word in ("--agent", "--repo", "--before") if word not in before]
