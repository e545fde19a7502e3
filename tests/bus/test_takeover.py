"""Hosts come and go, cleanly or not; the bus stays."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agtop.bus import (
    Message,
    Subscription,
    broker,
    client,
    election,
    publish,
    subscribe,
    wire,
)
from agtop.bus.hosting import Host, elected
from agtop.errors import BusError
from tests.bus.plain import Plain, end, raw, said, start

HOST = """
import sys
from agtop.bus import subscribe
with subscribe() as messages:
    print("hosting" if messages.hosts else "listening", flush=True)
    for message in messages:
        print(message.summary, flush=True)
"""
FORKING = """
import os, sys
from agtop.bus import subscribe
messages = subscribe()
print("hosting", flush=True)
for message in messages:
    if os.fork() == 0:
        sys.stdin.read()
        os._exit(0)
    print("forked", flush=True)
"""
CANDIDATE = """
import sys
from pathlib import Path
from agtop.bus.hosting import elected
host = None
for order in sys.stdin:
    if order == "run\\n":
        host = elected(Path(sys.argv[1]))
        print("won" if host else "lost", flush=True)
    else:
        if host:
            host.close()
        print("closed", flush=True)
"""


@pytest.fixture
def hosting(bus: Path) -> Iterator[subprocess.Popen[str]]:
    """Another program that hosts the bus."""
    program = start(HOST)
    assert said(program) == "hosting"
    yield program
    end(program)


def hears(messages: Subscription, summary: str) -> bool:
    """Says `summary` until a subscriber is there, and tells whether `messages` got it."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        messages.receive(0.02)  # a subscriber reconnects where it listens
        if publish(Message("a:1", "t", summary)):
            break
    message = messages.receive(20)
    return message is not None and message.summary == summary


def test_subscribers_are_back_within_two_seconds_of_a_kill(hosting: subprocess.Popen[str]):
    with subscribe() as messages:
        assert not messages.hosts
        hosting.kill()
        hosting.wait()
        killed_at = time.monotonic()

        assert hears(messages, "after")

        assert time.monotonic() - killed_at < 2
        assert messages.hosts


def test_of_many_subscribers_one_takes_over_and_all_are_back(hosting: subprocess.Popen[str]):
    others = [start(HOST) for _ in range(3)]
    try:
        assert [said(other) for other in others] == ["listening"] * 3
        hosting.kill()
        hosting.wait()
        deadline = time.monotonic() + 20
        while publish(Message("a:1", "t", "anyone?")) < 3 and time.monotonic() < deadline:
            pass
        publish(Message("a:1", "t", "all"))

        for other in others:
            while (heard := said(other)) == "anyone?":
                pass
            assert heard == "all"
    finally:
        for other in others:
            end(other)


def test_a_host_that_ends_cleanly_hands_over(bus: Path):
    first, second = subscribe(), subscribe()
    first.close()

    with second:
        assert hears(second, "after")


def test_of_two_candidates_exactly_one_wins_a_hundred_times(bus: Path):
    candidates = [start(CANDIDATE, str(bus)) for _ in range(2)]

    def order(what: str) -> list[str]:
        for candidate in candidates:
            assert candidate.stdin is not None
            candidate.stdin.write(what + "\n")
            candidate.stdin.flush()
        return sorted(said(candidate) for candidate in candidates)

    try:
        for n in range(100):
            if n % 2:
                leave_stale_socket(bus)
            assert order("run") == ["lost", "won"], n
            assert order("close") == ["closed", "closed"]
    finally:
        for candidate in candidates:
            end(candidate)


def leave_stale_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))


@pytest.mark.parametrize("pid", ["1", "mine", "999999999", "", "nonsense"])
def test_a_stale_socket_with_any_pid_beside_it_is_taken_over(bus: Path, pid: str):
    leave_stale_socket(bus)
    sidecar = bus.with_name("b.sock.pid")
    sidecar.write_text(str(os.getpid()) if pid == "mine" else pid)

    with subscribe() as messages:
        assert messages.hosts
        assert sidecar.read_text() == f"{os.getpid()}\n"
        assert publish(Message("a:1", "t", "s")) == 1


def test_who_listens_but_never_answers_is_no_host(bus: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wire, "PATIENCE", 0.1)
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(bus))
        mute.listen()
        with pytest.raises(BusError, match="host does not answer"):
            publish(Message("a:1", "t", "s"))

        with subscribe() as messages:
            assert messages.hosts


