"""The line above the keys: what waits for the same key again, or is under way."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from agtop.tui.tones import ACCENT, QUIET, STRONG, WARN
from agtop.tui.words import toned

ARMED = 3.0
"""Seconds in which the same key again runs what is armed."""
QUIET_FOR = 0.2
"""Seconds that something may take before it shows."""
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
TURN = 0.1
"""Seconds of one picture of the spinner."""


class Strip(Static):
    """Takes a line only while there is something to say."""

    DEFAULT_CSS = """
    Strip { height: 1; display: none; text-wrap: nowrap; text-overflow: ellipsis; }
    Strip.-open { display: block; }
    """

    def say(self, content: Content | None) -> None:
        self.set_class(content is not None, "-open")
        self.update(content or "")


def armed(what: str, key: str, left: float) -> Content:
    """`! 2 s  F9 again sends KILL to codex (pid 7), Esc calls it off`."""
    seconds = max(1, -int(-left // 1))
    return Content.assemble(
        (" ! ", WARN), (f"{seconds} s  ", QUIET), (f"{key} again sends ", WARN),
        toned(what, STRONG), (", Esc calls it off", QUIET),
    )  # fmt: skip


def under_way(step: str, elapsed: float) -> Content | None:
    """The step that is really being taken, once it lasts; nothing before."""
    if elapsed < QUIET_FOR:
        return None
    sign = SPINNER[int(elapsed / TURN) % len(SPINNER)]
    return Content.assemble(
        (f" {sign} ", ACCENT), toned(step), (f"   {elapsed:.0f} s, Esc calls it off", QUIET)
    )
