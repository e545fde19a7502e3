"""Each alert once, over restarts; nobody is stopped on a guess."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agtop.budgets import AlertLog, Budget, acts, alerts, parse_target, standings
from agtop.model import Match, Session, replace
from tests.budgets.test_standing import spender
from tests.snapshots import NOW, PROCESS

SURE = Match("high", ("its pid file",), (8421,))


def live(session_id: str, dollars: float, **more: Any) -> Session:
    fields: dict[str, Any] = {"process": PROCESS, "match": SURE, **more}
    return spender(session_id, dollars, **fields)


def crossed(budget: Budget, *sessions: Session, given: frozenset[str] = frozenset()) -> list[int]:
    return [each.threshold for each in alerts(standings([budget], sessions, NOW), given)]


def stopped(
    budget: Budget, *sessions: Session, given: frozenset[str] = frozenset()
) -> list[tuple[str, str]]:
    found = acts(standings([budget], sessions, NOW), sessions, given)
    return [(act.action, act.session.session_id) for act in found]


def day(dollars: float = 10.0, **more: Any) -> Budget:
    return Budget(parse_target("all"), dollars, **more)


@pytest.mark.parametrize(
    ("used", "thresholds"),
    [(4.99, []), (5.0, [50]), (8.1, [50, 80]), (9.5, [50, 80, 95]), (30.0, [50, 80, 95, 100])],
)
def test_every_threshold_passed_is_told(used: float, thresholds: list[int]):
    assert crossed(day(), live("one", used)) == thresholds


def test_an_alert_is_given_once():
    first = alerts(standings([day()], [live("one", 8.0)], NOW), frozenset())
    given = frozenset(alert.key for alert in first)

    assert crossed(day(), live("one", 9.0), given=given) == []
    assert crossed(day(), live("one", 9.6), given=given) == [95]


def test_a_raised_limit_is_told_anew():
    given = frozenset(a.key for a in alerts(standings([day()], [live("one", 10.0)], NOW), ()))

    assert crossed(day(20.0), live("one", 10.0), given=given) == [50]


def test_each_session_has_alerts_of_its_own():
    budget = Budget(parse_target("session"), 10.0)
    first = alerts(standings([budget], [live("one", 6.0)], NOW), ())
    given = frozenset(alert.key for alert in first)

    assert crossed(budget, live("one", 6.0), live("two", 6.0), given=given) == [50]


def test_what_is_unknown_alerts_nobody():
    assert crossed(day(), replace(live("one", 1.0), cost=None)) == []


def test_an_alert_is_a_sentence():
    (alert,) = alerts(standings([day(thresholds=(80,))], [live("one", 8.1)], NOW), ())

    assert alert.sentence == "budget all: $8.10 of $10.00 used (81%)"


def test_a_lower_bound_says_so():
    both = live("one", 8.1), replace(live("two", 1.0), cost=None)
    (alert,) = alerts(standings([day(thresholds=(80,))], both, NOW), ())

    assert alert.sentence == "budget all: ≥$8.10 of $10.00 used (81%)"


def test_a_used_up_budget_stops_those_it_covers():
    here = live("one", 6.0), live("two", 5.0), spender("past", 1.0, liveness=None)

    assert stopped(day(action="stop"), *here) == [("stop", "one"), ("stop", "two")]
    assert stopped(day(action="warn"), *here) == []
    assert stopped(day(20.0, action="stop"), *here) == []


def test_a_sessions_budget_stops_that_session_only():
    budget = Budget(parse_target("session"), 5.5, action="pause")

    assert stopped(budget, live("one", 6.0), live("two", 5.0)) == [("pause", "one")]


def test_nobody_is_stopped_on_an_estimate_unless_asked_for():
    one = live("one", 12.0)
    one = replace(one, reading=replace(one.reading, estimated=True))

    assert stopped(day(action="stop"), one) == []
    assert stopped(day(action="stop", on_estimates=True), one) == [("stop", "one")]


@pytest.mark.parametrize("confidence", ["low", "ambiguous", None])
def test_nobody_is_stopped_in_doubt(confidence: Any):
    one = live("one", 12.0, match=Match(confidence, (), (8421,)))

    assert stopped(day(action="stop"), one) == []


def test_a_process_is_stopped_once_and_the_next_again():
    one = live("one", 12.0)
    given = frozenset(
        act.key for act in acts(standings([day(action="stop")], [one], NOW), [one], ())
    )
    later = replace(one, process=replace(PROCESS, pid=9000))

    assert stopped(day(action="stop"), one, given=given) == []
    assert stopped(day(action="stop"), later, given=given) == [("stop", "one")]


def test_of_two_budgets_the_stronger_act_counts():
    one = live("one", 12.0)
    both = standings([day(action="pause"), day(5.0, action="stop")], [one], NOW)

    assert [act.action for act in acts(both, [one], ())] == ["stop"]


def test_what_was_told_is_remembered(tmp_path: Path):
    log = AlertLog(tmp_path)

    assert log.add(["one", "two"]) == {"one", "two"}
    assert AlertLog(tmp_path).add(["two", "three"]) == {"three"}
    assert AlertLog(tmp_path).read() == {"one", "two", "three"}


def test_a_broken_log_says_things_again_and_no_more(tmp_path: Path):
    log = AlertLog(tmp_path)
    log.add(["one"])
    log.path.write_bytes(b"\xff{\n[1]\n" + log.path.read_bytes())

    assert log.read() == {"one"}


def test_the_log_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("agtop.budgets.alerting.KEPT", 3)
    log = AlertLog(tmp_path)
    log.add("abcde")

    assert log.read() == set("cde")
