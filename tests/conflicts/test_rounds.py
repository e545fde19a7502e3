"""Conflicts in the snapshots of a collector, over transcripts of real and hand-made agents."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agtop.agents import AGENTS
from agtop.collector import Collector, Wishes, transcripts
from agtop.conflicts import DAY, Conflicts
from agtop.model import Snapshot
from agtop.pricing import Prices
from tests.claude_rows import OTHER, SESSION, prompt, result, write
from tests.worlds import FakeMachine, World, find

ROUND = datetime(2026, 11, 20, 10, 10, tzinfo=UTC).timestamp()
CART = "/work/api/cart.py"


def edited(second: float, session: str, path: str = CART) -> dict[str, Any]:
    outcome = {"filePath": path, "structuredPatch": [{"lines": ["+x"]}]}
    return result(f"t{second}", second, outcome, session=session)


def real(home: Path, window: float, now: float = 1_795_196_000.0) -> Snapshot:
    collector = Collector(
        AGENTS,
        home,
        {},
        Prices(),
        FakeMachine(),
        clock=lambda: now,
        conflicts=Conflicts(window=window),
    )
    return collector.collect()


def test_two_sessions_in_one_directory_show_their_conflict(home: Path) -> None:
    write(home, SESSION, prompt("go", 1), edited(2, SESSION))
    write(home, OTHER, prompt("go", 1, session=OTHER), edited(9, OTHER))

    snapshot = World(home, now=ROUND).collect()

    (conflict,) = snapshot.conflicts
    assert [writer.key for writer in conflict.writers] == [f"claude:{SESSION}", f"claude:{OTHER}"]
    assert {session.conflicts for session in snapshot.sessions} == {1}


def test_an_older_sessions_count_follows_what_another_does(home: Path) -> None:
    write(home, SESSION, prompt("go", 1), edited(2, SESSION))
    path = write(home, OTHER, prompt("go", 1, session=OTHER))
    world = World(home, now=ROUND)
    first = world.collect()
    assert {session.conflicts for session in first.sessions} == {0}

    write(home, OTHER, prompt("go", 1, session=OTHER), edited(9, OTHER))
    second = world.collect(later=2.0)

    assert path.exists()
    assert find(second, SESSION).conflicts == find(second, OTHER).conflicts == 1
    assert find(second, SESSION).reading is find(first, SESSION).reading


def test_an_idle_round_keeps_every_object(home: Path) -> None:
    write(home, SESSION, prompt("go", 1), edited(2, SESSION))
    write(home, OTHER, prompt("go", 1, session=OTHER), edited(9, OTHER))
    world = World(home, now=ROUND + 7200)
    first = world.collect()

    second = world.collect(later=2.0)

    assert second.sessions is first.sessions
    assert second.conflicts is first.conflicts


@pytest.mark.parametrize(("window", "grades"), [(10.0, ["overlap"]), (20.0, ["writes"])])
def test_real_agents_in_one_directory_are_told(
    corpus: Path, tmp_path: Path, window: float, grades: list[str]
) -> None:
    home = tmp_path / "opencode"
    shutil.copytree(corpus / "opencode-1.18.33" / "home", home)

    snapshot = real(home, window)

    shared = [c for c in snapshot.conflicts if c.path.endswith("/oc-r/alpha.txt")]
    assert sorted({each.grade for each in shared}) == sorted({*grades, "overlap"})
    assert [w.key[-8:] for w in shared[-1].writers][:2] == ["FVvgR8oa", "FMKgYJD7"]


def test_two_real_droids_of_one_directory_overlap(corpus: Path, tmp_path: Path) -> None:
    home = tmp_path / "droid"
    shutil.copytree(corpus / "droid-0.215.0" / "home", home)

    (conflict,) = real(home, 10.0).conflicts

    assert conflict.is_overlap
    assert [writer.writes for writer in conflict.writers] == [2, 1]
    assert conflict.path.endswith("/dr-p/alpha.txt")


@pytest.mark.parametrize(
    "name", ["claude-2.1.329", "codex-0.169.0", "gemini-0.61.0", "qwen-0.24.4"]
)
def test_real_agents_in_directories_of_their_own_do_not(
    corpus: Path, tmp_path: Path, name: str
) -> None:
    home = tmp_path / name
    shutil.copytree(corpus / name / "home", home)

    assert real(home, 10.0).conflicts == ()


def scanned(home: Path, monkeypatch: pytest.MonkeyPatch, wishes: Wishes) -> World:
    """Two sessions of a long history that wrote one file, in transcripts too large to be read."""
    monkeypatch.setattr(transcripts, "LONG_HISTORY", 0)
    monkeypatch.setattr(transcripts, "LARGE", 0)
    bulk = [prompt("x" * 5000, 3) for _ in range(40)]
    write(home, SESSION, prompt("go", 1), edited(2, SESSION), *bulk)
    mine = [prompt("x" * 5000, 3, session=OTHER) for _ in range(40)]
    write(home, OTHER, prompt("go", 1, session=OTHER), edited(9, OTHER), *mine)
    return World(home, wishes, now=ROUND)


def test_sessions_that_were_only_scanned_take_part_on_a_screen_that_stays(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = scanned(home, monkeypatch, Wishes(catches_up=True))
    first = world.collect()
    assert all(session.reading.partial for session in first.sessions)

    second = world.collect(later=2)

    assert [conflict.grade for conflict in second.conflicts] == ["writes"]
    assert {session.conflicts for session in second.sessions} == {1}
    world.collect(later=2)
    assert world.collector.work.bytes_read == 0


def test_sessions_that_were_only_scanned_stay_so_for_a_list(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = scanned(home, monkeypatch, Wishes())
    world.collect()

    assert world.collect(later=2).conflicts == ()
    assert world.collector.work.bytes_read == 0


def test_sessions_of_before_yesterday_are_left_as_they_are(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = scanned(home, monkeypatch, Wishes(catches_up=True))
    world.now += 2 * DAY
    world.collect()

    world.collect(later=2)

    assert world.collector.work.bytes_read == 0
