"""A second process changes nothing but the time it takes, whatever becomes of it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from agtop.agents.base import Scanned
from agtop.block import Block
from agtop.collector import Wishes, backlog, transcripts, worker
from agtop.collector.worker import Job, Worker
from agtop.model import Snapshot
from tests.bench.corpus import Corpus, Size, make
from tests.histories import claude_file, history, identity, reply
from tests.worlds import NOW, World

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
ALONE, SHARED = Wishes(), Wishes(forks=True)


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """A history with resumed, branched and copied sessions."""
    return make(tmp_path_factory.mktemp("corpus") / "worker", Size("tiny", 120, 8_000_000))


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Worker]:
    """A worker for every history, however short; the workers that were started."""
    workers: list[Worker] = []

    class Noted(Worker):
        def __init__(self, jobs: Sequence[Job], scans: dict[str, worker.Scan]) -> None:
            super().__init__(jobs, scans)
            workers.append(self)

    for module in (transcripts, backlog):
        monkeypatch.setattr(module, "LONG_HISTORY", 0)
    monkeypatch.setattr(backlog, "may_fork", lambda: True)
    monkeypatch.setattr(backlog, "Worker", Noted)
    return workers


def figures(snapshot: Snapshot) -> object:
    """Everything a snapshot tells of sessions."""
    return {session.key: session for session in snapshot.sessions}, snapshot.totals


def look(home: Path, wishes: Wishes) -> Snapshot:
    world = World(home, wishes)
    try:
        return world.collect()
    finally:
        world.collector.close()


def test_two_processes_count_what_one_counts(copies: Corpus, started: list[Worker]) -> None:
    alone = look(copies.home, ALONE)
    shared = look(copies.home, SHARED)

    assert len(started) == 1
    assert figures(shared) == figures(alone)
    for agent, tally in copies.truth.agents.items():
        used = [s.tokens for s in shared.sessions if s.agent == agent and s.tokens is not None]
        assert sum(t.output for t in used) == tally.tokens.output


def test_scans_by_two_count_what_full_readings_count(
    copies: Corpus, started: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = look(copies.home, SHARED)
    monkeypatch.setattr(transcripts, "LONG_HISTORY", 1 << 60)
    full = look(copies.home, ALONE)

    assert started
    assert shared.totals.tokens == full.totals.tokens
    assert shared.totals.cost == full.totals.cost


def test_a_worker_can_do_it_all(
    home: Path, started: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    history(home, 40)
    brought: list[Job] = []
    take, take_next = Worker.results, Worker.next

    def idle(self: Worker) -> Job | None:
        return None if self.is_at_work else take_next(self)

    def noted(self: Worker, patience: float | None = 0.0) -> Iterator[tuple[Job, Scanned]]:
        for job, scanned in take(self, patience):
            brought.append(job)
            yield job, scanned

    monkeypatch.setattr(Worker, "next", idle)
    monkeypatch.setattr(Worker, "results", noted)
    snapshot = look(home, SHARED)

    assert len(brought) == 40
    assert len(snapshot.sessions) == 40


@pytest.mark.parametrize("jobs_done", [0, 1, 5])
def test_what_a_killed_worker_leaves_is_read_here(
    copies: Corpus, started: list[Worker], monkeypatch: pytest.MonkeyPatch, jobs_done: int
) -> None:
    alone = look(copies.home, ALONE)
    done = worker._done  # pyright: ignore[reportPrivateUsage]
    count = 0

    def die(number: int, job: Job, scans: dict[str, worker.Scan]) -> object:
        nonlocal count
        count += 1
        if count > jobs_done:
            os.kill(os.getpid(), 9)
        return done(number, job, scans)

    monkeypatch.setattr(worker, "_done", die)

    assert figures(look(copies.home, SHARED)) == figures(alone)


def test_what_the_worker_cannot_read_is_read_here(
    copies: Corpus, started: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = look(copies.home, ALONE)

    def fail(number: int, job: Job, scans: dict[str, worker.Scan]) -> object:
        return worker._Result(number, None)  # pyright: ignore[reportPrivateUsage]

    monkeypatch.setattr(worker, "_done", fail)

    assert figures(look(copies.home, SHARED)) == figures(alone)


def test_no_process_is_left_behind(copies: Corpus, started: list[Worker]) -> None:
    world = World(copies.home, Wishes(forks=True, patience=0.0))
    snapshot = world.collect()
    (only,) = started
    pid = only._pid  # pyright: ignore[reportPrivateUsage]
    assert pid is not None
    assert not snapshot.complete

    world.collector.close()

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_worker_ends_when_nobody_wants_its_results(tmp_path: Path) -> None:
    reads, writes = os.pipe()

    def scan(path: str, sparsely: bool) -> Scanned:
        return Scanned((), Block(path), 0)

    pid = os.fork()
    if pid == 0:
        os.close(reads)
        Worker([Job("claude", "x" * 4000, True)] * 9000, {"claude": scan})
        os._exit(0)  # killed, so that it cannot end its worker
    os.close(writes)
    os.waitpid(pid, 0)

    assert os.read(reads, 1) == b""  # the worker held the other end


def test_rounds_with_little_patience_come_to_the_same(
    copies: Corpus, started: list[Worker]
) -> None:
    alone = look(copies.home, ALONE)
    world = World(copies.home, Wishes(forks=True, patience=0.0))
    read: list[int] = []
    snapshot = world.collect()
    while not snapshot.complete:
        read.append(snapshot.progress.read)
        snapshot = world.collect()
    world.collector.close()

    assert len(started) == 1
    assert read == sorted(read)
    assert figures(snapshot) == figures(alone)


def test_the_sessions_of_running_processes_are_not_shared(
    home: Path, started: list[Worker]
) -> None:
    *_, newest = history(home, 10)
    world = World(home, SHARED)
    world.collector._sources[0].transcripts.find(  # pyright: ignore[reportPrivateUsage]
        NOW, [str(newest)], [newest.stem]
    )
    world.collect()
    world.collector.close()

    assert str(newest) not in [job.path for job in started[0].jobs]


def test_the_newest_are_read_first(home: Path, started: list[Worker]) -> None:
    paths = history(home, 10)
    look(home, SHARED)

    assert [job.path for job in started[0].jobs] == [str(path) for path in reversed(paths)]


def test_what_vanishes_meanwhile_is_not_taken_in(home: Path, started: list[Worker]) -> None:
    *_, newest = history(home, 5)
    world = World(home, Wishes(forks=True, patience=0.0))
    world.collect()
    newest.unlink()
    snapshot = world.collect(later=1)
    while not snapshot.complete:
        snapshot = world.collect(later=1)
    world.collector.close()

    assert snapshot.progress.total == 4


def test_nothing_is_forked_beside_a_thread() -> None:
    wait = threading.Event()
    thread = threading.Thread(target=wait.wait)
    thread.start()
    try:
        assert not worker.may_fork()
    finally:
        wait.set()
        thread.join()


def test_nothing_is_forked_for_a_short_history(
    home: Path, started: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    claude_file(home, 1).write_bytes(reply(1, NOW, identity(1)))
    monkeypatch.setattr(backlog, "LONG_HISTORY", 1 << 20)

    look(home, SHARED)

    assert started == []
