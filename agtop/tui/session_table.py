"""The table of sessions, drawn line by line: what did not change is not repainted."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

from agtop import columns
from agtop.filters import EVERYTHING, Filter
from agtop.model import Session, Snapshot
from agtop.text import printable
from agtop.tui import rows
from agtop.tui.arrangement import Arrangement
from agtop.tui.keys import TAB_KEYS, bind
from agtop.tui.layout import Part, chosen
from agtop.tui.messages import NOTHING, Selection
from agtop.tui.opening import SCROLLBAR, Glimpse
from agtop.tui.tones import CURSOR, MARKED


class SessionTable(ScrollView, can_focus=True):
    """Sessions in order, one per line below a line of titles.

    The cursor belongs to a session, not to a line: it stays on it when rows move. Until the first
    reading is complete and nobody has moved it, it rests on the first line.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    SessionTable { height: 1fr; scrollbar-gutter: stable; scrollbar-size: 1 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("table.up", "up", "move(-1)", "Up", "Select the session above"),
        bind("table.down", "down", "move(1)", "Down", "Select the session below"),
        bind("table.page-up", "pageup,ctrl+b", "page(-1)", "Page up", "One page up"),
        bind("table.page-down", "pagedown,ctrl+f", "page(1)", "Page down", "One page down"),
        bind("table.first", "home,g", "first", "First", "Select the first session"),
        bind("table.last", "end,G", "last", "Last", "Select the last session"),
        *TAB_KEYS,
    ]

    @dataclass
    class Selected(Message):
        """The session under the cursor is another, or known better."""

        selection: Selection

    @dataclass
    class Listed(Message):
        """As many sessions are shown now."""

        count: int

    @dataclass
    class SortChosen(Message):
        """A title was clicked."""

        column: str

    class Opened(Message):
        """A session was clicked twice."""

    snapshot: var[Snapshot] = var(NOTHING)
    filter: var[Filter] = var(EVERYTHING)
    show_ended: var[bool] = var(True)
    sort: var[str] = var(columns.DEFAULT_SORT)
    reverse: var[bool] = var(False)
    column_names: var[tuple[str, ...]] = var(columns.DEFAULT)
    column_widths: var[Mapping[str, int]] = var(dict[str, int])
    """Those that are not as usual."""

    def __init__(self, glimpse: Glimpse | None = None) -> None:
        """
        Args:
            glimpse: What to show until the first snapshot is there.
        """
        super().__init__()
        self._glimpse = glimpse
        self._arrangement = Arrangement(columns.find(columns.DEFAULT_SORT))
        self.rows: tuple[Session, ...] = ()
        self.cursor: int = 0
        """The line of the selected session."""
        self._listed = 0
        self.tagged: frozenset[str] = frozenset()
        """The keys of the sessions that were picked, shown or not."""
        self._key: str | None = None
        self._chosen = False
        """Somebody moved the cursor."""
        self._layout = rows.Layout()
        self._drawn: dict[int, tuple[str, ...]] = {}
        """What the cells of each line last said."""
        self._styles: dict[str, RichStyle] = {}

    @property
    def tops(self) -> tuple[Session, ...]:
        """The sessions in order, without what is unfolded below them."""
        return self._arrangement.rows

    @property
    def selected(self) -> Session | None:
        return self.rows[self.cursor] if self.rows else None

    @property
    def selection(self) -> Selection:
        return Selection(self.selected, self.snapshot.taken_at)

    @property
    def shown_columns(self) -> tuple[str, ...]:
        return tuple(column.name for column in self._layout.columns)

    # What is shown

    def watch_snapshot(self) -> None:
        self._take()

    def watch_filter(self) -> None:
        self._arrange()
        self._take()

    def watch_show_ended(self) -> None:
        self._arrange()
        self._take()

    def watch_sort(self) -> None:
        self._arrange()
        self._take(arranged=True)

    def watch_reverse(self) -> None:
        self._arrange()
        self._take(arranged=True)

    def _arrange(self) -> None:
        """Another order or another wish: judge and sort all."""
        is_everything = self.show_ended and not self.filter
        self._arrangement = Arrangement(
            columns.find(self.sort), self.reverse, None if is_everything else self._wanted
        )
        self.arranged()

    def arranged(self) -> None:
        """The order or the wish is another."""

    def lines(self, tops: tuple[Session, ...]) -> tuple[Session, ...]:
        """What stands on the lines when `tops` are the sessions in order."""
        return tops

    def texts(self, session: Session) -> tuple[str, ...]:
        """What the cells of its line say."""
        return rows.cells(session, self.snapshot.taken_at, self._layout)

    def mark(self, session: Session) -> str:
        """What stands in the margin of its line."""
        return "*" if session.key in self.tagged else ""

    def news(self, _session: Session) -> Container[int]:
        """Which of its cells changed with the newest snapshot, if that is to be shown."""
        return ()

    def watch_column_names(self) -> None:
        self._lay_out()

    def watch_column_widths(self) -> None:
        self._lay_out()

    def on_resize(self) -> None:
        self._lay_out()
        self._show_cursor()

    def _lay_out(self) -> None:
        self._layout = rows.Layout.of(self.chosen_columns(), self.scrollable_content_region.width)
        self.virtual_size = Size(self._layout.width, len(self.rows) + 1)
        self._drawn.clear()
        self.refresh()

    def chosen_columns(self) -> tuple[columns.Column, ...]:
        """Those that are wished for; some give way where the screen is narrow."""
        return chosen(self.column_names, self.column_widths)

    def take_anew(self) -> None:
        """Other lines of the same sessions."""
        self._take()

    def _take(self, arranged: bool = False) -> None:
        """Take in new data or another order; repaint the lines that changed."""
        before, top, cursor = self.rows, self._top, self.cursor
        self._arrangement.take(self.snapshot.sessions)
        self.rows = self.lines(self._arrangement.rows)
        if len(before) != len(self.rows):
            self.virtual_size = Size(self._layout.width, len(self.rows) + 1)
        if self._listed != len(self._arrangement.rows):
            self._listed = len(self._arrangement.rows)
            self.post_message(self.Listed(self._listed))
        self._find_cursor()
        self._keep_in_view(before, top, cursor)
        if arranged or not self.rows or not before:
            self.refresh()
        else:
            self._repaint(before, cursor)
        self._tell()

    def _wanted(self, session: Session) -> bool:
        return (self.show_ended or session.state.name != "ended") and self.filter.matches(session)

    def _repaint(self, before: tuple[Session, ...], cursor: int) -> None:
        for y in range(self._top, self._top + self._page):
            old = before[y] if y < len(before) else None
            new = self.rows[y] if y < len(self.rows) else None
            aged = new is not None and self.texts(new) != self._drawn.get(y)
            moved = cursor != self.cursor and y in (cursor, self.cursor)
            if new is not old or aged or moved:
                self.refresh_line(y + 1)

    def render_line(self, y: int) -> Strip:
        if y == 0:
            strip = rows.titles(self._layout, self.sort, self.reverse, self.paint)
        elif self._top + y <= len(self.rows):
            strip = self._line(self._top + y - 1)
        elif (line := self._line_before(y)) is not None:
            strip = rows.drawn(line, self.paint)
        else:
            is_bare = not self.rows and self._line_before(1) is None
            text, tone = rows.banner(self._apology(), y - 2) if is_bare else ("", "")
            strip = Strip([Segment(text, self.paint(tone))])
        left = self.scroll_offset.x
        return strip.crop_extend(left, left + self.size.width, self.rich_style)

    def _line(self, number: int) -> Strip:
        session = self.rows[number]
        texts, mark = self.texts(session), self.mark(session)
        self._drawn[number] = texts
        if number == self.cursor:
            style = self.paint(CURSOR if self.has_focus else MARKED)
            return rows.cursor_row(texts, self._layout, self.size.width, style, mark)
        return rows.row(session, texts, self._layout, self.paint, mark, self.news(session))

    def _line_before(self, y: int) -> Sequence[Part] | None:
        """A line of what was known the last time."""
        glimpse, cells = self._glimpse, self.scrollable_content_region.width + SCROLLBAR
        if self.snapshot is not NOTHING or glimpse is None or glimpse.cells != cells:
            return None
        return glimpse.lines[y] if y < len(glimpse.lines) else None

    def _apology(self) -> Sequence[str]:
        """Why there is nothing to see, and what to do; who this is until there is."""
        progress = self.snapshot.progress
        if self.snapshot is NOTHING:
            return (*rows.IDENTITY, "looking for agents")
        if not self.snapshot.sessions and not self.snapshot.complete:
            step = f"reading transcripts, {progress.read:,} of {progress.total:,}"
            return (*rows.IDENTITY, step)
        if not self.snapshot.sessions:
            return ("no sessions yet: start an agent and it appears here, or try agtop --demo",)
        if self.filter:
            return (f"no session matches {printable(self.filter.text)}: Esc shows all again",)
        return ("every session has ended: H shows them",)

    # The cursor

    def _find_cursor(self) -> None:
        """Put the cursor on its session; when that is gone, on the one in its place."""
        if not self.rows:
            self.cursor = 0
            return
        if self._key is None or not (self._chosen or self.snapshot.complete):
            self.cursor = 0
        else:
            line = self.line_of(self._key)
            self.cursor = min(self.cursor, len(self.rows) - 1) if line is None else line
            if line is None and not self.snapshot.complete:
                return  # it may still be read
        self._key = self.rows[self.cursor].key

    def line_of(self, key: str) -> int | None:
        """The line a session stands on."""
        if self.cursor < len(self.rows) and self.rows[self.cursor].key == key:
            return self.cursor
        return next((n for n, session in enumerate(self.rows) if session.key == key), None)

    def _keep_in_view(self, before: tuple[Session, ...], top: int, cursor: int) -> None:
        """Let the same sessions stay on the same lines of the screen, as far as possible."""
        if top <= cursor < top + self._page:
            if top:
                self._scroll_rows(top + self.cursor - cursor)
            self._show_cursor()
        elif top and top < len(before):
            key = before[top].key
            self._scroll_rows(next((n for n, s in enumerate(self.rows) if s.key == key), top))

    @property
    def _top(self) -> int:
        """The first line that shows."""
        return self.scroll_offset.y

    @property
    def _page(self) -> int:
        """How many lines show."""
        return max(1, self.scrollable_content_region.height - 1)

    def _scroll_rows(self, top: int) -> None:
        self.scroll_to(y=top, animate=False, force=True)

    def _show_cursor(self) -> None:
        if self.cursor < self._top:
            self._scroll_rows(self.cursor)
        elif self.cursor >= self._top + self._page:
            self._scroll_rows(self.cursor - self._page + 1)

    def move_to(self, line: int) -> None:
        """Select the session on `line`, or the nearest there is."""
        if not self.rows:
            return
        old, self._chosen = self.cursor, True
        self.cursor = min(max(line, 0), len(self.rows) - 1)
        self._key = self.rows[self.cursor].key
        self.refresh_line(old + 1)
        self.refresh_line(self.cursor + 1)
        self._show_cursor()
        self._tell()

    def _tell(self) -> None:
        self.post_message(self.Selected(self.selection))

    # What people do

    def action_move(self, lines: int) -> None:
        self.move_to(self.cursor + lines)

    def action_page(self, pages: int) -> None:
        self.move_to(self.cursor + pages * self._page)

    def action_first(self) -> None:
        self.move_to(0)

    def action_last(self) -> None:
        self.move_to(len(self.rows) - 1)

    def action_sort_by(self, column: str) -> None:
        self.post_message(self.SortChosen(column))

    def on_click(self, event: events.Click) -> None:
        if event.y < 1 or self._top + event.y - 1 >= len(self.rows):
            return
        self.move_to(self._top + event.y - 1)
        if event.chain == 2:
            self.post_message(self.Opened())

    def on_focus(self) -> None:
        self.refresh_line(self.cursor + 1)

    def on_blur(self) -> None:
        self.refresh_line(self.cursor + 1)

    # Colours

    def paint(self, tone: str) -> RichStyle:
        """What `tone` looks like in this theme, on this table's background."""
        style = self._styles.get(tone)
        if style is None:
            variables = self.app.theme_variables  # pyright: ignore[reportUnknownMemberType]
            style = (self.visual_style + Style.parse(tone, variables)).rich_style
            self._styles[tone] = style
        return style

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()
