"""The full screen, with what it is given: everything, or under --safe what may be shown of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing, nullcontext
from functools import partial
from typing import TYPE_CHECKING

from agtop import paths, terminals, wiring
from agtop.model import replace

if TYPE_CHECKING:
    from agtop.collector import Collector
    from agtop.model import Cost, Response, Session, Snapshot, SourceReport
    from agtop.safe import Shield
    from agtop.sources import Inventory
    from agtop.sources.app_server import AppServer, Probe
    from agtop.tui.opening import Look, Opening
    from agtop.tui.purse import Purse
    from agtop.tui.remembered import Memory
    from agtop.wiring import Place, Wants

_TURN = 0.001
"""Seconds that a thread which reads may keep the one that answers keys waiting."""


def fill(
    wants: Wants,
    place: Place,
    collector: Collector,
    opening: Opening,
    probe: Probe | None = None,
) -> int:
    """Run the full screen to its end."""
    from agtop.tui.plain import needs_ascii

    is_plain = wants.config.ascii or needs_ascii(sys.__stderr__)
    opening.dress(wants.config.theme, is_plain)
    memory = _memory(wants)
    first = _first_look(wants, collector, opening, memory.look) if collector.is_new_here else None
    load_asyncio()
    from agtop.bus.feed import feed_of
    from agtop.errands import Errands
    from agtop.trace.follow import openers
    from agtop.tui.activity import Activity
    from agtop.tui.app import Agtop
    from agtop.tui.hands import borrow
    from agtop.tui.history import History
    from agtop.tui.keymap import keymap

    # What others say on the bus is theirs: a guest does not hear it.
    feed = feed_of(place.environ) if wants.shield is None else None
    agents = {agent.name: agent for agent in wants.agents}
    listed = wiring.prices(wants.config)
    told = _Owner(collector) if wants.shield is None else _Guest(collector, wants.shield)

    def price(session: Session, response: Response) -> Cost | None:
        agent = agents.get(session.agent)
        charge = None if agent is None else listed.charge(response, agent.provider)
        return None if charge is None else charge.cost()

    def resume(session: Session) -> str | None:
        # The command names the session: nobody needs that but its owner.
        agent = agents.get(session.agent)
        if agent is None or wants.shield is not None:
            return None
        return agent.resume(session.session_id)

    app = Agtop(
        lambda: wants.safe(collector.collect()),
        delay=wants.delay,
        why=told.why,
        look_into=told.look_into,
        price=price,
        resume=resume,
        sources=told.sources,
        app_server=None if probe is None else lambda: told.server(probe),
        # A transcript holds everything: it stays closed to guests.
        readers=openers(wants.agents) if wants.shield is None else {},
        glimpse=opening.glimpse,
        first=first,
        started=opening.hand_over,
        history=History(None if wants.flags.demo else paths.state_dir() / "commands"),
        keymap=keymap(wants.config.keys, Agtop.every_binding()),
        theme=wants.config.theme,
        ascii=is_plain,
        inventory=lambda: told.inventory(lambda: wiring.inventory(wants, place)),
        feed=feed,
        # Guests touch nothing, and budgets would tell them whose sessions these are.
        lend=partial(borrow, is_demo=wants.flags.demo) if wants.shield is None else None,
        readonly=wants.flags.readonly or wants.shield is not None,
        purse=_purse(wants, collector) if wants.shield is None else None,
        # Whose money went where is told by repository and session.
        spent=(collector.expenses, wants.config) if wants.shield is None else None,
        highlights=wants.flags.highlight,
        memory=memory,
    )
    if wants.shield is None:
        app.errands = Errands(wants, place, collector.expenses)
        app.activity = Activity(None if wants.flags.demo else paths.state_dir())
    app.opens_dashboard = wants.flags.dashboard
    if not wants.flags.demo and wants.shield is None:
        app.proxy = wiring.proxy(place.environ)
    terminals.connect(
        app,
        wants.config.alerts,
        wants.agents,
        runs_commands=not wants.flags.demo,
        may_jump=not wants.flags.demo and wants.shield is None,
    )
    sys.setswitchinterval(_TURN)
    with closing(feed) if feed is not None else nullcontext():
        app.run(mouse=not wants.flags.no_mouse)
    app.raise_bug()
    if app.snapshot.complete:
        opening.keep(replace(app.snapshot, sessions=app.table.tops), app.sort, app.look)
    return app.return_code or 0


def load_asyncio() -> None:
    """Load it without TLS, which it can do without: nothing here talks to the network, and the
    library takes 4 MB and a tenth of what is loaded."""
    if "ssl" in sys.modules or "asyncio" in sys.modules:
        return
    modules: dict[str, object] = sys.modules  # pyright: ignore[reportAssignmentType]
    modules["ssl"] = None  # to import it fails
    try:
        import asyncio  # noqa: F401  # pyright: ignore[reportUnusedImport]
    finally:
        del modules["ssl"]


def _purse(wants: Wants, collector: Collector) -> Purse:
    from agtop import purses

    spending = wiring.spending(wants, collector)
    if wants.flags.demo:
        return purses.invented(spending)
    return purses.purse(wants.config, wiring.load_config, wiring.check_config, spending)


def _memory(wants: Wants) -> Memory:
    """How the screen was left; a guest gets a new one, as filters and tags tell of sessions."""
    from agtop import paths
    from agtop.tui.remembered import Memory

    flags, usual = wants.flags, wants.column.name
    is_new = flags.demo or flags.fresh or wants.shield is not None
    folder = None if is_new else paths.state_dir()
    return Memory(folder, wants.config.columns, usual, flags.sort and usual, flags.filter)


def _first_look(wants: Wants, collector: Collector, opening: Opening, look: Look) -> Snapshot:
    """Show the newest sessions while Textual, which takes its time, is loaded."""
    first = collector.collect(wiring.FIRST_LOOK)
    progress = first.progress
    note = f"reading transcripts {progress.read:,} of {progress.total:,}"
    opening.show_rows(wants.arranged(first), wants.column.name, note, look)
    return wants.safe(first)


class _Owner:
    """Tells everything."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self.why = collector.why
        self.look_into = collector.look_into
        self.sources = collector.sources

    def server(self, ask: Probe) -> AppServer:
        return ask()

    def inventory(self, take: Callable[[], Inventory]) -> Inventory:
        return take()


class _Guest:
    """Tells what may be shown, and knows which sessions are meant."""

    def __init__(self, collector: Collector, shield: Shield) -> None:
        self._collector, self._shield = collector, shield

    def why(self, key: str) -> tuple[Response, ...]:
        session = self._shield.session(key)
        if session is None:
            return ()
        return self._shield.records(self._collector.why(session.key))

    def look_into(self, key: str) -> None:
        session = self._shield.session(key)
        if session is not None:
            self._collector.look_into(session.key)

    def sources(self) -> tuple[SourceReport, ...]:
        return self._shield.records(self._collector.sources())

    def server(self, ask: Probe) -> AppServer:
        return self._shield.records([ask()])[0]

    def inventory(self, take: Callable[[], Inventory]) -> Inventory:
        return {kind: self._shield.records(rows) for kind, rows in take().items()}
