"""What the user wants to be told, and how: the table [alerts] of config.toml."""

from __future__ import annotations

import shlex
from typing import Literal

from agtop.attention.alerts import ALERT_KINDS, COOL_DOWN, Kind
from agtop.attention.quiet import Quiet, parse_quiet
from agtop.model import Record

Way = Literal["off", "bell", "desktop"]
WAYS: tuple[Way, ...] = ("off", "bell", "desktop")


class AlertWish(Record):
    """How the user is told that something needs them."""

    way: Way = "bell"
    """The terminal rings, or shows a notification on the desktop; toasts stay either way."""
    on: tuple[Kind, ...] = ALERT_KINDS
    quiet: str | None = None
    """`22:00-07:00`: nothing leaves the screen then."""
    cooldown: float = COOL_DOWN
    command: str | None = None

    @property
    def quiet_hours(self) -> Quiet | None:
        return None if self.quiet is None else parse_quiet(self.quiet)

    def fault(self) -> tuple[str, str] | None:
        """(the key that cannot be followed, a sentence that says why)."""
        if self.quiet is not None:
            try:
                parse_quiet(self.quiet)
            except ValueError as error:
                return "quiet", f"quiet = {error}"
        if self.command is not None:
            return _fault_of(self.command)
        return None


def _fault_of(command: str) -> tuple[str, str] | None:
    try:
        words = shlex.split(command)
    except ValueError:
        return "command", f"command = {command!r} has a quote that is never closed"
    if not words or not words[0]:
        return "command", "command names no program"
    return None
