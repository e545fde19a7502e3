"""When something begins to need the user."""

from __future__ import annotations

import pytest

from agtop.attention import Alert, Alerts
from agtop.attention.alerts import COOL_DOWN
from agtop.model import Session, Snapshot, State, StateName, replace
from tests.snapshots import NOW, session, snapshot


def seen(at: float, *sessions: Session, complete: bool = True) -> Snapshot:
    return snapshot(*sessions, taken_at=at, complete=complete)


def one(name: StateName = "waiting", since: float | None = NOW, session_id: str = "a") -> Session:
    return session(session_id=session_id, state=State(name, "permission", since, "it asks"))


def watching(*sessions: Session) -> Alerts:
    alerts = Alerts()
    assert alerts.look(seen(NOW, *sessions)) == []
    return alerts


def test_a_session_that_begins_to_wait_is_told_once() -> None:
    alerts = watching(one("working"))

    told = [alerts.look(seen(NOW + 5 + i, one(since=NOW + 1))) for i in range(4)]

    assert [len(each) for each in told] == [1, 0, 0, 0]
    assert told[0][0].headline == "claude in api waits for a permission"


def test_what_needed_the_user_before_agtop_began_stands_on_the_screen() -> None:
    alerts = watching(one(since=NOW - 500))

    assert alerts.look(seen(NOW + 5, one(since=NOW - 500))) == []


def test_what_a_history_still_being_read_shows_is_not_news() -> None:
    alerts = Alerts()
    alerts.look(seen(NOW, complete=False))
    alerts.look(seen(NOW + 2, one(since=NOW - 90)))

    assert alerts.look(seen(NOW + 4, one(since=NOW - 90))) == []


def test_what_begins_while_the_history_is_still_being_read_is_news() -> None:
    alerts = Alerts()
    alerts.look(seen(NOW, one("working"), complete=False))
    alerts.look(seen(NOW + 1, one(since=NOW + 0.5), complete=False))

    (told,) = alerts.look(seen(NOW + 4, one(since=NOW + 0.5)))
    assert told.session_id == "a"


def test_what_begins_between_the_opening_picture_and_the_first_look_is_news() -> None:
    before, after = one(since=NOW - 4), one(since=NOW - 2, session_id="b")
    alerts = Alerts(began=NOW - 3)

    (told,) = alerts.look(seen(NOW, before, after))

    assert told.session_id == "b"
    assert alerts.look(seen(NOW + 5, before, after)) == []


def test_a_question_that_is_answered_at_once_is_not_told() -> None:
    alerts = watching()

    assert alerts.look(seen(NOW + 1, one(since=NOW + 0.5))) == []
    assert alerts.look(seen(NOW + 2, one("working"))) == []


def test_a_question_that_stays_is_told_a_little_later() -> None:
    alerts = watching()
    alerts.look(seen(NOW + 1, one(since=NOW + 0.5)))

    assert len(alerts.look(seen(NOW + 3, one(since=NOW + 0.5)))) == 1


def test_a_state_that_comes_and_goes_is_one_episode() -> None:
    alerts = watching()
    assert len(alerts.look(seen(NOW + 10, one(since=NOW + 1)))) == 1
    alerts.look(seen(NOW + 20, one("working")))

    assert alerts.look(seen(NOW + 30, one(since=NOW + 25))) == []


def test_the_same_need_is_told_again_after_the_cool_down() -> None:
    alerts = watching()
    alerts.look(seen(NOW + 10, one(since=NOW + 1)))
    later = NOW + 11 + COOL_DOWN
    alerts.look(seen(later, one("working")))

    assert len(alerts.look(seen(later + 10, one(since=later + 1)))) == 1


def test_a_pause_of_agtop_s_own_repeats_nothing() -> None:
    alerts = watching()
    alerts.look(seen(NOW + 10, one(since=NOW + 1)))

    assert alerts.look(seen(NOW + 9_000, one(since=NOW + 1))) == []


def test_a_clock_that_is_set_back_repeats_nothing() -> None:
    alerts = watching()
    alerts.look(seen(NOW + 10, one(since=NOW + 1)))

    assert alerts.look(seen(NOW - 9_000, one(since=NOW - 9_100))) == []


@pytest.mark.parametrize("name", ["waiting", "error", "stalled", "looping", "limited"])
def test_each_state_that_needs_the_user_is_told(name: StateName) -> None:
    alerts = watching()

    (alert,) = alerts.look(seen(NOW + 10, one(name, NOW + 1)))

    assert alert.kind == name


@pytest.mark.parametrize("name", ["working", "idle", "ended", "unknown"])
def test_other_states_are_not_told(name: StateName) -> None:
    assert watching().look(seen(NOW + 10, one(name, NOW + 1))) == []


def test_a_subagent_that_asks_is_told() -> None:
    alerts = watching()
    parent = replace(one("working"), subagents=(one(since=NOW + 1, session_id="child"),))

    (alert,) = alerts.look(seen(NOW + 10, parent))

    assert alert.session_id == "child"


def test_kinds_the_user_does_not_want_are_not_told_later_either() -> None:
    alerts = Alerts(kinds=("error",))
    alerts.look(seen(NOW))

    assert alerts.look(seen(NOW + 10, one(since=NOW + 1))) == []
    assert len(alerts.look(seen(NOW + 20, one("error", NOW + 12)))) == 1


def test_a_plan_window_is_told_like_a_session() -> None:
    alerts = watching()
    full = Alert("window", "claude 5 h", "the 5 h window of Claude is 91 % full")

    assert alerts.look(seen(NOW + 1), [full]) == [full]
    assert alerts.look(seen(NOW + 2), [full]) == []


def test_what_is_over_for_long_is_forgotten() -> None:
    alerts = watching()
    for i in range(100):
        alerts.look(seen(NOW + 10 * i, one(since=NOW + 10 * i, session_id=f"s{i}")))

    assert len(alerts._episodes) <= COOL_DOWN / 10 + 2


def test_two_questions_answered_at_once_are_not_told_as_one_that_stays() -> None:
    alerts = watching()
    alerts.look(seen(NOW + 1, one(since=NOW + 0.5)))
    alerts.look(seen(NOW + 2, one("working")))

    assert alerts.look(seen(NOW + 10, one(since=NOW + 9.5))) == []


def test_a_clock_set_back_neither_repeats_what_was_told_nor_swallows_what_is_new() -> None:
    alerts = watching()
    alerts.look(seen(NOW + 5, one(since=NOW + 1)))
    hour = 3600.0

    assert alerts.look(seen(NOW - hour, one(since=NOW + 1))) == []
    assert alerts.look(seen(NOW - hour + 2, one(since=NOW + 1), other := another())) == []
    assert len(alerts.look(seen(NOW - hour + 4, one(since=NOW + 1), other))) == 1


def test_a_night_asleep_repeats_nothing_that_went_on() -> None:
    alerts = watching()
    alerts.look(seen(NOW + 5, one(since=NOW + 1)))

    assert alerts.look(seen(NOW + 30_000, one(since=NOW + 1))) == []


def another() -> Session:
    """Whose pid file is dated by the clock before it was set back."""
    return session(session_id="b", state=State("waiting", "input", NOW + 3, "it asks"))
