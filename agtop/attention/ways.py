"""The ways an alert leaves agtop: the terminal's own notification, and a command of the user's."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress

from agtop.attention.alerts import Alert
from agtop.text import printable

LONGEST = 200
"""Characters of a notification; desktops cut off what is longer."""
PATIENCE = 10.0
"""Seconds the user's command may take."""
MOST_AT_ONCE = 4
"""Commands that may run side by side; a fleet that fails together must not start a hundred."""


def notification(alert: Alert, in_tmux: bool) -> str:
    """OSC 9, which iTerm2, kitty, WezTerm, Ghostty, foot and Windows Terminal show on the desktop.

    tmux passes on only what is wrapped for it (and `allow-passthrough` lets through).
    """
    said = f"agtop: {alert.headline}"
    text = printable(f"{said} · {alert.detail}" if alert.detail else said)[:LONGEST]
    told = f"\x1b]9;{text}\x07"
    return f"\x1bPtmux;{told.replace(chr(27), chr(27) * 2)}\x1b\\" if in_tmux else told


def words(alert: Alert) -> dict[str, str]:
    """What the user's command finds in its environment."""
    told = {
        "AGTOP_KIND": alert.kind,
        "AGTOP_TEXT": alert.headline,
        "AGTOP_DETAIL": alert.detail,
        "AGTOP_REASON": alert.reason,
        "AGTOP_AGENT": alert.agent,
        "AGTOP_SESSION": alert.session_id,
        "AGTOP_CWD": alert.cwd,
    }
    return {key: printable(value) for key, value in told.items() if value}


class Command:
    """Runs the user's command, once per alert; it may neither hold agtop up nor pile up."""

    def __init__(self, command: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the command as a shell would split it. Raises ValueError when quotes are open."""
        self._argv = shlex.split(command)
        self._clock = clock
        self._running: list[tuple[subprocess.Popen[bytes], float]] = []

    def tell(self, alert: Alert) -> str | None:
        """Start it; the reason as a sentence when that is not possible."""
        self.reap()
        if len(self._running) >= MOST_AT_ONCE:
            return f"{MOST_AT_ONCE} of your alert commands still run, so it was not started again"
        data = json.dumps({"kind": alert.kind, **_lower(words(alert))}).encode() + b"\n"
        try:
            child = subprocess.Popen(
                self._argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **words(alert)},
                start_new_session=True,
            )
        except OSError as error:
            said = error.strerror or "it did not start"
            return f"your alert command {self._argv[0]} cannot be run: {said.lower()}"
        _feed(child, data)
        self._running.append((child, self._clock()))
        return None

    def reap(self) -> None:
        """Let go of those that ended, and end those that take too long."""
        now = self._clock()
        for child, began in self._running:
            if child.poll() is None and now - began > PATIENCE:
                child.kill()
        self._running = [pair for pair in self._running if pair[0].poll() is None]


def _feed(child: subprocess.Popen[bytes], data: bytes) -> None:
    """A pipe holds more than an alert, so nobody waits even if nobody reads."""
    assert child.stdin is not None
    with suppress(OSError):  # it does not read what it is told, which is its own affair
        child.stdin.write(data)
    with suppress(OSError):  # what is left over would be written when the pipe is thrown away
        child.stdin.close()


def _lower(told: dict[str, str]) -> dict[str, str]:
    return {key.removeprefix("AGTOP_").lower(): value for key, value in told.items()}
