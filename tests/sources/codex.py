"""A server of the test's own that speaks as Codex's app server does, or as badly as it is told."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import struct
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Any

Reply = Callable[[str, dict[str, Any]], dict[str, Any]]
"""(method, params) → `{"result": …}` or `{"error": …}`."""

ANSWERS: dict[str, dict[str, Any]] = {
    "initialize": {"userAgent": "codex/0.169.0"},
    "thread/loaded/list": {"data": ["thr_1", "thr_2"], "nextCursor": None},
    "model/list": {"data": [{"id": "gpt-5"}], "nextCursor": None},
    "app/list": {"data": [], "nextCursor": None},
    "mcpServerStatus/list": {
        "data": [
            {"name": "docs", "tools": {"find": {}, "read": {}}, "authStatus": "none"},
            {"name": "mail", "tools": {}},
            "odd",
        ],
        "nextCursor": None,
    },
}


def answers(method: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"result": ANSWERS[method]}


class Codex:
    """Answers one connection after the other until it is closed."""

    def __init__(
        self,
        reply: Reply = answers,
        health: bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        handshake: bytes | None = None,
        family: socket.AddressFamily = socket.AF_INET,
    ) -> None:
        """
        Args:
            health: what is sent to the first connection, byte by byte as it stands.
            handshake: what an upgrade is answered with; None does what the standard says.
        """
        self.requests: list[str] = []
        """The heads of everything that was asked over HTTP."""
        self.messages: list[dict[str, Any]] = []
        """What was said over the WebSocket."""
        self._reply, self._health, self._handshake = reply, health, handshake
        self._listener = socket.socket(family, socket.SOCK_STREAM)
        self._listener.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        self._listener.listen()
        self._held: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        host, port = self._listener.getsockname()[:2]
        return f"ws://[{host}]:{port}" if ":" in host else f"ws://{host}:{port}"

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._held:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._held.append(connection)
            with suppress(OSError, EOFError):
                self._talk(connection)
                if self._health:
                    connection.shutdown(socket.SHUT_RDWR)

    def _talk(self, connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            data = connection.recv(4096)
            if not data:
                return
            head += data
        self.requests.append(head.decode())
        if b"Upgrade: websocket" not in head:
            connection.sendall(self._health)
            return
        key = head.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
        proof = base64.b64encode(
            hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        )
        connection.sendall(
            self._handshake
            or b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: "
            + proof
            + b"\r\n\r\n"
        )
        if self._handshake is None:
            self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        while True:
            kind, data = _frame(connection)
            if kind == 8:
                return
            if kind != 1:
                continue
            message = json.loads(data)
            self.messages.append(message)
            if "id" in message:
                connection.sendall(self.said(message))

    def said(self, message: dict[str, Any]) -> bytes:
        """Around the answer: a notification, a ping, a question of the server's, and two frames."""
        reply = {"id": message["id"], **self._reply(message["method"], message.get("params", {}))}
        data = json.dumps(reply).encode()
        note = json.dumps({"method": "thread/started", "params": {}}).encode()
        question = json.dumps({"id": message["id"], "method": "item/approve"}).encode()
        return (
            frame(1, note)
            + frame(9, b"still there?")
            + frame(1, question)
            + frame(1, data[:7], last=False)
            + frame(0, data[7:])
        )


def frame(kind: int, data: bytes, last: bool = True) -> bytes:
    first = bytes([(0x80 if last else 0) | kind])
    if len(data) < 126:
        return first + bytes([len(data)]) + data
    return first + b"\x7e" + struct.pack(">H", len(data)) + data


def _frame(connection: socket.socket) -> tuple[int, bytes]:
    first, second = _exactly(connection, 2)
    assert second & 0x80, "a client's frames are masked"
    size = second & 0x7F
    if size == 126:
        (size,) = struct.unpack(">H", _exactly(connection, 2))
    mask = _exactly(connection, 4)
    data = _exactly(connection, size)
    return first & 0x0F, bytes(byte ^ mask[n % 4] for n, byte in enumerate(data))


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data


@contextmanager
def codex(**how: Any) -> Generator[Codex]:
    server = Codex(**how)
    try:
        yield server
    finally:
        server.close()
