"""A conflict is told once for each episode, and a mere overlap never."""

from __future__ import annotations

from agtop.attention import Alerts, conflict_alerts, going_on
from agtop.model import Conflict, Grade, Severity, Snapshot, Writer

NOW = 1_795_180_000.0


def conflict(
    grade: Grade = "writes", severity: Severity = "high", ago: float = 5.0, *keys: str
) -> Conflict:
    writers = tuple(Writer(key, NOW - 9, NOW - ago, 1) for key in keys or ("claude:1", "codex:2"))
    return Conflict(
        grade, severity, "/work/shop/cart.py", NOW - 9 - ago, NOW - ago, writers, "so it is said"
    )


def of(*conflicts: Conflict, later: float = 0.0) -> Snapshot:
    return Snapshot(NOW + later, conflicts=conflicts)


def test_what_is_small_or_over_is_not_going_on() -> None:
    lasting = conflict()
    over = conflict(ago=601.0)

    shown = of(lasting, over, conflict("overlap", "low"), conflict("foreign", "low"))

    assert going_on(shown) == (lasting,)


def test_an_alert_names_the_agents_the_file_and_the_evidence() -> None:
    (alert,) = conflict_alerts(of(conflict()))

    assert alert.kind == "conflict"
    assert alert.headline == "claude and codex wrote the same file: cart.py"
    assert alert.detail == "/work/shop/cart.py: so it is said"
    assert (alert.agent, alert.session_id) == ("codex", "2")


def test_two_sessions_of_one_agent_are_counted() -> None:
    (alert,) = conflict_alerts(of(conflict("writes", "high", 5.0, "claude:1", "claude:2")))

    assert alert.headline.startswith("2 sessions of claude wrote")


def test_an_episode_that_goes_on_is_told_once() -> None:
    alerts = Alerts()
    alerts.look(of())
    first = conflict()
    longer = Conflict(
        *("writes", "high", first.path, first.first_at, NOW + 3, first.writers, "and again")
    )

    told = [
        len(alerts.look(of(each, later=later), conflict_alerts(of(each, later=later))))
        for later, each in enumerate((first, longer, longer))
    ]

    assert told == [1, 0, 0]
