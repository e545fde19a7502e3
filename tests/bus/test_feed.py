"""A screen hears the bus through a feed, whatever becomes of the bus."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from agtop.bus import Message, feed, publish, subscribe
from agtop.bus.client import condition
from agtop.bus.feed import Feed


def wait_until(is_so: Callable[[], bool]) -> None:
    """Waits for what another thread does; a test that waits 20 s fails."""
    pause = threading.Event()
    for _ in range(2000):
        if is_so():
            return
        pause.wait(0.01)
    raise AssertionError("it never came about")


def test_a_feed_hosts_the_bus_and_gathers_what_is_said(bus: Path):
    gathered = Feed()
    gathered.start()
    try:
        wait_until(lambda: gathered.hosts)
        wait_until(lambda: publish(Message("a:1", "t", "one")) == 1)
        gathered.publish(Message("a:1", "t", "two"))
        wait_until(lambda: gathered.arrived == 2)

        assert [message.summary for message in gathered.take()] == ["one", "two"]
        assert gathered.take() == []
    finally:
        gathered.close()
    assert not bus.exists()


def test_a_feed_joins_a_bus_that_another_hosts_and_hears_what_was_before(bus: Path):
    with subscribe() as host:
        publish(Message("a:1", "t", "before"))
        gathered = Feed()
        gathered.start()
        try:
            wait_until(lambda: gathered.arrived == 1)

            assert not gathered.hosts
            assert host.hosts
            assert [message.summary for message in gathered.take()] == ["before"]
        finally:
            gathered.close()


def test_a_feed_that_cannot_open_the_bus_says_why_and_tries_again(
    bus: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(feed, "RETRY", 0.01)
    bus.write_text("in the way")
    gathered = Feed()
    gathered.start()
    try:
        wait_until(lambda: "is not a socket" in gathered.problem)
        bus.unlink()

        wait_until(lambda: gathered.hosts and not gathered.problem)
    finally:
        gathered.close()


def test_a_feed_that_nobody_takes_from_keeps_the_newest(bus: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(feed, "MOST_WAITING", 2)
    gathered = Feed()
    gathered.start()
    try:
        wait_until(lambda: gathered.hosts)
        wait_until(lambda: condition() is not None)
        for n in range(4):
            publish(Message("a:1", "t", str(n)))
        wait_until(lambda: gathered.arrived == 4)

        assert [message.summary for message in gathered.take()] == ["2", "3"]
    finally:
        gathered.close()


def test_a_feed_that_was_never_started_can_be_closed(bus: Path):
    Feed().close()

    assert list(bus.parent.iterdir()) == []
