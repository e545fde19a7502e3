"""Plan windows that are nearly full."""

from __future__ import annotations

import pytest

from agtop.attention import Alerts, window_alerts
from agtop.model import Window, replace
from tests.snapshots import NOW, snapshot

FULL = Window(
    "claude", "Claude Code", "anthropic", "five_hour", 300, 93.0, NOW + 3600, NOW - 60
)  # fmt: skip


def told(window: Window) -> list[str]:
    return [alert.headline for alert in window_alerts(snapshot(limits=(window,), taken_at=NOW))]


@pytest.mark.parametrize(("used", "count"), [(89.9, 0), (90.0, 1), (100.0, 1), (None, 0)])
def test_a_window_needs_you_from_ninety_percent(used: float | None, count: int) -> None:
    assert len(told(replace(FULL, used_percent=used))) == count


def test_it_is_named_with_its_length_and_its_agent() -> None:
    assert told(FULL) == ["the 5 h window of Claude Code is 93% used"]
    assert told(replace(FULL, model="opus")) == [
        "the 5 h window of Claude Code for opus is 93% used"
    ]


@pytest.mark.parametrize(
    "other",
    [
        replace(FULL, source="estimate"),
        replace(FULL, is_over=True),
        replace(FULL, resets_at=NOW),
        replace(FULL, as_of=NOW - 7200),
        replace(FULL, as_of=None),
    ],
    ids=["estimated", "over", "begun anew", "stale", "undated"],
)
def test_what_is_guessed_or_past_is_no_alert(other: Window) -> None:
    assert told(other) == []


def test_when_it_fills_and_when_it_begins_anew_stand_behind_it() -> None:
    window = replace(FULL, full_at=NOW + 600, full_before_reset=True)
    (alert,) = window_alerts(snapshot(limits=(window,), taken_at=NOW))

    assert "full at" in alert.detail
    assert "begins anew at" in alert.detail


def test_a_window_is_told_once_though_its_figures_move_and_again_after_its_reset() -> None:
    alerts = Alerts()

    def look(at: float, used: float, resets_at: float) -> int:
        window = replace(FULL, used_percent=used, resets_at=resets_at, as_of=at)
        now = snapshot(limits=(window,), taken_at=at)
        return len(alerts.look(now, window_alerts(now)))

    looks = [look(NOW, 80, NOW + 900), look(NOW + 10, 91, NOW + 900), look(NOW + 20, 96, NOW + 901)]
    after = [look(NOW + 1000, 3, NOW + 19_000), look(NOW + 2000, 92, NOW + 19_000)]

    assert looks == [0, 1, 0]
    assert after == [0, 1]
