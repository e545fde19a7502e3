"""The collector tells what it found of each agent without looking again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from agtop.agents.own import own_agent
from agtop.collector import Collector, Wishes
from agtop.model import Process, SourceReport, replace
from agtop.pricing import Prices
from agtop.sources import diagnose
from tests.claude_rows import OTHER, SESSION, answer, project, prompt, usage, write
from tests.worlds import NOW, FakeMachine, World, process

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def claude(world: World) -> SourceReport:
    return world.collector.sources()[0]


def found(home: Path, *processes: Process) -> SourceReport:
    world = World(home)
    world.collect(*processes)
    return claude(world)


def aider(world: World) -> SourceReport:
    world.collect()
    return next(each for each in world.collector.sources() if each.agent == "aider")


def state(report: SourceReport) -> str:
    return diagnose(report, (), NOW).readiness


def test_before_the_first_round_everything_is_pending(home: Path) -> None:
    write(home, SESSION, prompt("hello", 1))

    reports = World(home).collector.sources()

    assert [each.agent for each in reports][:2] == ["claude", "codex"]
    assert {state(each) for each in reports} == {"pending"}


def test_a_home_without_agents_has_missing_sources(home: Path) -> None:
    report = found(home)

    assert (report.files, report.sessions, report.newest) == (0, 0, None)
    assert [(root.path, root.exists) for root in report.roots] == [(str(home / ".claude"), False)]
    assert state(report) == "missing"


def test_an_agent_without_a_folder_of_its_own_is_missing_until_something_is_found(
    home: Path,
) -> None:
    without = aider(World(home))
    (home / "api").mkdir()
    history = home / "api" / ".aider.chat.history.md"
    history.write_text("# aider chat started at 2026-11-20 10:00:00\n")
    there = aider(World(home))

    assert [state(each) for each in (without, there)] == ["missing", "ready"]
    assert [each.roots[0].exists for each in (without, there)] == [False, True]


def test_a_folder_without_sessions_is_empty(home: Path) -> None:
    (home / ".claude" / "projects").mkdir(parents=True)

    assert state(found(home)) == "empty"


def test_files_sessions_records_and_the_newest_record_are_counted(home: Path) -> None:
    write(home, SESSION, prompt("hello", 1), answer("m", 2, usage(1, 1)))
    write(home, OTHER, prompt("hello", 1, session=OTHER))

    world = World(home)
    newest = max(s.last_active or 0.0 for s in world.collect().sessions)
    report = claude(world)

    assert (report.files, report.sessions, report.records, report.skipped) == (2, 2, 3, 0)
    assert report.newest == newest
    assert report.formats == (("jsonl", 2),)
    assert report.roots[0].files == 2
    assert sum(count for _, count in report.versions) == 2
    assert state(report) == "ready"


def test_broken_lines_make_it_degraded_and_name_their_session(home: Path) -> None:
    path = write(home, SESSION, prompt("hello", 1))
    path.write_bytes(path.read_bytes() + b"garbage\n")

    report = found(home)

    assert report.skipped == 1
    assert [(each.session_id, each.code, each.lines) for each in report.unread] == [
        (SESSION, "malformed_row", 1)
    ]
    assert state(report) == "degraded"


def test_a_transcript_that_cannot_be_opened_is_named_with_its_reason(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = str(write(home, SESSION, prompt("hello", 1)))
    real = os.open

    def refuse(path: str, *rest: Any, **more: Any) -> int:
        if path == locked:
            raise PermissionError(13, "Permission denied", path)
        return real(path, *rest, **more)

    monkeypatch.setattr(os, "open", refuse)
    report = found(home)

    (unread,) = report.unread
    assert (unread.transcript, unread.code) == (locked, "unreadable_path")
    assert "permission denied" in unread.reason
    assert state(report) == "degraded"


@pytest.mark.skipif(IS_ROOT, reason="root lists everything")
def test_a_folder_that_cannot_be_listed_leaves_it_unknown(home: Path) -> None:
    folder = project(home).parent
    folder.chmod(0)
    try:
        report = found(home)
    finally:
        folder.chmod(0o700)

    assert report.problems[0][0] == "unreadable_path"
    assert state(report) == "unknown"


def test_a_fifo_among_the_transcripts_is_an_unexpected_kind(home: Path) -> None:
    write(home, SESSION, prompt("hello", 1))
    os.mkfifo(project(home) / f"{OTHER}.jsonl")

    report = found(home)

    assert [code for code, _, _ in report.problems] == ["unexpected_file_kind"]


def test_what_is_no_file_is_not_told_to_hold_sessions(home: Path) -> None:
    os.mkfifo(project(home) / f"{OTHER}.jsonl")

    assert found(home).strangers == ()


def test_an_empty_transcript_is_no_fault_of_its_source(home: Path) -> None:
    write(home, SESSION, prompt("hello", 1))
    write(home, OTHER)

    assert state(found(home)) == "ready"


def test_a_first_reading_under_way_is_pending_and_a_later_one_is_not(home: Path) -> None:
    for number in range(5):
        session = SESSION[:-1] + str(number)
        write(home, session, prompt("hello", 1, session=session))
    world = World(home, Wishes(patience=0.0))
    world.collect()
    early = claude(world)
    while not world.collect().complete:
        pass

    assert early.waiting > 0
    assert early.is_first_reading
    assert state(early) == "pending"
    assert state(claude(world)) == "ready"


def test_further_roots_are_told_too(home: Path, tmp_path: Path) -> None:
    world = World(home, Wishes(extra_roots={"claude": (tmp_path / "more",)}))
    world.collect()

    assert [root.path for root in claude(world).roots][-1] == str(tmp_path / "more")


# Processes


def test_a_process_with_its_session_is_no_stray(home: Path, tmp_path: Path) -> None:
    write(home, SESSION, prompt("hello", 1, cwd=str(tmp_path)))
    world = World(home)
    world.collect(process(7, cwd=tmp_path, started_at=0.0))

    report = claude(world)

    assert report.processes == 1
    assert report.strays == ()


def test_a_process_that_has_written_nothing_is_told(home: Path, tmp_path: Path) -> None:
    report = found(home, process(7, cwd=tmp_path))

    assert [(stray.pid, stray.reason) for stray in report.strays] == [(7, "unwritten")]
    assert report.sessions == 1  # its row


def test_processes_that_cannot_be_told_apart_are_ambiguous(home: Path, tmp_path: Path) -> None:
    write(home, SESSION, prompt("hello", 1, cwd=str(tmp_path)))
    first = process(7, cwd=tmp_path, started_at=0.0)
    second = process(8, cwd=tmp_path, started_at=0.0)

    report = found(home, first, second)

    assert [(stray.pid, stray.reason) for stray in report.strays] == [
        (7, "ambiguous"),
        (8, "ambiguous"),
    ]


def test_a_process_of_another_home_is_told_as_such(home: Path, tmp_path: Path) -> None:
    other = replace(process(7, cwd=tmp_path), places={"HOME": str(tmp_path / "elsewhere")})

    report = found(home, other)

    assert [(stray.pid, stray.reason) for stray in report.strays] == [(7, "elsewhere")]
    assert report.processes == 0


def test_in_an_invented_home_nothing_is_told_of_processes_elsewhere(
    home: Path, tmp_path: Path
) -> None:
    stranger = replace(process(7, cwd=tmp_path), places={"HOME": str(tmp_path / "elsewhere")})
    told, untold = (World(home, Wishes(tells_elsewhere=each)) for each in (True, False))
    for world in (told, untold):
        world.collect(stranger)

    assert [stray.pid for stray in claude(told).strays] == [7]
    assert claude(untold).strays == ()


def test_an_invented_home_takes_in_no_process_that_tells_of_no_home(
    home: Path, tmp_path: Path
) -> None:
    """The user's own agents run beside the demo; some of them hide their variables."""
    stranger = replace(process(7, cwd=tmp_path), places=None)
    real, invented = (World(home, Wishes(tells_elsewhere=each)) for each in (True, False))

    assert [each.session_id for each in real.collect(stranger).sessions] == ["pid-7"]
    assert invented.collect(stranger).sessions == ()


def test_processes_of_one_agent_are_not_told_of_another(home: Path, tmp_path: Path) -> None:
    world = World(home)
    world.collect(process(7, agent="codex", cwd=tmp_path))

    claude_report, codex_report = world.collector.sources()[:2]

    assert claude_report.strays == ()
    assert [stray.pid for stray in codex_report.strays] == [7]


def test_a_process_of_an_agent_without_files_is_no_stray(home: Path, tmp_path: Path) -> None:
    house = own_agent("house", "House", "house*", None, None, None)
    machine = FakeMachine()
    machine.processes = (process(7, agent="house", cwd=tmp_path),)
    collector = Collector([house], home, {}, Prices(), machine, clock=lambda: NOW)
    collector.collect()

    (report,) = collector.sources()

    assert (report.processes, report.sessions, report.strays) == (1, 1, ())
    assert state(report) == "unknown"


def test_telling_reads_and_lists_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, SESSION, prompt("hello", 1))
    world = World(home)
    world.collect()

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("it looked again")

    for name in ("open", "scandir", "listdir"):
        monkeypatch.setattr(os, name, refuse)

    assert claude(world).files == 1