def test_a_stopped_host_is_left_and_yields_when_it_goes_on(
    hosting: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
):
    for name, seconds in (("QUIET", 0.3), ("LOOK", 0.1)):
        monkeypatch.setattr(client, name, seconds)
    monkeypatch.setattr(wire, "PATIENCE", 0.5)
    with subscribe() as messages:
        hosting.send_signal(signal.SIGSTOP)
        deadline = time.monotonic() + 20
        while not messages.hosts and time.monotonic() < deadline:
            messages.receive(0.1)
        assert messages.hosts
        hosting.send_signal(signal.SIGCONT)
        while publish(Message("a:1", "t", "together")) < 2 and time.monotonic() < deadline:
            pass

        assert said(hosting) == "together"


def test_a_socket_that_was_taken_away_is_put_back(bus: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client, "LOOK", 0.05)
    monkeypatch.setattr(broker, "WATCH", 60.0)  # so that it is the subscriber who notices
    with subscribe() as messages:
        bus.unlink()

        assert hears(messages, "after")


def test_a_broker_whose_socket_was_taken_away_lets_its_clients_go(
    bus: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(broker, "WATCH", 0.02)
    host = elected(bus)
    assert host is not None
    with Plain(bus) as plain:
        bus.unlink()

        assert plain.ends()
    host.close()
    assert not host.is_alive


def test_a_broker_that_steps_down_leaves_the_socket_of_its_successor(
    bus: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(broker, "WATCH", 60.0)
    host = elected(bus)
    assert host is not None
    bus.unlink()
    with closing(socket.socket(socket.AF_UNIX)) as successor:
        successor.bind(str(bus))
        host.close()

        assert bus.is_socket()


def test_a_host_that_forgets_to_close_leaves_no_socket(bus: Path):
    forgetful = "from agtop.bus import subscribe; m = subscribe(); print(m.hosts, flush=True)"
    program = start(forgetful)

    assert said(program) == "True"
    program.communicate(timeout=20)
    assert not bus.exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_does_not_keep_a_dead_host_alive(bus: Path):
    program = start(FORKING)
    try:
        assert said(program) == "hosting"
        with subscribe() as messages:
            publish(Message("a:1", "t", "fork"))
            assert said(program) == "forked"
            assert messages.receive(20) is not None
            program.kill()
            program.wait()
            killed_at = time.monotonic()

            assert hears(messages, "after")
            assert time.monotonic() - killed_at < 2
            assert messages.hosts
    finally:
        program.communicate()  # closes its stdin, at which the child ends


# ---- where no bus can be


def test_a_sidecar_that_cannot_be_written_is_told_and_leaves_nothing(
    bus: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(election, "write_atomically", fail)
    with pytest.raises(
        BusError, match=r"cannot be opened in .* \(no space left on device\); set AGTOP_BUS"
    ):
        subscribe()

    assert not bus.exists()


def test_a_place_that_is_no_directory_is_told(bus: Path, monkeypatch: pytest.MonkeyPatch):
    bus.write_text("")
    monkeypatch.setenv("AGTOP_BUS", str(bus / "b.sock"))

    with pytest.raises(BusError, match="set AGTOP_BUS to a socket in a directory of yours"):
        subscribe()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_that_is_not_writable_is_told(bus: Path):
    bus.parent.chmod(0o500)

    with pytest.raises(BusError, match="permission denied"):
        subscribe()


def test_a_directory_where_others_write_is_refused(bus: Path):
    bus.parent.chmod(0o777)

    with pytest.raises(BusError, match="others can write into"):
        subscribe()


def test_agtop_makes_its_own_directory_private(
    home: Path, bus: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(bus.parent))
    monkeypatch.delenv("AGTOP_BUS")
    own = bus.parent / "agtop"
    own.mkdir(mode=0o755)
    if sys.platform != "linux":
        pytest.skip("the folder is elsewhere here")

    with subscribe():
        assert (own / "agents-bus.sock").is_socket()
        assert own.stat().st_mode & 0o777 == 0o700


def test_a_file_in_the_place_of_the_socket_is_left_alone(bus: Path):
    bus.write_text("mine")

    with pytest.raises(BusError, match="is not a socket; move it away"):
        subscribe()

    assert bus.read_text() == "mine"


def test_a_path_too_long_for_a_socket_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AGTOP_BUS", "/tmp/" + "d" * 120)

    with pytest.raises(BusError, match=r"is 125 bytes and a socket takes 10[37]; set AGTOP_BUS"):
        publish(Message("a:1", "t", "s"))


def test_a_host_ends_though_its_directory_is_gone(bus: Path, caplog: pytest.LogCaptureFixture):
    moved = bus.parent.with_name(f"{bus.parent.name}-moved")
    host = elected(bus)
    assert host is not None
    bus.parent.rename(moved)

    host.close()

    moved.rename(bus.parent)
    assert not host.is_alive
    assert not any(record.exc_info for record in caplog.records)


def test_a_host_ends_with_its_clients_still_there(bus: Path):
    host = elected(bus)
    assert isinstance(host, Host)
    with Plain(bus) as plain:
        plain.say(raw())

        host.close()

        assert plain.ends()
