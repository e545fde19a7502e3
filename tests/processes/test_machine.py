"""The machine's load and agtop's own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agtop.processes.machine import Machine
from tests.processes.fake_proc import PAGE, FakeProc


@pytest.fixture
def proc(tmp_path: Path) -> FakeProc:
    proc = FakeProc(tmp_path / "proc")
    (proc.root / "meminfo").write_text("MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 400 kB\n")
    return proc


def tick(proc: FakeProc, busy: int, idle: int) -> None:
    (proc.root / "stat").write_text(f"cpu  {busy} 0 0 {idle} 0 0 0 0 0 0\ncpu0 1 1\nbtime 5\n")


def test_the_processors_are_measured_between_two_calls(proc: FakeProc) -> None:
    machine = Machine(proc.source())
    tick(proc, 100, 100)
    first = machine.host()
    tick(proc, 130, 170)

    second = machine.host()

    assert first.cpu_percent is None
    assert second.cpu_percent == pytest.approx(30)


def test_waiting_for_a_disk_is_not_work(proc: FakeProc) -> None:
    machine = Machine(proc.source())
    (proc.root / "stat").write_text("cpu  0 0 0 0 0 0 0 0 0 0\n")
    machine.host()
    (proc.root / "stat").write_text("cpu  25 0 0 25 50 0 0 0 0 0\n")

    assert machine.host().cpu_percent == pytest.approx(25)


def test_memory_that_can_be_taken_back_is_not_used(proc: FakeProc) -> None:
    host = Machine(proc.source()).host()

    assert (host.memory_used, host.memory_total) == (600 * 1024, 1000 * 1024)
    assert host.name
    assert host.os
    assert host.cpus


def test_what_the_machine_does_not_tell_is_unknown(tmp_path: Path) -> None:
    machine = Machine(FakeProc(tmp_path / "empty").source())

    machine.host()
    host = machine.host()

    assert (host.cpu_percent, host.memory_used, host.memory_total) == (None, None, None)


def test_agtop_weighs_itself(proc: FakeProc) -> None:
    machine = Machine(proc.source())
    proc.write(os.getpid(), cpu=100, pages=50)
    first = machine.weight(10.0)
    proc.write(os.getpid(), cpu=103, pages=60)

    second = machine.weight(12.0)

    assert (first.pid, first.cpu_percent, first.rss) == (os.getpid(), None, 50 * PAGE)
    assert (second.cpu_percent, second.rss) == (pytest.approx(1.5), 60 * PAGE)
