"""Old sessions that nothing concerns are taken on whole, and woken by whatever concerns them."""

from __future__ import annotations

import copy
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from agtop.collector import Wishes
from agtop.model import Snapshot
from tests.histories import DAY, Life, append, claude_file, history, identity, reply
from tests.worlds import NOW, World, find, process

LATER = NOW + 9 * DAY
SOON = NOW + 3 * DAY
"""Within the week that the windows of a plan look back."""


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def shown(snapshot: Snapshot) -> tuple[object, ...]:
    problems = sorted((problem.source, problem.message) for problem in snapshot.problems)
    return snapshot.sessions, snapshot.totals, snapshot.progress, snapshot.complete, problems


def later(home: Path, cache: Path | None, now: float = LATER) -> World:
    return World(home, now=now, cache=cache)


def run(home: Path, cache: Path, now: float = LATER) -> None:
    world = later(home, cache, now)
    world.collect()
    world.collector.close()


def kept(cache: Path) -> int:
    with sqlite3.connect(cache / "index.sqlite") as base:
        return base.execute("SELECT count(*) FROM sessions").fetchone()[0]


def subagent(home: Path, parent: str, at: float) -> Path:
    folder = claude_file(home, 0).parent / parent / "subagents"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "agent-abc.jsonl"
    path.write_bytes(reply("below", at, parent, isSidechain=True, agentId="abc"))
    return path


def test_old_sessions_are_neither_recalled_nor_put_together(home: Path, cache: Path) -> None:
    history(home, 50)
    run(home, cache)

    world = later(home, cache)
    warm = world.collect()

    work = world.collector.work
    assert kept(cache) == 50
    assert (work.files_read, work.files_recalled, work.sessions_assembled) == (0, 0, 0)
    assert shown(warm) == shown(later(home, None).collect())


def test_what_a_plan_looks_back_on_is_told_without_waking_anybody(home: Path, cache: Path) -> None:
    history(home, 5)
    run(home, cache, SOON)

    world = later(home, cache, SOON + 60)
    warm = world.collect()

    assert world.collector.work.files_recalled == 0
    assert sum(share.share for share in warm.limits[0].shares) == pytest.approx(1)
    assert len(warm.limits[0].shares) == 5
    assert warm.limits == later(home, None, SOON + 60).collect().limits


def test_a_longer_window_wakes_those_whose_use_was_not_kept_so_far_back(
    home: Path, cache: Path
) -> None:
    history(home, 5)
    run(home, cache, LATER)
    world = later(home, cache, LATER + 60)
    world.collect()
    (source,) = [s for s in world.collector._sources if s.agent.name == "claude"]  # pyright: ignore[reportPrivateUsage]
    assert source.plan is not None
    source.plan._reach = 20 * DAY  # pyright: ignore[reportPrivateUsage]

    world.collect(later=20)

    spending = source.plan._spending  # pyright: ignore[reportPrivateUsage]
    assert len(spending.used(NOW - 2 * DAY, LATER)) == 5


def test_sessions_of_today_are_put_together(home: Path, cache: Path) -> None:
    history(home, 5)
    run(home, cache, NOW)

    world = later(home, cache, NOW)
    world.collect()

    assert kept(cache) == 0
    assert world.collector.work.files_recalled == 5


def test_a_line_wakes_its_own_session_only(home: Path, cache: Path) -> None:
    paths = history(home, 50)
    run(home, cache)
    world = later(home, cache)
    world.collect()
    append(paths[-1], reply("new", LATER, paths[-1].stem))

    grown = world.collect(later=2)

    work = world.collector.work
    assert (work.files_recalled, work.files_read, work.sessions_assembled) == (1, 1, 1)
    assert shown(grown) == shown(later(home, None, LATER + 2).collect())


def grow(home: Path, paths: list[Path]) -> None:
    append(paths[0], reply("new", LATER, paths[0].stem))


def delete(home: Path, paths: list[Path]) -> None:
    paths[0].unlink()


def copy_to_another_session(home: Path, paths: list[Path], number: int = 900) -> None:
    twin = claude_file(home, number)
    twin.write_bytes(reply(0, NOW - DAY, twin.stem))
    paths.append(twin)


def copy_to_another_folder(home: Path, paths: list[Path]) -> None:
    claude_file(home, 0, "elsewhere").write_bytes(paths[0].read_bytes())


def add_a_subagent(home: Path, paths: list[Path]) -> None:
    subagent(home, paths[0].stem, LATER)


def add_an_old_subagent(home: Path, paths: list[Path]) -> None:
    subagent(home, paths[0].stem, NOW - DAY)


EVENTS = [
    grow, delete, copy_to_another_session, copy_to_another_folder, add_a_subagent,
    add_an_old_subagent,
]  # fmt: skip


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
@pytest.mark.parametrize("is_watched", [False, True], ids=["between runs", "during one"])
@pytest.mark.parametrize("now", [LATER, SOON], ids=["an old one", "one of this week"])
def test_what_concerns_a_sleeping_session_shows(
    home: Path, cache: Path, event: Callable[[Path, list[Path]], None], is_watched: bool, now: float
) -> None:
    paths = history(home, 3, 1)
    run(home, cache, now)
    if is_watched:
        world = later(home, cache, now)
        world.collect()
        event(home, paths)
        world.collect(later=60)
        world.collector.close()
    else:
        event(home, paths)

    for _ in range(2):
        expected = later(home, None, now + 60).collect()
        world = later(home, cache, now + 60)
        warm = world.collect()
        world.collector.close()
        if is_watched:  # a deleted transcript's requests stay known only to those who saw it
            assert warm.totals == expected.totals
        assert shown(warm) == shown(expected)
        assert warm.limits == expected.limits


