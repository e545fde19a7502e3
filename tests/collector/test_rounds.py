"""A round costs what changed, and shows what a look at everything would show."""

from __future__ import annotations

import copy
import math
import os
from pathlib import Path

import pytest

from agtop.agents import AGENTS
from agtop.agents.walk import Walk
from agtop.collector import finder
from agtop.model import RunningTotals, Snapshot, Totals, replace
from agtop.model.hour import last_hour
from tests.histories import DAY, Life, append, claude_file, history, identity, reply
from tests.worlds import NOW, World, find, process

DELAY = 2.0
A_TURN = math.ceil(finder.FILES_TURN / DELAY) + 1
"""Rounds in which every cold file has had its turn."""


def tops(home: Path) -> int:
    """How many folders the agents' transcripts lie below."""
    walk = Walk([])
    for agent in AGENTS:
        for root in agent.roots(home, {}):
            list(agent.transcripts(root, walk))
    return len(walk.tops)


def test_an_idle_round_assembles_nothing_and_looks_at_its_share(home: Path) -> None:
    history(home, 500)
    world = World(home)
    before = world.collect()
    first = copy.copy(world.collector.work)

    after = world.collect(later=DELAY)

    work = world.collector.work
    assert (first.files_stated, first.files_read, first.sessions_assembled) == (500, 500, 500)
    assert (work.sessions_assembled, work.files_read, work.folders_listed) == (0, 0, 0)
    assert finder.NEWEST <= work.files_stated <= finder.NEWEST + math.ceil(500 / 15)
    assert work.folders_stated <= 11 + tops(home)  # those of the newest files and the top ones
    assert after.sessions is before.sessions
    assert after.totals is before.totals


def test_of_a_long_history_a_round_looks_at_no_more_than_of_a_shorter_one(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finder, "FILES_MOST", 10)
    history(home, 500)
    world = World(home)
    world.collect()

    world.collect(later=DELAY)
    usual = world.collector.work.files_stated
    world.collect(later=2 * DELAY)
    late = world.collector.work.files_stated

    assert finder.NEWEST < usual <= finder.NEWEST + 10
    assert finder.NEWEST + 10 < late <= finder.NEWEST + 20


def test_every_cold_file_has_its_turn(home: Path) -> None:
    history(home, 500)
    world = World(home)
    world.collect()

    looks = 0
    for _ in range(A_TURN):
        world.collect(later=DELAY)
        looks += world.collector.work.files_stated - finder.NEWEST

    assert looks >= 500 - finder.NEWEST


def test_a_line_costs_its_own_bytes_and_its_own_session(home: Path) -> None:
    *_, newest = history(home, 500)
    world = World(home)
    before = world.collect()
    line = reply("new", NOW, newest.stem)
    append(newest, line)

    after = world.collect(later=DELAY)

    work = world.collector.work
    assert (work.files_read, work.bytes_read, work.records_decoded) == (1, len(line), 1)
    assert work.sessions_assembled == 1
    assert len(set(map(id, after.sessions)) - set(map(id, before.sessions))) == 1
    assert after.sessions[0].session_id == newest.stem
    assert after.totals.tokens.output == before.totals.tokens.output + 7


def test_a_line_in_a_cold_file_is_seen_within_a_turn(home: Path) -> None:
    oldest, *_ = history(home, 500)
    world = World(home)
    world.collect()
    append(oldest, reply("new", NOW, oldest.stem))

    rounds = [world.collect(later=DELAY) for _ in range(A_TURN)]

    assert rounds[-1].sessions[0].session_id == oldest.stem


def test_the_lines_after_the_first_are_seen_at_once(home: Path) -> None:
    oldest, *_ = history(home, 500)
    world = World(home)
    world.collect()
    append(oldest, reply("new", NOW, oldest.stem))
    for _ in range(A_TURN):
        world.collect(later=DELAY)

    append(oldest, reply("newer", NOW, oldest.stem))

    assert find(world.collect(later=DELAY), oldest.stem).agent_turns == 3


def test_a_new_session_beside_a_hot_one_is_seen_in_the_next_round(home: Path) -> None:
    *_, newest = history(home, 500, folders=50)
    world = World(home)
    world.collect()
    path = newest.with_name(f"{identity(777)}.jsonl")
    path.write_bytes(reply("new", NOW, path.stem))

    assert world.collect(later=DELAY).sessions[0].session_id == path.stem
    assert world.collector.work.folders_listed == 1


def test_a_new_session_in_a_cold_folder_is_seen_within_a_turn(home: Path) -> None:
    oldest, *_ = history(home, 500, folders=50)
    for path in oldest.parent.glob("*.jsonl"):
        os.utime(path, (0, 0))
    world = World(home)
    world.collect()
    path = oldest.with_name(f"{identity(777)}.jsonl")
    path.write_bytes(reply("new", NOW, path.stem))

    rounds = [world.collect(later=DELAY) for _ in range(math.ceil(finder.FOLDERS_TURN / DELAY) + 1)]

    assert rounds[0].sessions[0].session_id != path.stem
    assert rounds[-1].sessions[0].session_id == path.stem


