"""Spend: where the money went, bar by bar, down to the sessions and back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message

from agtop.model import Expenses
from agtop.spend import Clock, Report, Row, Span, Use, report, rows, uses
from agtop.spend.period import month_of
from agtop.spend.told import COLUMNS, bar, facts, heat, money, most_of, row, weight
from agtop.spend.view import View
from agtop.text import cut, line
from agtop.tui.keys import bind
from agtop.tui.screens.sheet import Page, Sheet
from agtop.tui.tabs.facts import columns, wrapped
from agtop.tui.tones import ACCENT, CURSOR, QUIET, STRONG, fill_tone
from agtop.tui.words import figure, quiet, toned

if TYPE_CHECKING:
    from agtop.spend.proxy.ask import Ask

Item = Row | date
"""What the cursor can stand on: a row of the table or a day's bar."""
_NAME, _LABEL, _SUB = 11, 34, 12
_WIDE, _ROOMY, _SHORT = 120, 94, 27
"""Cells from which the table has bars beside it, and all columns; of a name where it has not."""
_SPARE = ("ANSWERS", "SESSIONS")
_KEYS = "Enter in · Space expand · b by · d w m a [ ] days · < > I order"


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
    ) -> None:
        """
        Args:
            budget: dollars that a week may cost.
            titles: a session's key → what it is about, of those that are still there.
            view: the first page; this month by repository where it is not said.
            proxy: asks the LiteLLM proxy; None where there is none to ask.
        """
        super().__init__()
        self._clock, self._now, self._proxy = Clock(), now, proxy
        self._first_weekday, self._budget = first_weekday, budget
        self._titles = titles or {}
        self._uses: list[Use] | None = None
        self._report: Report | None = None
        self._failed = ""
        self._view = view or View(month_of(self._clock.today(now())))
        self._stack: list[tuple[View, int]] = []
        self._open: set[object] = set()
        """Keys of rows whose sessions are shown below them."""
        self._cursor = 0
        self._told: object = None
        """Which page the report is of."""
        self._places: list[int] = []
        """Item → its line."""
        self._items: list[Item] = []

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
        is_same, held = message.view.page == self._told, _held(self._item)
        self._report, self._told = message.report, message.view.page
        self.redraw()
        if is_same:
            self._hold(held)
        else:
            self.query_one(Page).scroll_home(animate=False)
            self.call_after_refresh(self._show_cursor)

    def _hold(self, held: object) -> None:
        """The cursor stays with what it stood on, wherever that is now."""
        here = [number for number, each in enumerate(self._items) if _held(each) == held]
        if here and here[0] != self._cursor:
            self._cursor = here[0]
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
        elif item is not None and self._is_session(item):
            self.post_message(self.SessionChosen(str(item.key)))
        elif item is not None:
            self._go(self._view.into(item))

    def action_expand(self) -> None:
        item = self._item
        if isinstance(item, Row) and not self._is_session(item):
            self._open ^= {item.key}
            self.redraw()

    def action_back(self) -> None:
        if not self._stack:
            self.dismiss()
            return
        view, self._cursor = self._stack.pop()
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
        if offset is not None and offset.y in self._places:
            here = self._places.index(offset.y)
            if here == self._cursor:
                self.action_into()
            else:
                self._cursor = here
                self.redraw()

    @property
    def _item(self) -> Item | None:
        return self._items[self._cursor] if self._cursor < len(self._items) else None

    def _is_session(self, item: Row) -> bool:
        return item.key in self._sessions

    @property
    def _sessions(self) -> set[object]:
        return {use.session for use in self._uses or ()} if self._report is not None else set()

    def _go(self, view: View) -> None:
        self._stack.append((self._view, self._cursor))
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
        told = self._report
        self._items, self._places = [], []
        found = [self._heading(told), quiet(cut(_KEYS, width))]
        found += self._table(told, width, len(found))
        found.append(Content(""))
        for name, said in facts(told):
            tone = _tone(name, told)
            for number, part in enumerate(wrapped(said, width - _NAME)):
                head = (f"{'' if number else name:<{_NAME}}", QUIET)
                found.append(Content.assemble(head, part.stylize(tone) if tone else part))
        if len(told.days) > 1:
            found.append(Content(""))
            found += self._days(told, width, len(found))
        if told.total.requests:
            found.append(Content(""))
            found += _heat(told, self._first_weekday)
        return found

    def _heading(self, told: Report) -> Content:
        parts = [str(told.period), f"by {told.cut}", *(label for _, _, label in self._view.inside)]
        rises = self._view.reverse != (self._view.sort == "name")
        order = f"  {self._view.sort} {'▲' if rises else '▼'}"
        return Content.assemble((line(" · ".join(parts)), STRONG), (order, QUIET))

    def _table(self, told: Report, width: int, start: int) -> list[Content]:
        in_tokens = not told.total.pico
        most = most_of(told.rows, in_tokens)
        entries = list(self._entries(told, _LABEL if width >= _ROOMY else _SHORT))
        is_wide = width >= _WIDE
        fitting = [n for n, name in enumerate(COLUMNS) if width >= _ROOMY or name not in _SPARE]
        titles = [toned(name, QUIET) for name in (told.cut.upper(), *(COLUMNS[n] for n in fitting))]
        lines = [
            [
                toned(label, STRONG if depth == 0 else ""),
                *(figure(row(each)[n]) for n in fitting),
            ]
            for depth, label, each in entries
        ]
        right = (False, *(True for _ in fitting))
        drawn = columns([titles, *lines], right, gap=2 if width >= 100 else 1)
        for number, (_, _, each) in enumerate(entries, 1):
            if is_wide:
                length = min(24, width - drawn[number].cell_length - 2)
                tail = bar(weight(each.sum, in_tokens), most, max(1, length))
                drawn[number] = Content.assemble(drawn[number], "  ", (tail, ACCENT))
            drawn[number] = self._marked(each, drawn[number], start + number)
        return drawn

    def _entries(self, told: Report, cells: int) -> Iterator[tuple[int, str, Row]]:
        """(depth, label, row), with the sessions of those that are expanded."""
        for each in self._view.arranged(told.rows):
            yield 0, self._label(each, cells), each
            if each.key in self._open:
                for below in self._below(told, each):
                    yield 1, f"  {self._label(below, cells - 2)}", below

    def _below(self, told: Report, each: Row) -> list[Row]:
        inside = self._view.into(each).of(self._uses or ())
        now, before = (
            [
                use
                for use in inside
                if days is not None and days.holds(use.moment and use.moment.day)
            ]
            for days in (told.period, told.previous)
        )
        found = rows(now, "session", None if told.previous is None else before)
        return self._view.arranged(found)[:_SUB]

    def _label(self, each: Row, cells: int) -> str:
        title = self._titles.get(str(each.key))
        text = each.label if title is None else f"{each.label[:14]} {title}"
        return cut(line(text), cells) + (" †" if each.archived else "")

    def _days(self, told: Report, width: int, start: int) -> list[Content]:
        in_tokens = not told.total.pico
        most = max(weight(spent, in_tokens) for _, spent in told.days)
        found: list[Content] = []
        for day, spent in reversed(told.days):
            tail = bar(weight(spent, in_tokens), most, max(8, min(60, width - 30)))
            drawn = Content.assemble(
                (f"{day:%a} {day}  ", QUIET), figure(f"{money(spent):>10}"), "  ", (tail, ACCENT)
            )
            found.append(self._marked(day, drawn, start + len(found)))
        return found

    def _marked(self, item: Item, drawn: Content, place: int) -> Content:
        """Note where the item stands, and show the cursor there."""
        self._items.append(item)
        self._places.append(place)
        return drawn.stylize(CURSOR) if len(self._items) - 1 == self._cursor else drawn


def _tone(name: str, told: Report) -> str:
    """A week's budget is the louder, the more of it is gone."""
    is_loud = name == "week" and told.week.percent is not None
    return fill_tone(told.week.percent) if is_loud else ""


def _heat(told: Report, first_weekday: int) -> Iterator[Content]:
    hours = "".join(f"{hour:<6}" for hour in range(0, 24, 3))
    yield toned(f"     {hours}", QUIET)
    for day, shades in heat(told, first_weekday):
        yield Content.assemble((f"{day}  ", QUIET), ("".join(s * 2 for s in shades), ACCENT))


def _held(item: Item | None) -> object:
    """What stays the same of it when the figures change."""
    return item.key if isinstance(item, Row) else item
