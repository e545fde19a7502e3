"""What another process saves is what this one would have saved."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from agtop import collector as collector_module
from agtop.agents import AGENTS
from agtop.collector import Collector, Wishes, backlog, transcripts
from agtop.collector.saving import Saving
from agtop.index import Index
from agtop.pricing import Prices
from tests.histories import claude_file, identity, reply
from tests.worlds import NOW, FakeMachine

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")


class Killed(Saving):
    """A process that is ended before it can have saved."""

    def __init__(self, _save: Callable[[], None]) -> None:
        super().__init__(signal.pause)
        os.kill(self._pid, signal.SIGKILL)


@pytest.fixture
def history(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sessions that two processes read, however few they are."""
    for module in (transcripts, backlog):
        monkeypatch.setattr(module, "LONG_HISTORY", 0)
    for module in (backlog, collector_module):
        monkeypatch.setattr(module, "may_fork", lambda: True)
    for n in range(4):
        path = claude_file(home, n)
        path.write_bytes(reply(n, NOW + n, identity(n)))
    return home


def run(home: Path, cache: Path, is_beside: bool) -> tuple[object, int]:
    """The sessions of one run, and how many bytes it read."""
    prices = Prices()
    collector = Collector(
        AGENTS, home, {}, prices, FakeMachine(), Wishes(forks=True), lambda: NOW + 3 * 86400,
        Index(cache, prices.fingerprint),
    )  # fmt: skip
    snapshot = collector.collect()
    if is_beside:
        collector.save_meanwhile()
    read = collector.work.bytes_read
    collector.close()
    return (snapshot.sessions, snapshot.totals), read


def test_what_another_process_saved_need_not_be_read_again(history: Path, tmp_path: Path) -> None:
    first, read = run(history, tmp_path, is_beside=True)
    second, read_again = run(history, tmp_path, is_beside=False)

    assert (read > 0, read_again) == (True, 0)
    assert second == first


def test_what_a_killed_process_did_not_save_is_saved_here(
    history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector_module, "Saving", Killed)
    first, _ = run(history, tmp_path, is_beside=True)
    second, read_again = run(history, tmp_path, is_beside=False)

    assert read_again == 0
    assert second == first
