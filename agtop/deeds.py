"""What the verbs do: each picks its parts, and returns the exit code."""

from __future__ import annotations

import os
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from agtop import answers
from agtop.console import OK, complete, never_fail_to_encode, patience, say, until_interrupted

if TYPE_CHECKING:
    from agtop.flags import Flags
    from agtop.model import Snapshot
    from agtop.verbs.means import Means
    from agtop.wiring import Wants


def run(flags: Flags) -> int:
    """Do what the verb asks for."""
    match flags.verb:
        case "bus":
            return _bus(flags)
        case "sources":
            return answers.sources(flags)
        case "inventory":
            return answers.inventory(flags)
        case "trace":
            return _trace(flags)
        case "statusline":
            return _statusline(flags)
        case "conflicts":
            return _conflicts(flags)
        case "spend":
            return _spend(flags)
        case "history":
            return _forget(flags)
        case _:
            return _verb(flags)


def _trace(flags: Flags) -> int:
    from agtop import listing, wiring
    from agtop.trace import commands

    never_fail_to_encode(sys.stdout)
    page = listing.page(sys.stdout, os.environ, colour=not flags.no_color)
    printer = commands.Printer(
        sys.stdout, page.colour, page.cells if page.redraws else None, as_json=flags.json
    )
    if flags.stream is not None and flags.target is not None and flags.target.isdecimal():
        output = commands.tail_of(int(flags.target), flags.stream, flags.target)
        return commands.follow_output(printer, output, time.sleep)
    with wiring.place(flags.demo) as place:
        wants = wiring.wants(flags, place)
        with closing(wiring.collector(wants, place, patience(flags))) as collector:
            return commands.trace(
                wiring.tracing(wants), lambda: complete(collector), printer, say, time.sleep
            )


def _verb(flags: Flags) -> int:
    from agtop import listing, wiring

    never_fail_to_encode(sys.stdout)
    with wiring.place(demo=False) as place:
        wants = wiring.wants(flags, place)

        def snapshot() -> Snapshot:
            with closing(wiring.collector(wants, place, patience(flags))) as collector:
                return complete(collector)

        cells = listing.page(sys.stdout, os.environ).cells if sys.stdout.isatty() else None
        return _done(flags, wants, wiring.means(wants, snapshot, _print, _wait, cells))


def _done(flags: Flags, wants: Wants, means: Means) -> int:
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
    from agtop import config, paths, purses, wiring
    from agtop.verbs import budget

    budgets = purses.budgets(wants.config)
    if flags.target is None or (flags.amount is None and not flags.remove):
        return budget.show(tuple(budgets.values()), flags.target, means)
    file = paths.config_dir() / config.FILE_NAME
    return budget.change(
        flags.target, flags.amount, flags.action, budgets, file, wiring.check_config, means
    )


def _wait(seconds: float) -> bool:
    """True once the user has had enough of it."""
    try:
        time.sleep(seconds)
    except KeyboardInterrupt:
        return True
    return False


def _print(sentence: str) -> None:
    from agtop.text import printable

    print(printable(sentence), flush=True)


def _bus(flags: Flags) -> int:
    from agtop.bus import commands

    never_fail_to_encode(sys.stdout)
    if flags.deed == "tail":
        return commands.tail(flags.topics, flags.last, as_json=flags.json)
    if flags.deed == "status":
        return commands.status(as_json=flags.json)
    return commands.send(
        flags.summary,
        flags.topic,
        path=flags.path,
        agent=flags.speaker,
        source=flags.source,
        data=flags.data,
    )


def _statusline(flags: Flags) -> int:
    from agtop import paths
    from agtop.statusline import SETTINGS, StatusLine
    from agtop.verbs.statusline import statusline

    home = os.environ.get("CLAUDE_CONFIG_DIR", "").strip()
    folder = Path(home).expanduser() if home else paths.home() / ".claude"
    return statusline(flags.deed, StatusLine(folder / SETTINGS, paths.state_dir()), _print)


def _conflicts(flags: Flags) -> int:
    from agtop import clashes, listing, wiring

    never_fail_to_encode(sys.stdout)
    tell = clashes.teller(listing.page(sys.stdout, os.environ, not flags.no_color), flags.json)
    with wiring.place(flags.demo) as place:
        wants = wiring.wants(flags, place)
        with closing(wiring.collector(wants, place, patience(flags))) as collector:
            look = partial(clashes.in_full, partial(complete, collector), collector.look_into)

            def take() -> Snapshot:
                return wants.safe(look())

            if flags.watch:
                pause = partial(time.sleep, wants.delay)
                return until_interrupted(partial(clashes.watch, sys.stdout, take, tell, pause))
            clashes.show(sys.stdout, take(), tell, flags.json, flags.window)
    return OK


def _spend(flags: Flags) -> int:
    from agtop import config, listing, wiring
    from agtop.spend import Clock, report, uses
    from agtop.verbs import spend

    never_fail_to_encode(sys.stdout)
    clock, now = Clock(), time.time()
    with wiring.place(flags.demo) as place:
        wants = wiring.wants(flags, place)
        first = config.WEEKDAYS.index(wants.config.week_starts)
        period = spend.wanted(flags.span, flags.since, flags.until, now, clock, first)
        with closing(wiring.collector(wants, place, patience(flags))) as collector:
            complete(collector)
            expenses = collector.expenses()
            shield = wants.shield
            found = uses(expenses if shield is None else shield.records(expenses), clock)
    told = report(found, period, flags.cut, now, clock, first, wants.config.week_budget)
    form = "json" if flags.json else "csv" if flags.csv else "text"
    cells = listing.page(sys.stdout, os.environ).cells if sys.stdout.isatty() else None
    spend.show(sys.stdout, told, now, form, cells, first)
    return OK


def _forget(flags: Flags) -> int:
    """What was deleted since the last run is archived first, else it would come back."""
    from agtop import paths, wiring
    from agtop.history import History
    from agtop.spend import Clock
    from agtop.verbs import spend

    with wiring.place(demo=False) as place:
        wants = wiring.wants(flags, place)
        with closing(wiring.collector(wants, place, patience(flags))) as collector:
            complete(collector)
    agents = [agent.name for agent in wants.agents]
    history = History(paths.state_dir(), lambda _cwd: None)
    return spend.forget(history, agents, flags.repo, flags.before, time.time(), Clock(), _print)
