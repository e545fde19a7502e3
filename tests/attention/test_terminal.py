"""What a terminal really receives when a session begins to need its user."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.claude_rows import answer, encode, prompt, usage
from tests.histories import claude_file, stamp

ENDS = 40.0
"""Seconds that two busy cores may take for any of it."""

_TITLES = re.compile(rb"\x1b\][^\a]*\a")


class Screen:
    """agtop in a terminal of its own."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 120, 0, 0))
        environ = {"HOME": str(home), "PATH": os.environ["PATH"], "TERM": "xterm-256color"}
        environ |= {"XDG_RUNTIME_DIR": str(home), "LANG": "C.UTF-8", "PYTHONPATH": os.getcwd()}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "agtop", "-d", "0.5", *arguments],
            stdin=slave, stdout=slave, stderr=slave, env=environ, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self.received = b""

    def until(self, awaited: bytes) -> bool:
        """Take in what is drawn until `awaited` was, or it was not in time."""
        end = time.monotonic() + ENDS
        while awaited not in self.received and time.monotonic() < end:
            if not select.select([self._master], [], [], 1.0)[0]:
                continue
            try:
                self.received += os.read(self._master, 65536)
            except OSError:  # nobody is at the other end any more
                break
        return awaited in self.received

    def go_on(self, seconds: float) -> None:
        """Take in what is drawn for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self._master], [], [], left)[0]:
                self.received += os.read(self._master, 65536)

    @property
    def bells(self) -> int:
        """How often it rang: the same byte ends a window's title and a notification too."""
        return _TITLES.sub(b"", self.received).count(b"\a")

    def until_it_works(self) -> None:
        """Past what is drawn while the screen still loads: the row's age goes up."""
        assert self.until(b" 4s"), self.received[-2000:]

    def close(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self._master)


@pytest.fixture
def screens() -> Iterator[list[Screen]]:
    opened: list[Screen] = []
    yield opened
    for screen in opened:
        screen.close()


ASKS = [{"type": "text", "text": "It is in the oven.\n\nShall I bake\x1b]0;owned\x07 another?"}]


def wishing(home: Path, alerts: str) -> None:
    settings = home / ".config" / "agtop"
    settings.mkdir(parents=True)
    (settings / "config.toml").write_text(f"[alerts]\n{alerts}\n")


def asked(home: Path) -> Path:
    path = claude_file(home, 1)
    row = prompt("Bake for the \x1b]9;forged\x07village", 0, timestamp=stamp(time.time()))
    path.write_bytes(encode({**row, "sessionId": path.stem}))
    return path


def ask_back(path: Path) -> None:
    said = answer("m", 0, usage(5, 5), ASKS, timestamp=stamp(time.time()))
    with path.open("ab") as file:
        file.write(encode({**said, "sessionId": path.stem}))


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
@pytest.mark.parametrize(("way", "bells"), [("bell", 1), ("off", 0)])
def test_the_bell_rings_once_where_it_is_wished(
    home: Path, screens: list[Screen], way: str, bells: int
) -> None:
    wishing(home, f'way = "{way}"')
    path = asked(home)
    screen = Screen(home)
    screens.append(screen)
    screen.until_it_works()
    assert screen.bells == 0
    ask_back(path)

    assert screen.until(b"waits for you"), screen.received[-2000:]
    screen.go_on(3.0)
    assert screen.bells == bells


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
def test_a_session_that_begins_to_wait_reaches_the_terminal(
    home: Path, screens: list[Screen]
) -> None:
    wishing(home, 'way = "desktop"')
    path = asked(home)
    screen = Screen(home)
    screens.append(screen)
    screen.until_it_works()
    quiet = screen.received
    ask_back(path)

    assert screen.until(b"\x1b]9;agtop: "), screen.received[-2000:]
    assert screen.until(b"\x07")
    assert b"\x1b]9;" not in quiet
    assert b"owned\x07" not in screen.received
    sent, _, _ = screen.received.split(b"\x1b]9;agtop: ", 1)[1].partition(b"\x07")
    assert sent.decode().startswith("claude in api waits for you")
    assert sent.decode().isprintable()
