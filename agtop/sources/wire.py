"""HTTP's first lines and WebSocket messages (RFC 6455) over one connection with a deadline."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import socket
import time
from collections.abc import Callable

from agtop.sources.endpoint import Endpoint

HEAD_MOST = 16 << 10
MESSAGE_MOST = 1 << 20
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: |\r)")
_ACCEPT = re.compile(rb"\r\nsec-websocket-accept:[ \t]*([^\r]*?)[ \t]*\r\n", re.IGNORECASE)
_CONTINUED, _TEXT, _CLOSE, _PING, _PONG = 0, 1, 8, 9, 10


class WireError(Exception):
    """What answers speaks something else, says too much, or has gone."""


class RefusedError(WireError):
    """The upgrade to a WebSocket was answered with another status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Wire:
    """One connection; everything on it has to be over after `seconds`.

    Raises:
        TimeoutError: it was not.
        OSError: nobody listens, or the connection broke.
    """

    def __init__(
        self, to: Endpoint, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._to = to
        self._clock = clock
        self._until = clock() + seconds
        self._got = b""
        family = socket.AF_INET6 if ":" in to.host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._limit()
            self._socket.connect((to.host, to.port))
        except OSError:
            self._socket.close()
            raise

    def close(self) -> None:
        self._socket.close()

    def get(self, path: str, extra: str = "") -> tuple[int, bytes]:
        """Status and head of the answer to a GET; no Origin, no cookie, no redirect followed."""
        self._send(f"GET {path} HTTP/1.1\r\nHost: {self._to.authority}\r\n{extra}\r\n".encode())
        while b"\r\n\r\n" not in self._got:
            if len(self._got) > HEAD_MOST:
                raise WireError("its head is too long")
            self._receive()
        head, _, self._got = self._got.partition(b"\r\n\r\n")
        status = _STATUS.match(head + b"\r")
        if status is None:
            raise WireError("it does not speak HTTP")
        return int(status[1]), head + b"\r\n"

    # ---- WebSocket

    def upgrade(self) -> None:
        """Go on as a WebSocket. Raises RefusedError."""
        key = base64.b64encode(os.urandom(16))
        status, head = self.get(
            "/",
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key.decode()}\r\n",
        )
        if status != 101:
            raise RefusedError(status)
        proof = base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())
        answer = _ACCEPT.search(head)
        if answer is None or answer[1] != proof:
            raise WireError("it does not speak WebSocket")

    def say(self, message: bytes) -> None:
        self._frame(_TEXT, message)

    def hear(self) -> bytes:
        """The next message, put together from its frames."""
        message = b""
        while True:
            is_last, kind, data = self._read_frame(MESSAGE_MOST - len(message))
            if kind == _CLOSE:
                raise WireError("it closed the connection")
            if kind == _PING:
                self._frame(_PONG, data)
            elif kind in (_TEXT, _CONTINUED):
                message += data
                if is_last:
                    return message
            elif kind != _PONG:
                raise WireError("it does not speak text")

    def goodbye(self) -> None:
        self._frame(_CLOSE, (1000).to_bytes(2, "big"))

    def _frame(self, kind: int, data: bytes) -> None:
        size, mask = len(data), os.urandom(4)
        if size < 126:
            length = bytes([0x80 | size])
        elif size < 1 << 16:
            length = bytes([0x80 | 126]) + size.to_bytes(2, "big")
        else:
            length = bytes([0x80 | 127]) + size.to_bytes(8, "big")
        masked = bytes(byte ^ mask[n % 4] for n, byte in enumerate(data))
        self._send(bytes([0x80 | kind]) + length + mask + masked)

    def _read_frame(self, most: int) -> tuple[bool, int, bytes]:
        first, second = self._exactly(2)
        if first & 0x70 or second & 0x80:
            raise WireError("it breaks the rules of WebSocket")
        size = second
        if size > 125:
            size = int.from_bytes(self._exactly(2 if size == 126 else 8), "big")
        if size > most:
            raise WireError("it says too much")
        return bool(first & 0x80), first & 0x0F, self._exactly(size)

    # ---- bytes

    def _exactly(self, count: int) -> bytes:
        while len(self._got) < count:
            self._receive()
        taken, self._got = self._got[:count], self._got[count:]
        return taken

    def _receive(self) -> None:
        self._limit()
        data = self._socket.recv(1 << 16)
        if not data:
            raise WireError("it closed the connection")
        self._got += data

    def _send(self, data: bytes) -> None:
        self._limit()
        self._socket.sendall(data)

    def _limit(self) -> None:
        rest = self._until - self._clock()
        if rest <= 0:
            raise TimeoutError
        self._socket.settimeout(rest)