def test_a_process_in_its_directory_wakes_a_session(home: Path, cache: Path) -> None:
    place = home / "src"
    place.mkdir()
    path = claude_file(home, 1)
    path.write_bytes(reply(1, NOW, path.stem, cwd=str(place)))
    run(home, cache)
    agent = process(7, cwd=place, started_at=NOW - 60)

    warm = later(home, cache).collect(agent)

    assert find(warm, path.stem).process == agent
    assert shown(warm) == shown(later(home, None).collect(agent))


def test_a_kept_session_that_got_a_copy_is_kept_together_with_it(home: Path, cache: Path) -> None:
    history(home, 3, 1)
    world = later(home, cache)
    world.collect()
    world.collect(later=61)  # writes the index
    assert kept(cache) == 3
    copy_to_another_session(home, [])
    world.collect(later=60)
    world.collector.close()

    warm = later(home, cache)
    snapshot = warm.collect()

    assert kept(cache) == 4
    assert warm.collector.work.files_recalled == 0
    assert shown(snapshot) == shown(later(home, None).collect())


def test_a_line_in_a_copy_wakes_what_it_was_copied_from(home: Path, cache: Path) -> None:
    paths = history(home, 3, 1)
    copy_to_another_session(home, paths)
    run(home, cache)
    world = later(home, cache)
    world.collect()

    append(paths[-1], reply("new", LATER, paths[-1].stem))
    warm = world.collect(later=60)

    assert world.collector.work.files_recalled == 2
    assert shown(warm) == shown(later(home, None, LATER + 60).collect())


def test_a_third_copy_that_another_agtop_met_wakes_all(home: Path, cache: Path) -> None:
    paths = history(home, 3, 1)
    copy_to_another_session(home, paths)
    run(home, cache)
    one = later(home, cache)
    one.collect()
    with sqlite3.connect(cache / "index.sqlite") as base:
        kept_before = base.execute("SELECT * FROM sessions").fetchall()
        copy_to_another_session(home, paths, 9)
        run(home, cache)
        base.executemany("INSERT OR REPLACE INTO sessions VALUES (?,?,?,?)", kept_before)

    assert shown(later(home, cache).collect()) == shown(later(home, None).collect())


def test_the_transcript_of_a_copy_was_deleted_between_runs(home: Path, cache: Path) -> None:
    paths = history(home, 3, 1)
    copy_to_another_session(home, paths)
    run(home, cache)
    paths[-1].unlink()

    assert shown(later(home, cache).collect()) == shown(later(home, None).collect())
    run(home, cache)
    assert shown(later(home, cache).collect()) == shown(later(home, None).collect())


def test_a_session_kept_by_one_agtop_after_another_met_its_copy(home: Path, cache: Path) -> None:
    history(home, 3, 1)
    one = later(home, cache)
    one.collect()
    with sqlite3.connect(cache / "index.sqlite") as base:
        copy_to_another_session(home, [])
        run(home, cache)
        base.execute("DELETE FROM sessions")
    one.collector.close()  # it knows of no copy, and is the last to write

    assert kept(cache) == 3
    assert shown(later(home, cache).collect()) == shown(later(home, None).collect())


def test_a_clock_set_back_between_runs_is_followed(home: Path, cache: Path) -> None:
    history(home, 3)
    run(home, cache)

    assert shown(later(home, cache, NOW).collect()) == shown(later(home, None, NOW).collect())


def test_another_plan_puts_every_session_together_anew(home: Path, cache: Path) -> None:
    history(home, 3)
    run(home, cache)
    wishes = Wishes(included=frozenset({"claude"}))

    warm = World(home, wishes, LATER, cache).collect()

    assert shown(warm) == shown(World(home, wishes, LATER).collect())


def test_a_transcript_the_index_lost_is_read_in_the_same_round(home: Path, cache: Path) -> None:
    paths = history(home, 3)
    run(home, cache)
    with sqlite3.connect(cache / "index.sqlite") as base:
        base.execute("DELETE FROM files")
    world = later(home, cache)
    world.collect()
    append(paths[0], reply("new", LATER, paths[0].stem))

    warm = world.collect(later=60)

    assert shown(warm) == shown(later(home, None, LATER + 60).collect())


def test_saving_again_writes_no_session_twice(home: Path, cache: Path) -> None:
    history(home, 5)
    run(home, cache)
    before = (cache / "index.sqlite").read_bytes()

    run(home, cache)

    assert (cache / "index.sqlite").read_bytes() == before


def test_what_is_asked_of_a_sleeping_session_is_answered(home: Path, cache: Path) -> None:
    history(home, 3)
    run(home, cache)
    world = later(home, cache)
    world.collect()

    (response,) = world.collector.why(f"claude:{identity(1)}")

    assert response.tokens.output == 7
    assert shown(world.collect(later=2)) == shown(later(home, None, LATER + 2).collect())


@pytest.mark.parametrize("seed", range(8))
def test_many_runs_show_what_a_first_look_does(home: Path, cache: Path, seed: int) -> None:
    now = NOW
    life: Life | None = None
    for _ in range(6):
        world = World(home, now=now, cache=cache)
        life = life or Life(home, world, seed)
        life.world = world
        for _ in range(4):
            for _ in range(life.chance.choice([0, 1, 2, 5])):
                life.happen()
            world.now += life.wait()
            fresh = World(home, now=world.now)
            # What became of processes is known only to those who saw them.
            fresh.collector._past = copy.deepcopy(world.collector._past)
            processes = life.processes.values()
            assert shown(world.collect(*processes)) == shown(fresh.collect(*processes))
        if life.chance.random() < 0.8:
            world.collector.close()
        now = world.now + life.chance.choice([60.0, 2 * DAY])
