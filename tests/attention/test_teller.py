"""What leaves agtop when something begins to need the user."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from agtop.attention import Alert, AlertWish
from agtop.attention.teller import BELL, Teller
from agtop.model import Snapshot, State
from tests.snapshots import NOW, session, snapshot


def waiting(count: int = 1, at: float = NOW + 5) -> Snapshot:
    sessions = (
        session(session_id=f"s{n}", state=State("waiting", "permission", NOW + 1, "it asks"))
        for n in range(count)
    )
    return snapshot(*sessions, taken_at=at)


def teller(wish: AlertWish, **given: object) -> Teller:
    """One that has seen a quiet fleet already."""
    made = Teller(wish, **given)  # pyright: ignore[reportArgumentType]
    made.look(snapshot(taken_at=NOW))
    return made


def test_the_bell_rings_once_however_many_begin_to_wait() -> None:
    made = teller(AlertWish())

    assert made.look(waiting(5)).signal == BELL
    assert made.look(waiting(5, NOW + 7)).signal == ""


def test_the_desktop_is_told_each_and_the_rest_as_a_number() -> None:
    signal = teller(AlertWish(way="desktop")).look(waiting(10)).signal

    assert signal.count("\x1b]9;") == 3
    assert "8 more need you" in signal


def test_tmux_passes_on_what_is_wrapped_for_it() -> None:
    assert (
        teller(AlertWish(way="desktop"), in_tmux=True)
        .look(waiting())
        .signal.startswith("\x1bPtmux;")
    )


def test_off_shows_and_says_nothing() -> None:
    news = teller(AlertWish(way="off")).look(waiting())

    assert len(news.alerts) == 1
    assert news.signal == ""


def test_only_the_kinds_that_were_asked_for_are_told() -> None:
    assert teller(AlertWish(on=("error",))).look(waiting()).alerts == ()


def test_in_quiet_hours_it_is_shown_and_nothing_leaves_the_screen(tmp_path: Path) -> None:
    minute = time.strftime("%H:%M", time.localtime(NOW - 60))
    later = time.strftime("%H:%M", time.localtime(NOW + 600))
    mark = tmp_path / "ran"
    wish = AlertWish(quiet=f"{minute}-{later}", command=f"touch {mark}")

    news = teller(wish).look(waiting())

    assert len(news.alerts) == 1
    assert news.signal == ""
    assert not mark.exists()


def test_the_command_is_not_run_for_invented_sessions() -> None:
    wish = AlertWish(command="/nowhere/notifier")

    assert teller(wish, runs_commands=False).look(waiting()).faults == ()


def test_a_command_that_cannot_be_run_is_told_once() -> None:
    faults = teller(AlertWish(command="/nowhere/notifier")).look(waiting(3)).faults

    assert len(faults) == 1
    assert "/nowhere/notifier cannot be run" in faults[0]


def test_others_alerts_are_told_like_its_own() -> None:
    over = Alert("budget", "day", "the budget of the day is used up")

    def others(seen: Snapshot) -> list[Alert]:
        return [over] if seen.taken_at > NOW else []

    assert teller(AlertWish(), others=others).look(snapshot(taken_at=NOW + 5)).alerts == (over,)


@pytest.mark.parametrize(
    ("wish", "key"),
    [(AlertWish(quiet="night"), "quiet"), (AlertWish(command="say 'it"), "command"),
     (AlertWish(command="  "), "command")],
)  # fmt: skip
def test_what_cannot_be_followed_is_named(wish: AlertWish, key: str) -> None:
    fault = wish.fault()

    assert fault is not None
    assert fault[0] == key
