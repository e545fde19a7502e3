"""What the verbs do: each picks its parts, and returns the exit code."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from functools import partial
from typing import TYPE_CHECKING

from agtop import answers, errands
from agtop.console import OK, complete, never_fail_to_encode, patience, say, until_interrupted

if TYPE_CHECKING:
    from agtop.activity import Effect
    from agtop.budgets import Spending
    from agtop.collector import Collector
    from agtop.flags import Flags
    from agtop.model import Snapshot
    from agtop.spend import Period
    from agtop.spend.proxy.bill import Bill


def run(flags: Flags, words: Sequence[str]) -> int:
    """Do what the verb asks for, and remember it where it is more than a look.

    Args:
        words: the command line, as it was typed.
    """
    effect = _effect(flags)
    if effect is None:
        return _do(flags, _print)
    from agtop import paths
    from agtop.activity import Activity, Entry

    activity, what = Activity(paths.state_dir()), f"agtop {shlex.join(words)}"
    said: list[str] = []

    def note(result: str) -> None:
        activity.add(Entry(time.time(), effect, what, result, "the command line"))

    def tell(sentence: str) -> None:
        _print(sentence)
        if effect == "signal":  # one by one: the next may take seconds, or never come
            note(sentence)
        else:
            said.append(sentence)

    status = _do(flags, tell)
    if effect != "signal":
        note(said[-1] if flags.verb == "scan" else ". ".join(said) or "done")
    return status


def _effect(flags: Flags) -> Effect | None:
    """What it changes outside, if anything."""
    match flags.verb:
        case "kill" | "pause" | "resume":
            return "signal"
        case "register" | "forget" | "history":
            return "file"
        case "scan" if flags.register:
            return "file"
        case "budget" if flags.amount is not None or flags.remove:
            return "file"
        case "statusline" if flags.deed in ("install", "remove"):
            return "file"
        case "bus" if flags.deed == "publish":
            return "bus"
        case "spend" if flags.proxy:
            return "host"
        case _:
            return None


def _do(flags: Flags, tell: Callable[[str], None]) -> int:
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
            return errands.statusline(flags.deed, tell)
        case "conflicts":
            return _conflicts(flags)
        case "spend":
            return _spend(flags)
        case "metrics":
            return answers.metrics(flags)
        case "history":
            return _forget(flags, tell)
        case _:
            return _verb(flags, tell)


def _trace(flags: Flags) -> int:
    from agtop import listing, wiring
    from agtop.trace import commands

    never_fail_to_encode(sys.stdout)
    page = listing.page(sys.stdout, os.environ, colour=not flags.no_color)
    printer = commands.Printer(
        sys.stdout, page.colour, page.cells if page.redraws else None, as_json=flags.json
    )
    if flags.stream is not None and flags.target is not None and flags.target.isdecimal():
        output = commands.tail_of(int(flags.target), flags.stream, flags.target, printer.writes_to)
        return commands.follow_output(printer, output, time.sleep)
    with wiring.place(flags.demo) as place:
        wants = wiring.wants(flags, place)
        with closing(wiring.collector(wants, place, patience(flags))) as collector:
            return commands.trace(
                wiring.tracing(wants), lambda: complete(collector), printer, say, time.sleep
            )


def _verb(flags: Flags, tell: Callable[[str], None]) -> int:
    from agtop import listing, wiring
    from agtop.model import replace

    never_fail_to_encode(sys.stdout)
    with wiring.place(demo=False) as place, ExitStack() as whole:
        wants = wiring.wants(flags, place)

        collectors: list[Collector] = []

        def snapshot() -> Snapshot:
            if not collectors:
                collector = wiring.collector(wants, place, patience(flags))
                collectors.append(whole.enter_context(closing(collector)))
            return complete(collectors[0])

        def spending(taken: Snapshot) -> Spending:
            return wiring.spending(wants, collectors[0])(taken)

        cells = listing.page(sys.stdout, os.environ).cells if sys.stdout.isatty() else None
        means = wiring.means(wants, snapshot, tell, _wait, cells)
        return errands.acted(flags, wants, replace(means, spending=spending))


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
    form = "json" if flags.json else "csv" if flags.csv else "text"
    cells = listing.page(sys.stdout, os.environ).cells if sys.stdout.isatty() else None
    with wiring.place(flags.demo) as place:
        wants = wiring.wants(flags, place)
        first = config.WEEKDAYS.index(wants.config.week_starts)
        period = spend.wanted(flags.span, flags.since, flags.until, now, clock, first)
        bill = _bill(period, now) if flags.proxy else None
        with closing(wiring.collector(wants, place, patience(flags))) as collector:
            complete(collector)
            expenses = collector.expenses()
            shield = wants.shield
            found = uses(expenses if shield is None else shield.records(expenses), clock)
    if bill is not None:
        from agtop.spend.proxy.beside import beside
        from agtop.verbs import proxy

        proxy.show(sys.stdout, beside(period, bill, found, now), now, form, cells, say)
        return OK
    told = report(found, period, flags.cut, now, clock, first, wants.config.week_budget)
    spend.show(sys.stdout, told, now, form, cells, first)
    return OK


def _bill(period: Period, now: float) -> Bill:
    """Asked before transcripts are read: what it takes to ask may be missing."""
    import asyncio

    from agtop import wiring
    from agtop.spend.proxy.bill import asked

    first, last = asked(period, now)
    return asyncio.run(wiring.proxy(os.environ)(first, last, lambda _: None))


def _forget(flags: Flags, tell: Callable[[str], None]) -> int:
    from agtop import wiring

    with wiring.place(demo=False) as place:
        wants = wiring.wants(flags, place)
        return errands.forget(flags, wants, place, patience(flags), tell)
