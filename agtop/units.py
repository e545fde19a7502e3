"""Numbers for people, and back: tokens, money, bytes, durations."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from functools import lru_cache

UNKNOWN = "–"


def compact(value: float | None) -> str:
    """`999950` → `1.0M`: decimal, one digit after the point, unit chosen after rounding."""
    return UNKNOWN if value is None else _scaled(value, 1000, ("", "k", "M", "G", "T"))


def size(value: float | None) -> str:
    """Bytes with binary units: `61M`, `2.1G`."""
    if value is None:
        return UNKNOWN
    text = _scaled(value, 1024, ("B", "K", "M", "G", "T"))
    number, unit = text[:-1], text[-1]
    return f"{float(number):.0f}{unit}" if float(number) >= 10 or unit == "B" else text


def rate(value: float | None) -> str:
    """Bytes per second."""
    return UNKNOWN if value is None else f"{size(value)}/s"


def _scaled(value: float, base: int, units: tuple[str, ...]) -> str:
    if 0 <= value < base - 1:
        return f"{value:.0f}{units[0]}"
    sign = "-" if value < 0 else ""
    value = abs(value)
    for unit in units:
        digits = 0 if unit == units[0] else 1
        if round(value, digits) < base or unit == units[-1]:
            return f"{sign}{value:.{digits}f}{unit}"
        value /= base
    raise AssertionError("the last unit takes every value")


def dollars(value: float | None, decimals: int = 2) -> str:
    """`$12.40`; what is too small to show is `<$0.01`, never `$0.00`."""
    if value is None:
        return UNKNOWN
    least = 10.0**-decimals
    if 0 < value < least / 2:
        return f"<${least:.{decimals}f}"
    return f"${value:,.{decimals}f}"


def percent(value: float | None, decimals: int = 0) -> str:
    """`21%`, or `–` where it is not known."""
    return UNKNOWN if value is None else f"{value:.{decimals}f}%"


def duration(seconds: float | None) -> str:
    """The two largest units: `45s`, `12m`, `2h12m`, `3d4h`."""
    if seconds is None:
        return UNKNOWN
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole}s"
    minutes = whole // 60
    if minutes < 60:
        return f"{minutes}m"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours}h{minutes:02}m"
    days, hours = divmod(hours, 24)
    return f"{days}d{hours:02}h" if days < 100 else f"{days}d"


def age(seconds: float | None) -> str:
    """One unit, for narrow columns: `now`, `5m`, `3h`, `2d`, `3w`, `5mo`, `2y`."""
    if seconds is None:
        return UNKNOWN
    seconds = max(0.0, seconds)
    for limit, divisor, unit in _AGES:
        if seconds < limit:
            return f"{int(seconds // divisor)}{unit}"
    return f"{int(seconds // (365 * 86400))}y"


_DAY = 86400
_AGES = (
    (60, 1, "s"),
    (3600, 60, "m"),
    (_DAY, 3600, "h"),
    (7 * _DAY, _DAY, "d"),
    (30 * _DAY, 7 * _DAY, "w"),
    (365 * _DAY, 30 * _DAY, "mo"),
)

_DELAY = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(ms|s|m)?")


def parse_delay(text: str) -> float:
    """`2`, `0.5`, `500ms`, `2s`, `1m` → seconds. Raises ValueError with a sentence."""
    match = _DELAY.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'"{text}" is not a delay; write seconds (2, 0.5) or 500ms')
    seconds = float(match[1]) * {"ms": 0.001, "s": 1.0, "m": 60.0, None: 1.0}[match[2]]
    if not math.isfinite(seconds) or not 0.1 <= seconds <= 3600:
        raise ValueError(f"a delay of {text} is out of range; choose 100ms to 60m")
    return seconds


def instant(text: object) -> float | None:
    """An ISO-8601 time (`Z` or offset; none means UTC) as Unix seconds; None if it is not one."""
    if not isinstance(text, str) or len(text) < 10:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.timestamp()
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=64)
def iso(at: float | None) -> str | None:
    """Unix seconds as ISO-8601 UTC with milliseconds and `Z`; None for what no calendar holds."""
    if at is None or not math.isfinite(at):
        return None
    try:
        moment = datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"


def clock(at: float | None, now: float | None = None) -> str:
    """Local `HH:MM:SS`, with the date when that is another day than `now`."""
    if at is None:
        return UNKNOWN
    try:
        moment = datetime.fromtimestamp(at)
        today = datetime.fromtimestamp(at if now is None else now)
    except (ValueError, OverflowError, OSError):
        return UNKNOWN
    pattern = "%H:%M:%S" if moment.date() == today.date() else "%Y-%m-%d %H:%M"
    return moment.strftime(pattern)


def when(at: float | None, now: float) -> str:
    """Local `14:32` within half a day, `Tue 14:32` within a week, else the date."""
    if at is None:
        return UNKNOWN
    try:
        moment = datetime.fromtimestamp(at)
    except (ValueError, OverflowError, OSError):
        return UNKNOWN
    away = abs(at - now)
    if away <= _DAY / 2:
        return moment.strftime("%H:%M")
    return moment.strftime("%a %H:%M" if away < 6 * _DAY else "%Y-%m-%d %H:%M")
