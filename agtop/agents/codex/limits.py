"""The plan's limits as the newest `token_count` of each told them."""

from __future__ import annotations

from agtop.agents.codex.records import RateLimits, Window


class Limits:
    """The newest state of each limit; one account can have several."""

    def __init__(self) -> None:
        self.newest: dict[str, tuple[float | None, RateLimits]] = {}
        """By limit id: (when it was told, what was told), resets as instants."""
        self.plan: str | None = None
        self.reached = False
        self.until: float | None = None
        """When the window that is, or would be, used up starts anew."""

    def take(self, limits: RateLimits, at: float | None) -> None:
        for window in (limits.primary, limits.secondary):
            if window is not None:
                _make_absolute(window, at)
        self.newest[limits.limit_id or "codex"] = (at, limits)
        self.plan = limits.plan_type or self.plan
        self.reached = limits.rate_limit_reached_type is not None
        self.until = _reset(limits)


def _make_absolute(window: Window, at: float | None) -> None:
    """Versions of 2025 told the seconds that were left."""
    if window.resets_at is None and window.resets_in_seconds is not None and at is not None:
        window.resets_at = at + window.resets_in_seconds


def _reset(limits: RateLimits) -> float | None:
    """When the reached limit ends: the latest reset of the windows that are used up."""
    windows = [w for w in (limits.primary, limits.secondary) if w is not None]
    used_up = [w for w in windows if (w.used_percent or 0) >= 100]
    resets = [w.resets_at for w in used_up or windows if w.resets_at is not None]
    return max(resets, default=None)