def test_new_folders_are_seen_in_the_next_round(home: Path) -> None:
    history(home, 100)
    day = home / ".codex" / "sessions" / "2026" / "11" / "19"
    day.mkdir(parents=True)
    world = World(home)
    world.collect()
    path = claude_file(home, 777, "a-project-never-seen")
    path.write_bytes(reply("new", NOW, path.stem))
    tomorrow = day.with_name("20")
    tomorrow.mkdir()
    (tomorrow / f"rollout-2026-11-20T00-00-00-{identity(778)}.jsonl").write_bytes(b"")

    found = {session.session_id for session in world.collect(later=DELAY).sessions}

    assert {path.stem, identity(778)} <= found


def test_the_first_session_of_an_agent_is_seen_in_the_next_round(home: Path) -> None:
    world = World(home)
    world.collect()
    path = claude_file(home, 1)
    path.write_bytes(reply("new", NOW, path.stem))

    assert find(world.collect(later=DELAY), path.stem).agent_turns == 1


def test_the_first_subagent_of_a_hot_session_is_seen_in_the_next_round(home: Path) -> None:
    *_, newest = history(home, 100)
    world = World(home)
    world.collect()
    below = newest.with_suffix("") / "subagents"
    below.mkdir(parents=True)
    line = reply("sub", NOW, newest.stem, isSidechain=True, agentId="a1")
    (below / "agent-a1.jsonl").write_bytes(line)

    first = find(world.collect(later=DELAY), newest.stem)
    (below / "agent-a2.jsonl").write_bytes(line.replace(b"a1", b"a2"))
    second = find(world.collect(later=DELAY), newest.stem)

    assert (len(first.subagents), len(second.subagents)) == (1, 2)


def test_what_a_process_may_take_up_again_is_hot(home: Path, tmp_path: Path) -> None:
    oldest, second, *_ = history(home, 500)
    for path in (oldest, second):
        path.write_bytes(path.read_bytes().replace(b"/work/p", str(tmp_path).encode() + b"/../p"))
    elsewhere = process(7, cwd=tmp_path)
    world = World(home)
    told = replace(elsewhere, cwd=f"{tmp_path}/../p0")
    world.collect(told)
    append(oldest, reply("new", NOW, oldest.stem))

    assert find(world.collect(told, later=DELAY), oldest.stem).agent_turns == 2


def test_a_session_a_process_names_is_read_first(home: Path) -> None:
    oldest, *_ = history(home, 50)
    running = process(7)
    assert running.recognition is not None
    named = replace(running, recognition=replace(running.recognition, session_id=oldest.stem))
    world = World(home)
    world.collector._wishes = replace(world.collector._wishes, patience=0.0)

    assert oldest.stem in {s.session_id for s in world.collect(named).sessions}


def test_a_transcript_that_moved_is_still_one_session(home: Path) -> None:
    *_, newest = history(home, 100)
    world = World(home)
    before = world.collect()
    archive = home / ".claude" / "projects" / "archive"
    archive.mkdir()
    newest.rename(archive / newest.name)

    after = world.collect(later=DELAY)

    assert find(after, newest.stem).reading.transcript == str(archive / newest.name)
    assert len(after.sessions) == 100
    assert after.totals == before.totals


def test_a_name_that_goes_leaves_the_file_under_its_other_name(home: Path) -> None:
    (path,) = history(home, 1)
    twin = path.with_name(f"{identity(5)}.jsonl")
    os.link(path, twin)
    world = World(home)
    (kept,) = world.collect().sessions
    Path(kept.reading.transcript).unlink()

    rounds = [world.collect(later=DELAY) for _ in range(3)]

    (left,) = {path, twin} - {Path(kept.reading.transcript)}
    assert str(left) in {s.reading.transcript for s in rounds[-1].sessions}


def test_a_deleted_cold_transcript_is_missed_within_a_turn(home: Path) -> None:
    oldest, *_ = history(home, 100, folders=1)
    (home / ".claude" / "projects" / "p0" / "empty.jsonl").write_bytes(b"")
    os.utime(oldest.with_name("empty.jsonl"), (0, 0))
    world = World(home)
    assert len(world.collect().sessions) == 101
    oldest.with_name("empty.jsonl").unlink()

    assert len([world.collect(later=DELAY) for _ in range(A_TURN)][-1].sessions) == 100


