"""How far agtop may go: it watches, asks first, or is trusted for a while."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Mode = Literal["observe", "ask", "trust"]
MODES: tuple[Mode, ...] = ("observe", "ask", "trust")
TRUSTED = 30 * 60.0
"""Seconds after which trust falls back to asking."""

ABOUT: dict[Mode, str] = {
    "observe": "observe: agtop only watches",
    "ask": "ask: what cannot be undone waits for the same key again",
    "trust": "trust: keys act at once, for 30 minutes",
}


class Modes:
    """The mode that holds now."""

    def __init__(self, clock: Callable[[], float], locked: bool = False) -> None:
        """
        Args:
            clock: seconds that only go forward.
            locked: it stays at observing.
        """
        self._clock = clock
        self.is_locked = locked
        self._mode: Mode = "observe"
        self._since = 0.0

    @property
    def now(self) -> Mode:
        if self._mode == "trust" and self._clock() - self._since >= TRUSTED:
            self._mode = "ask"
        return self._mode

    def next(self) -> Mode:
        """Go on to the next one, unless locked."""
        if not self.is_locked:
            self._mode = MODES[(MODES.index(self.now) + 1) % len(MODES)]
            self._since = self._clock()
        return self._mode

    @property
    def advice(self) -> str:
        """How to arm, for whoever pressed a key that does nothing while observing."""
        if self.is_locked:
            return "agtop was started with --readonly or --safe: it only watches."
        return "agtop only watches now: m lets it act, and asks first."
