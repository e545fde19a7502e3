"""Trace: what the selected session and its subagents do, as it happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from time import monotonic
from typing import ClassVar, cast

from textual import on, work
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
from agtop.trace.ring import LIMIT, Ring
from agtop.tui.keys import bind
from agtop.tui.tabs.stream import Stream
from agtop.tui.tones import ACCENT, ALARM, GOOD, QUIET, STRONG, WARN
from agtop.tui.words import quiet, toned
from agtop.units import size

EVERYONE = "*"
"""Stands for a session's key where the work of all is shown."""
PAUSE = 0.5
"""Seconds between two looks at the transcripts."""
BREATH = 0.05
"""The least of them while there is more to read."""
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


class TraceTab(Stream[Event]):
    """Reads the transcripts in a thread while somebody looks."""

    TITLE = "Trace"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("trace.all", "a", "everyone", "All", "Trace: all live sessions, or the selected one"),
        bind("trace.kind", "t", "next_kind", "Kind", "Trace: show one kind of event after another"),
    ]

    @dataclass
    class Told(Message):
        """The worker read further."""

        key: str
        events: Sequence[Event]
        problem: str = ""
        passed: int = 0
        """Bytes that were never read, as newer ones came faster."""

    def __init__(
        self,
        readers: Mapping[str, Open] | None = None,
        sessions: Callable[[], Sequence[Session]] = lambda: (),
    ) -> None:
        """
        Args:
            readers: agent → what opens its transcripts.
            sessions: all there are, for the view of everybody's work.
        """
        super().__init__()
        self._sessions = sessions
        self._is_everyone = False
        """The work of all live sessions is shown, not that of the selected one."""
        self._readers = dict(readers or {})
        self._ring = Ring()
        self._choice = Choice()
        self._problem = ""
        self._passed = 0
        self._whose: str | None = None
        self._worker: Worker[None] | None = None
        self._news: SimpleQueue[Sequence[Session]] = SimpleQueue()
        """The sessions as they are now, with their newest subagents, for the worker."""

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
        wanted = self._wanted_sessions()
        if not (wanted or self._is_everyone) or not self.is_mounted or not self._is_shown:
            self._stop()
            return
        key = EVERYONE if self._is_everyone else wanted[0].key
        if key != self._whose:
            self._stop()
            self._forget(key)
        self._news.put(wanted)
        is_told = self._is_everyone or wanted[0].agent in self._readers
        if self._worker is None and is_told:
            self._worker = self._follow(key, self._news)

    def _wanted_sessions(self) -> Sequence[Session]:
        if self._is_everyone:
            return [session for session in self._sessions() if session.is_live]
        session = self.selection.session
        return () if session is None else (session,)

    def _stop(self) -> None:
        if self._worker is not None:
            self._worker.cancel()
            self._worker, self._whose = None, None

    def _forget(self, key: str) -> None:
        self._whose, self._at, self._unfolded, self._problem = key, None, False, ""
        self._news, self._passed = SimpleQueue(), 0
        self._ring.clear()
        self._rows.clear()

    @work(thread=True, exclusive=True, exit_on_error=False, group="trace")
    def _follow(self, key: str, news: SimpleQueue[Sequence[Session]]) -> None:
        worker = cast("Worker[object]", get_current_worker())
        follower = Follower(self._readers, newest=LIMIT)
        while not worker.is_cancelled:
            sessions = _newest(news)
            if sessions is not None:
                follower.watch(each for session in sessions for each in transcripts(session))
            began = monotonic()
            found = follower.poll()
            problem = next((each.message for each in follower.problems), "")
            if (found or problem) and not worker.is_cancelled:
                self.post_message(self.Told(key, found, problem, follower.passed))
            worker.cancelled_event.wait(_pause(monotonic() - began, follower.is_behind))

    @on(Told)
    def take(self, message: Told) -> None:
        if message.key != self._whose:
            return
        forgotten = self._ring.add(message.events)
        self._problem, self._passed = message.problem, message.passed
        self.take_up(self._choice.matches, message.events, forgotten)

    def everything(self) -> Sequence[Event]:
        return tuple(self._ring)

    # ---- drawing

    def draw(self, session: Session, now: float, width: int, /) -> Sequence[Content]:
        if session.agent not in self._readers and not self._is_everyone:
            return [quiet(f"Transcripts of {session.agent_label} are not told as events yet.")]
        return self._drawn(now, width)

    def draw_alone(self, width: int) -> Sequence[Content]:
        is_everyone = self._is_everyone
        return self._drawn(self.selection.now, width) if is_everyone else super().draw_alone(width)

    def _drawn(self, now: float, width: int) -> Sequence[Content]:
        rows = self.window(now, width)
        return [self._status(width), *(rows or [quiet(cut(self._silence(), width))])]

    def _silence(self) -> str:
        """Why there is no line."""
        if self._ring:
            return "No event of this kind."
        if self._is_everyone and not self._wanted_sessions():
            return "No session is live; a goes back to the selected one."
        return "Nothing to tell yet."

    def _status(self, width: int) -> Content:
        kind = next(iter(self._choice.kinds), "all kinds")
        lost = f" · {self._ring.dropped} forgotten" if self._ring.dropped else ""
        lost += f" · {size(self._passed)} passed over" if self._passed else ""
        whose = "all live sessions · " if self._is_everyone else ""
        said = f"{whose}{self.status('event')} · {kind}{lost}"
        problem = f" · {self._problem}" if self._problem else ""
        return Content.assemble(
            toned(cut(said, width), GOOD if self._at is None else WARN),
            toned(cut(problem, max(0, width - len(said))), ALARM),
        )

    def row_line(self, row: Event, now: float, width: int, marked: bool) -> Content:
        shown = shortened(parts(row, now, who=self._is_everyone), width - 2)
        painted = [toned(part.text, _TONES[part.tone]) for part in shown]
        return Content.assemble((f"{'▸' if marked else ' '} ", ACCENT), *painted)

    def row_body(self, row: Event) -> Sequence[str]:
        return body_lines(row) if row.body else ()

    def row_text(self, row: Event) -> str:
        return "\n".join(body_lines(row)) if row.body else printable(row.title)

    def row_holds(self, row: Event, text: str) -> bool:
        return Choice(text=text).matches(row)

    # ---- choosing

    @property
    def filtered_by(self) -> str:
        return self._choice.text

    def filter_by(self, text: str) -> None:
        self._choice = Choice(self._choice.kinds, text)
        self.choose(self._choice.matches)

    def show_only(self, choice: Choice, everyone: bool) -> None:
        """Choose anew: of everybody or the selected one."""
        self._choice, self._at, self._is_everyone = choice, None, everyone
        self._read_on()
        self.choose(self._choice.matches)

    def action_everyone(self) -> None:
        self._is_everyone = not self._is_everyone
        self._read_on()
        self.redraw()

    def action_next_kind(self) -> None:
        now = next(iter(self._choice.kinds), None)
        kind = _KINDS[(_KINDS.index(now) + 1) % len(_KINDS)]
        chosen: frozenset[EventKind] = frozenset() if kind is None else frozenset([kind])
        self._choice = Choice(chosen, self._choice.text)
        self._at = None
        self.choose(self._choice.matches)


def _pause(took: float, is_behind: bool) -> float:
    """Seconds until the next look; behind a burst the keys get as much time as the reading."""
    return max(BREATH, took) if is_behind else PAUSE


def _newest(news: SimpleQueue[Sequence[Session]]) -> Sequence[Session] | None:
    found = None
    while True:
        try:
            found = news.get_nowait()
        except Empty:
            return found
