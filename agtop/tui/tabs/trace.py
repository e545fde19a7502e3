"""Trace: what the selected session and its subagents do, as it happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import ClassVar, cast

from textual import events, on, work
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.worker import (
    Worker,
    get_current_worker,  # pyright: ignore[reportUnknownVariableType]
)

from agtop.model import EVENT_KINDS, Event, EventKind, Session
from agtop.text import cut, printable
from agtop.trace.choice import Choice
from agtop.trace.follow import Follower, Open, transcripts
from agtop.trace.line import Tone, body_lines, parts, shortened
from agtop.trace.ring import Ring
from agtop.tui.keys import bind
from agtop.tui.tabs.base import Tab
from agtop.tui.tones import ACCENT, ALARM, GOOD, QUIET, STRONG, WARN
from agtop.tui.words import quiet, toned

PAUSE = 0.5
"""Seconds between two looks at the transcripts."""
_TONES: dict[Tone, str] = {
    "plain": "",
    "quiet": QUIET,
    "strong": STRONG,
    "accent": ACCENT,
    "warn": WARN,
    "alarm": ALARM,
    "good": GOOD,
}
_KINDS: tuple[EventKind | None, ...] = (None, *EVENT_KINDS)


class TraceTab(Tab):
    """Follows the newest event until one above it is looked at."""

    TITLE = "Trace"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("trace.follow", "f", "follow", "Follow", "Trace: follow the newest, or pause"),
        bind("trace.kind", "t", "next_kind", "Kind", "Trace: show one kind of event after another"),
        bind("trace.unfold", "space,o", "unfold", "Unfold", "Trace: all there is of an event"),
        bind("trace.copy", "y", "copy_event", "Copy", "Trace: copy the event"),
    ]

    @dataclass
    class Told(Message):
        """The worker read further."""

        key: str
        events: Sequence[Event]
        problem: str = ""

    def __init__(self, readers: Mapping[str, Open] | None = None) -> None:
        super().__init__()
        self._readers = dict(readers or {})
        self._ring = Ring()
        self._rows: list[Event] = []
        """What is chosen of the ring."""
        self._choice = Choice()
        self._at: int | None = None
        """The row that is looked at; None follows the newest."""
        self._unfolded = False
        self._problem = ""
        self._whose: str | None = None
        self._worker: Worker[None] | None = None
        self._news: SimpleQueue[Session] = SimpleQueue()
        """The session as it is now, with its newest subagents, for the worker."""

    # ---- reading, while somebody looks

    def watch_selection(self) -> None:
        self._read_on()
        super().watch_selection()

    def on_show(self) -> None:
        self._read_on()
        super().on_show()

    def on_hide(self) -> None:
        self._stop()

    def _read_on(self) -> None:
        session = self.selection.session
        if session is None or not self.is_mounted or not self._is_shown:
            self._stop()
            return
        if session.key != self._whose:
            self._stop()
            self._forget(session.key)
        self._news.put(session)
        if self._worker is None and session.agent in self._readers:
            self._worker = self._follow(session.key, self._news)

    def _stop(self) -> None:
        if self._worker is not None:
            self._worker.cancel()
            self._worker, self._whose = None, None

    def _forget(self, key: str) -> None:
        self._whose, self._at, self._unfolded, self._problem = key, None, False, ""
        self._news = SimpleQueue()
        self._ring.clear()
        self._rows.clear()

    @work(thread=True, exclusive=True, exit_on_error=False, group="trace")
    def _follow(self, key: str, news: SimpleQueue[Session]) -> None:
        worker = cast("Worker[object]", get_current_worker())
        follower = Follower(self._readers)
        while not worker.is_cancelled:
            session = _newest(news)
            if session is not None:
                follower.watch(transcripts(session))
            found = follower.poll()
            problem = next((each.message for each in follower.problems), "")
            if (found or problem) and not worker.is_cancelled:
                self.post_message(self.Told(key, found, problem))
            worker.cancelled_event.wait(0.01 if follower.is_behind else PAUSE)

    @on(Told)
    def take(self, message: Told) -> None:
        if message.key != self._whose:
            return
        dropped = self._ring.dropped
        self._ring.add(message.events)
        self._problem = message.problem
        self._choose(self._ring.dropped != dropped, message.events)

    def _choose(self, anew: bool, more: Sequence[Event] = ()) -> None:
        """Take up `more`, or go through the whole ring; what is looked at stays so if it can."""
        looked_at = None if self._at is None else self._rows[self._at]
        if anew:
            self._rows = [event for event in self._ring if self._choice.matches(event)]
            held = looked_at is not None
            self._at = next((n for n, e in enumerate(self._rows) if e is looked_at), 0)
            self._at = self._at if held and self._rows else None
        else:
            self._rows += [event for event in more if self._choice.matches(event)]
        self.redraw()

    # ---- drawing

    def draw(self, session: Session, now: float, width: int, /) -> Sequence[Content]:
        if session.agent not in self._readers:
            return [quiet(f"Transcripts of {session.agent_label} are not told as events yet.")]
        room = max(2, self.size.height) - 1
        rows = self._window(now, width, room)
        if not rows:
            rows = [quiet("Nothing to tell yet." if not self._ring else "No event of this kind.")]
        return [self._status(width), *rows]

    def _status(self, width: int) -> Content:
        kind = next(iter(self._choice.kinds), "all kinds")
        where = "following" if self._at is None else f"paused at {self._at + 1}"
        lost = f" · {self._ring.dropped} forgotten" if self._ring.dropped else ""
        said = f"{where} · {len(self._rows)} events · {kind}{lost}"
        problem = f" · {self._problem}" if self._problem else ""
        return Content.assemble(
            toned(cut(said, width), GOOD if self._at is None else WARN),
            toned(cut(problem, max(0, width - len(said))), ALARM),
        )

    def _window(self, now: float, width: int, room: int) -> list[Content]:
        """The event that is looked at, or the newest, at the bottom; those before it above."""
        last = len(self._rows) - 1 if self._at is None else self._at
        if last < 0:
            return []
        shown = [self._line(self._rows[last], now, width, self._at is not None)]
        if self._unfolded:
            shown += _body(self._rows[last], width, room - 1)
        above = self._rows[max(0, last - room + len(shown)) : last]
        return [self._line(event, now, width) for event in above] + shown

    def _line(self, event: Event, now: float, width: int, marked: bool = False) -> Content:
        shown = shortened(parts(event, now), width - 2)
        painted = [toned(part.text, _TONES[part.tone]) for part in shown]
        return Content.assemble((f"{'▸' if marked else ' '} ", ACCENT), *painted)

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

    def action_next_kind(self) -> None:
        now = next(iter(self._choice.kinds), None)
        kind = _KINDS[(_KINDS.index(now) + 1) % len(_KINDS)]
        self._choice = Choice(frozenset() if kind is None else frozenset([kind]))
        self._at = None
        self._choose(anew=True)

    def action_copy_event(self) -> None:
        if self._rows:
            event = self._rows[-1 if self._at is None else self._at]
            text = "\n".join(body_lines(event)) if event.body else printable(event.title)
            self.app.copy_to_clipboard(text)  # pyright: ignore[reportUnknownMemberType]
            self.notify("The event is copied.", markup=False)


def _body(event: Event, width: int, room: int) -> list[Content]:
    lines = body_lines(event) if event.body else []
    more = len(lines) - room
    if more > 0:
        lines = [*lines[: max(0, room - 1)], f"… {more + 1} more lines; y copies them all"]
    return [quiet(f"    {cut(text, max(0, width - 4))}") for text in lines]


def _newest(news: SimpleQueue[Session]) -> Session | None:
    found = None
    while True:
        try:
            found = news.get_nowait()
        except Empty:
            return found
