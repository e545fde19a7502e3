"""When an automation runs: the two notations people write it in, in words and as the next time."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import datetime, time, timedelta

from agtop.model import Record

LONGEST = 200
"""Letters of a notation that is read at all."""
HORIZON = 366 * 5
"""Days that are searched for the next run: a 29 February is among them, but around 2100."""

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CRON_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_RRULE_DAYS: list[str] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
_NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_ALL = {
    "minutes": frozenset(range(60)),
    "hours": frozenset(range(24)),
    "days": frozenset(range(1, 32)),
    "months": frozenset(range(1, 13)),
    "weekdays": frozenset(range(7)),
}


class Cadence(Record):
    """The minutes at which it runs, as five sets that all have to hold."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int] = _ALL["days"]
    """Of the month."""
    months: frozenset[int] = _ALL["months"]
    weekdays: frozenset[int] = _ALL["weekdays"]
    """0 is Monday."""
    either: bool = False
    """A day of the month or a day of the week is enough, as cron has it when both are named."""
    every: int = 1
    """More than 1: of those times only each so manieth, counted from a beginning that the notation
    does not tell."""

    def next(self, now: float) -> float | None:
        """When it runs next, in local time; None where that cannot be told."""
        if self.every > 1:
            return None
        try:
            start = datetime.fromtimestamp(now).replace(second=0, microsecond=0)
            start += timedelta(minutes=1)
            for number in range(HORIZON):
                day = start.date() + timedelta(days=number)
                if not self._is_on(day.day, day.month, day.weekday()):
                    continue
                for hour in sorted(self.hours):
                    for minute in sorted(self.minutes):
                        moment = datetime.combine(day, time(hour, minute))
                        if moment >= start:
                            return moment.timestamp()
        except (ValueError, OverflowError, OSError):
            return None
        return None

    def _is_on(self, day: int, month: int, weekday: int) -> bool:
        if month not in self.months:
            return False
        held = (day in self.days, weekday in self.weekdays)
        return any(held) if self.either else all(held)

    @property
    def text(self) -> str:
        """`Daily at 09:00`; what has no short name is `Custom`."""
        if self.every > 1:
            return "Custom"
        if self.months == _ALL["months"] and self.hours == _ALL["hours"]:
            return self._within_the_hour()
        if len(self.minutes) != 1 or len(self.hours) != 1 or self.months != _ALL["months"]:
            return "Custom"
        at = f"at {min(self.hours):02d}:{min(self.minutes):02d}"
        any_day, any_weekday = self.days == _ALL["days"], self.weekdays == _ALL["weekdays"]
        if any_day and any_weekday:
            return f"Daily {at}"
        if any_day and self.weekdays == frozenset(range(5)):
            return f"Weekdays {at}"
        if any_day and len(self.weekdays) == 1:
            return f"{DAYS[min(self.weekdays)]}s {at}"
        if any_day:
            return f"Weekly {at}"
        return f"Monthly {at}" if any_weekday else "Custom"

    def _within_the_hour(self) -> str:
        is_any_day = self.days == _ALL["days"] and self.weekdays == _ALL["weekdays"]
        if not is_any_day:
            return "Custom"
        step = 60 // len(self.minutes)
        if self.minutes == frozenset(range(0, 60, step)) and len(self.minutes) > 1:
            return "Every minute" if step == 1 else f"Every {step} minutes"
        return "Hourly" if len(self.minutes) == 1 else "Custom"


def read(notation: str | None) -> Cadence | None:
    """Cron's five fields or an RRULE; None where it is neither."""
    if notation is None or len(notation) > LONGEST:
        return None
    text = notation.strip()
    try:
        if "FREQ=" in text.upper():
            return _rrule(text.upper())
        return _cron(_NICKNAMES.get(text.lower(), text))
    except ValueError:
        return None


# ---- cron


def _cron(text: str) -> Cadence:
    """Raises ValueError."""
    minutes, hours, days, months, weekdays = text.lower().split()
    sunday_first = _field(weekdays, 0, 7, _CRON_DAYS)
    return Cadence(
        _field(minutes, 0, 59),
        _field(hours, 0, 23),
        _field(days, 1, 31),
        _field(months, 1, 12, _MONTHS),
        frozenset((day - 1) % 7 for day in sunday_first),
        either=not days.startswith("*") and not weekdays.startswith("*"),
    )


def _field(text: str, low: int, high: int, names: Collection[str] = ()) -> frozenset[int]:
    found = {n for part in text.split(",") for n in _part(part, low, high, [*names])}
    if not found:
        raise ValueError(text)
    return frozenset(found)


def _part(text: str, low: int, high: int, names: list[str]) -> Iterator[int]:
    span, _, step = text.partition("/")
    first, _, last = span.partition("-")
    if span == "*":
        start, end = low, high
    else:
        start = _value(first, low, names)
        end = _value(last, low, names) if last else high if step else start
    by = int(step) if step else 1
    if by < 1 or not low <= start <= end <= high:
        raise ValueError(text)
    yield from range(start, end + 1, by)


def _value(text: str, low: int, names: list[str]) -> int:
    if text in names:
        return names.index(text) + low
    if not re.fullmatch(r"\d{1,2}", text, re.ASCII):
        raise ValueError(text)
    return int(text)


# ---- RRULE


def _rrule(text: str) -> Cadence:
    """Raises ValueError for what is missing, wrong, or beyond what is known here."""
    rule = next(line for line in text.split() if "FREQ=" in line).removeprefix("RRULE:")
    parts = dict(part.split("=", 1) for part in rule.split(";") if part)
    if parts.keys() - {*_KNOWN}:
        raise ValueError(text)
    kind, every = parts.get("FREQ", ""), _numbers(parts, "INTERVAL", {1})
    if kind not in _FREQUENCIES or len(every) != 1 or min(every) < 1:
        raise ValueError(text)
    minutes = _numbers(parts, "BYMINUTE", {0})
    hours = _numbers(parts, "BYHOUR", set(_ALL["hours"]) if kind == "HOURLY" else {0})
    if not (minutes <= _ALL["minutes"] and hours <= _ALL["hours"]):
        raise ValueError(text)
    days = _numbers(parts, "BYMONTHDAY", {1} if kind == "MONTHLY" else set(_ALL["days"]))
    named = [day for day in parts.get("BYDAY", "").split(",") if day]
    weekdays = frozenset(_RRULE_DAYS.index(day) for day in named) or _ALL["weekdays"]
    is_vague = (kind == "WEEKLY" and not named) or ("BYHOUR" not in parts and kind != "HOURLY")
    if kind == "MONTHLY" and named and "BYMONTHDAY" not in parts:
        days = _ALL["days"]
    return Cadence(
        frozenset(minutes),
        frozenset(hours),
        frozenset(days),
        weekdays=weekdays,
        every=2 if is_vague else min(every),
    )


_FREQUENCIES = ("HOURLY", "DAILY", "WEEKLY", "MONTHLY")
_KNOWN = ("FREQ", "INTERVAL", "BYMINUTE", "BYHOUR", "BYDAY", "BYMONTHDAY", "BYSECOND", "WKST")


def _numbers(
    parts: dict[str, str], key: str, otherwise: set[int] | frozenset[int]
) -> frozenset[int]:
    found = [part for part in parts.get(key, "").split(",") if part]
    if any(not re.fullmatch(r"\d{1,3}", part, re.ASCII) for part in found):
        raise ValueError(key)
    return frozenset(map(int, found)) or frozenset(otherwise)
