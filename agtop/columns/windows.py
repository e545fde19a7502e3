"""What is to be said of a plan's window, in the words that every face uses."""

from __future__ import annotations

from agtop.model import Window
from agtop.units import age, duration, percent, when


def used(window: Window) -> str:
    """`62%`; `–` where nobody measured it."""
    return percent(window.used_percent)


def whose(window: Window) -> str:
    """`5 h`, `7 d Opus`."""
    return f"{window.label} {window.model}" if window.model else window.label


def reset(window: Window, now: float) -> str:
    """`resets 14:32 in 53m`; of a window that is over, when it began anew."""
    if window.resets_at is None:
        return "began anew" if window.is_over else ""
    at = when(window.resets_at, now)
    if window.is_over:
        return f"began anew {at}"
    return f"resets {at} in {duration(window.resets_at - now)}"


def forecast(window: Window, now: float) -> str:
    """When it is full at the present pace, where that comes before its reset."""
    if window.full_at is None or window.is_over:
        return ""
    if (window.used_percent or 0.0) >= 100:
        return "full"
    if window.full_before_reset is False:
        return "lasts to its reset"
    return f"full {when(window.full_at, now)}"


def measured(window: Window, now: float) -> str:
    """`as of 3h ago` for a figure that may have moved since, nothing for a fresh one."""
    if window.source == "estimate":
        return "estimate"
    if window.is_over:
        return "not measured since" if window.used_percent is None else ""
    if window.as_of is None or not window.is_stale(now):
        return ""
    return f"as of {age(now - window.as_of)} ago"


def sentences(window: Window, now: float) -> str:
    """All of it on one line: `62%, full 13:40, resets 14:32 in 53m, as of 3h ago`."""
    parts = (used(window), forecast(window, now), reset(window, now), measured(window, now))
    return ", ".join(part for part in parts if part)
