"""What Claude Code keeps of its plan's limits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agtop.agents.claude.limits import limit_files, limits
from agtop.model import Level, Limit

RESET = 1_795_190_400.0
"""2026-11-20 16:00 UTC."""


def cache(**utilization: Any) -> bytes:
    record = {"fetchedAtMs": 1_795_180_000_500, "utilization": utilization}
    return json.dumps({"projects": {"/x": {}}, "cachedUsageUtilization": record}).encode()


def test_the_cache_tells_each_window_and_when_it_was_fetched() -> None:
    data = cache(
        five_hour={"utilization": 62.5, "resets_at": "2026-11-20T16:00:00Z"},
        seven_day={"utilization": 31, "resets_at": "2026-11-24T16:00:00+00:00"},
        seven_day_opus=None,
        extra_usage={"is_enabled": True, "monthly_limit": 5000, "utilization": 3.0},
    )

    assert limits(data, 0.0) == (
        Limit("five_hour", 1_795_180_000.5, (Level(300, 62.5, RESET),)),
        Limit("seven_day", 1_795_180_000.5, (Level(10_080, 31.0, RESET + 4 * 86400),)),
    )


def test_a_models_own_window_names_the_model() -> None:
    listed = [
        {"kind": "session", "group": "session", "percent": 9, "resets_at": None, "scope": None},
        {
            "kind": "weekly_scoped",
            "group": "weekly",
            "percent": 44,
            "resets_at": "2026-11-20T16:00:00Z",
            "scope": {"model": {"display_name": "Opus"}},
        },
    ]

    (known,) = limits(cache(seven_day_opus={"utilization": 40, "resets_at": None}), 0.0)
    (newer,) = limits(cache(limits=listed), 0.0)

    assert (known.limit_id, known.model) == ("seven_day_opus", "Opus")
    assert newer == Limit("seven_day_opus", newer.told_at, (Level(10_080, 44.0, RESET),), "Opus")


def test_the_status_line_is_told_seconds_and_goes_by_the_files_time() -> None:
    data = json.dumps(
        {
            "session_id": "a",
            "rate_limits": {
                "five_hour": {"used_percentage": 12.25, "resets_at": RESET},
                "seven_day": {"used_percentage": 3, "resets_at": RESET + 9},
            },
        }
    ).encode()

    assert limits(data, 77.0) == (
        Limit("five_hour", 77.0, (Level(300, 12.25, RESET),)),
        Limit("seven_day", 77.0, (Level(10_080, 3.0, RESET + 9),)),
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[1]",
        b"{}",
        b'{"cachedUsageUtilization": 3, "rate_limits": "no"}',
        b'{"cachedUsageUtilization": {"utilization": {"five_hour": {"utilization": 1}}}}',
        cache(five_hour={"utilization": "much", "resets_at": []}, limits={"a": 1}),
        cache(five_hour={"utilization": True}, seven_day=[1]),
        b'{"rate_limits": {"five_hour": {"used_percentage": null}}}',
    ],
)
def test_what_tells_no_limit_is_none(data: bytes) -> None:
    assert limits(data, 1.0) == ()


def test_a_reset_that_no_calendar_holds_is_unknown() -> None:
    data = b'{"rate_limits": {"five_hour": {"used_percentage": 5, "resets_at": 1e300}}}'

    assert limits(data, 1.0)[0].levels == (Level(300, 5.0, None),)


def test_the_settings_lie_in_a_config_home_or_beside_the_usual_one() -> None:
    assert limit_files(Path("/h/.claude")) == ("/h/.claude/.claude.json", "/h/.claude.json")
    assert limit_files(Path("/else")) == ("/else/.claude.json",)
