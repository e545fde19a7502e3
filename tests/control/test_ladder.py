"""Stopping asks first, waits, forces, and tells each step; nobody sleeps here."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from agtop.control import SIGNALS, Ending, Me, Step, plan, send, stop
from agtop.control.aims import Aim
from agtop.control.delivery import Sent
from agtop.processes.source import Source
from tests.control.family import PARENT, STUBBORN, Clock, Paper, Start, process_of, until_ended

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What would have been sent to processes on paper."""
    got: list[tuple[str, int]] = []

    def note(aim: Aim, signal: Any, processes: object, me: object) -> Sent:
        got.append((signal.name, aim.pid))
        return Sent(aim, "sent")

    monkeypatch.setattr("agtop.control.delivery.send", note)
    return got


def climb(paper: Paper, clock: Clock, pid: int = 7) -> Ending:
    whole = plan(paper.process(pid), paper, paper.me)
    return stop(whole, paper, paper.me, lambda step: None, clock, clock.wait)


def told(ending: Ending) -> list[str]:
    return [step.sentence for step in ending.steps]


def test_a_session_that_obeys_is_never_forced(start: Start, source: Source, me: Me) -> None:
    child = start()
    steps: list[Step] = []
    clock = Clock()

    whole = plan(process_of(child.pid), source, me)
    ending = stop(whole, source, me, steps.append, clock, until_ended(child.pid))

    assert ending.has_ended
    assert not ending.forced
    assert [step.rung for step in steps] == ["asked", "ended"]
    assert child.wait() == -signal.SIGTERM


def test_a_stubborn_session_and_its_child_are_forced_after_five_seconds(
    start: Start, source: Source, me: Me
) -> None:
    child = start(STUBBORN)
    clock = Clock()
    whole = plan(process_of(child.pid), source, me)

    def wait(seconds: float) -> None:
        if clock.now >= 105:
            until_ended(child.pid)(seconds)
        clock.wait(seconds)

    ending = stop(whole, source, me, lambda step: None, clock, wait)

    assert ending.has_ended
    assert ending.forced
    assert [(step.rung, round(step.elapsed)) for step in ending.steps[:2]] == [
        ("asked", 0),
        ("forced", 5),
    ]
    assert child.wait() == -signal.SIGKILL


def test_a_paused_session_is_woken_to_hear_that_it_is_to_end(
    start: Start, source: Source, me: Me
) -> None:
    child = start()
    whole = plan(process_of(child.pid), source, me)
    send(whole.session, SIGNALS["STOP"], source, me)
    os.waitid(os.P_PID, child.pid, os.WSTOPPED | os.WNOWAIT)

    ending = stop(whole, source, me, lambda step: None, Clock(), until_ended(child.pid))

    assert [step.rung for step in ending.steps] == ["asked", "woken", "ended"]
    assert child.wait() == -signal.SIGTERM


def test_a_tree_ends_as_a_whole(start: Start, source: Source, me: Me) -> None:
    parent = start(PARENT, STUBBORN)
    below = int(parent.ready)  # pyright: ignore[reportAttributeAccessIssue]
    whole = plan(process_of(parent.pid), source, me)
    clock = Clock()

    ending = stop(whole, source, me, lambda step: None, clock, clock.wait)
    parent.wait()

    assert [aim.pid for aim in whole.aims] == [parent.pid, below]
    assert ending.forced
    assert parent.returncode in (-signal.SIGTERM, -signal.SIGKILL)


def test_what_was_started_meanwhile_is_forced_too(
    paper: Paper, sent: list[tuple[str, int]]
) -> None:
    paper.add(7)
    clock = Clock(after={3: lambda: paper.add(8, 7, started_at=103)})

    climb(paper, clock)

    assert sent == [("TERM", 7), ("KILL", 7), ("KILL", 8)]


def test_what_cannot_be_ended_is_named(paper: Paper, sent: list[tuple[str, int]]) -> None:
    paper.add(7)
    clock = Clock()

    ending = climb(paper, clock)

    assert [aim.pid for aim in ending.survivors] == [7]
    assert told(ending) == [
        "asked claude (pid 7) to end (TERM)",
        "1 process has not ended within 5s: forced (KILL)",
        "still there after 6.0s: claude (pid 7); the system holds on to it",
    ]


def test_the_wait_is_over_as_soon_as_all_have_ended(
    paper: Paper, sent: list[tuple[str, int]]
) -> None:
    paper.add(7)
    paper.add(8, 7)
    clock = Clock(
        after={1: lambda: paper.change(8, status="zombie"), 2: lambda: paper.vital.pop(7) and None}
    )

    ending = climb(paper, clock)

    assert clock.waits == 2
    assert told(ending)[-1] == "all 2 ended after 0.2s"


def test_calling_it_off_never_forces(paper: Paper, sent: list[tuple[str, int]]) -> None:
    paper.add(7)

    ending = climb(paper, Clock(after={4: lambda: True}))

    assert not ending.has_ended
    assert sent == [("TERM", 7)]
    assert told(ending)[-1] == "called off before force; 1 process has not ended yet"


def test_a_pid_that_changed_hands_while_waiting_counts_as_ended(
    paper: Paper, sent: list[tuple[str, int]]
) -> None:
    paper.add(7)
    clock = Clock(after={1: lambda: paper.change(7, start_ticks=9, started_at=104.0)})

    ending = climb(paper, clock)

    assert ending.has_ended
    assert sent == [("TERM", 7)]


def test_a_pause_that_takes_effect_late_is_ended_too(
    paper: Paper, sent: list[tuple[str, int]]
) -> None:
    paper.add(7)
    clock = Clock(
        after={
            2: lambda: paper.change(7, status="stopped"),
            3: lambda: paper.vital.pop(7) and None,
        }
    )

    ending = climb(paper, clock)

    assert sent == [("TERM", 7), ("CONT", 7)]
    assert [step.rung for step in ending.steps] == ["asked", "woken", "ended"]
