"""What verbs that only look print: `agtop sources`, `inventory`, `metrics`, and JSON Schemas."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from agtop import listing, wiring
from agtop.console import OK, complete, never_fail_to_encode, patience, until_interrupted

if TYPE_CHECKING:
    from agtop.collector import Collector
    from agtop.flags import Flags
    from agtop.metrics import Sample
    from agtop.model import Snapshot
    from agtop.sources import Inventory
    from agtop.wiring import Place


def schema(verb: str | None) -> int:
    """Print the JSON Schema of a verb's document, or of `agtop --json`."""
    from agtop.export import contract_schema, inventory_schema, json_schema, write_json

    of_verb = {"sources": contract_schema, "inventory": inventory_schema}
    write_json(sys.stdout, of_verb.get(verb or "", json_schema)())
    return OK


def sources(flags: Flags) -> int:
    """Print what each agent's files are like."""
    from agtop.sources import examine

    with wiring.place(flags.demo) as place:
        wants = wiring.wants(flags, place)
        with closing(wiring.collector(wants, place, patience(flags))) as collector:
            snapshot = complete(collector)
            reports = collector.sources()
        probe = wiring.app_server(place.environ)
        inventory = wiring.inventory(wants, place) if flags.json else None
    server = None if probe is None else probe()
    if flags.safe or flags.json:
        from agtop.safe import Shield

        shield = Shield()
        snapshot, reports = shield.snapshot(snapshot), shield.records(reports)
        server = None if server is None else shield.records([server])[0]
    found = examine(snapshot, reports, server, inventory)
    if flags.json:
        from agtop.export import write_json
        from agtop.export.contract import contract

        write_json(sys.stdout, contract(snapshot, found))
        return OK
    from agtop import doctor

    return _print(doctor.text(found, _page(flags)))


def inventory(flags: Flags) -> int:
    """Print what agents are set up with."""
    with wiring.place(flags.demo) as place:
        found = wiring.inventory(wiring.wants(flags, place), place)
    now = time.time()
    if flags.safe:
        from agtop.safe import Shield

        safe: Inventory = {kind: Shield().records(rows) for kind, rows in found.items()}
        found = safe
    if flags.json:
        from agtop.export import write_json
        from agtop.export.contract import inventory

        write_json(sys.stdout, inventory(found, now))
        return OK
    from agtop import stock

    return _print(stock.text(found, now, _page(flags)))


def metrics(flags: Flags) -> int:
    """Write samples of what agents take, once or until interrupted."""
    from agtop.verbs import metrics

    tell = _teller(flags)
    with wiring.place(flags.demo) as place:
        wants = wiring.wants(flags, place)
        with closing(wiring.collector(wants, place, patience(flags))) as collector:
            first = complete(collector)
            sample = _sampler(collector, place)

            def watch(every: float) -> None:
                for number in metrics.beats(every, time.monotonic, time.sleep):
                    tell(sample(complete(collector) if number else first))

            every = flags.every or (None if flags.once or flags.to is None else metrics.UNSAID)
            if every is not None:
                return until_interrupted(partial(watch, every))
            tell(sample(first))
    return OK


def _teller(flags: Flags) -> Callable[[Sample], None]:
    """Writes samples as they were asked for."""
    from agtop import __version__
    from agtop.export import encode
    from agtop.metrics import Log, Page
    from agtop.privacy import label
    from agtop.verbs.metrics import form_of, to_stream

    def told(name: str) -> str:
        return label(name) or "" if flags.safe and name else name

    form = flags.form or form_of(flags.to)
    page = Page(form, __version__, told, partial(encode, indent=None))
    return to_stream(sys.stdout, page) if flags.to is None else Log(flags.to, page).write


def _sampler(collector: Collector, place: Place) -> Callable[[Snapshot], Sample]:
    """Takes samples of snapshots, from the one that the collector just took."""
    from agtop import paths
    from agtop.metrics import Efforts, Meter, Purse
    from agtop.processes.source import system_source

    source = system_source()
    folders = (paths.cache_dir(), paths.state_dir()) if place.is_kept else ()
    meter = Meter(Efforts(source), Purse(collector.expenses()), folders)

    def sample(snapshot: Snapshot) -> Sample:
        return meter.sample(snapshot, collector.processes, time.monotonic(), source.swap())

    return sample


def _page(flags: Flags) -> listing.Page:
    return listing.page(sys.stdout, os.environ, colour=not flags.no_color)


def _print(lines: Sequence[str]) -> int:
    never_fail_to_encode(sys.stdout)
    sys.stdout.write("\n".join(lines) + "\n")
    return OK
