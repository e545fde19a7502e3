"""The process table over a fake /proc: identities, deltas, trees."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agtop.agents.signatures import SIGNATURES
from agtop.model import Tree
from agtop.processes.proc import Proc
from agtop.processes.source import Vitals
from agtop.processes.table import SWEEP, YOUNG, ProcessTable
from tests.processes.fake_proc import BOOT, NOW, PAGE, FakeProc, only, table


@pytest.fixture
def proc(tmp_path: Path) -> FakeProc:
    return FakeProc(tmp_path / "proc")


def test_an_agent_is_read_whole(proc: FakeProc, tmp_path: Path) -> None:
    cwd = tmp_path / "project"
    cwd.mkdir()
    proc.write(
        7, "claude --continue", comm="claude", ticks=5000, exe="/x/claude", cwd=cwd, disk=(10, 20)
    )
    proc.write(8, "vim claude")

    process = only(table(proc).sample(NOW))

    assert process.identity == (7, BOOT + 50)
    assert process.start_ticks == 5000
    assert process.argv == ("claude", "--continue")
    assert process.exe == "/x/claude"
    assert process.cwd == str(cwd)
    assert process.cwd_id == (cwd.stat().st_dev, cwd.stat().st_ino)
    assert (process.status, process.threads, process.fds) == ("sleeping", 3, 0)
    assert (process.rss, process.vsz) == (10 * PAGE, 20 * PAGE)
    assert (process.disk_read, process.disk_written) == (10, 20)
    assert process.recognition is not None
    assert process.recognition.agent == "claude"


def test_shares_and_rates_need_two_samples(proc: FakeProc) -> None:
    proc.write(7, "claude", cpu=100, disk=(1000, 0))
    processes = table(proc)
    first = only(processes.sample(NOW))
    proc.write(7, "claude", cpu=150, disk=(5000, 200))

    second = only(processes.sample(NOW + 2))

    assert (first.cpu_percent, first.disk_read_rate, first.disk_write_rate) == (None, None, None)
    assert (second.cpu_percent, second.disk_read_rate) == (25.0, 2000.0)
    assert second.disk_write_rate == 100.0


def test_counters_that_run_backwards_have_no_rate(proc: FakeProc) -> None:
    proc.write(7, "claude", cpu=100, disk=(1000, 1000))
    processes = table(proc)
    processes.sample(NOW)
    proc.write(7, "claude", cpu=50, disk=(0, 1500))

    process = only(processes.sample(NOW + 1))

    assert (process.cpu_percent, process.disk_read_rate) == (None, None)
    assert process.disk_write_rate == 500.0


def test_what_may_not_be_read_is_unknown(proc: FakeProc) -> None:
    proc.write(7, "claude", disk=None)

    process = only(table(proc).sample(NOW))

    assert (process.exe, process.cwd, process.cwd_id) == (None, None, None)
    assert (process.disk_read, process.disk_read_rate) == (None, None)


def test_a_pid_that_was_given_away_is_another_process(proc: FakeProc) -> None:
    proc.write(7, "claude", ticks=5000, cpu=100)
    processes = table(proc)
    before = only(processes.sample(NOW))
    proc.write(7, "codex", ticks=9000, cpu=900)

    after = only(processes.sample(NOW + 2))

    assert before.identity != after.identity
    assert after.recognition is not None
    assert after.recognition.agent == "codex"
    assert after.cpu_percent is None


def test_a_pid_that_went_to_somebody_else_is_gone(proc: FakeProc) -> None:
    proc.write(7, "claude", ticks=5000)
    processes = table(proc)
    processes.sample(NOW)
    proc.write(7, "vim x", ticks=9000)

    assert processes.sample(NOW + 2) == ()


def test_an_agent_that_takes_over_a_pid_is_seen_at_once(proc: FakeProc) -> None:
    class Counting(Proc):
        inode = 1

        def listing(self) -> dict[int, int]:
            return dict.fromkeys(super().listing(), self.inode)

    source = Counting(proc.root, PAGE, 100, BOOT)
    processes = ProcessTable(SIGNATURES, source=source)
    proc.write(7, "vim x", ticks=5000)
    processes.sample(NOW)
    proc.write(7, "claude", ticks=9000)
    source.inode = 2

    assert only(processes.sample(NOW + 2)).start_ticks == 9000


@pytest.mark.parametrize("state", ["Z", "X"])
def test_a_zombie_is_gone(proc: FakeProc, state: str) -> None:
    proc.write(7, "claude")
    proc.write(8, "claude", state=state)
    proc.write(9, "sleep", ppid=7, state=state)

    process = only(table(proc).sample(NOW))

    assert process.pid == 7
    assert process.children == ()


def test_a_suspended_process_is_not_gone(proc: FakeProc) -> None:
    proc.write(7, "claude", state="T")

    assert only(table(proc).sample(NOW)).status == "stopped"


def test_a_process_that_vanishes_while_it_is_read_is_left_out(proc: FakeProc) -> None:
    class Vanishing(Proc):
        def vitals(self, pid: int) -> Vitals | None:
            found = super().vitals(pid)
            if pid == 7:
                shutil.rmtree(f"{self.root}/7", ignore_errors=True)
            return None if pid == 8 else found

    for pid in (7, 8, 9):
        proc.write(pid, "claude")
    source = Vanishing(proc.root, PAGE, 100, BOOT)

    found = ProcessTable(SIGNATURES, source=source).sample(NOW)

    assert [process.pid for process in found] == [9]


def test_a_process_that_ended_is_left_out_of_the_next_sample(proc: FakeProc) -> None:
    proc.write(7, "claude")
    processes = table(proc)
    processes.sample(NOW)
    proc.remove(7)

    assert processes.sample(NOW + 2) == ()


def test_a_name_may_hold_spaces_and_parentheses(proc: FakeProc) -> None:
    proc.write(7, ["claude"], comm="a) (b c", ticks=5000)

    process = only(table(proc).sample(NOW))

    assert process.name == "a) (b c"
    assert process.start_ticks == 5000


def test_an_agent_outlives_the_update_of_its_executable(proc: FakeProc) -> None:
    proc.write(7, ["2.1.80"], exe="/home/u/.local/share/claude/versions/2.1.80 (deleted)")

    process = only(table(proc).sample(NOW))

    assert process.recognition is not None
    assert process.recognition.agent == "claude"
    assert process.exe is not None
    assert process.exe.endswith(" (deleted)")


def test_argv_is_read_once_for_a_process_that_has_settled(proc: FakeProc) -> None:
    proc.write(7, "claude", ticks=5000, exe="/x/claude")
    proc.write(8, "vim x", ticks=5000)
    processes = table(proc)
    processes.sample(NOW)
    reads = processes.reads

    for second in range(1, 10):
        processes.sample(NOW + second)

    assert reads == 6
    assert processes.reads == reads


def test_a_young_fork_is_read_until_it_has_become_its_program(proc: FakeProc) -> None:
    ticks = int((NOW - BOOT) * 100)
    proc.write(7, "bash", ticks=ticks)
    processes = table(proc)
    forked = processes.sample(NOW)
    proc.write(7, "claude", ticks=ticks)

    became = processes.sample(NOW + YOUNG - 1)

    assert forked == ()
    assert only(became).argv == ("claude",)


def test_a_late_exec_is_seen_by_the_sweep(proc: FakeProc) -> None:
    proc.write(7, "bash", ticks=5000)
    processes = table(proc)
    processes.sample(NOW)
    proc.write(7, "claude", ticks=5000)

    before, after = processes.sample(NOW + 2), processes.sample(NOW + SWEEP)

    assert before == ()
    assert only(after).argv == ("claude",)


def test_the_working_folder_is_followed(proc: FakeProc, tmp_path: Path) -> None:
    proc.write(7, "claude bg-spare", cwd=tmp_path / "proc")
    processes = table(proc)
    processes.sample(NOW)
    proc.write(7, "claude bg-spare", cwd=tmp_path)

    assert only(processes.sample(NOW + 2)).cwd == str(tmp_path)


def test_a_tree_holds_everything_below(proc: FakeProc) -> None:
    proc.write(7, "claude", pages=10, cpu=0)
    proc.write(8, "bash -c make", ppid=7, pages=20, cpu=0)
    proc.write(9, "make", ppid=8, pages=30, cpu=0)
    proc.write(10, "sleep 1", ppid=1, pages=99)
    processes = table(proc)
    first = only(processes.sample(NOW))
    proc.write(7, "claude", pages=10, cpu=10)
    proc.write(9, "make", ppid=8, pages=30, cpu=90)

    second = only(processes.sample(NOW + 1))

    assert first.tree == Tree(3, None, 60 * PAGE)
    assert second.tree == Tree(3, 100.0, 60 * PAGE)
    assert [child.pid for child in second.children] == [8]
    assert [child.argv for child in second.children[0].children] == [("make",)]


def test_a_child_that_began_before_its_parent_is_not_its_child(proc: FakeProc) -> None:
    proc.write(7, "claude", ticks=9000)
    proc.write(8, "make", ppid=7, ticks=5000)

    assert only(table(proc).sample(NOW)).children == ()


def test_an_orphan_is_found_below_the_agent_that_takes_it_in(proc: FakeProc) -> None:
    proc.write(6, "bash")
    proc.write(7, "claude")
    proc.write(8, "make", ppid=6)
    processes = table(proc)
    before = only(processes.sample(NOW))
    proc.remove(6)
    proc.write(8, "make", ppid=7)

    after = only(processes.sample(NOW + 2))

    assert before.children == ()
    assert [child.pid for child in after.children] == [8]


def test_agtop_itself_is_no_agent(proc: FakeProc) -> None:
    proc.write(os.getpid(), "claude")
    proc.write(7, "claude", ppid=os.getpid())

    assert only(table(proc).sample(NOW)).pid == 7


def test_open_files_are_read_for_those_that_keep_their_transcript_open(
    proc: FakeProc, tmp_path: Path
) -> None:
    transcript = tmp_path / "rollout.jsonl"
    transcript.touch()
    held = (transcript, transcript, tmp_path, Path("/dev/null"), Path("socket:[1]"))
    proc.write(7, "claude", files=held)
    proc.write(8, "codex", files=held)

    claude, codex = table(proc, "codex").sample(NOW)

    assert (claude.fds, claude.open_files) == (5, ())
    assert (codex.fds, codex.open_files) == (5, (str(transcript),))


def test_a_very_deep_tree_is_no_harm(proc: FakeProc) -> None:
    proc.write(10, "claude")
    for pid in range(11, 1500):
        proc.write(pid, "sh", ppid=pid - 1)

    process = only(table(proc).sample(NOW))

    tree, shown = process.tree, 0
    while process.children:
        process, shown = process.children[0], shown + 1
    assert tree == Tree(1490, None, 14900 * PAGE)
    assert 10 < shown < 100


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the real /proc")
def test_a_real_process_is_found_measured_and_missed(tmp_path: Path) -> None:
    script = tmp_path / "claude"
    script.write_text("import sys\nprint('ready', flush=True)\nsys.stdin.read()\n")
    child = subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=tmp_path,
        text=True,
    )
    processes = ProcessTable(SIGNATURES, frozenset({"claude"}))
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"

        found = {p.pid: p for p in processes.sample(time.time())}
    finally:
        child.communicate()
    after = processes.sample(time.time())

    process = found[child.pid]
    assert process.recognition is not None
    assert (process.recognition.agent, process.recognition.role) == ("claude", "session")
    assert process.cwd == str(tmp_path)
    assert process.cwd_id == (tmp_path.stat().st_dev, tmp_path.stat().st_ino)
    assert process.rss
    assert process.fds
    assert abs(process.started_at - time.time()) < 60
    assert child.pid not in {p.pid for p in after}


@pytest.mark.parametrize("set_by", [-1.999, -3600.0, 3600.0])
def test_a_clock_that_is_set_makes_no_spike(proc: FakeProc, set_by: float) -> None:
    proc.write(7, "claude", cpu=100)
    processes = table(proc)
    processes.sample(NOW, 50.0)
    proc.write(7, "claude", cpu=110)

    process = only(processes.sample(NOW + 2 + set_by, 52.0))

    assert process.cpu_percent == pytest.approx(5.0)


def test_a_machine_that_slept_measures_what_was_done_awake(proc: FakeProc) -> None:
    """The clock of the rates stands still meanwhile, as the process did."""
    proc.write(7, "claude", cpu=100)
    processes = table(proc)
    processes.sample(NOW, 50.0)
    proc.write(7, "claude", cpu=300)

    process = only(processes.sample(NOW + 28_800, 52.0))

    assert process.cpu_percent == pytest.approx(100.0)


def environ(proc: FakeProc, pid: int, owner: int, *variables: str) -> None:
    folder = proc.root / str(pid)
    (folder / "environ").write_bytes(b"".join(each.encode() + b"\0" for each in variables))
    (folder / "status").write_text(f"Uid:\t{owner}\t{owner}\t{owner}\t{owner}\n")


@pytest.mark.parametrize(("owner", "home"), [(1000, "/home/bakery"), (1001, None)])
def test_a_title_over_the_environment_leaves_what_its_user_started_it_with(
    proc: FakeProc, owner: int, home: str | None
) -> None:
    proc.write(5, "bash", comm="bash")
    environ(proc, 5, owner, "HOME=/home/bakery")
    proc.write(6, "sh", ppid=5, comm="sh")
    environ(proc, 6, owner, "LANG=C")
    proc.write(7, ["Kimi Code"], ppid=6, comm="Kimi Code", exe="/usr/bin/python3.13")
    environ(proc, 7, 1000, "Code")
    found = only(table(proc).sample(NOW))

    assert found.recognition is not None
    assert found.recognition.agent == "kimi"
    assert (found.places or {}).get("HOME") == home


def test_what_it_was_started_with_is_known_from_before_it_was_written_over(proc: FakeProc) -> None:
    proc.write(7, ["python3", "/usr/bin/kimi"], comm="python3", exe="/usr/bin/python3.13")
    environ(proc, 7, 1000, "HOME=/home/bakery")
    processes = table(proc)
    processes.sample(NOW)
    proc.write(7, ["Kimi Code"], comm="Kimi Code", exe="/usr/bin/python3.13")
    environ(proc, 7, 1000)

    found = only(processes.sample(NOW + 60))
    assert (found.places or {}).get("HOME") == "/home/bakery"
