"""Speaking and listening on the bus, from any program."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from agtop.bus import paths
from agtop.bus.ballot import is_electing
from agtop.bus.message import Message, encode, load, message_of
from agtop.bus.wire import Gone, Silent, Wire
from agtop.errors import BusError

if TYPE_CHECKING:
    from agtop.bus.hosting import Host

TAKEOVER = 0.25
"""Seconds in which a dead host's subscribers have found another."""
PAUSE = 0.02
LOOK = 1.0
"""Seconds between two looks whether the host is still the one at the socket."""
LONGEST_ELECTION = 15.0
ANSWER = 2.0
"""Seconds in which the host says that it took a message."""
QUIET = 5.0
"""Seconds of silence after which the host is asked whether it lives."""


def publish(message: Message, path: Path | None = None) -> int:
    """Send `message` to who listens now, and tell how many that is.

    Who listens hosts the bus; who only publishes never does, as its end would cut off all that
    had joined it. Where nobody hosts, an election under way is waited for; if there is none,
    nobody listens: the message is dropped and the answer is 0. Nobody keeps it for later.

    Raises:
        BusError: it is too long, was refused, or may have been lost on its way; or somebody
            opens the bus and does not get done with it.
    """
    frame = encode(message)
    where = paths.check(path or paths.socket_path())
    wire = _wire_of_living(where)
    if wire is None:
        return 0
    try:
        wire.send(frame)
        return _acknowledged(wire)
    except (Gone, Silent):
        raise BusError(
            "the bus's host ended while it took the message, which may be lost; publish it again"
        ) from None
    finally:
        wire.close()


def _wire_of_living(path: Path) -> Wire | None:
    """To the host, or to who is about to be it; None when there is neither."""
    began = time.monotonic()
    while True:
        try:
            return Wire(path, {"hello": "publish"})
        except Gone:
            waited = time.monotonic() - began
            if waited > TAKEOVER and not is_electing(path):
                return None
            if waited > LONGEST_ELECTION:
                raise _locked(path) from None
            time.sleep(PAUSE)
        except Silent:
            raise BusError(
                f"the bus's host does not answer at {path}; continue it, if it is stopped"
            ) from None


def _locked(path: Path) -> BusError:
    return BusError(
        f"another program keeps the bus at {path} locked and does not open it; continue or end it"
    )


def _acknowledged(wire: Wire) -> int:
    frame = wire.receive(ANSWER)
    answer = load(frame) if frame is not None else {}
    if "refused" in answer:
        raise BusError(f"the bus refused the message: {answer['refused']}")
    heard = answer.get("ack")
    if not isinstance(heard, int):
        raise Silent
    return heard


def condition(path: Path | None = None) -> dict[str, object] | None:
    """What the broker says of itself; None when nobody hosts the bus.

    Raises:
        BusError: the host does not answer, or the bus is not ours.
    """
    where = paths.check(path or paths.socket_path())
    try:
        wire = Wire(where, {"hello": "probe"})
    except Gone:
        return None
    except Silent:
        raise BusError(
            f"the bus's host does not answer at {where}; continue it, if it is stopped"
        ) from None
    wire.close()
    return wire.condition


def subscribe(*topics: str, last: int = 0, path: Path | None = None) -> Subscription:
    """Listen from now on; iterate over it for messages, close it when done.

    Args:
        topics: Only these; all, when none is named.
        last: As many messages of before as the host still has.
        path: Another socket than everybody's.

    Raises:
        BusError: the bus cannot be reached or opened.
    """
    return Subscription(topics, last, path)


class Subscription:
    """What agents say, as it comes. When the host ends, another is found or made.

    Belongs to one thread; only `stop` may be called from others.
    """

    def __init__(
        self, topics: tuple[str, ...] = (), last: int = 0, path: Path | None = None
    ) -> None:
        self.dropped = 0
        """Messages missed because this program read too slowly."""
        self.malformed = 0
        self._path = paths.check(path or paths.socket_path())
        self._hello: dict[str, object] = {"hello": "subscribe", "topics": list(topics)}
        self._pid = os.getpid()
        self._is_stopped = False
        self._host: Host | None = None
        self._heard_at = 0.0
        self._has_asked = False
        self._wire: Wire | None = None
        self._join(last)

    @property
    def hosts(self) -> bool:
        """This process is the hub of the others."""
        return self._host is not None and self._host.is_alive

    def receive(self, timeout: float | None = None) -> Message | None:
        """The next message; None when there was none in time, or after `stop`.

        Raises:
            BusError: no host lives and this process cannot be one.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._is_stopped:
            left = LOOK if deadline is None else deadline - time.monotonic()
            message = self._next(min(LOOK, left))
            if message is not None:
                return message
            if deadline is not None and time.monotonic() >= deadline:
                return None
        return None

    def stop(self) -> None:
        """End `receive` and the iteration, from any thread."""
        self._is_stopped = True
        wire = self._wire
        if wire is not None and os.getpid() == self._pid:  # a forked child's is its parent's
            wire.hang_up()

    def close(self) -> None:
        self.stop()
        self._leave()
        if self._host is not None:
            self._host.close()

    def __iter__(self) -> Iterator[Message]:
        while not self._is_stopped:
            message = self.receive()
            if message is not None:
                yield message

    def __enter__(self) -> Subscription:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        place: TracebackType | None,
    ) -> None:
        self.close()

    # ---- its own

    def _next(self, seconds: float) -> Message | None:
        try:
            wire = self._wire or self._join()
            frame = wire.receive(seconds) if wire is not None else None
            if frame is None:
                self._look(wire)
                return None
        except (Gone, Silent):
            self._leave()
            return None
        self._heard_at = time.monotonic()
        self._has_asked = False
        return self._message(frame)

    def _message(self, frame: bytes) -> Message | None:
        try:
            fields = load(frame)
            if "agent" not in fields and ("hello" in fields or "dropped" in fields):
                missed = fields.get("dropped")
                self.dropped += missed if isinstance(missed, int) else 0
                return None
            return message_of(fields)
        except BusError:
            self.malformed += 1
            return None

    def _look(self, wire: Wire | None) -> None:
        """Nothing was said: is the host still there, and still the host?"""
        if wire is None:
            return
        if not wire.is_current():
            raise Gone
        silent = time.monotonic() - self._heard_at
        if silent > QUIET and not self._has_asked:
            self._has_asked = True
            wire.send(b'{"hello":"ping"}\n')
        elif silent > QUIET + 2 * LOOK:
            raise Silent

    def _join(self, last: int = 0) -> Wire | None:
        """Connect, or become the host when nobody is; None after `stop`."""
        hello = {**self._hello, "last": last} if last else self._hello
        deadline = time.monotonic() + LONGEST_ELECTION
        while not self._is_stopped:
            if time.monotonic() > deadline:
                raise _locked(self._path)
            try:
                self._wire = Wire(self._path, hello)
            except (Gone, Silent):
                self._take_over()
                continue
            self._heard_at = time.monotonic()
            self._has_asked = False
            if self._is_stopped:
                self._wire.hang_up()
            return self._wire
        return None

    def _take_over(self) -> None:
        from agtop.bus.hosting import elected  # asyncio, for hosts alone

        if self._host is not None:
            self._host.close()
            time.sleep(PAUSE)  # being the host did not help: never spin
        self._host = elected(self._path)
        if self._host is None:
            time.sleep(PAUSE)

    def _leave(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()
