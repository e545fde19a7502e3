"""Clients that know nothing of agtop, and programs that host, for tests of the bus."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from agtop.bus.client import condition

ROOT = Path(__file__).parents[2]


class Plain:
    """A bare socket, as any language has one."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect(str(path))
        self._stream = self.socket.makefile("rb")
        condition(path)  # who comes later is answered later: now the broker knows this one

    def say(self, raw: bytes) -> None:
        self.socket.sendall(raw)

    def hear(self) -> dict[str, object]:
        return json.loads(self._stream.readline())

    def ends(self) -> bool:
        """The broker hangs up."""
        try:
            return self._stream.readline() == b""
        except ConnectionResetError:
            return True

    def close(self) -> None:
        self._stream.close()
        self.socket.close()

    def __enter__(self) -> Plain:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        place: TracebackType | None,
    ) -> None:
        self.close()


def raw(summary: str = "it leaks", topic: str = "finding", **more: object) -> bytes:
    """A frame as a stranger writes it."""
    return json.dumps({"agent": "x:1", "topic": topic, "summary": summary, **more}).encode() + b"\n"


def sized(size: int) -> bytes:
    """A frame of exactly `size` bytes before its newline."""
    empty = len(raw("")) - 1
    return raw("s" * (size - empty))


def start(code: str, *argv: str) -> subprocess.Popen[str]:
    """Another Python program, with the test's environment, and a pipe from its stdout."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *argv],
        cwd=ROOT,
        env=dict(os.environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def said(program: subprocess.Popen[str]) -> str:
    """The next line of its stdout."""
    assert program.stdout is not None
    return program.stdout.readline().strip()


def end(program: subprocess.Popen[str]) -> None:
    program.kill()
    program.communicate()
