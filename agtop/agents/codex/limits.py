"""The plan's limits as the newest `token_count` of each told them."""

from __future__ import annotations

from collections.abc import Iterator

from agtop.agents.codex.records import RateLimits, Window
from agtop.model import Level, Limit

MAIN = "codex"
"""The limit that all models share; others are for one model each."""
_SAME = 600.0
"""Seconds by which two resets of one window differ: they are told in whole minutes or worse."""


class Limits:
    """The newest state of each limit; one account can have several."""

    def __init__(self) -> None:
        self.newest: dict[str, tuple[float | None, RateLimits]] = {}
        """By limit id: (when it was told, what was told), resets as instants."""
        self._first: dict[str, tuple[float | None, RateLimits]] = {}
        """The same at the beginning of the window: between the two lies a pace."""
        self.plan: str | None = None
        self._last: RateLimits | None = None

    def take(self, limits: RateLimits, at: float | None) -> None:
        for window in (limits.primary, limits.secondary):
            if window is not None:
                _make_absolute(window, at)
        name = limits.limit_id or MAIN
        first = self._first.get(name)
        if first is None or not _is_same(first[1].primary, limits.primary):
            self._first[name] = (at, limits)
        self.newest[name] = (at, limits)
        self.plan = limits.plan_type or self.plan
        self._last = limits

    @property
    def reached(self) -> bool:
        return self._last is not None and self._last.rate_limit_reached_type is not None

    @property
    def until(self) -> float | None:
        """When the window that is, or would be, used up starts anew."""
        return None if self._last is None else _reset(self._last)

    def told(self) -> tuple[Limit, ...]:
        """Oldest first; nothing for an account without a plan."""
        words = [
            (at, name, limits)
            for book in (self._first, self.newest)
            for name, (at, limits) in book.items()
            if at is not None
        ]
        found = [_limit(at, name, limits) for at, name, limits in words]
        return tuple(dict.fromkeys(limit for limit in found if limit.levels))


def _limit(at: float, name: str, limits: RateLimits) -> Limit:
    model = None if name == MAIN else limits.limit_name or name
    return Limit(name, at, tuple(_levels(limits)), model, limits.plan_type)


def _levels(limits: RateLimits) -> Iterator[Level]:
    for window in (limits.primary, limits.secondary):
        if window is not None and window.used_percent is not None:
            minutes = window.window_minutes
            length = round(minutes) if minutes and 0 < minutes < 1e6 else None
            yield Level(length, max(0.0, window.used_percent), window.resets_at)


def _is_same(one: Window | None, other: Window | None) -> bool:
    """Whether both are of one window, not of it and the next."""
    if one is None or other is None or one.resets_at is None or other.resets_at is None:
        return False
    return abs(one.resets_at - other.resets_at) < _SAME


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
