"""Plan windows that are nearly full, as alerts: one for each time they fill."""

from __future__ import annotations

from collections.abc import Iterator

from agtop.attention.alerts import Alert
from agtop.model import Snapshot, Window
from agtop.text import line
from agtop.units import percent, when

NEARLY_FULL = 90.0
"""Percent of a window from which it needs the user."""


def window_alerts(snapshot: Snapshot) -> Iterator[Alert]:
    """For `Alerts.look`: what was measured and still holds, never an estimate."""
    now = snapshot.taken_at
    for window in snapshot.limits:
        if _is_nearly_full(window, now):
            yield Alert(
                "window",
                f"{window.owner}:{window.limit_id}:{window.minutes}:{window.model}",
                f"{_name(window)} is {percent(window.used_percent)} used",
                _outlook(window, now),
                "full" if (window.used_percent or 0.0) >= 100 else None,
                window.agent,
            )


def _is_nearly_full(window: Window, now: float) -> bool:
    if window.source != "measured" or window.is_over or window.is_stale(now):
        return False
    if window.resets_at is not None and window.resets_at <= now:
        return False
    return window.used_percent is not None and window.used_percent >= NEARLY_FULL


def _name(window: Window) -> str:
    of_model = f" for {line(window.model)}" if window.model else ""
    return f"the {window.label} window of {line(window.owner_label)}{of_model}"


def _outlook(window: Window, now: float) -> str:
    said: list[str] = []
    if window.full_before_reset and window.full_at is not None and window.full_at > now:
        said.append(f"full at {when(window.full_at, now)} at this pace")
    if window.resets_at is not None:
        said.append(f"begins anew at {when(window.resets_at, now)}")
    return ", ".join(said)
