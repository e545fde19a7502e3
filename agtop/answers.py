"""What the verbs that only look print: `agtop sources`, `agtop inventory` and the JSON Schemas."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from agtop import listing, wiring
from agtop.console import OK, complete, never_fail_to_encode, patience

if TYPE_CHECKING:
    from agtop.flags import Flags
    from agtop.sources import Inventory


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


def _page(flags: Flags) -> listing.Page:
    return listing.page(sys.stdout, os.environ, colour=not flags.no_color)


def _print(lines: Sequence[str]) -> int:
    never_fail_to_encode(sys.stdout)
    sys.stdout.write("\n".join(lines) + "\n")
    return OK
