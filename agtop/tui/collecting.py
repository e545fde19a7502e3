"""An app with a collector: a thread takes snapshots, answers questions, and survives bugs."""

from __future__ import annotations

import logging
import traceback
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import cast

from textual import on, work
from textual.app import App
from textual.reactive import var
from textual.worker import (
    Worker,
    WorkerState,
    get_current_worker,  # pyright: ignore[reportUnknownVariableType]
)

from agtop.model import Snapshot
from agtop.text import line, printable
from agtop.tui.messages import SnapshotTaken
from agtop.tui.screens.sheet import Sheet

LOG = logging.getLogger("agtop.tui")
LOG.addHandler(logging.NullHandler())  # else the last resort would write over the screen

_RETRY = 10.0
"""Seconds after which a round that failed is tried again."""

AWAY = 3
"""Times as long between rounds while the terminal does not have the keys: whoever looks at it from
another window still sees it move, and alerts still come."""


class Collecting(App[None]):
    """Takes snapshots in a thread of its own and posts them to itself."""

    delay: var[float] = var(2.0)

    def __init__(
        self, collect: Callable[[], Snapshot] | None, ansi_color: bool | None = None
    ) -> None:
        """
        Args:
            collect: Takes a snapshot. Without it, whoever holds the app posts `SnapshotTaken`.
        """
        super().__init__(ansi_color=ansi_color)
        self.collect = collect
        self._questions: deque[Callable[[], None]] = deque()
        self._bug = ""
        """The last bug that a toast told of."""

    def ask(self, question: Callable[[], None]) -> None:
        """Have it answered in the collector's own thread, with the next round."""
        self._questions.append(question)

    @work(thread=True, exclusive=True, exit_on_error=False, group="collect")
    def collect_forever(self) -> None:
        """Take snapshots, and answer what is asked of the collector, until the app closes."""
        worker = _this_worker()
        while not worker.is_cancelled:
            began = monotonic()
            self._answer_questions()
            complete = self._take_snapshot(worker)
            # While transcripts are still being read the next round goes on at once.
            pause = max(self.pause, 2 * (monotonic() - began)) if complete else 0.0
            worker.cancelled_event.wait(pause)
            # `r` and questions ring the same bell without cancelling: listen for the next ring.
            worker.cancelled_event.clear()

    @property
    def pause(self) -> float:
        """Seconds between two rounds that cost nothing."""
        return self.delay if self.app_focus else AWAY * self.delay

    def watch_app_focus(self, has_keys: bool) -> None:
        """Whoever comes back sees how things are now."""
        if has_keys:
            self.action_refresh_now()

    def _take_snapshot(self, worker: Worker[object]) -> bool:
        """Post a snapshot; whether it holds everything."""
        if self.collect is None or worker.is_cancelled:
            return True
        snapshot = self.collect()
        if not worker.is_cancelled:
            self.post_message(SnapshotTaken(snapshot))
        return snapshot.complete

    @work(thread=True, exclusive=True, exit_on_error=False, group="why")
    def _answer_without_collector(self) -> None:
        self._answer_questions()

    def _answer_questions(self) -> None:
        """In the collector's own thread: nobody else may look at what it keeps."""
        while self._questions:
            self._questions.popleft()()

    def answer_soon(self) -> None:
        if self.collect is None:
            self._answer_without_collector()
        else:
            self.action_refresh_now()

    def action_refresh_now(self) -> None:
        """Wake the worker that waits for the next round."""
        for worker in self.workers:
            if worker.group == "collect" and worker.is_running:
                worker.cancelled_event.set()

    @on(Worker.StateChanged)
    def report(self, message: Worker.StateChanged) -> None:
        """A bug in a thread: what was known stays on the screen, and the log has the rest."""
        worker = cast("Worker[object]", message.worker)  # pyright: ignore[reportUnknownMemberType]
        if message.state is not WorkerState.ERROR or worker.error is None:
            return
        error = worker.error
        LOG.error("%s", "".join(traceback.format_exception(error)))
        if worker.group == "collect":
            self.set_timer(max(self.delay, _RETRY), self.collect_forever)
        if isinstance(self.screen, Sheet):
            self.screen.fail("The records could not be read; the details are in the log.")
        what = f"{type(error).__name__}: {line(printable(str(error)))}"
        if what != self._bug:
            self._bug = what
            text = f"A bug in agtop: {what}. What was known stays; the details are in the log."
            self.notify(text, severity="error", markup=False)


def _this_worker() -> Worker[object]:
    return cast("Worker[object]", get_current_worker())
