"""The colours: a few tones of the theme, each with a glyph or a word beside it on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agtop.units import UNKNOWN

if TYPE_CHECKING:
    from agtop.model import Session, StateName
    from agtop.tui.modes import Mode

QUIET = "dim"
STRONG = "bold"
ACCENT = "$text-primary"
TITLE = "bold $text-primary"
GOOD = "$text-success"
WARN = "$text-warning"
ALARM = "bold $text-error"
CURSOR = "reverse $primary"
MARKED = "bold"
TAGGED = "bold $text-warning"
NEWS = "reverse"

STATE_TONES: dict[StateName, str] = {
    "waiting": "bold $text-warning",
    "limited": "$text-secondary",
    "error": "bold $text-error",
    "stalled": "bold $text-accent",
    "looping": "bold $text-accent",
    "working": "$text-success",
    "unknown": QUIET,
    "idle": "",
    "ended": QUIET,
}

MODE_TONES: dict[Mode, str] = {"observe": QUIET, "ask": WARN, "trust": ALARM}

NOTHING_TO_TELL = frozenset({UNKNOWN, "0", "0%", "0.0%", "$0.00", "0B/s"})
"""What a cell says that is drawn quietly."""


def fill_tone(percent: float | None) -> str:
    """For a gauge: the fuller, the louder."""
    if percent is None or percent < 75:
        return GOOD
    return WARN if percent < 90 else ALARM


def cell_tone(column: str, session: Session, text: str) -> str:
    """How one cell of the table is drawn."""
    if session.state.name == "ended" or text in NOTHING_TO_TELL:
        return QUIET
    if column in ("glyph", "state", "reason"):
        return STATE_TONES[session.state.name]
    if column == "context":
        context = session.reading.context
        percent = None if context is None else context.percent
        return "" if percent is None or percent < 75 else fill_tone(percent)
    return _COLUMNS.get(column, "")


_COLUMNS = {
    "agent": ACCENT,
    "session": QUIET,
    "project": STRONG,
    "model": "",
    "pid": QUIET,
    "age": QUIET,
    "doing": "",
}
