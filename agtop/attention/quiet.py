"""The hours in which agtop keeps silent."""

from __future__ import annotations

import re
import time

from agtop.model import Record

_TIMES = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]?\d|2[0-3]):([0-5]\d)")


class Quiet(Record):
    """From one minute of the local day to another; over midnight when `end` is the smaller."""

    begin: int
    end: int

    def holds(self, now: float) -> bool:
        """Whether `now`, in seconds since the epoch, lies in them."""
        local = time.localtime(now)
        minute = local.tm_hour * 60 + local.tm_min
        if self.begin <= self.end:
            return self.begin <= minute < self.end
        return minute >= self.begin or minute < self.end


def parse_quiet(text: str) -> Quiet:
    """`22:00-07:00` → the hours. Raises ValueError with a sentence."""
    found = _TIMES.fullmatch(text.strip())
    if found is None:
        raise ValueError(f'"{text}" are no hours of a day; write them like "22:00-07:00"')
    hour, minute, last_hour, last_minute = map(int, found.groups())
    return Quiet(hour * 60 + minute, last_hour * 60 + last_minute)
