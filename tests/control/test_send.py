"""A signal reaches the process that was meant, or nobody."""

from __future__ import annotations

import os
import signal

import pytest

from agtop.control import SIGNALS, Me, deliver, delivery, plan, send, signal_named, summary
from agtop.control.aims import Aim
from agtop.errors import RefusedError, UsageError
from agtop.model import replace
from agtop.processes.source import Source, Vitals
from tests.control.family import PARENT, PAUSE, Start, process_of

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")


class Later:
    """The system as it is, but for the answer about one process."""

    def __init__(self, source: Source, vitals: Vitals | None, owner: str | None) -> None:
        self.source, self.changed, self.whose = source, vitals, owner

    def listing(self) -> dict[int, int]:
        return dict(self.source.listing())

    def vitals(self, pid: int) -> Vitals | None:
        return self.changed

    def owner(self, pid: int) -> str | None:
        return self.whose


def aim_at(source: Source, pid: int) -> Aim:
    vitals = source.vitals(pid)
    assert vitals is not None
    return Aim(pid, vitals.started_at, vitals.start_ticks, "claude")


def status(source: Source, pid: int) -> str:
    vitals = source.vitals(pid)
    return vitals.status if vitals else "gone"


def settled(source: Source, pid: int, *, stopped: bool) -> bool:
    """Whether a grandchild, for which nobody here can wait, comes to be paused or not."""
    for _ in range(200_000):
        if (status(source, pid) == "stopped") is stopped:
            return True
        os.sched_yield()
    return False


@pytest.mark.parametrize("pidfd", [True, False])
def test_a_child_gets_its_signal(
    start: Start, source: Source, me: Me, monkeypatch: pytest.MonkeyPatch, pidfd: bool
) -> None:
    if not pidfd:
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    child = start()

    sent = send(aim_at(source, child.pid), SIGNALS["HUP"], source, me)

    assert sent.outcome == "sent"
    assert child.wait() == -signal.SIGHUP


def test_a_system_that_forbids_pidfds_is_asked_the_old_way(
    start: Start, source: Source, me: Me, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(pid: int) -> int:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "pidfd_open", forbidden, raising=False)
    child = start()

    assert send(aim_at(source, child.pid), SIGNALS["TERM"], source, me).outcome == "sent"
    assert child.wait() == -signal.SIGTERM


def test_no_descriptor_is_left_open(start: Start, source: Source, me: Me) -> None:
    child = start()
    before = os.listdir("/dev/fd")

    send(aim_at(source, child.pid), SIGNALS["CONT"], source, me)
    send(aim_at(source, child.pid), SIGNALS["KILL"], source, me)

    assert os.listdir("/dev/fd") == before


def test_a_pid_that_changed_hands_at_the_last_moment_is_not_hit(
    start: Start, source: Source, me: Me
) -> None:
    child = start()
    aim = aim_at(source, child.pid)
    now = source.vitals(child.pid)
    assert now is not None
    other = replace(now, started_at=now.started_at + 60, start_ticks=(now.start_ticks or 0) + 6000)

    sent = send(aim, SIGNALS["KILL"], Later(source, other, me.owner), me)

    assert sent.outcome == "replaced"
    assert str(sent).endswith("has ended; another process has its pid now")
    assert child.poll() is None


@pytest.mark.parametrize("owner", ["nobody else's", None])
def test_a_process_that_became_somebody_elses_is_not_hit(
    start: Start, source: Source, me: Me, owner: str | None
) -> None:
    child = start()
    changed = Later(source, source.vitals(child.pid), owner)

    assert send(aim_at(source, child.pid), SIGNALS["KILL"], changed, me).outcome == "refused"
    assert child.poll() is None


def test_agtop_itself_and_its_ancestors_are_never_hit(source: Source, me: Me) -> None:
    for pid in (1, os.getpid(), os.getppid()):
        assert send(aim_at(source, pid), SIGNALS["CONT"], source, me).outcome == "refused"


def test_a_zombie_has_ended(start: Start, source: Source, me: Me) -> None:
    child = start()
    aim = aim_at(source, child.pid)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert send(aim, SIGNALS["TERM"], source, me).outcome == "ended"
    child.wait()
    assert send(aim, SIGNALS["TERM"], source, me).outcome == "ended"


def test_pausing_reaches_the_whole_tree_and_resuming_too(
    start: Start, source: Source, me: Me
) -> None:
    parent = start(PARENT, PAUSE)
    below = int(parent.ready)  # pyright: ignore[reportAttributeAccessIssue]
    whole = plan(process_of(parent.pid), source, me)

    deliver(whole, SIGNALS["STOP"], source, me)
    os.waitid(os.P_PID, parent.pid, os.WSTOPPED | os.WNOWAIT)
    assert status(source, parent.pid) == "stopped"
    assert settled(source, below, stopped=True)

    sent = deliver(whole, SIGNALS["CONT"], source, me)
    os.waitid(os.P_PID, parent.pid, os.WCONTINUED | os.WNOWAIT)
    assert status(source, parent.pid) != "stopped"
    assert settled(source, below, stopped=False)
    said = summary(whole, SIGNALS["CONT"], sent)
    assert said == f"sent CONT to claude (pid {parent.pid}) with 1 below it"
    deliver(whole, SIGNALS["KILL"], source, me)


def order_of(name: str, monkeypatch: pytest.MonkeyPatch, me: Me, source: Source) -> list[int]:
    got: list[int] = []

    def note(aim: Aim, signal: object, processes: object, me: object) -> delivery.Sent:
        got.append(aim.pid)
        return delivery.Sent(aim, "sent")

    monkeypatch.setattr("agtop.control.delivery.send", note)
    aims = (
        Aim(7, 0, 0, "claude"),
        Aim(8, 0, 0, "sh", "descendant"),
        Aim(9, 0, 0, "make", "descendant"),
        Aim(6, 0, 0, "sh", "launcher"),
        Aim(5, 0, 0, "npm", "launcher"),
    )
    delivery.send_all(aims, SIGNALS[name], source, me)
    return got


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("TERM", [7, 8, 9, 6, 5]),
        ("KILL", [5, 6, 7, 8, 9]),
        ("STOP", [5, 6, 7, 8, 9]),
        ("CONT", [9, 8, 7, 6, 5]),
    ],
)
def test_nobody_wakes_above_a_paused_child_or_restarts_a_killed_one(
    name: str, order: list[int], monkeypatch: pytest.MonkeyPatch, me: Me, source: Source
) -> None:
    assert order_of(name, monkeypatch, me, source) == order


@pytest.mark.parametrize("word", ["TERM", "term", "SIGTERM", "15"])
def test_a_signal_goes_by_its_name_or_number(word: str) -> None:
    assert signal_named(word).name == "TERM"


@pytest.mark.parametrize("word", ["", "USR1", "9x", "0", "-9"])
def test_an_unknown_signal_is_a_sentence(word: str) -> None:
    with pytest.raises(UsageError, match="there are INT, TERM, KILL, STOP, CONT, HUP"):
        signal_named(word)


def test_a_system_without_the_signal_says_so(
    source: Source, me: Me, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(signal, "SIGSTOP")

    with pytest.raises(RefusedError, match="no signal STOP"):
        send(Aim(7, 0, 0, "claude"), SIGNALS["STOP"], source, me)
