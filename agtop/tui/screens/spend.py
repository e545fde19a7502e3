"""Spend: where the money went, bar by bar, down to the sessions and back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message

from agtop.model import Expenses
from agtop.spend import Clock, Report, Row, Span, Use, report, uses
from agtop.spend.period import month_of
from agtop.spend.view import View
from agtop.text import line
from agtop.tui.keys import bind
from agtop.tui.screens.sheet import Page, Sheet
from agtop.tui.screens.spent import Drawing, Item, More, held, place_of
from agtop.tui.words import quiet, toned

if TYPE_CHECKING:
    from agtop.spend.proxy.ask import Ask

Stop = tuple[View, object, Mapping[object, bool]]
"""A page that was left: what it showed, what the cursor stood on, and what was unfolded."""


class SpendScreen(Sheet):
    NAME = "Spend: where the money went"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("spend.up", "up,k", "move(-1)", "Up", "The row above"),
        bind("spend.down", "down,j", "move(1)", "Down", "The row below"),
        bind("spend.into", "enter", "into", "Open", "Its sessions; the session itself", show=True),
        bind("spend.expand", "space,right", "expand", "Expand", "Its sessions below it", show=True),
        bind("spend.back", "escape,left,backspace", "back", "Back", "Back, and out", show=True),
        bind("spend.by", "b", "by", "By", "By agent, model, repository, session…", show=True),
        bind("spend.day", "d", "span('day')", "Day", "Today", show=True),
        bind("spend.week", "w", "span('week')", "Week", "This week", show=True),
        bind("spend.month", "m", "span('month')", "Month", "This month", show=True),
        bind("spend.all", "a", "span('all')", "All", "Everything there is", show=True),
        bind("spend.earlier", "left_square_bracket", "shift(-1)", "Earlier", "The period before"),
        bind("spend.later", "right_square_bracket", "shift(1)", "Later", "The period after"),
        bind("spend.proxy", "p", "proxy", "Proxy", "Ask the LiteLLM proxy", show=True),
        bind("spend.sort-left", "less_than_sign", "sort(-1)", "Sort", "By the column to the left"),
        bind("spend.sort", "greater_than_sign", "sort(1)", "Sort", "By the column to the right"),
        bind("spend.invert", "I", "invert", "Invert", "Turn the order round"),
    ]

    @dataclass
    class Found(Message):
        """The collector's thread has told what was used."""

        uses: list[Use]

    @dataclass
    class Told(Message):
        """A page is added up."""

        view: View
        report: Report

    @dataclass
    class SessionChosen(Message):
        """Somebody wants to see it in the table."""

        key: str

    def __init__(
        self,
        first_weekday: int = 0,
        budget: float | None = None,
        titles: Mapping[str, str] | None = None,
        now: Callable[[], float] = time.time,
        view: View | None = None,
        proxy: Ask | None = None,
        asks_proxy: bool = False,
    ) -> None:
        """
        Args:
            budget: dollars that a week may cost.
            titles: a session's key → what it is about, of those that are still there.
            view: the first page; this month by repository where it is not said.
            proxy: asks the LiteLLM proxy; None where there is none to ask.
            asks_proxy: that page is to open once everything is known.
        """
        super().__init__()
        self._clock, self._now, self._proxy = Clock(), now, proxy
        self._first_weekday, self._budget = first_weekday, budget
        self._titles = titles or {}
        self._uses: list[Use] | None = None
        self._report: Report | None = None
        self._failed = ""
        self._view = view or View(month_of(self._clock.today(now())))
        self._stack: list[Stop] = []
        self._open: dict[object, bool] = {}
        """Keys of rows whose sessions are shown below them → whether all of them are."""
        self._cursor = 0
        self._told: object = None
        """Which page the report is of."""
        self._wanted: object = None
        """What the cursor is to stand on once the page is told."""
        self._drawing: Drawing | None = None
        self._asks_proxy = asks_proxy

    # What comes in

    def on_mount(self) -> None:
        """The keys are the screen's own: it has a cursor."""
        self.query_one(Page).border_subtitle = Content(" p asks the LiteLLM proxy · Esc goes back ")

    def find(self, expenses: Callable[[], tuple[Expenses, ...]]) -> None:
        """Have everything told; in the thread of the collector."""
        self.post_message(self.Found(uses(expenses(), self._clock)))

    @on(Found)
    def take(self, message: Found) -> None:
        self._uses, self._failed = message.uses, ""
        self.add_up(self._view)
        if self._asks_proxy:
            self._asks_proxy = False
            self.action_proxy()

    @work(thread=True, exclusive=True, exit_on_error=False, group="spend")
    def add_up(self, view: View) -> None:
        """Beside the screen's own thread: a long history takes a while, and keys do not wait."""
        found = view.of(self._uses or ())
        told = report(
            found,
            view.period,
            view.cut,
            self._now(),
            self._clock,
            self._first_weekday,
            None if view.inside else self._budget,  # it is not for a part of what is spent
        )
        self.post_message(self.Told(view, told))

    @on(Told)
    def tell(self, message: Told) -> None:
        if message.view.page != self._view.page:
            return
        is_same = message.view.page == self._told
        wanted = held(self._item) if is_same else self._wanted
        self._report, self._told, self._wanted = message.report, message.view.page, None
        self.redraw()
        if wanted is not None:
            self._hold(wanted)
        if not is_same:
            self.query_one(Page).scroll_home(animate=False)
            self.call_after_refresh(self._show_cursor)

    def _hold(self, wanted: object) -> None:
        """The cursor stays with what it stood on, wherever that is now."""
        here = place_of(self._items, wanted)
        if here is not None and here != self._cursor:
            self._cursor = here
            self.redraw()

    def know(self, titles: Mapping[str, str]) -> None:
        """What sessions are about by now."""
        self._titles = titles

    def fail(self, reason: str) -> None:
        self._failed = reason
        self.redraw()

    # Keys

    def action_move(self, steps: int) -> None:
        before, self._cursor = self._cursor, max(0, min(self._cursor + steps, len(self._items) - 1))
        if before == self._cursor:  # what lies above the first and below the last is seen too
            self.query_one(Page).scroll_relative(y=steps, animate=False)
            return
        self.redraw()
        self._show_cursor()

    def action_into(self) -> None:
        item = self._item
        if isinstance(item, date):
            self._go(self._view.on(item))
        elif isinstance(item, More):
            self._open[item.key] = True
            self.redraw()
        elif item is not None and self._is_session(item):
            self.post_message(self.SessionChosen(str(item.key)))
        elif item is not None:
            self._go(self._view.into(item))

    def action_expand(self) -> None:
        item = self._item
        if isinstance(item, More):
            self.action_into()
        elif isinstance(item, Row) and not self._is_session(item):
            if self._open.pop(item.key, None) is None:
                self._open[item.key] = False
            self.redraw()

    def action_back(self) -> None:
        if not self._stack:
            self.dismiss()
            return
        view, self._wanted, unfolded = self._stack.pop()
        self._cursor, self._open = 0, dict(unfolded)
        self._change(view)

    def action_by(self) -> None:
        self._cursor = 0
        self._open.clear()
        self._change(self._view.by_next())

    def action_span(self, span: Span) -> None:
        today = self._clock.today(self._now())
        self._change(self._view.of_span(span, today, self._first_weekday))

    def action_shift(self, steps: int) -> None:
        self._change(self._view.moved(steps))

    def action_sort(self, step: int) -> None:
        self._change(self._view.sorted_by(step))

    def action_invert(self) -> None:
        self._change(self._view.inverted())

    def action_proxy(self) -> None:
        """Open the page that asks the proxy: nobody is asked before."""
        if self._proxy is None or self._uses is None:
            nobody = "There is no LiteLLM proxy to ask here."
            early = "What was used is still being added up; press it again then."
            self.notify(nobody if self._proxy is None else early, markup=False)
            return
        from agtop.tui.screens.proxy import ProxyScreen

        period, first = self._view.period, self._first_weekday
        page = ProxyScreen(self._proxy, period, self._uses, first, self._now)
        self.app.push_screen(page)  # pyright: ignore[reportUnknownMemberType]

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self._text)
        if offset is None or self._drawing is None:
            return
        if offset.y == self._drawing.titles_at:
            name = self._drawing.column(offset.x)
            if name is not None:
                self._change(self._view.sorted_on(name))
        elif offset.y in self._places:
            here = self._places.index(offset.y)
            if here == self._cursor:
                self.action_into()
            else:
                self._cursor = here
                self.redraw()

    @property
    def _items(self) -> Sequence[Item]:
        return self._drawing.items if self._drawing is not None else ()

    @property
    def _places(self) -> Sequence[int]:
        return self._drawing.places if self._drawing is not None else ()

    @property
    def _item(self) -> Item | None:
        return self._items[self._cursor] if self._cursor < len(self._items) else None

    def _is_session(self, item: Row) -> bool:
        return item.key in self._sessions

    @property
    def _sessions(self) -> set[object]:
        return {use.session for use in self._uses or ()} if self._report is not None else set()

    def _go(self, view: View) -> None:
        self._stack.append((self._view, held(self._item), dict(self._open)))
        self._cursor = 0
        self._open.clear()
        self._change(view)

    def _change(self, view: View) -> None:
        is_order = view.page == self._view.page
        self._view = view
        if is_order:
            self.redraw()
        elif self._uses is not None:
            self.add_up(view)

    def _show_cursor(self) -> None:
        if self._cursor < len(self._places):
            page, place = self.query_one(Page), self._places[self._cursor]
            top, height = round(page.scroll_y), page.scrollable_content_region.height
            if not top <= place < top + height:
                page.scroll_to(y=max(0, place - height // 2), animate=False)

    # What is shown

    def lines(self, width: int, /) -> Sequence[Content]:
        if self._failed:
            return [toned(line(self._failed))]
        if self._report is None:
            return [quiet("adding up what was used…")]
        self._drawing = Drawing(
            self._report, self._view, self._uses or (), self._titles, self._open, self._cursor,
            self._first_weekday,
        )  # fmt: skip
        return self._drawing.lines(width)
