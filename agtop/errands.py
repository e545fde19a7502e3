"""Verbs, for whoever asks: the command line, or the screen behind `:`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from agtop import paths
from agtop.console import OK, complete
from agtop.errors import AgtopError, UsageError

if TYPE_CHECKING:
    from agtop.budgets import Spending
    from agtop.flags import Flags
    from agtop.model import Expenses, Process, Session, Snapshot
    from agtop.registry import Registry
    from agtop.tui.errand import Scene
    from agtop.verbs.means import Means
    from agtop.wiring import Place, Wants

Say = Callable[[str], object]
_WRITING = frozenset({"register", "forget", "statusline", "history"})
"""Verbs that would leave something of the demo behind."""
DEMO = "this is the demo, which leaves nothing behind; agtop without --demo does it"


# ---- each once


def acted(flags: Flags, wants: Wants, means: Means) -> int:
    """Signals, names and budgets; the exit code."""
    from agtop.control import signal_named
    from agtop.verbs import names, signals

    tree = not flags.alone
    match flags.verb:
        case "kill" if flags.signal is None:
            return signals.kill(flags.targets, means, tree, flags.patience)
        case "kill":
            return signals.signal(flags.targets, signal_named(flags.signal or ""), means, tree)
        case "pause":
            return signals.pause(flags.targets, means, tree)
        case "resume":
            return signals.resume(flags.targets, means, tree)
        case "scan":
            return names.scan(means, flags.everything, flags.register)
        case "register":
            return names.register(flags.target or "", flags.name, means)
        case "forget":
            return names.forget(flags.targets, means)
        case _:
            return _budget(flags, wants, means)


def _budget(flags: Flags, wants: Wants, means: Means) -> int:
    from agtop import config, purses, wiring
    from agtop.verbs import budget

    budgets = purses.budgets(wants.config)
    if flags.target is None or (flags.amount is None and not flags.remove):
        return budget.show(tuple(budgets.values()), flags.target, means)
    file = paths.config_dir() / config.FILE_NAME
    return budget.change(
        flags.target, flags.amount, flags.action, budgets, file, wiring.check_config, means
    )


def statusline(deed: str, say: Callable[[str], None]) -> int:
    from agtop.statusline import SETTINGS, StatusLine
    from agtop.verbs.statusline import statusline

    home = os.environ.get("CLAUDE_CONFIG_DIR", "").strip()
    folder = Path(home).expanduser() if home else paths.home() / ".claude"
    return statusline(deed, StatusLine(folder / SETTINGS, paths.state_dir()), say)


def forget(flags: Flags, wants: Wants, place: Place, patience: float | None, say: Say) -> int:
    """What was deleted since the last run is archived first, else it would come back."""
    from agtop import wiring
    from agtop.chosen import chosen_agents
    from agtop.history import History
    from agtop.spend import Clock
    from agtop.verbs import spend

    with closing(wiring.collector(wants, place, patience)) as collector:
        complete(collector)
    agents = chosen_agents(
        [name for text in flags.agents for name in text.split(",")], wants.agents
    )
    names = [agent.name for agent in agents]
    history = History(paths.state_dir(), lambda _cwd: None)
    return spend.forget(history, names, flags.repo, flags.before, time.time(), Clock(), say)


# ---- for the screen


class Errands:
    """The verbs as the screen runs them, with what it knows already; from threads of its own."""

    def __init__(
        self, wants: Wants, place: Place, expenses: Callable[[], Iterable[Expenses]]
    ) -> None:
        """
        Args:
            expenses: what was used; only in the collector's thread.
        """
        self._wants = wants
        self._place = place
        self._expenses = expenses

    def run(self, words: Sequence[str], scene: Scene) -> int:
        """Do what `agtop WORDS` does. Raises AgtopError, OSError."""
        flags = _parsed(words)
        if not self._place.is_kept and (flags.verb in _WRITING or flags.register):
            raise AgtopError(DEMO)
        match flags.verb:
            case "statusline":
                return statusline(flags.deed, scene.say)
            case "history":
                return forget(flags, self._wants, self._place, None, scene.say)
            case "bus":
                return self._bus(flags, scene)
            case "conflicts":
                return _conflicts(scene)
            case "budget":
                from agtop.verbs import budget

                means = self._means(scene)
                return budget.show(tuple(scene.budgets.values()), flags.target, means)
            case _:
                return acted(flags, self._wants, self._means(scene))

    def process(self, word: str, scene: Scene) -> Process:
        """The one process that a pid, a name or an id means. Raises AgtopError, OSError."""
        from agtop.verbs.targets import process_of

        return process_of(word, self._means(scene))

    def session(self, word: str, scene: Scene) -> Session:
        """The one session that a pid, a name or an id means. Raises AgtopError, OSError."""
        from agtop.verbs.targets import process_of, session_of

        means = self._means(scene)
        named = means.registry.read().named(word)
        pid = process_of(word, means).pid if word.isdecimal() or named else None
        if pid is None:
            return session_of(word, means)
        for session in scene.snapshot.sessions:
            if session.process is not None and session.process.pid == pid:
                return session
        raise AgtopError(f"process {pid} serves no session that is known; write its id instead")

    def names(self) -> Iterable[str]:
        """Those that are registered."""
        return [entry.name for entry in self._registry().read().entries]

    def export(self, path: Path, snapshot: Snapshot) -> str:
        """Write what its ending says, of what is shown; what was done. In the collector's thread.

        Raises:
            AgtopError: the ending says nothing.
            OSError: the file is there already, or cannot be written.
        """
        kind = path.suffix.casefold()
        if kind not in (".json", ".ndjson", ".csv", ".txt"):
            raise UsageError(
                f'what "{path.name}" should hold is told by its end:'
                " .json or .ndjson (the sessions), .txt (the table), .csv (what was spent)"
            )
        with path.open("x", encoding="utf-8", newline="") as stream:
            if kind == ".csv":
                self._spend_into(stream)
            elif kind == ".txt":
                stream.writelines(f"{each}\n" for each in self._listed(snapshot))
            else:
                from agtop.export import write_snapshot

                write_snapshot(stream, snapshot, indent=2 if kind == ".json" else None)
        many = len(snapshot.sessions)
        count = "1 session" if many == 1 else f"{many:,} sessions"
        return "what was spent this month" if kind == ".csv" else count

    def _spend_into(self, stream: TextIO) -> None:
        from agtop.config import WEEKDAYS
        from agtop.spend import Clock, report, uses
        from agtop.verbs import spend

        config, clock, now = self._wants.config, Clock(), time.time()
        first = WEEKDAYS.index(config.week_starts)
        period = spend.wanted(None, None, None, now, clock, first)
        told = report(
            uses(self._expenses(), clock), period, "session", now, clock, first, config.week_budget
        )
        spend.show(stream, told, now, "csv", None, first)

    def _listed(self, snapshot: Snapshot) -> Iterator[str]:
        from agtop import listing

        columns = listing.chosen(self._wants.config.columns or listing.DEFAULT)
        yield from listing.table(snapshot, listing.Page(), columns)

    def _bus(self, flags: Flags, scene: Scene) -> int:
        from agtop.bus import commands
        from agtop.bus.paths import socket_path

        where = socket_path(self._place.environ)
        if flags.deed == "status":
            for told in commands.condition_told(where)[0]:
                scene.say(told)
            return OK
        message = commands.message(
            flags.summary, flags.topic, flags.path, flags.speaker, flags.source, flags.data
        )
        scene.say(commands.published(message, where))
        return OK

    def _means(self, scene: Scene) -> Means:
        from agtop import wiring
        from agtop.model import replace

        means = wiring.means(
            self._wants, lambda: scene.snapshot, scene.say, scene.wait, scene.cells
        )

        def spending(_: Snapshot) -> Spending:
            return scene.spending

        means = replace(means, spending=spending)
        if self._place.is_kept:
            return means
        found = (each.process for each in scene.snapshot.sessions)
        processes = tuple(process for process in found if process is not None)
        return replace(means, sample=lambda: processes, registry=self._registry())

    def _registry(self) -> Registry:
        from agtop.registry import Registry

        return Registry(paths.state_dir() if self._place.is_kept else self._place.home)


def _conflicts(scene: Scene) -> int:
    from agtop import clashes, listing

    on = listing.Page(scene.cells)
    for told in clashes.text(scene.snapshot.conflicts, scene.snapshot.taken_at, on):
        scene.say(told)
    return OK


def _parsed(words: Sequence[str]) -> Flags:
    from agtop import flags

    if {"-h", "--help"}.intersection(words):
        raise UsageError("F1 tells of commands; agtop --help tells of verbs")
    found = flags.parse(words)
    if found.json or found.csv or found.json_schema:
        raise UsageError(f"that is for a pipe; agtop {' '.join(words)} prints it")
    return found
