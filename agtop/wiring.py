"""What flags and config.toml come to, and the parts put together from it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import asdict

from agtop.chosen import chosen_agents, matcher, sort_column
from agtop.errors import AgtopError, ConfigError, UsageError
from agtop.model import Record, Totals, replace

if TYPE_CHECKING:
    from agtop.agents.base import Agent
    from agtop.budgets import Spending
    from agtop.collector import Collector
    from agtop.columns import Column
    from agtop.config import Config
    from agtop.conflicts import Conflicts
    from agtop.flags import Flags
    from agtop.model import Host, Process, Session, Snapshot, Weight
    from agtop.pricing import Prices
    from agtop.safe import Shield
    from agtop.sources import Inventory
    from agtop.sources.app_server import Probe
    from agtop.spend.proxy.ask import Ask
    from agtop.trace.commands import Tracing
    from agtop.verbs.means import Means

FIRST_LOOK = 0.03
"""Seconds of reading before the first rows are shown where there is no index."""


class Place(Record):
    """Whose sessions are shown."""

    home: Path
    environ: Mapping[str, str]
    config: Config
    is_kept: bool = True
    """There tomorrow, so that it is worth an index."""


class Wants(Record):
    """The flags and config.toml, checked and put together."""

    flags: Flags
    config: Config
    agents: tuple[Agent, ...]
    column: Column
    """To sort by."""
    matches: Callable[[Session], bool] | None
    """None shows every session."""
    shield: Shield | None = None
    """What everything goes through under --safe."""

    @property
    def delay(self) -> float:
        return self.config.delay if self.flags.delay is None else self.flags.delay

    def arranged(self, snapshot: Snapshot) -> Snapshot:
        """The sessions that were asked for, in the order that was asked for, and their totals."""
        from agtop.columns import order

        matches = self.matches
        if matches is not None:
            kept = tuple(session for session in snapshot.sessions if matches(session))
            snapshot = replace(snapshot, sessions=kept, totals=Totals.of(kept))
        ordered = order(snapshot.sessions, self.column, reverse=False)
        return self.safe(replace(snapshot, sessions=ordered))

    def safe(self, snapshot: Snapshot) -> Snapshot:
        """What of it may be shown."""
        return snapshot if self.shield is None else self.shield.snapshot(snapshot)


@contextmanager
def place(demo: bool) -> Generator[Place]:
    """The user's own home, or an invented one for as long as it is needed.

    Raises:
        AgtopError: there is no home, or config.toml cannot be followed.
    """
    from agtop.config import Config

    if demo:
        from agtop.demo import running

        with running() as fleet:
            yield Place(fleet.home, fleet.environ, Config(), is_kept=False)
        return
    from agtop import paths

    try:
        home = paths.home()
    except RuntimeError:
        raise AgtopError("the system knows no home directory; set HOME") from None
    yield Place(home, os.environ, load_config())


def load_config() -> Config:
    from agtop import config, paths
    from agtop.columns import BY_NAME

    def agents() -> tuple[str, ...]:
        from agtop.agents import AGENTS

        return tuple(agent.name for agent in AGENTS)

    return config.load(paths.config_dir(), agents, BY_NAME)


def check_config(text: str) -> None:
    """Raises ConfigError for a config.toml that agtop could not follow."""
    from agtop import config
    from agtop.agents import AGENTS
    from agtop.columns import BY_NAME

    config.parse(text, lambda: [agent.name for agent in AGENTS], BY_NAME)


def wants(flags: Flags, place: Place) -> Wants:
    """Put `flags` above the config. Raises UsageError."""
    from agtop.agents import AGENTS

    config = place.config
    known = (*AGENTS, *_own_agents(config, AGENTS))
    if flags.plan is not None:
        config = replace(config, plan=flags.plan, plans={})
    names = [name for text in flags.agents for name in text.split(",")]
    return Wants(
        flags,
        config,
        chosen_agents(names, known),
        sort_column(config.sort if flags.sort is None else flags.sort),
        matcher(flags.filter),
        _shield(flags),
    )


def _shield(flags: Flags) -> Shield | None:
    if not flags.safe:
        return None
    from agtop.safe import Shield

    return Shield()


def _own_agents(config: Config, known: Sequence[Agent]) -> tuple[Agent, ...]:
    """Those that config.toml describes."""
    if not config.agents:
        return ()
    from agtop.agents.own import own_agent

    formats = {agent.name: agent for agent in known}
    return tuple(
        own_agent(
            name,
            own.label or name,
            own.command,
            own.transcripts,
            formats.get(own.format or ""),
            own.provider,
        )
        for name, own in config.agents.items()
    )


def collector(wants: Wants, place: Place, patience: float | None) -> Collector:
    """What takes the snapshots. Raises ConfigError for a price nobody can apply."""
    from agtop import paths
    from agtop.collector import Collector, Wishes
    from agtop.history import History
    from agtop.index import Index
    from agtop.projects import Projects

    config, stays = wants.config, patience is not None
    wishes = Wishes(
        config.plan,
        config.covered(agent.name for agent in wants.agents),
        {name: tuple(map(_expanded, folders)) for name, folders in config.roots.items()},
        config.models,
        {"claude": paths.state_dir() / "status"} if place.is_kept else {},
        patience,
        tells_elsewhere=not wants.flags.demo,
        forks=wants.flags.one_shot,
        catches_up=stays,
    )
    computer = Computer(wants.agents)
    listed = prices(config)
    history = History(paths.state_dir(), Projects().name)
    index = Index(paths.cache_dir(), listed.fingerprint, history, stays) if place.is_kept else None
    return Collector(
        wants.agents,
        place.home,
        place.environ,
        listed,
        computer,
        wishes,
        index=index,
        conflicts=_conflicts(wants.flags.window, place.is_kept),
        ticks=time.monotonic,
    )


def tracing(wants: Wants) -> Tracing:
    """What `agtop trace` was asked for. Raises UsageError."""
    from agtop.trace.choice import Choice, kinds
    from agtop.trace.commands import Tracing
    from agtop.trace.follow import openers

    flags = wants.flags
    try:
        choice = Choice(kinds(flags.kinds), flags.grep)
    except ValueError as error:
        raise UsageError(f"--kind: {error}") from None
    return Tracing(flags.target, flags.stream, choice, flags.last, openers(wants.agents))


def _conflicts(window: float | None, is_kept: bool) -> Conflicts:
    """With the history of earlier runs, unless they are looked for in another way than usual."""
    from agtop import paths
    from agtop.conflicts import WINDOW, Conflicts, History

    has_history = is_kept and window is None
    history = History(paths.state_dir() / "conflicts.json") if has_history else None
    return Conflicts(window or WINDOW, history=history)


def prices(config: Config) -> Prices:
    """The price list under the user's own prices. Raises ConfigError."""
    from agtop.pricing import Override, Prices

    try:
        overrides = {model: Override(**asdict(p)) for model, p in config.prices.items()}
        return Prices(overrides, windows=config.windows)
    except ValueError as error:
        raise ConfigError(f"config.toml: [prices]: {error}") from None


