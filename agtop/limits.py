"""Plan windows from what was said of them: the newest word, the pace, and whose use it was."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Literal, Protocol

from msgspec import Struct, field

from agtop.model import PICO, Limit, Record, Share, Window, replace

SAME = 600.0
"""Seconds by which two resets of one window differ: they are told in whole minutes or worse."""
LEAST_SPAN = 300.0
"""Seconds between two measures from which on they make a pace: percents are often whole."""
APART = 60.0
"""Seconds between two measures that are both kept."""
RECENT = 7
"""The present pace is that of this part of the window: 43 minutes of 5 h, a day of a week."""
FORGOTTEN = 7 * 86400.0
"""Seconds after its end from which on a window that nobody measured again says nothing."""
REACHED = "reached"
"""The limit that a refused request met, which names no window."""
_ESTIMATED = (300, 10_080)


class Told(Record):
    """A limit, and the file that says so."""

    limit: Limit
    where: str


class Use(Record):
    """What one session used in a span of time."""

    tokens: int = 0
    pico: int = 0
    unpriced: int = 0
    """The part of `tokens` that has no known price."""


class Spending(Protocol):
    """What this machine used of one agent."""

    def used(self, since: float, until: float) -> Mapping[str, Use]:
        """By the key of the top-level session, after `since` and up to `until`."""
        ...


class Point(Record):
    """A measure."""

    at: float
    percent: float
    resets_at: float | None


class Track(Struct):
    """Everything measured of one window, and what was said last."""

    points: list[Point] = field(default_factory=list[Point])
    """Oldest first."""

    def add(self, point: Point) -> None:
        place = bisect_left(self.points, point.at, key=lambda p: p.at)
        is_last = place == len(self.points)
        if is_last and place > 1 and point.at - self.points[-2].at < APART:
            self.points[-1] = point
        elif is_last or self.points[place].at != point.at:
            self.points.insert(place, point)

    def pace(self, newest: Point, recent: float) -> float | None:
        """Percent a second, between two measures of the window that `newest` is in."""
        points = [p for p in self._of(newest) if p.at <= newest.at - LEAST_SPAN]
        if not points:
            return None
        base = next((p for p in points if p.at >= newest.at - recent), points[-1])
        return max(0.0, newest.percent - base.percent) / (newest.at - base.at)

    def _of(self, newest: Point) -> list[Point]:
        if newest.resets_at is None:
            return []
        return [
            p
            for p in self.points
            if p.resets_at is not None
            and abs(p.resets_at - newest.resets_at) < SAME
            and p.at <= newest.at
        ]

    def forget(self, before: float) -> None:
        self.points = [point for point in self.points if point.at >= before]


class Windows:
    """The windows of one agent, from round to round."""

    def __init__(self, agent: str, label: str, provider: str, account: str | None = None) -> None:
        self._who = (agent, label, provider)
        self._account = account
        self._newest: dict[str, Told] = {}
        """By limit id."""
        self._tracks: dict[tuple[str, int | None], Track] = {}

    def take(self, told: Iterable[Told]) -> None:
        """Take in what was said, old and new, in any order; the newest word on a limit holds."""
        for each in told:
            limit = each.limit
            for level in limit.levels:
                if level.used_percent is not None:
                    track = self._tracks.setdefault((limit.limit_id, level.minutes), Track())
                    track.add(Point(limit.told_at, level.used_percent, level.resets_at))
            known = self._newest.get(limit.limit_id)
            if known is None or limit.told_at >= known.limit.told_at:
                self._newest[limit.limit_id] = each

    def now(self, now: float, spending: Spending) -> tuple[Window, ...]:
        """The windows as they stand; estimates of the usual ones where nothing was measured."""
        measured = self._measured(now)
        if not measured:
            return tuple(self._estimates(now, spending))
        return tuple(self._finished(window, now, spending) for window in measured)

    # ---- what was measured

    def _measured(self, now: float) -> list[Window]:
        found = [
            Window(
                *self._who,
                told.limit.limit_id,
                level.minutes,
                level.used_percent,
                level.resets_at,
                told.limit.told_at,
                where=told.where,
                model=told.limit.model,
                plan=told.limit.plan,
                account=self._account,
            )
            for name, told in self._newest.items()
            if name != REACHED
            for level in told.limit.levels
        ]
        found = [w for w in found if (_end(w) or now) > now - FORGOTTEN]
        found = self._with_refusal(found, now)
        return sorted(found, key=lambda w: (w.model or "", w.minutes or 0, w.limit_id))

    def _with_refusal(self, windows: list[Window], now: float) -> list[Window]:
        """A refused request proves that the window that ends when it said is full."""
        told = self._newest.get(REACHED)
        until = told.limit.levels[0].resets_at if told is not None else None
        if told is None or until is None or until <= now:
            return windows
        at = told.limit.told_at
        for n, window in enumerate(windows):
            if window.resets_at is not None and abs(window.resets_at - until) < SAME:
                if (window.as_of or 0.0) < at:
                    full = replace(window, used_percent=100.0, as_of=at, where=told.where)
                    return [*windows[:n], full, *windows[n + 1 :]]
                return windows
        met = Window(
            *self._who, REACHED, None, 100.0, until, at, where=told.where, account=self._account
        )
        return [*windows, met]

    def _finished(self, window: Window, now: float, spending: Spending) -> Window:
        end = _end(window)
        if end is not None and end <= now:
            return _renewed(window, end, now, spending)
        begin = _begin(window)
        if begin is None:
            return replace(window, full_at=_full_since(window))
        window = _shared(window, spending.used(begin, now))
        if window.used_percent is None or window.minutes is None:
            return window
        full_at = self._full_at(window, begin, now, spending)
        before = None if end is None or full_at is None else full_at < end
        return replace(window, full_at=full_at, full_before_reset=before)

    # ---- the forecast

    def _full_at(
        self, window: Window, begin: float, now: float, spending: Spending
    ) -> float | None:
        used, as_of, minutes = window.used_percent, window.as_of, window.minutes
        if used is None or as_of is None or minutes is None:
            return None
        if used >= 100:
            return as_of
        recent = minutes * 60 / RECENT
        newest = Point(as_of, used, window.resets_at)
        track = self._tracks.get((window.limit_id, minutes), Track())
        track.forget(as_of - minutes * 60)
        pace = track.pace(newest, recent) if as_of > now - recent else None
        if pace is not None:
            return _filled(newest, pace, now)
        if window.model is None and (local := _local_pace(window, begin, now, recent, spending)):
            return _filled(*local, now)
        return _filled(newest, used / max(as_of - begin, LEAST_SPAN), now)

    # ---- nothing measured

    def _estimates(self, now: float, spending: Spending) -> Iterable[Window]:
        """What this machine used of late: how much of a plan that is, nobody here knows."""
        for minutes in _ESTIMATED:
            used = spending.used(now - minutes * 60, now)
            if used:
                window = Window(
                    *self._who,
                    f"last {minutes // 60} hours",
                    minutes,
                    None,
                    None,
                    now,
                    "estimate",
                    account=self._account,
                )
                yield _shared(window, used)


def _end(window: Window) -> float | None:
    """When it begins anew; without a reset, once all that was measured has passed out of it."""
    if window.resets_at is not None:
        return window.resets_at
    if window.minutes is None or window.as_of is None:
        return None
    return window.as_of + window.minutes * 60


def _begin(window: Window) -> float | None:
    if window.minutes is None:
        return None
    if window.resets_at is not None:
        return window.resets_at - window.minutes * 60
    return None if window.as_of is None else window.as_of - window.minutes * 60


def _renewed(window: Window, end: float, now: float, spending: Spending) -> Window:
    """Empty since it began anew; unknown when it has been used and not measured since."""
    used = spending.used(end, now)
    window = replace(window, is_over=True, used_percent=None if used else 0.0)
    return _shared(window, used)


def _full_since(window: Window) -> float | None:
    return window.as_of if (window.used_percent or 0.0) >= 100 else None


def _shared(window: Window, used: Mapping[str, Use]) -> Window:
    """Attribute the window to sessions: by cost, or by tokens where a price is missing."""
    if window.model is not None:
        return window  # which of the use was of that model is not told apart
    tokens = sum(use.tokens for use in used.values())
    pico = sum(use.pico for use in used.values())
    is_priced = not any(use.unpriced for use in used.values())
    basis: Literal["cost", "tokens"] = "cost" if is_priced and pico else "tokens"
    whole = pico if basis == "cost" else tokens
    shares = [
        Share(key, (use.pico if basis == "cost" else use.tokens) / whole)
        for key, use in used.items()
        if whole
    ]
    shares.sort(key=lambda share: (-share.share, share.key))
    return replace(
        window,
        shares=tuple(share for share in shares if share.share),
        shared_by=basis if shares else None,
        tokens=tokens,
        cost=pico / PICO if is_priced else None,
    )


def _filled(newest: Point, pace: float, now: float) -> float | None:
    return max(now, newest.at + (100 - newest.percent) / pace) if pace > 0 else None


def _local_pace(
    window: Window, begin: float, now: float, recent: float, spending: Spending
) -> tuple[Point, float] | None:
    """Where the window stands and how fast it fills, if what this machine used is all there was.

    The percents and the use up to the measure tell what one percent is worth.
    """
    used, as_of = window.used_percent, window.as_of
    if not used or as_of is None:
        return None
    before = _amount(spending.used(begin, as_of), window.shared_by)
    if not before:
        return None
    each = used / before
    after = _amount(spending.used(as_of, now), window.shared_by)
    since = max(begin, now - recent)
    lately = _amount(spending.used(since, now), window.shared_by)
    return Point(now, min(100.0, used + each * after), None), each * lately / max(
        now - since, LEAST_SPAN
    )


def _amount(used: Mapping[str, Use], basis: str | None) -> float:
    """What was used, in whatever it is shared by."""
    return sum(use.pico if basis == "cost" else use.tokens for use in used.values())
