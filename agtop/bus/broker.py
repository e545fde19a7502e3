"""The hub of the bus: takes frames from any client and passes them to all the others.

Next to messages it speaks a little of its own, to those who begin with a hello:

    {"hello": "subscribe", "topics": ["finding"], "last": 20}   to hear, and what was said before
    {"hello": "publish"}                                        to speak only, with answers
    {"hello": "probe"}                                          to ask how the bus does
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from agtop.bus import paths
from agtop.bus.ballot import Ballot
from agtop.bus.connection import Connection
from agtop.bus.message import MOST_BYTES, Message, dump, load, message_of, new_id, now
from agtop.errors import BusError

logger = logging.getLogger(__name__)

MOST_KEPT = 1000
MOST_KEPT_BYTES = 4 * 1024 * 1024
WATCH = 1.0
"""Seconds between two looks whether the socket is still ours."""


class Broker:
    """Serves one listening socket, on one asyncio loop, until told to stop."""

    def __init__(self, listener: socket.socket, path: Path) -> None:
        self._listener = listener
        self._path = path
        self._own = paths.identity(path)
        self._began_at = time.time()
        self._clients: set[Connection] = set()
        self._kept: deque[tuple[str, bytes]] = deque()
        self._kept_bytes = 0
        self._relayed = self._malformed = self._oversize = self._dropped = 0

    async def serve(self, stopping: asyncio.Event) -> None:
        """Serve until `stopping`, or until another has taken the socket's place."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Connection(self), sock=self._listener)
        try:
            while not stopping.is_set() and self._is_ours():
                await _wait(stopping, WATCH)
            if not stopping.is_set():
                logger.warning("the bus's socket was taken away; this broker steps down")
            await self._resign()
        finally:
            server.close()
            await self._dismiss()

    def descriptors(self) -> list[int]:
        """Of the sockets that a forked child must not keep open."""
        mine = [client.descriptor() for client in list(self._clients)]
        return [number for number in (self._listener.fileno(), *mine) if number >= 0]

    async def _resign(self) -> None:
        """Take the socket away, while nobody else puts one there."""
        for _ in range(100):
            if self._clear_away():
                return
            await asyncio.sleep(0.01)

    def _is_ours(self) -> bool:
        return self._own is not None and paths.identity(self._path) == self._own

    def _clear_away(self) -> bool:
        """Whether it need not be tried again."""
        try:
            with Ballot(self._path) as ballot:
                if ballot.held and self._is_ours():
                    paths.remove_stale(self._path)
                return ballot.held
        except (BusError, OSError) as error:
            logger.warning("the bus's socket could not be taken away: %s", error)
            return True

    async def _dismiss(self) -> None:
        for client in list(self._clients):
            client.finish()
        while self._clients:
            await asyncio.sleep(0)

    # ---- what connections tell

    def joined(self, connection: Connection) -> None:
        self._clients.add(connection)

    def left(self, connection: Connection) -> None:
        if connection in self._clients:
            self._clients.discard(connection)
            self._dropped += connection.dropped
            self._oversize += connection.oversize

    def take(self, frame: bytes, sender: Connection) -> None:
        """A frame has come: relay it, answer it, or leave it out."""
        try:
            fields = load(frame)
            if "hello" in fields and "agent" not in fields:
                self._greet(fields, sender)
                return
            message = message_of(fields)
        except BusError as error:
            self._malformed += 1
            sender.refuse(str(error))
            return
        heard = self._relay(_stamped(frame, fields, message), message.topic, sender)
        if not sender.listens:
            sender.answer({"ack": heard})

    # ---- its own

    def _relay(self, frame: bytes, topic: str, sender: Connection) -> int:
        self._relayed += 1
        self._keep(topic, frame)
        return sum(c.hear(frame, topic) for c in self._clients if c is not sender)

    def _keep(self, topic: str, frame: bytes) -> None:
        self._kept.append((topic, frame))
        self._kept_bytes += len(frame)
        while len(self._kept) > MOST_KEPT or self._kept_bytes > MOST_KEPT_BYTES:
            self._kept_bytes -= len(self._kept.popleft()[1])

    def _greet(self, fields: Mapping[str, object], client: Connection) -> None:
        hello, last = fields["hello"], fields.get("last")
        if hello == "ping":
            client.answer({"hello": "agtop"})
            return
        wanted = _texts(fields.get("topics"))
        client.greet(hello == "subscribe", wanted)
        client.answer(self._condition())
        if hello == "subscribe" and isinstance(last, int) and last > 0:
            for topic, frame in self._last(last, wanted):
                client.hear(frame, topic)

    def _last(self, count: int, topics: frozenset[str]) -> list[tuple[str, bytes]]:
        fitting = [kept for kept in self._kept if not topics or kept[0] in topics]
        return fitting[-count:]

    def _condition(self) -> dict[str, object]:
        return {
            "hello": "agtop",
            "pid": os.getpid(),
            "began_at": self._began_at,
            "subscribers": sum(client.listens for client in self._clients),
            "relayed": self._relayed,
            "malformed": self._malformed,
            "oversize": self._oversize + sum(client.oversize for client in self._clients),
            "dropped": self._dropped + sum(client.dropped for client in self._clients),
        }


def _stamped(frame: bytes, fields: Mapping[str, object], message: Message) -> bytes:
    """The frame with an id and a time, when it came without and there is room for them."""
    if message.id is not None and message.timestamp is not None:
        return frame + b"\n"
    known = {name: value for name, value in fields.items() if value is not None}
    try:
        stamped = dump({"id": new_id(), "timestamp": now(), **known})
    except (ValueError, RecursionError):
        return frame + b"\n"
    return stamped if len(stamped) - 1 <= MOST_BYTES else frame + b"\n"


def _texts(value: object) -> frozenset[str]:
    if not isinstance(value, list):
        return frozenset()
    return frozenset(each for each in cast("list[object]", value) if isinstance(each, str))


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        pass  # time for another look
