"""A client's end of the socket: says hello, sends frames, waits for lines."""

from __future__ import annotations

import os
import socket
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from agtop.bus import paths
from agtop.bus.frames import Frames
from agtop.bus.message import dump, load
from agtop.errors import BusError

PATIENCE = 2.0
"""Seconds in which a host that lives has answered."""
CHUNK = 64 * 1024


class Gone(Exception):  # noqa: N818 - an ordinary outcome
    """Nobody is at the other end."""


class Silent(Exception):  # noqa: N818 - an ordinary outcome
    """Somebody is, and does not answer."""


class Wire:
    """One greeted connection.

    Raises:
        Gone: nobody listens at `path`.
        Silent: who listens does not answer.
        BusError: this user may not connect.
    """

    def __init__(self, path: Path, hello: Mapping[str, object]) -> None:
        self.path = path
        self.condition: dict[str, object] = {}
        """What the broker said of itself."""
        self._identity = paths.identity(path)
        self._frames = Frames()
        self._lines: deque[bytes] = deque()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._greet(hello, time.monotonic() + PATIENCE)
        except BaseException:
            self._socket.close()
            raise

    def _greet(self, hello: Mapping[str, object], deadline: float) -> None:
        self._connect(deadline)
        self.send(dump(hello))
        while not self.condition:
            frame = self.receive(deadline - time.monotonic())
            if frame is None:
                raise Silent
            said = _object(frame)
            self.condition = said if "hello" in said and "agent" not in said else {}

    def _connect(self, deadline: float) -> None:
        """Connect; a host with a long queue is tried again."""
        self._socket.settimeout(PATIENCE)
        while True:
            try:
                self._socket.connect(os.fspath(self.path))
                return
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Silent from None
                time.sleep(0.01)
            except TimeoutError:
                raise Silent from None
            except PermissionError as error:
                raise BusError(
                    f"the bus at {self.path} cannot be joined ({paths.reason(error)}); "
                    "it belongs to somebody else"
                ) from None
            except OSError:
                raise Gone from None

    def is_current(self) -> bool:
        """The socket that was connected to still stands at its path."""
        return paths.identity(self.path) == self._identity

    def send(self, frame: bytes) -> None:
        try:
            self._socket.settimeout(PATIENCE)
            self._socket.sendall(frame)
        except TimeoutError:
            raise Silent from None
        except OSError:
            raise Gone from None

    def receive(self, seconds: float) -> bytes | None:
        """The next line; None when there was none in time.

        Raises:
            Gone: the other end has closed.
        """
        deadline = time.monotonic() + max(seconds, 0)
        while not self._lines:
            data = self._read(deadline - time.monotonic())
            if data is None:
                return None
            try:
                self._lines.extend(self._frames.feed(data))
            except BusError:
                raise Gone from None
        return self._lines.popleft()

    def _read(self, seconds: float) -> bytes | None:
        try:
            self._socket.settimeout(max(seconds, 0.001))  # 0 would mean never to wait
            data = self._socket.recv(CHUNK)
        except TimeoutError:
            return None
        except OSError:
            raise Gone from None
        if not data:
            raise Gone
        return data

    def hang_up(self) -> None:
        """Wake who waits in `receive`, from any thread."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it was closed already

    def close(self) -> None:
        self._socket.close()


def _object(frame: bytes) -> dict[str, object]:
    try:
        return load(frame)
    except BusError:
        return {}
