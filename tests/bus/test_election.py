"""Who listens is elected, one at a time; who only publishes waits for it and never is."""

from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path

import pytest

from agtop.bus import Message, client, paths, publish, subscribe
from agtop.bus.ballot import Ballot
from agtop.bus.client import condition
from agtop.bus.hosting import Host, elected
from agtop.errors import BusError


def test_a_lock_on_a_file_that_was_taken_away_locks_nobody_out(
    bus: Path, monkeypatch: pytest.MonkeyPatch
):
    lock, flock = paths.lock(bus), fcntl.flock

    def late(descriptor: int, operation: int) -> None:
        flock(descriptor, operation)
        if operation & fcntl.LOCK_EX:
            lock.unlink()

    monkeypatch.setattr(fcntl, "flock", late)

    with Ballot(bus) as ballot:
        assert not ballot.held


def test_a_lock_that_was_inherited_is_given_back_with_the_original(bus: Path):
    with Ballot(bus) as ballot:
        inherited = os.dup(ballot.descriptor)

    with Ballot(bus) as next_one:
        assert next_one.held
    os.close(inherited)


def test_a_program_that_only_publishes_never_hosts(bus: Path):
    assert publish(Message("a:1", "t", "s")) == 0

    assert list(bus.parent.iterdir()) == []
    assert condition() is None


def test_a_publisher_waits_for_who_is_being_elected(bus: Path, monkeypatch: pytest.MonkeyPatch):
    asked: list[bool] = []
    hosts: list[Host] = []
    ballot = Ballot(bus)

    def is_electing(path: Path) -> bool:
        asked.append(client_is_electing(path))
        if len(asked) == 2:  # it is elected, and lets the lock go
            ballot.__exit__(None, None, None)
            hosts.extend(host for host in [elected(path)] if host)
        return asked[-1]

    client_is_electing = client.is_electing
    monkeypatch.setattr(client, "TAKEOVER", -1.0)
    monkeypatch.setattr(client, "is_electing", is_electing)
    ballot.__enter__()

    assert publish(Message("a:1", "t", "s")) == 0
    assert asked == [True, True]
    assert len(hosts) == 1
    told = condition()
    assert told is not None
    assert told["relayed"] == 1
    hosts[0].close()


def test_an_election_that_never_ends_is_told_to_the_publisher(
    bus: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(client, "TAKEOVER", -1.0)
    monkeypatch.setattr(client, "LONGEST_ELECTION", 0.0)

    with Ballot(bus), pytest.raises(BusError, match="locked and does not open it"):
        publish(Message("a:1", "t", "s"))


def test_a_publisher_leaves_a_stale_bus_to_who_listens_next(bus: Path):
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(bus))
    stale.close()

    assert publish(Message("a:1", "t", "s")) == 0
    assert condition() is None
    with subscribe() as messages:
        assert publish(Message("a:1", "t", "heard")) == 1
        assert messages.hosts
