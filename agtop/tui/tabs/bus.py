"""Bus: what the agents of this machine tell each other, as it comes, and a line to join in."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.worker import NoActiveWorker

from agtop.bus.feed import Feed
from agtop.bus.message import Message
from agtop.errors import BusError
from agtop.model import Session
from agtop.text import cut, fit, line, printable
from agtop.tui.keys import bind
from agtop.tui.tabs.facts import wrapped
from agtop.tui.tabs.stream import Stream
from agtop.tui.tones import ACCENT, ALARM, GOOD, QUIET, WARN
from agtop.tui.words import quiet, toned
from agtop.units import UNKNOWN, clock

LOOK = 0.5
"""Seconds between two looks at what came."""
MOST = 500
"""Messages that are kept."""
PUBLISH = "Publish"
FINDING = "finding"
_HINT = "topic @path:line what there is to say"
_NOBODY = (
    "Nobody has said anything yet. Agents publish with `agtop bus publish --topic finding"
    ' --path cart.py:42 "the lock is never released"`; p says something from here.'
)


class BusTab(Stream[Message]):
    """Draws what the feed gathered; findings as what they are, hints that nobody has checked."""

    TITLE = "Bus"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("bus.topic", "t", "next_topic", "Topic", "Bus: show one topic after another"),
        bind("bus.publish", "p", "publish", "Publish", "Bus: say something to all who listen"),
    ]

    def __init__(self, feed: Feed | None = None) -> None:
        super().__init__()
        self._feed = feed
        self._messages: list[Message] = []
        self._dropped = 0
        self._topic = ""
        """The only one that is shown; all when empty."""
        self._text = ""
        self._told = ""
        """The feed's condition when it was last drawn."""

    # ---- listening, while somebody looks

    def on_mount(self) -> None:
        if self._feed is not None:
            self.set_interval(LOOK, self.listen)

    def on_show(self) -> None:
        self.listen()
        super().on_show()

    def listen(self) -> None:
        """Take what the feed gathered; it waits there while nobody looks."""
        if self._feed is None or not self._is_shown:
            return
        came = self._feed.take()
        self._messages += came
        over = max(0, len(self._messages) - MOST)
        forgotten = self._messages[:over]
        del self._messages[:over]
        self._dropped += over
        if came:
            self.take_up(self._is_chosen, came, forgotten)
        elif self._condition() != self._told:
            self.redraw()

    def _condition(self) -> str:
        feed = self._feed
        if feed is None:
            return "the bus is not heard here"
        return feed.problem or ("hosting" if feed.hosts else "joined")

    def everything(self) -> Sequence[Message]:
        return self._messages

    def _is_chosen(self, message: Message) -> bool:
        return self._topic in ("", message.topic) and self.row_holds(message, self._text)

    # ---- drawing

    def draw(self, _session: Session, _now: float, width: int, /) -> Sequence[Content]:
        return self.draw_alone(width)

    def draw_alone(self, width: int) -> Sequence[Content]:
        """It is everybody's, so no session need be selected."""
        rows = self.window(self.selection.now, width)
        if not rows and self._messages:
            rows = [quiet("No message of this kind.")]
        return [*self._head(width), *(rows or [quiet(each.plain) for each in self._empty(width)])]

    def _empty(self, width: int) -> list[Content]:
        has_problem = self._feed is None or bool(self._feed.problem)
        return [] if has_problem else wrapped(_NOBODY, width)

    def _head(self, width: int) -> list[Content]:
        self._told = self._condition()
        if self._feed is None or self._feed.problem:
            return [toned(cut(f"! {line(self._told)}", width), ALARM)]
        lost = f" · {self._dropped} forgotten" if self._dropped else ""
        said = f"{self.status('message')} · {self._topic or 'all topics'} · {self._told}{lost}"
        return [toned(cut(line(said), width), GOOD if self._at is None else WARN)]

    def row_line(self, row: Message, now: float, width: int, marked: bool) -> Content:
        is_hint = row.topic == FINDING
        said = f"{line(row.path)} — " if row.path else ""
        shown = (
            (f"{'▸' if marked else ' '} ", ACCENT),
            (fit(_clock(row.timestamp, now), 8) + "  ", QUIET),
            (fit(line(row.agent), 15) + "  ", ACCENT),
            (fit(line(row.topic), 9) + "  ", WARN if is_hint else QUIET),
            ("unverified? " if is_hint else "", WARN),
            (said + line(row.summary), ""),
        )
        return Content.assemble(*(toned(*part) for part in shown)).truncate(width, ellipsis=True)

    def row_body(self, row: Message) -> Sequence[str]:
        hint = ["a hint that nobody has checked; look before you act on it"]
        named = {"agent": row.agent, "source": row.source, "path": row.path, "id": row.id}
        known = [f"{name:<8} {line(text)}" for name, text in named.items() if text]
        data = json.dumps(dict(row.data), indent=2, ensure_ascii=False) if row.data else ""
        shown = [printable(text) for text in data.split("\n")] if data else []
        return [*(hint if row.topic == FINDING else []), line(row.summary), *known, *shown]

    def row_text(self, row: Message) -> str:
        return json.dumps(row.fields())

    def row_holds(self, row: Message, text: str) -> bool:
        wanted = text.casefold()
        said = (row.summary, row.agent, row.topic, row.path or "", row.source or "")
        return any(wanted in each.casefold() for each in said)

    # ---- choosing

    @property
    def filtered_by(self) -> str:
        return self._text

    def filter_by(self, text: str) -> None:
        self._text = text
        self.choose(self._is_chosen)

    def action_next_topic(self) -> None:
        topics = ["", *sorted({message.topic for message in self._messages})]
        here = topics.index(self._topic) if self._topic in topics else 0
        self._topic, self._at = topics[(here + 1) % len(topics)], None
        self.choose(self._is_chosen)

    # ---- publishing

    def action_publish(self) -> None:
        self._entry.open(PUBLISH, _HINT)
        self.redraw()

    def take_entered(self, purpose: str, text: str | None) -> None:
        super().take_entered(purpose, text)
        if purpose != PUBLISH or not text or self._feed is None:
            return
        try:
            message = typed(text)
        except BusError as error:
            self.notify(f"Not published: {line(str(error))}", severity="warning", markup=False)
            return
        send = partial(self._send, self._feed, message)
        self.run_worker(send, thread=True, exit_on_error=False, group="publish")

    def _send(self, feed: Feed, message: Message) -> None:
        try:
            heard = feed.publish(message)
        except BusError as error:
            self._report(f"Not published: {line(str(error))}")
            return
        self._report("Nobody listens, so nobody got it." if heard == 0 else "Published.")

    def _report(self, sentence: str) -> None:
        """A toast, from a thread."""
        try:
            self.app.call_from_thread(self.notify, sentence, markup=False)  # pyright: ignore[reportUnknownMemberType]
        except (NoActiveWorker, RuntimeError):
            pass  # the app has ended meanwhile


def typed(text: str) -> Message:
    """`finding @cart.py:42 the lock is never released` as a message. Raises BusError."""
    topic, _, rest = text.strip().partition(" ")
    path = None
    if rest.lstrip().startswith("@"):
        path, _, rest = rest.lstrip()[1:].partition(" ")
    return Message(f"agtop:{os.getpid()}", topic, rest.strip(), path=path or None)


def _clock(timestamp: str | None, now: float) -> str:
    try:
        at = datetime.fromisoformat(timestamp or "").timestamp()
    except (ValueError, OverflowError, OSError):
        return UNKNOWN
    return clock(at, now or None)[:8]