class Computer:
    """The process table and the machine's own figures."""

    def __init__(self, agents: Iterable[Agent]) -> None:
        from agtop.agents.signatures import SIGNATURES
        from agtop.processes.machine import Machine
        from agtop.processes.table import ProcessTable

        signatures = {**SIGNATURES, **{agent.name: agent.signature for agent in agents}}
        holds_transcript = frozenset(agent.name for agent in agents if agent.holds_transcript)
        self._table = ProcessTable(signatures, holds_transcript)
        self.source = self._table.source
        self._machine = Machine()

    def sample(self, now: float) -> tuple[Process, ...]:
        return self._table.sample(now, time.monotonic())

    def host(self) -> Host:
        return self._machine.host()

    def weight(self, now: float) -> Weight:  # noqa: ARG002  # a clock may be set, and spikes
        return self._machine.weight(time.monotonic())


def means(
    wants: Wants,
    snapshot: Callable[[], Snapshot],
    say: Callable[[str], object],
    wait: Callable[[float], object],
    cells: int | None,
) -> Means:
    """What verbs work with."""
    from agtop import paths
    from agtop.control import Me
    from agtop.registry import Registry
    from agtop.verbs.means import Means

    computer = Computer(wants.agents)
    return Means(
        computer.source,
        lambda: computer.sample(time.time()),
        snapshot,
        Registry(paths.state_dir()),
        Me.of(computer.source),
        say,
        time.time(),
        time.monotonic,
        wait,
        cells,
    )


def spending(wants: Wants, collector: Collector) -> Callable[[Snapshot], Spending]:
    """What was spent today and this week; to be asked in the collector's thread."""
    from agtop.config import WEEKDAYS
    from agtop.spans import Spans

    spans = Spans(collector.expenses, WEEKDAYS.index(wants.config.week_starts))
    return lambda snapshot: (spans.span(snapshot), spans.gone)


def app_server(environ: Mapping[str, str]) -> Probe | None:
    """What asks the app server of Codex that the environment names, if it names one."""
    from agtop.sources.app_server import VARIABLE

    url = environ.get(VARIABLE, "").strip()
    if not url:
        return None
    from agtop.sources.asking import probe

    return lambda: probe(url)


def proxy(environ: Mapping[str, str]) -> Ask:
    """What asks the LiteLLM proxy that the environment names, once the user wants it."""
    from agtop.spend.proxy.ask import asks

    return asks(environ)


def inventory(wants: Wants, place: Place) -> Inventory:
    """What the agents that were asked for are set up with, here and in this repository."""
    from agtop.inventory import Where, take
    from agtop.projects import repository

    here = repository(_working_directory()) if place.is_kept else None
    where = Where(place.home, place.environ, None if here is None else Path(here))
    return take(where, time.time(), [agent.name for agent in wants.agents])


def _working_directory() -> str:
    try:
        return os.getcwd()
    except OSError:  # it was removed
        return ""


def _expanded(folder: str) -> Path:
    return Path(os.path.expanduser(folder))
