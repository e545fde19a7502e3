"""What the tabs Trace and Bus have in common: lines that go on, looked at one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, Generic, TypeVar, cast

from textual import events, on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget

from agtop.text import cut, printable
from agtop.tui.entry import Entry
from agtop.tui.keys import bind
from agtop.tui.tabs.base import Tab
from agtop.tui.tabs.facts import many
from agtop.tui.words import quiet

Row = TypeVar("Row")
FILTER, SEARCH = "Filter", "Search"


class Stream(Tab, Generic[Row]):
    """Follows the newest row until one above it is looked at; draws only what fits."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("stream.follow", "f", "follow", "Follow", "Trace, Bus: follow the newest, or pause"),
        bind("stream.unfold", "space,o", "unfold", "Unfold", "Trace, Bus: all there is of a line"),
        bind("stream.copy", "y", "copy_row", "Copy", "Trace, Bus: copy what the line is about"),
        bind("stream.filter", "slash", "filter", "Filter", "Trace, Bus: only lines with a text"),
        bind("stream.search", "f3", "search", "Search", "Trace, Bus: go to a line with a text"),
        bind("stream.next", "n", "find(-1)", "Next", "Trace, Bus: the next such line, upwards"),
        bind("stream.before", "N", "find(1)", "Before", "Trace, Bus: the one before, downwards"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._entry = Entry()
        self._rows: list[Row] = []
        """What is chosen of all there is."""
        self._at: int | None = None
        """The row that is looked at; None follows the newest."""
        self._unfolded = False
        self._wanted = ""
        """The text that is searched for."""

    def compose(self) -> Sequence[Widget]:
        return (*super().compose(), self._entry)

    # ---- what a row is

    def row_line(self, row: Row, now: float, width: int, marked: bool) -> Content:
        raise NotImplementedError

    def row_body(self, row: Row) -> Sequence[str]:
        """What is behind the line, each line printable."""
        raise NotImplementedError

    def row_text(self, row: Row) -> str:
        """What is copied of it."""
        raise NotImplementedError

    def row_holds(self, row: Row, text: str) -> bool:
        raise NotImplementedError

    def filter_by(self, text: str) -> None:
        """Choose again: only rows that hold `text`."""
        raise NotImplementedError

    @property
    def filtered_by(self) -> str:
        raise NotImplementedError

    def everything(self) -> Sequence[Row]:
        """The rows to choose from; goes through all of them."""
        raise NotImplementedError

    def take_up(
        self, wanted: Callable[[Row], bool], more: Sequence[Row], gone: Iterable[Row] = ()
    ) -> None:
        """Add `more`, and forget the `gone`, the oldest first; work for those alone."""
        self._rows += [row for row in more if wanted(row)]
        count = 0
        for row in gone:
            count += count < len(self._rows) and self._rows[count] is row
        del self._rows[:count]
        if self._at is not None:
            self._at = max(0, self._at - count) if self._rows else None
        self.redraw()

    def choose(self, wanted: Callable[[Row], bool]) -> None:
        """Choose anew; what is looked at stays so if it can."""
        looked_at = None if self._at is None else self._rows[self._at]
        self._rows = [row for row in self.everything() if wanted(row)]
        if looked_at is not None:
            at = next((n for n, row in enumerate(self._rows) if row is looked_at), 0)
            self._at = at if self._rows else None
        self.redraw()

    # ---- drawing

    @property
    def room(self) -> int:
        """Lines below the first."""
        return max(2, self.size.height - self._entry.is_open) - 1

    def status(self, what: str) -> str:
        """Where it stands, and how many of `what` there are."""
        where = "following" if self._at is None else f"paused at {self._at + 1}"
        text = f' · "{printable(self.filtered_by)}"' if self.filtered_by else ""
        return f"{where} · {many(len(self._rows), what)}{text}"

    def window(self, now: float, width: int) -> list[Content]:
        """The row that is looked at, or the newest, at the bottom; those before it above."""
        last = len(self._rows) - 1 if self._at is None else self._at
        if last < 0:
            return []
        room = self.room
        shown = [self.row_line(self._rows[last], now, width, self._at is not None)]
        if self._unfolded:
            shown += _body(self.row_body(self._rows[last]), width, room - 1)
        above = self._rows[max(0, last - room + len(shown)) : last]
        return [self.row_line(row, now, width, False) for row in above] + shown

    # ---- keys

    def _go(self, step: int) -> None:
        last = len(self._rows) - 1
        now = last if self._at is None else self._at
        to = max(0, now + step)
        self._at = None if to > last or last < 0 else to
        self.redraw()

    def action_scroll_up(self) -> None:
        self._go(-1)

    def action_scroll_down(self) -> None:
        self._go(1)

    def action_page_up(self) -> None:
        self._go(1 - self.size.height)

    def action_page_down(self) -> None:
        self._go(self.size.height - 1)

    def action_scroll_home(self) -> None:
        self._go(-len(self._rows))

    def action_scroll_end(self) -> None:
        self._at = None
        self.redraw()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._go(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._go(3)

    def action_follow(self) -> None:
        following = self._at is None and bool(self._rows)
        self._at = len(self._rows) - 1 if following else None
        self.redraw()

    def action_unfold(self) -> None:
        self._unfolded = not self._unfolded
        self.redraw()

    def action_copy_row(self) -> None:
        if self._rows:
            text = self.row_text(self._rows[-1 if self._at is None else self._at])
            self.app.copy_to_clipboard(text)  # pyright: ignore[reportUnknownMemberType]
            self.notify("Copied.", markup=False)

    def action_filter(self) -> None:
        self._entry.open(FILTER, "Enter keeps, Esc shows all", self.filtered_by)
        self.redraw()

    def action_search(self) -> None:
        self._entry.open(SEARCH, "Enter stays there, n and N go on", self._wanted)
        self.redraw()

    def action_find(self, step: int) -> None:
        """Go to the next row that holds what is searched for, upwards or downwards."""
        start = len(self._rows) if self._at is None else self._at
        self._seek(start + step, step)

    def _seek(self, start: int, step: int) -> None:
        rows = range(start, -1, -1) if step < 0 else range(start, len(self._rows))
        for n in rows:
            if n < len(self._rows) and self.row_holds(self._rows[n], self._wanted):
                self._at = n
                self.redraw()
                return
        self.notify("No such line further on.", markup=False)

    # ---- what is typed

    @on(Entry.Typed)
    def typed(self, message: Entry.Typed) -> None:
        message.stop()
        if message.purpose == FILTER:
            self.filter_by(message.text)

    @on(Entry.Closed)
    def entered(self, message: Entry.Closed) -> None:
        message.stop()
        self.focus()
        self.take_entered(message.purpose, message.text)
        self.redraw()

    def take_entered(self, purpose: str, text: str | None) -> None:
        if purpose == FILTER:
            self.filter_by(text or "")
        elif purpose == SEARCH and text:
            self._wanted = text
            self._seek(len(self._rows) - 1 if self._at is None else self._at, -1)


def _body(lines: Sequence[str], width: int, room: int) -> list[Content]:
    more = len(lines) - room
    if more > 0:
        lines = [*lines[: max(0, room - 1)], f"… {more + 1} more lines; y copies them all"]
    return [quiet(f"    {cut(text, max(0, width - 4))}") for text in lines]


def stream_of(widget: object) -> Stream[object] | None:
    """`widget`, where it is one."""
    return cast("Stream[object]", widget) if issubclass(type(widget), Stream) else None
