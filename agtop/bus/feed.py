"""The bus for a screen: a thread that listens, and hosts when nobody else does."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from threading import Event, Thread

from agtop.bus import paths
from agtop.bus.client import Subscription, publish
from agtop.bus.message import Message
from agtop.errors import BusError

logger = logging.getLogger(__name__)

MOST_WAITING = 1000
RETRY = 2.0
"""Seconds after which a bus that could not be opened is tried again."""


def feed_of(environ: Mapping[str, str]) -> Feed:
    """A feed of the bus that this environment names."""
    return Feed(paths.socket_path(environ))


class Feed:
    """What agents say, gathered for who looks now and then.

    One thread fills it and one takes from it; between them stands a deque, whose ends are safe.
    """

    def __init__(self, path: Path | None = None, last: int = 100) -> None:
        self.problem = ""
        """Why the bus cannot be heard, as a sentence."""
        self.arrived = 0
        """Messages that ever came; what was not taken in time is gone."""
        self._path = path
        self._last = last
        self._waiting: deque[Message] = deque(maxlen=MOST_WAITING)
        self._stopping = Event()
        self._subscription: Subscription | None = None
        self._thread = Thread(target=self._run, name="agtop-bus-feed", daemon=True)

    @property
    def hosts(self) -> bool:
        subscription = self._subscription
        return subscription is not None and subscription.hosts

    def start(self) -> None:
        self._thread.start()

    def take(self) -> list[Message]:
        """What has come since the last time, the oldest first."""
        taken: list[Message] = []
        while self._waiting:
            taken.append(self._waiting.popleft())
        return taken

    def publish(self, message: Message) -> int:
        """As `publish`; waits for the host, so not on a screen's own thread."""
        return publish(message, self._path)

    def close(self) -> None:
        self._stopping.set()
        subscription = self._subscription
        if subscription is not None:
            subscription.stop()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with Subscription(last=self._last, path=self._path) as subscription:
                    self._subscription = subscription
                    self.problem = ""
                    self._last = 0  # what was before has been heard
                    self._gather(subscription)
            except BusError as error:
                self.problem = str(error)
            except Exception as error:
                logger.exception("the bus's feed met a bug")
                self.problem = f"the bus met a bug, {type(error).__name__}; the log tells more"
            if self._stopping.wait(RETRY):
                return

    def _gather(self, subscription: Subscription) -> None:
        while not self._stopping.is_set():
            message = subscription.receive()
            if message is not None:
                self.arrived += 1
                self._waiting.append(message)
