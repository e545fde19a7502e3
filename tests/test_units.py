"""Numbers for people."""

from __future__ import annotations

import time

import pytest

from agtop import units


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (999, "999"), (1000, "1.0k"), (12_400, "12.4k"), (999_949, "999.9k"),
     (999_950, "1.0M"), (1_234_567, "1.2M"), (9.9996e9, "10.0G"), (None, "–"), (-1500, "-1.5k")],
)  # fmt: skip
def test_compact_rounds_before_it_chooses_the_unit(value: float | None, shown: str) -> None:
    assert units.compact(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, "$0.00"), (0.004, "<$0.01"), (0.005, "$0.01"), (12.4, "$12.40"), (1234.5, "$1,234.50"),
     (None, "–")],
)  # fmt: skip
def test_small_money_is_never_shown_as_free(value: float | None, shown: str) -> None:
    assert units.dollars(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0s"), (59.4, "59s"), (59.6, "1m"), (3599, "59m"), (3600, "1h00m"), (7920, "2h12m"),
     (273_600, "3d04h"), (None, "–"), (-5, "0s")],
)  # fmt: skip
def test_durations_have_at_most_two_units(seconds: float | None, shown: str) -> None:
    assert units.duration(seconds) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(512, "512B"), (61 * 2**20, "61M"), (int(2.1 * 2**30), "2.1G"), (None, "–")],
)
def test_sizes_are_binary(value: float | None, shown: str) -> None:
    assert units.size(value) == shown


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2", 2.0), ("0.5", 0.5), ("500ms", 0.5), ("2s", 2.0), ("1m", 60.0), (".5", 0.5)],
)
def test_delays_are_read(text: str, seconds: float) -> None:
    assert units.parse_delay(text) == seconds


@pytest.mark.parametrize("text", ["", "abc", "-1", "0", "1e3", "nan", "inf", "5h", "9999"])
def test_bad_delays_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="delay"):
        units.parse_delay(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [("1970-01-01T00:00:10Z", 10.0), ("1970-01-01T01:00:10+01:00", 10.0),
     ("1970-01-01T00:00:10", 10.0),
     ("1970-01-01T00:00:10.250Z", 10.25), ("yesterday", None), (5, None), (None, None),
     ("9" * 40, None)],
)  # fmt: skip
def test_instants_are_read_as_utc_or_not_at_all(text: object, at: float | None) -> None:
    assert units.instant(text) == at


def test_instants_are_written_as_utc_with_z() -> None:
    assert units.iso(10.25) == "1970-01-01T00:00:10.250Z"
    assert units.iso(float("inf")) is None
    assert units.iso(1e300) is None


def test_what_is_planned_is_told_as_short_as_its_distance_allows() -> None:
    now = time.mktime((2026, 11, 20, 9, 0, 0, 0, 0, -1))

    assert units.when(now + 3600, now) == "10:00"
    assert units.when(now - 11 * 3600, now) == "22:00"
    assert units.when(now + 86400 + 1800, now) == "Sat 09:30"
    assert units.when(now + 9 * 86400, now) == "2026-11-29 09:00"
    assert (units.when(None, now), units.when(1e300, now)) == ("–", "–")
