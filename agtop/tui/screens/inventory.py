"""Inventory: what agents are set up with, as counts, names and states."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from textual import on, work
from textual.content import Content
from textual.message import Message
from textual.worker import Worker, WorkerState

from agtop.inventory.facts import COLUMNS, RIGHT, absent, cells, is_risk, sections
from agtop.model import SourceRow
from agtop.sources import Inventory
from agtop.text import line
from agtop.tui.screens.sheet import Sheet
from agtop.tui.tabs.facts import columns, heading, wrapped
from agtop.tui.tones import QUIET, STRONG, WARN
from agtop.tui.words import figure, quiet, toned

LOG = logging.getLogger("agtop.tui")

Take = Callable[[], Inventory]
"""Looks at what agents are set up with. Called from a thread of its own."""


class InventoryScreen(Sheet):
    NAME = "Inventory: what agents are set up with"

    @dataclass
    class Found(Message):
        """The thread has looked."""

        inventory: Inventory
        at: float

    def __init__(self, take: Take | None) -> None:
        super().__init__()
        self._take = take
        self._found: InventoryScreen.Found | None = None
        self._waits = "looking…" if take is not None else "The settings are not at hand here."

    def on_mount(self) -> None:
        super().on_mount()
        if self._take is not None:
            self.look(self._take)

    @work(thread=True, exclusive=True, exit_on_error=False, group="inventory")
    def look(self, take: Take) -> None:
        """It may take a second, which neither keys nor rounds wait for."""
        self.post_message(self.Found(take(), time.time()))

    @on(Found)
    def show(self, message: Found) -> None:
        self._found = message
        self.redraw()

    @on(Worker.StateChanged)
    def report(self, message: Worker.StateChanged) -> None:
        """A bug in the thread: it is told here, and the log has the rest."""
        worker = cast("Worker[object]", message.worker)  # pyright: ignore[reportUnknownMemberType]
        if message.state is WorkerState.ERROR and worker.error is not None:
            LOG.error("%s", "".join(traceback.format_exception(worker.error)))
            self.fail("The settings could not be read; the details are in the log.")

    def fail(self, reason: str) -> None:
        self._waits = line(reason)
        self.redraw()

    def lines(self, width: int, /) -> Sequence[Content]:
        if self._found is None:
            return [quiet(self._waits)]
        return [*_drawn(self._found.inventory, self._found.at, width)]


def _drawn(inventory: Inventory, now: float, width: int) -> Iterator[Content]:
    found = sections(inventory)
    titles = [toned(title, QUIET) for title in COLUMNS]
    rows = [_row(row, now) for _, each in found for row in each]
    table = iter(columns([titles, *rows], RIGHT, gap=2))
    head = next(table)
    for name, each in found:
        yield heading(name)
        yield head
        for _ in each:
            yield next(table)
        yield Content("")
    missing = absent(inventory)
    if missing:
        yield from (part.stylize(QUIET) for part in wrapped(missing, width))


def _row(row: SourceRow, now: float) -> list[Content]:
    agent, kind, name, status, count, changed, details = (line(c) for c in cells(row, now))
    bad = WARN if is_risk(row) or row.status == "degraded" else ""
    return [
        toned(agent),
        quiet(kind),
        toned(name, STRONG),
        toned(status, bad or QUIET),
        figure(count),
        figure(changed),
        toned(details, bad),
    ]