def test_a_folder_that_can_no_longer_be_listed_keeps_its_sessions(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    *_, newest = history(home, 20, folders=2)
    world = World(home)
    before = world.collect()
    real = os.scandir

    def refuse(path: str) -> object:
        if path == str(newest.parent):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    os.utime(newest.parent, (1, 1))
    monkeypatch.setattr(os, "scandir", refuse)
    partly = world.collect(later=DELAY)
    wholly = world.collect(later=finder.WALK_EVERY)

    monkeypatch.setattr(os, "scandir", real)
    healed = world.collect(later=DELAY)

    assert partly.sessions == wholly.sessions == before.sessions
    assert [p.source for p in partly.problems] == [p.source for p in wholly.problems]
    assert partly.problems[0].source == str(newest.parent)
    assert healed.problems == ()


def test_a_problem_keeps_the_time_it_was_met(home: Path) -> None:
    path = claude_file(home, 1)
    os.mkfifo(path)
    world = World(home)

    first, second = world.collect().problems, world.collect(later=60).problems

    assert first == second
    assert first[0].at == NOW


def test_an_ended_process_changes_only_its_own_session(home: Path) -> None:
    *_, newest = history(home, 100)
    running = process(7)
    assert running.recognition is not None
    running = replace(running, recognition=replace(running.recognition, session_id=newest.stem))
    world = World(home)
    live = world.collect(running)
    stopped = world.collect(later=DELAY)
    shown = world.collector.work.sessions_assembled
    past = world.collect(later=60)

    assert [find(s, newest.stem).liveness for s in (live, stopped, past)] == [
        "live",
        "stopped",
        None,
    ]
    assert shown == world.collector.work.sessions_assembled == 1
    assert world.collect(later=DELAY).sessions is past.sessions


def test_a_live_session_that_does_nothing_is_the_same_object(home: Path) -> None:
    *_, newest = history(home, 10)
    running = process(7)
    assert running.recognition is not None
    running = replace(running, recognition=replace(running.recognition, session_id=newest.stem))
    world = World(home)

    before, after = world.collect(running), world.collect(running, later=DELAY)

    assert find(after, newest.stem) is find(before, newest.stem)


def test_what_was_spent_today_is_gone_tomorrow(home: Path) -> None:
    path = claude_file(home, 1)
    path.write_bytes(reply(1, NOW - 7200, path.stem))
    world = World(home)

    today, later = world.collect(), world.collect(later=3600)
    tomorrow = world.collect(later=DAY / 2)

    assert later.sessions is today.sessions
    assert today.totals.cost_today
    assert tomorrow.totals.cost_today == 0


def test_a_clock_set_back_is_followed(home: Path) -> None:
    path = claude_file(home, 1)
    path.write_bytes(reply(1, NOW - 7200, path.stem))
    world = World(home)
    world.collect()

    assert world.collect(later=-7000).totals == World(home, now=NOW - 7000).collect().totals


def test_totals_taken_apart_are_empty(home: Path) -> None:
    history(home, 20)
    claude_file(home, 99).write_bytes(reply("x", NOW, identity(99), model="mystery-9"))
    sessions = World(home).collect().sessions
    sums = RunningTotals()

    for session in sessions:
        sums.add(session)
    whole = sums.totals()
    for session in reversed(sessions):
        sums.add(session, -1)

    assert whole == Totals.of(reversed(sessions))
    assert sums.totals() == Totals()


def shown(snapshot: Snapshot) -> tuple[object, ...]:
    problems = sorted((problem.source, problem.message) for problem in snapshot.problems)
    return snapshot.sessions, snapshot.totals, snapshot.progress, snapshot.complete, problems


@pytest.mark.parametrize("seed", range(12))
def test_many_rounds_end_where_a_first_look_does(home: Path, seed: int) -> None:
    world = World(home)
    life = Life(home, world, seed)
    for step in range(60):
        for _ in range(life.chance.choice([0, 1, 1, 2, 5])):
            life.happen()
        world.now += life.wait()
        fresh = World(home, now=world.now)
        # What became of processes is known only to those who saw them.
        fresh.collector._past = copy.deepcopy(world.collector._past)

        snapshot = world.collect(*life.processes.values())
        expected = fresh.collect(*life.processes.values())

        assert shown(snapshot) == shown(expected), f"round {step}"
        assert snapshot.totals == Totals.of(snapshot.sessions)


def test_a_graph_is_right_at_the_first_round_and_ages_while_nothing_happens(home: Path) -> None:
    for number, ago in ((1, 2000), (2, 20)):
        claude_file(home, number).write_bytes(reply(number, NOW - ago, identity(number)))
    world = World(home)

    def drawn(later: float) -> list[int]:
        totals = world.collect(later=later).totals
        assert totals.slots is not None
        return last_hour(totals.slots, world.now)

    first = drawn(0.0)

    used = sum(first) // 2
    assert [n for n, tokens in enumerate(first) if tokens == used] == [12, 29]
    assert drawn(DELAY) == first  # no slot has passed
    assert sum(drawn(1700.0)) == used  # the older one has left
    assert sum(drawn(2000.0)) == 0
    assert world.collect(later=DELAY).totals.slots == ()
