"""The signals agtop sends: what they are called and what they do."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import Literal

from agtop.errors import UsageError
from agtop.model import Record

Order = Literal["first", "last"]


class Signal(Record):
    """One entry of the menu."""

    name: str
    about: str
    launchers: Order = "last"
    """When what only waits for the session gets it: a launcher that goes on first would see its
    child still paused, one that is forced to end last would start it again."""

    @property
    def number(self) -> int | None:
        """None on a system that has no such signal."""
        found = getattr(signal, f"SIG{self.name}", None)
        return int(found) if found is not None else None


SIGNALS: Mapping[str, Signal] = {
    entry.name: entry
    for entry in (
        Signal("INT", "interrupt, as Ctrl+C does"),
        Signal("TERM", "ask to end"),
        Signal("KILL", "end at once; what is not yet written is lost", "first"),
        Signal("STOP", "pause", "first"),
        Signal("CONT", "go on after a pause"),
        Signal("HUP", "say that the terminal is gone"),
    )
}
"""In the order of the menu."""


def signal_named(text: str) -> Signal:
    """`term`, `SIGTERM` or `15` → the signal. Raises UsageError."""
    word = text.strip().upper().removeprefix("SIG")
    for entry in SIGNALS.values():
        if word == entry.name or (word.isdecimal() and word == str(entry.number)):
            return entry
    raise UsageError(f'no signal is called "{text}"; there are {", ".join(SIGNALS)}')
