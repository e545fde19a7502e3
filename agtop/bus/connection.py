"""One client at the broker: what it says, and what waits for it."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import struct
import sys
from collections.abc import Mapping
from typing import Protocol, cast

from agtop.bus.frames import Frames
from agtop.bus.message import dump
from agtop.bus.outbox import Outbox
from agtop.errors import BusError

logger = logging.getLogger(__name__)

GRACE = 0.2
"""Seconds in which a client may still say that it is not here to listen."""
CHUNK = 64 * 1024


class Hub(Protocol):
    """What a connection needs of the broker."""

    def joined(self, connection: Connection) -> None: ...
    def left(self, connection: Connection) -> None: ...
    def take(self, frame: bytes, sender: Connection) -> None: ...


class Connection(asyncio.Protocol):
    """A client of the broker, on its loop.

    Whoever connects hears everything, as with a plain socket, unless its first line is a hello
    that says otherwise. Until it is known which, what it would hear is kept for it.
    """

    def __init__(self, hub: Hub, grace: float = GRACE) -> None:
        self.listens = False
        self.topics: frozenset[str] = frozenset()
        self._hub = hub
        self._grace = grace
        self._frames = Frames()
        self._outbox = Outbox()
        self._is_new = True
        self._speaks_hello = False
        self._is_warned = False
        self._told_dropped = 0
        self._is_paused = False
        self._is_flushing = False
        self._transport: asyncio.Transport | None = None

    @property
    def dropped(self) -> int:
        return self._outbox.dropped

    @property
    def oversize(self) -> int:
        return self._frames.oversize

    # ---- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=CHUNK)
        if not _is_ours(self._transport.get_extra_info("socket")):
            self._transport.abort()
            return
        asyncio.get_running_loop().call_later(self._grace, self._settle)
        self._hub.joined(self)

    def data_received(self, data: bytes) -> None:
        before = self._frames.oversize
        try:
            frames = self._frames.feed(data)
        except BusError as error:
            logger.warning("%s; the client was disconnected", error)
            self.abort()
            return
        if self._frames.oversize > before:
            logger.warning("a frame on the bus was too long and was left out")
        for frame in frames:
            self._hub.take(frame, self)
        self._settle()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        self._transport = None
        self._outbox.clear()
        self._hub.left(self)

    def pause_writing(self) -> None:
        self._is_paused = True

    def resume_writing(self) -> None:
        self._is_paused = False
        self._flush()

    # ---- what the broker asks for

    def greet(self, listens: bool, topics: frozenset[str]) -> None:
        """It has said what it is here for; what was kept until then is not part of it."""
        self._is_new = False
        self._speaks_hello = True
        self.listens = listens
        self.topics = topics
        self._outbox.clear()

    def answer(self, fields: Mapping[str, object]) -> None:
        """Say something of the broker's own, to a client that would understand."""
        if self._speaks_hello:
            self._send(dump(fields))

    def refuse(self, why: str) -> None:
        """A frame of this client is left out; the log is told of its first."""
        if not self._is_warned:
            self._is_warned = True
            logger.warning("a frame on the bus was left out: %s", why)
        self.answer({"refused": why})

    def hear(self, frame: bytes, topic: str) -> bool:
        """Queue a frame, and tell whether this client wants it."""
        if not (self.listens or self._is_new) or (self.topics and topic not in self.topics):
            return False
        self._send(frame)
        return self.listens

    def finish(self) -> None:
        """Close, with what can be sent without waiting."""
        self._flush()
        if self._transport is None:
            return
        if self._transport.get_write_buffer_size() == 0:
            self._transport.close()
        else:
            self._transport.abort()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def descriptor(self) -> int:
        """Its file descriptor, or -1."""
        if self._transport is None:
            return -1
        return cast("socket.socket", self._transport.get_extra_info("socket")).fileno()

    # ---- its own

    def _settle(self) -> None:
        """It has said no hello in time, or something else first: it listens, as any socket."""
        if self._is_new and self._transport is not None:
            self._is_new = False
            self.listens = True
            self._flush()

    def _send(self, frame: bytes) -> None:
        self._outbox.add(frame)
        if not self._is_flushing:
            self._is_flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        """Write until the socket is full; what comes meanwhile is written together."""
        self._is_flushing = False
        if self._is_new or self._transport is None or self._transport.is_closing():
            return
        missed = self._outbox.dropped - self._told_dropped
        if missed and self._speaks_hello and not self._is_paused:
            self._told_dropped = self._outbox.dropped
            self._transport.write(dump({"dropped": missed}))
        while self._outbox and not self._is_paused:
            self._transport.write(self._outbox.take(CHUNK))


def _is_ours(peer: socket.socket) -> bool:
    """The directory keeps strangers out; where the system tells who calls, so do we."""
    if sys.platform != "linux":
        return True
    _, uid, _ = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return uid in {0, os.geteuid()}
