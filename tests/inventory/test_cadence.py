"""Cadences are read in both notations, and the next run is the right minute."""

from __future__ import annotations

from datetime import datetime

import pytest

from agtop.inventory.cadence import LONGEST, read

NOW = datetime(2026, 3, 4, 10, 20, 30)  # noqa: DTZ001 - a Wednesday, by the clock on the wall


@pytest.mark.parametrize(
    ("notation", "words", "upcoming"),
    [
        ("0 9 * * *", "Daily at 09:00", "2026-03-05 09:00"),
        ("21 10 * * *", "Daily at 10:21", "2026-03-04 10:21"),
        ("20 10 * * *", "Daily at 10:20", "2026-03-05 10:20"),
        ("30 8 * * 1-5", "Weekdays at 08:30", "2026-03-05 08:30"),
        ("0 9 * * 0", "Sundays at 09:00", "2026-03-08 09:00"),
        ("0 9 * * 7", "Sundays at 09:00", "2026-03-08 09:00"),
        ("0 9 * * mon,thu", "Weekly at 09:00", "2026-03-05 09:00"),
        ("0 9 1 * *", "Monthly at 09:00", "2026-04-01 09:00"),
        ("0 9 13 * 5", "Custom", "2026-03-06 09:00"),
        ("*/15 * * * *", "Every 15 minutes", "2026-03-04 10:30"),
        ("@hourly", "Hourly", "2026-03-04 11:00"),
        ("0 0 29 2 *", "Custom", "2028-02-29 00:00"),
        ("0 0 30 2 *", "Custom", None),
        ("FREQ=DAILY;BYHOUR=7;BYMINUTE=5", "Daily at 07:05", "2026-03-05 07:05"),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO;BYHOUR=9", "Mondays at 09:00", "2026-03-09 09:00"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9", "Weekdays at 09:00", "2026-03-05 09:00"),
        ("FREQ=MONTHLY;BYMONTHDAY=15;BYHOUR=9", "Monthly at 09:00", "2026-03-15 09:00"),
        ("FREQ=HOURLY;BYMINUTE=5", "Hourly", "2026-03-04 11:05"),
        ("FREQ=DAILY;INTERVAL=2;BYHOUR=7", "Custom", None),
        ("FREQ=WEEKLY;BYHOUR=7", "Custom", None),
    ],
)
def test_it_is_told_in_words_and_as_the_next_time(
    notation: str, words: str, upcoming: str | None
) -> None:
    cadence = read(notation)

    assert cadence is not None
    assert cadence.text == words
    at = cadence.next(NOW.timestamp())
    told = None if at is None else datetime.fromtimestamp(at).strftime("%Y-%m-%d %H:%M")
    assert told == upcoming


@pytest.mark.parametrize(
    "notation",
    [
        None,
        "",
        "whenever",
        "* * * *",
        "60 * * * *",
        "*/0 * * * *",
        "5-1 * * * *",
        "٣ * * * *",
        "0 9 * * *" + " " * LONGEST,
        "FREQ=SECONDLY",
        "FREQ=DAILY;BYHOUR=99",
        "FREQ=DAILY;BYSETPOS=1",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=",
    ],
)
def test_what_is_no_cadence_is_none(notation: str | None) -> None:
    assert read(notation) is None
