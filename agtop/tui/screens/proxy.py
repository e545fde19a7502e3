"""The other side of the page of what was spent: what the LiteLLM proxy booked, asked for here."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on, work
from textual.binding import BindingType
from textual.content import Content
from textual.worker import Worker, WorkerState

from agtop.errors import ProxyError
from agtop.model import Record
from agtop.spend import Clock, Period, Span, Use
from agtop.spend.period import EVERYTHING, period
from agtop.spend.proxy.beside import Beside, Line, beside
from agtop.spend.proxy.bill import asked
from agtop.spend.proxy.told import COLUMNS, day_label, facts, label, row, total_row, weight
from agtop.spend.told import bar
from agtop.text import cut, line
from agtop.tui.keys import bind
from agtop.tui.screens.sheet import Page, Sheet
from agtop.tui.strip import SPINNER, TURN
from agtop.tui.tabs.facts import columns, wrapped
from agtop.tui.tones import ACCENT, QUIET, STRONG, WARN
from agtop.tui.words import figure, quiet, toned

if TYPE_CHECKING:
    from agtop.spend.proxy.ask import Ask
    from agtop.tui.collecting import Collecting

_NAME, _LABEL, _NARROW_LABEL = 11, 40, 24
_WIDE = 96
"""Cells from which the tables have bars beside them."""
_MOST = 200
"""Models; the rest is for --json."""


class Waiting(Record):
    """Since when, and for what."""

    since: float
    step: str = ""


class ProxyScreen(Sheet):
    NAME = "Spend: what the LiteLLM proxy booked"
    DEFAULT_CSS = "ProxyScreen Page { height: 100%; }"
    """It stands still while answers come, and hides the page it is the other side of."""
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("proxy.back", "p,left,backspace", "dismiss", "Back", "Back to agtop's own count"),
        bind("proxy.again", "r", "again", "Ask again", "Ask the proxy again", show=True),
        bind("proxy.day", "d", "span('day')", "Day", "Today", show=True),
        bind("proxy.week", "w", "span('week')", "Week", "This week", show=True),
        bind("proxy.month", "m", "span('month')", "Month", "This month", show=True),
        bind("proxy.all", "a", "span('all')", "All", "Everything there is", show=True),
        bind("proxy.earlier", "left_square_bracket", "shift(-1)", "Earlier", "The period before"),
        bind("proxy.later", "right_square_bracket", "shift(1)", "Later", "The period after"),
    ]

    def __init__(
        self,
        ask: Ask,
        wanted: Period,
        found: Sequence[Use],
        first_weekday: int = 0,
        now: Callable[[], float] = time.time,
    ) -> None:
        """
        Args:
            wanted: the days to begin with.
            found: everything that agtop counts itself.
        """
        super().__init__()
        self._ask, self._period, self._found = ask, wanted, found
        self._first_weekday, self._now = first_weekday, now
        self._waiting: Waiting | None = None
        self._told: Beside | None = None
        self._failed = ""

    def on_mount(self) -> None:
        self.query_one(Page).border_subtitle = Content(" r asks again · Esc goes back ")
        self.set_interval(TURN, self._turn)
        self.action_again()

    # Asking

    def action_again(self) -> None:
        self._told, self._failed = None, ""
        self._waiting = Waiting(time.monotonic())
        self.answer(self._period)
        self.redraw()

    @work(exclusive=True, exit_on_error=False, group="proxy")
    async def answer(self, wanted: Period) -> None:
        """Ask; on the screen's own loop, so that leaving the page ends it at once."""
        now = self._now()
        first, last = asked(wanted, now)
        try:
            bill = await self._ask(first, last, self._hear)
        except ProxyError as error:
            self.fail(str(error))
            return
        told = await asyncio.to_thread(partial(beside, wanted, bill, self._found, now))
        self._told, self._waiting = told, None
        self.redraw()

    def _hear(self, step: str) -> None:
        if self._waiting is not None:
            self._waiting = Waiting(self._waiting.since, step)

    def fail(self, reason: str) -> None:
        self._failed, self._waiting = reason, None
        self.redraw()

    @on(Worker.StateChanged)
    def _report(self, message: Worker.StateChanged) -> None:
        """A bug: the app tells of it as of any other, but hears only of its own workers."""
        if message.state is WorkerState.ERROR:
            cast("Collecting", self.app).report(message)  # pyright: ignore[reportUnknownMemberType]
            self.fail("What the proxy says could not be read; the details are in the log.")

    def _turn(self) -> None:
        if self._waiting is not None:
            self.redraw()

    # Keys

    def action_span(self, span: Span) -> None:
        today = Clock().today(self._now())
        self._go(EVERYTHING if span == "all" else period(span, today, self._first_weekday))

    def action_shift(self, steps: int) -> None:
        self._go(self._period.shifted(steps))

    def _go(self, wanted: Period) -> None:
        if wanted != self._period:
            self._period = wanted
            self.action_again()

    # What is shown

    def lines(self, width: int, /) -> Sequence[Content]:
        heading = toned(f"{self._period} · booked by the proxy", STRONG)
        if self._failed:
            return [heading, Content(""), *wrapped(self._failed, width)]
        if self._told is None:
            return [heading, Content(""), self._under_way()]
        told = self._told
        found = [heading, Content(""), *_table("MODEL", told.models, label, width, total_row(told))]
        found.append(Content(""))
        for name, said in facts(told):
            tone = WARN if name == "missing" else QUIET
            for number, part in enumerate(wrapped(said, width - _NAME)):
                found.append(Content.assemble((f"{'' if number else name:<{_NAME}}", tone), part))
        if len(told.days) > 1:
            found += [Content(""), *_table("DAY", told.days, day_label, width)]
        return found

    def _under_way(self) -> Content:
        if self._waiting is None:
            return quiet("not asked yet")
        elapsed = time.monotonic() - self._waiting.since
        sign = SPINNER[int(elapsed / TURN) % len(SPINNER)]
        step = f", {self._waiting.step}" if self._waiting.step else ""
        return Content.assemble(
            (f"{sign} ", ACCENT), f"asking the proxy{step}", (f"   {elapsed:.0f} s", QUIET)
        )


def _table(
    title: str,
    lines: Sequence[Line],
    name: Callable[[Line], str],
    width: int,
    total: tuple[str, ...] | None = None,
) -> Iterator[Content]:
    most = max((weight(each) for each in lines), default=0)
    shown = lines[:_MOST]
    cells = _LABEL if width >= _WIDE else _NARROW_LABEL
    rows = [[toned(cell, QUIET) for cell in (title, *COLUMNS)]]
    rows += [
        [toned(cut(line(name(each)), cells), STRONG), *map(figure, row(each))] for each in shown
    ]
    if total is not None:
        rows.append([quiet("total"), *map(figure, total)])
    right = (False, *(True for _ in COLUMNS))
    drawn = columns(rows, right, gap=2 if width >= _WIDE else 1)
    for number, each in enumerate(shown, 1):
        room = min(24, width - drawn[number].cell_length - 2)
        if width >= _WIDE and room > 0:
            tail = bar(weight(each), most, room)
            drawn[number] = Content.assemble(drawn[number], "  ", (tail, ACCENT))
    if len(lines) > _MOST:
        drawn.append(quiet(f"and {len(lines) - _MOST:,} more; agtop spend --proxy has them all"))
    yield from drawn
