"""Sessions picked out of the table: tagged, searched for, found by pid, followed, changed."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from agtop.filters import Filter
from agtop.model import Process, Session
from agtop.tui.keys import bind
from agtop.tui.opening import Glimpse
from agtop.tui.session_table import SessionTable
from agtop.tui.session_tree import SessionTree
from agtop.tui.tree import family

_PAUSE = 1.0
"""Seconds after which a digit begins another pid."""
_LEAST = 3
"""Digits that are a pid: one or two in haste are keys."""
_DIGITS = frozenset("0123456789")
_CLOCKS = frozenset({"age", "uptime"})
"""Columns that change by themselves: no news."""


class Picking(SessionTree):
    """Tags belong to sessions: they outlast filters and folds."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("table.tag", "space", "tag", "Tag", "Tag the session, or take its tag away"),
        bind("table.tag-tree", "c", "tag_tree", "Tag tree", "Tag it with all its subagents"),
        bind("table.untag", "U", "untag", "Untag", "Take all tags away"),
    ]

    @dataclass
    class Marked(Message):
        """Other sessions are tagged, or one is followed, or none any more."""

    @dataclass
    class PidTyped(Message):
        """A digit is about to act as the key it is, or those before it turned out to be a pid."""

        is_pid: bool

    def __init__(self, glimpse: Glimpse | None = None, highlights: bool = False) -> None:
        """
        Args:
            highlights: Show which cells changed with the newest snapshot.
        """
        super().__init__(glimpse)
        self.is_following = False
        self._highlights = highlights
        self._said: dict[str, tuple[str, ...]] = {}
        """What the lines in view said, by session."""
        self._news: dict[str, frozenset[int]] = {}
        self._digits, self._typed_at, self._is_pid = "", 0.0, False

    def begin_with(self, key: str | None, tagged: frozenset[str]) -> None:
        """What was selected and tagged the last time; the session may still have to be read."""
        self.tagged = tagged
        self._key, self._chosen = key, key is not None

    @property
    def selected_key(self) -> str | None:
        """Of the session somebody selected; nobody chose the one that just stands first."""
        return self._key if self._chosen else None

    # Tags

    @property
    def picked(self) -> tuple[Session, ...]:
        """The sessions that are tagged, hidden ones too; without tags the selected one."""
        if not self.tagged:
            return () if self.selected is None else (self.selected,)
        everyone = (each for top in self.snapshot.sessions for each in family(top))
        return tuple(session for session in everyone if session.key in self.tagged)

    def action_tag(self) -> None:
        if self.selected is not None:
            self.tag(self.tagged ^ {self.selected.key})
            self.action_move(1)

    def action_tag_tree(self) -> None:
        if self.selected is not None:
            keys = {session.key for session in family(self.selected)}
            self.tag(self.tagged - keys if keys <= self.tagged else self.tagged | keys)

    def action_untag(self) -> None:
        self.tag(frozenset())

    def tag(self, keys: frozenset[str]) -> None:
        self.tagged = keys
        self.refresh()
        self.post_message(self.Marked())

    # Search

    def search(self, wanted: Filter, start: int, step: int = 1) -> bool:
        """Select the next session from line `start` on, round the ends; whether there is one."""
        return self._select(wanted.matches, start, step)

    def _select(self, matches: Callable[[Session], bool], start: int, step: int = 1) -> bool:
        count = len(self.rows)
        for n in range(count):
            place = (start + n * step) % count
            if matches(self.rows[place]):
                self.move_to(place)
                return True
        return False

    def find_pid(self, digits: str) -> bool:
        """Select the session one of whose processes has that pid, or one that begins so."""

        def has(session: Session) -> bool:
            return any(str(process.pid) == digits for process in _processes(session.process))

        def begins(session: Session) -> bool:
            return session.process is not None and str(session.process.pid).startswith(digits)

        return self._select(has, self.cursor) or self._select(begins, self.cursor)

    def on_key(self, event: events.Key) -> None:
        """Digits are keys of their own, until enough of them at once begin a pid that is there."""
        character = event.character or ""
        if character not in _DIGITS:
            self._digits = ""
            return
        now = monotonic()
        if now - self._typed_at >= _PAUSE or not self._digits:
            self._digits, self._is_pid = "", False
        self._digits, self._typed_at = self._digits + character, now
        if len(self._digits) >= _LEAST and self.find_pid(self._digits):
            self._is_pid = True
        if self._is_pid:
            event.stop()
        if self._is_pid or len(self._digits) == 1:
            # To the app at once: it must know what the first digit is about to change.
            typed = self.PidTyped(self._is_pid)
            self.app.post_message(typed)  # pyright: ignore[reportUnknownMemberType]

    # Follow

    def action_follow(self) -> None:
        self.is_following = not self.is_following and self.selected is not None
        if self.is_following:
            self._chosen = True
            self._show_cursor()
        self.post_message(self.Marked())

    def move_to(self, line: int) -> None:
        super().move_to(line)
        if self.is_following:
            self.action_follow()

    # What changed

    def watch_snapshot(self) -> None:
        super().watch_snapshot()
        if self.is_following:
            self._show_cursor()
        if self._highlights:
            self._highlight()

    def _highlight(self) -> None:
        said: dict[str, tuple[str, ...]] = {}
        news: dict[str, frozenset[int]] = {}
        for place, session in enumerate(self.rows[self._top : self._top + self._page], self._top):
            key = session.key
            said[key] = texts = self.texts(session)
            if found := self._differences(self._said.get(key, texts), texts):
                news[key] = found
            if news.get(key) != self._news.get(key):
                self.refresh_line(place + 1)
        self._said, self._news = said, news

    def _differences(self, old: tuple[str, ...], new: tuple[str, ...]) -> frozenset[int]:
        names = self.shown_columns
        if not len(old) == len(new) == len(names):
            return frozenset()
        return frozenset(
            n for n, name in enumerate(names) if old[n] != new[n] and name not in _CLOCKS
        )

    def news(self, _session: Session) -> Container[int]:
        return self._news.get(_session.key, ())


TABLE_KEYS: tuple[BindingType, ...] = (
    *SessionTable.BINDINGS,
    *SessionTree.BINDINGS,
    *Picking.BINDINGS,
)
"""For the help."""


def _processes(process: Process | None) -> Iterator[Process]:
    if process is not None:
        yield process
        for child in process.children:
            yield from _processes(child)
