"""The hours in which agtop keeps silent."""

from __future__ import annotations

import time

import pytest

from agtop.attention import parse_quiet


def at(hour: int, minute: int = 0) -> float:
    return time.mktime((2026, 3, 4, hour, minute, 0, 0, 0, -1))


@pytest.mark.parametrize(
    ("text", "silent", "loud"),
    [
        ("22:00-07:00", [(22, 0), (23, 59), (0, 0), (6, 59)], [(7, 0), (12, 0), (21, 59)]),
        ("12:30 – 13:15", [(12, 30), (13, 14)], [(12, 29), (13, 15), (0, 0)]),
        ("9:00-9:00", [], [(9, 0), (0, 0)]),
    ],
)
def test_quiet_hours_hold_over_midnight_too(
    text: str, silent: list[tuple[int, int]], loud: list[tuple[int, int]]
) -> None:
    quiet = parse_quiet(text)

    assert [quiet.holds(at(*when)) for when in silent] == [True] * len(silent)
    assert [quiet.holds(at(*when)) for when in loud] == [False] * len(loud)


@pytest.mark.parametrize("text", ["", "22-7", "24:00-07:00", "22:60-07:00", "night", "22:00"])
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="22:00-07:00"):
        parse_quiet(text)
