"""The two ways of asking a system: /proc by hand and psutil give one answer."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agtop.agents.signatures import SIGNATURES
from agtop.processes.portable import Portable
from agtop.processes.proc import Proc
from agtop.processes.source import Source, system_source
from agtop.processes.table import ProcessTable
from tests.processes.fake_proc import FakeProc

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the real /proc")


@pytest.fixture
def child(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A Python script called `claude` that holds a file open until its input ends."""
    script = tmp_path / "claude"
    script.write_text("import sys\nf = open('held', 'w')\nprint(1, flush=True)\nsys.stdin.read()\n")
    command = [sys.executable, str(script), "a b"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.communicate()


@linux
def test_both_sources_tell_the_same_of_a_process(
    child: subprocess.Popen[str], tmp_path: Path
) -> None:
    by_hand, by_psutil = Proc(), Portable()
    pid = child.pid

    one, two = by_hand.vitals(pid), by_psutil.vitals(pid)

    assert one is not None
    assert two is not None
    assert (one.ppid, one.group, one.name) == (two.ppid, two.group, two.name)
    assert one.threads == two.threads
    assert abs(one.vsz - two.vsz) < 2**24
    assert abs(one.rss - two.rss) < 2**24
    assert abs(one.started_at - two.started_at) < 1
    assert abs(one.cpu_seconds - two.cpu_seconds) < 0.5
    assert by_hand.argv(pid) == by_psutil.argv(pid)
    assert by_hand.owner(pid) == by_psutil.owner(pid) == str(os.getuid())
    assert (by_hand.argv(pid) or ())[1:] == (str(tmp_path / "claude"), "a b")
    assert by_hand.exe(pid) == by_psutil.exe(pid)
    assert by_hand.folder(pid) == by_psutil.folder(pid)
    assert by_hand.descriptors(pid) == by_psutil.descriptors(pid)
    assert (by_hand.disk(pid) is None) == (by_psutil.disk(pid) is None)
    assert by_hand.open_files(pid) == by_psutil.open_files(pid) == (str(tmp_path / "held"),)
    assert set(by_hand.listing()) >= {pid, os.getpid()}
    assert set(by_psutil.listing()) >= {pid, os.getpid()}


@linux
def test_both_sources_tell_the_same_of_the_machine() -> None:
    by_hand, by_psutil = Proc(), Portable()

    memory, other_memory = by_hand.memory(), by_psutil.memory()
    times, other_times = by_hand.cpu_times(), by_psutil.cpu_times()

    assert memory is not None
    assert other_memory is not None
    assert memory[1] == other_memory[1]
    assert times is not None
    assert other_times is not None
    assert times[0] <= times[1]
    assert abs(times[1] - other_times[1]) < 10


def test_the_table_works_by_psutil_alone(child: subprocess.Popen[str]) -> None:
    table = ProcessTable(SIGNATURES, frozenset({"claude"}), Portable())

    found = {process.pid: process for process in table.sample(0.0)}

    process = found[child.pid]
    assert process.recognition is not None
    assert process.recognition.agent == "claude"
    assert process.start_ticks is None
    assert process.rss


@pytest.mark.parametrize("source", [Proc, Portable] if os.path.isdir("/proc/self") else [Portable])
def test_a_process_that_is_not_there_answers_nothing(source: type[Source]) -> None:
    asked = source()
    pid = 2**22 + 1  # above any pid a kernel gives

    assert asked.vitals(pid) is None
    assert asked.argv(pid) is None
    assert asked.exe(pid) is None
    assert asked.folder(pid) is None
    assert asked.disk(pid) is None
    assert asked.descriptors(pid) is None
    assert asked.open_files(pid) == ()


def test_a_long_command_line_is_read_to_its_end(tmp_path: Path) -> None:
    proc = FakeProc(tmp_path / "proc")
    proc.write(7, ["claude", "x" * 200_000, "last"])

    argv = proc.source().argv(7)

    assert argv is not None
    assert argv[2] == "last"


def test_a_command_line_that_is_not_text_is_kept(tmp_path: Path) -> None:
    proc = FakeProc(tmp_path / "proc")
    proc.write(7)
    (proc.root / "7" / "cmdline").write_bytes(b"claude\0\xff\0\0")

    assert proc.source().argv(7) == ("claude", "\udcff", "")


@pytest.mark.parametrize("data", [b"", b"7 (x", b"7 (x) S 1", b"\0\0"])
def test_a_broken_stat_is_a_process_that_is_not_there(tmp_path: Path, data: bytes) -> None:
    proc = FakeProc(tmp_path / "proc")
    proc.write(7)
    (proc.root / "7" / "stat").write_bytes(data)

    assert proc.source().vitals(7) is None


def test_the_folder_of_a_process_outlives_its_removal(tmp_path: Path) -> None:
    proc = FakeProc(tmp_path / "proc")
    proc.write(7, cwd=tmp_path / "gone (deleted)")

    folder = proc.source().folder(7)

    assert folder is not None
    assert folder.path.endswith("gone (deleted)")


@linux
def test_this_system_is_read_by_hand() -> None:
    assert isinstance(system_source(), Proc)
