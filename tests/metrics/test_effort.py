"""What the agents' processes take, by a /proc on paper."""

from __future__ import annotations

from pathlib import Path

import pytest

from agtop.metrics import Effort, Efforts
from agtop.model import Process
from tests.processes.fake_proc import NOW, FakeProc, table


@pytest.fixture
def proc(tmp_path: Path) -> FakeProc:
    return FakeProc(tmp_path / "proc")


class Watch:
    """Looks at a /proc on paper, a second apart."""

    def __init__(self, proc: FakeProc) -> None:
        self.table = table(proc)
        self.efforts = Efforts(proc.source())
        self.now = NOW

    def look(self, later: float = 1.0) -> dict[str, Effort]:
        self.now += later
        processes: tuple[Process, ...] = self.table.sample(self.now)
        found = self.efforts.look(processes, self.now, self.now)
        return {each.agent: each for each in found}


def claude(
    proc: FakeProc, pid: int = 10, *, cpu: int = 0, children: int = 0, ticks: int = 5000
) -> None:
    proc.write(pid, "claude", comm="claude", cpu=cpu, children=children, ticks=ticks)


def test_a_first_look_knows_no_speed_and_no_sum(proc: FakeProc) -> None:
    claude(proc, cpu=500)

    effort = Watch(proc).look()["claude"]

    assert (effort.processes, effort.rss) == (1, 10 * 4096)
    assert (effort.cpu_percent, effort.cpu_seconds) == (None, None)
    assert (effort.disk_read_rate, effort.disk_read) == (None, None)


def test_all_that_an_agent_started_counts_and_nothing_else_does(proc: FakeProc) -> None:
    claude(proc)
    proc.write(11, "bash", ppid=10, state="R", pages=5, threads=1)
    proc.write(12, "make", ppid=11, pages=1, threads=1)
    proc.write(20, "vim claude.txt", pages=1000)

    effort = Watch(proc).look()["claude"]

    assert (effort.processes, effort.running, effort.threads) == (3, 1, 5)
    assert effort.rss == 16 * 4096


def test_a_tool_that_came_and_went_between_two_looks_is_counted(proc: FakeProc) -> None:
    claude(proc, cpu=100)
    watch = Watch(proc)
    watch.look()
    claude(proc, cpu=110, children=40)

    effort = watch.look()["claude"]

    assert effort.cpu_seconds == pytest.approx(0.5)
    assert effort.cpu_percent == pytest.approx(50)


def test_a_tool_that_ends_is_not_counted_twice(proc: FakeProc) -> None:
    claude(proc)
    proc.write(11, "make", ppid=10, cpu=300, disk=(0, 7000))
    watch = Watch(proc)
    watch.look()
    proc.remove(11)
    claude(proc, children=310)
    (proc.root / "10/io").write_text("read_bytes: 0\nwrite_bytes: 7500\n")

    effort = watch.look()["claude"]

    assert effort.cpu_seconds == pytest.approx(0.1)
    assert effort.disk_written == 500


def test_an_agent_that_another_started_is_counted_once(proc: FakeProc) -> None:
    claude(proc)
    proc.write(11, "codex exec", comm="codex", ppid=10, cpu=100)
    watch = Watch(proc)
    assert {name: e.processes for name, e in watch.look().items()} == {"claude": 1, "codex": 1}
    proc.write(11, "codex exec", comm="codex", ppid=10, cpu=180)
    watch.look()
    proc.remove(11)
    claude(proc, children=190)

    found = watch.look()

    assert found["codex"].cpu_seconds == pytest.approx(0.8)
    assert found["claude"].cpu_seconds == pytest.approx(0.1)


def test_sums_stay_when_all_have_ended(proc: FakeProc) -> None:
    claude(proc)
    watch = Watch(proc)
    watch.look()
    claude(proc, cpu=200)
    watch.look()
    proc.remove(10)

    effort = watch.look()["claude"]

    assert (effort.processes, effort.rss, effort.cpu_percent) == (0, 0, 0.0)
    assert effort.cpu_seconds == pytest.approx(2.0)


def test_what_began_between_two_looks_counts_from_its_beginning(proc: FakeProc) -> None:
    watch = Watch(proc)
    watch.look()
    claude(proc, cpu=30, ticks=int((watch.now - 1_000_000 + 0.2) * 100))

    assert watch.look()["claude"].cpu_seconds == pytest.approx(0.3)


def test_what_was_there_before_and_is_met_late_counts_from_then_on(proc: FakeProc) -> None:
    watch = Watch(proc)
    watch.look()
    claude(proc, cpu=3000)
    assert watch.look()["claude"].cpu_seconds is None
    claude(proc, cpu=3100)

    assert watch.look()["claude"].cpu_seconds == pytest.approx(1.0)


def test_disks_that_may_not_be_looked_at_are_unknown(proc: FakeProc) -> None:
    proc.write(10, "claude", comm="claude", disk=None)
    watch = Watch(proc)
    watch.look()

    effort = watch.look()["claude"]

    assert (effort.disk_read, effort.disk_read_rate) == (None, None)
    assert effort.cpu_percent == 0.0


def test_a_launcher_is_part_of_what_it_launched(proc: FakeProc) -> None:
    proc.write(10, "node /usr/lib/node_modules/@openai/codex/bin/codex.js", comm="node", pages=40)
    proc.write(11, "/opt/codex/codex", comm="codex", ppid=10, group=10, pages=20)

    effort = Watch(proc).look()["codex"]

    assert (effort.processes, effort.rss) == (2, 60 * 4096)
