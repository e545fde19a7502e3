"""Forks and subagents whose files repeat their parent's history."""

from __future__ import annotations

from pathlib import Path

import pytest

from agtop.agents.codex import AGENT
from agtop.model import Author, Tokens
from tests.agents.codex.rollouts import NOON, Rollout, add, added_up, read, usage, uuid7
from tests.agents.telling import told

PARENT = uuid7(NOON, 1)
FORKED_AT = NOON + 600.25
CHILD = uuid7(FORKED_AT, 2)
FIRST, LATER = usage(100_000, 20_000, 1_000), usage(100_000, 90_000, 1_000)
OWN = usage(50_000, 40_000, 500)
BASE = add(add(FIRST, LATER), LATER)


def turn(
    rollout: Rollout, at: float, total: dict[str, int], last: dict[str, int], ids: bool
) -> None:
    """One prompt and its answer; the count comes twice, as 0.50 to 0.130 wrote it."""
    rollout.at = at
    turn_id = {"turn_id": uuid7(at, 9)} if ids else {}
    if ids:
        rollout.event("task_started", **turn_id)
    rollout.prompt(f"turn at {at - NOON:.0f}").context(**turn_id).says("Working.")
    rollout.calls(f"call-{at}", cmd="true").answers(f"call-{at}")
    rollout.count(total, last).count(total, last)
    if ids:
        rollout.event("task_complete", **turn_id)


def parent(ids: bool) -> Rollout:
    rollout = Rollout(PARENT).meta()
    turn(rollout, NOON + 10, FIRST, FIRST, ids)
    turn(rollout, NOON + 20, add(FIRST, LATER), LATER, ids)
    turn(rollout, NOON + 30, BASE, LATER, ids)
    return rollout


def child(of: Rollout, ids: bool, seconds: float = 0.0) -> Rollout:
    rollout = Rollout(CHILD, FORKED_AT).meta(forked_from_id=PARENT)
    rollout.copy_of(of, FORKED_AT + 0.001, seconds)
    turn(rollout, FORKED_AT + 20, add(BASE, OWN), OWN, ids)
    return rollout


def expect_only_its_own_turn(rollout: Rollout, home: Path) -> None:
    reading, claims = read(rollout.write(home))
    assert added_up(claims) == Tokens(input=10_000, cache_read=40_000, output=500)
    assert [claim.response.key for claim in claims] == [f"{CHILD}#1"]
    assert (reading.user_turns, reading.tool_calls, reading.replies) == (1, 1, 1)
    assert reading.title == "turn at 620"
    assert reading.forked_from == PARENT
    assert reading.session_id == CHILD


@pytest.mark.parametrize("seconds", [0.0, 7.5])
def test_turns_older_than_the_thread_are_its_parent_s(home: Path, seconds: float) -> None:
    expect_only_its_own_turn(child(parent(ids=True), ids=True, seconds=seconds), home)


@pytest.mark.parametrize("seconds", [0.0, 7.5])
def test_without_turn_ids_the_parent_s_own_totals_tell_the_copy(home: Path, seconds: float) -> None:
    original = parent(ids=False)
    original.write(home)
    expect_only_its_own_turn(child(original, ids=False, seconds=seconds), home)


def test_the_parent_may_have_gone_on_after_the_fork(home: Path) -> None:
    original = parent(ids=False)
    fork = child(original, ids=False)
    turn(original, FORKED_AT + 5, add(BASE, OWN), OWN, ids=False)
    original.write(home)
    expect_only_its_own_turn(fork, home)


def test_the_parent_may_be_in_the_archive(home: Path) -> None:
    original = parent(ids=False)
    original.write(home, "archived_sessions")
    expect_only_its_own_turn(child(original, ids=False, seconds=7.5), home)


def test_an_older_state_of_the_parent_in_the_archive_hides_nothing(home: Path) -> None:
    original = parent(ids=False)
    fork = child(original, ids=False, seconds=7.5)
    original.write(home)
    del original.lines[5:]
    original.write(home, "archived_sessions")
    expect_only_its_own_turn(fork, home)


def test_without_the_parent_the_second_of_the_copy_tells(home: Path) -> None:
    expect_only_its_own_turn(child(parent(ids=False), ids=False), home)


def test_ordinals_below_the_fork_are_copied(home: Path) -> None:
    rollout = Rollout(CHILD, FORKED_AT, ordinal=0)
    original = parent(ids=False)
    copied = len(original.lines) + 1
    rollout.meta(forked_from_id=PARENT, forked_from_ordinal_exclusive=copied)
    rollout.copy_of(original, FORKED_AT, seconds=30)
    turn(rollout, FORKED_AT + 30.5, add(BASE, OWN), OWN, ids=False)

    reading, claims = read(rollout.write(home))

    assert added_up(claims).total == 50_500
    assert reading.user_turns == 1


@pytest.mark.parametrize("start", [str, int])
def test_a_subagent_says_where_its_own_history_starts(home: Path, start: type) -> None:
    original = parent(ids=False)
    spawn = {"subagent": {"thread_spawn": {"parent_thread_id": PARENT, "depth": 1}}}
    rollout = Rollout(CHILD, FORKED_AT, ordinal=0)
    rollout.meta(source=spawn, subagent_history_start_ordinal=start(len(original.lines) + 1))
    rollout.copy_of(original, FORKED_AT)
    turn(rollout, FORKED_AT + 0.1, add(BASE, OWN), OWN, ids=True)

    reading, claims = read(rollout.write(home))

    assert added_up(claims).total == 50_500
    assert (reading.parent_id, reading.forked_from) == (PARENT, None)


def test_a_copied_setting_ends_no_copy(home: Path) -> None:
    original = parent(ids=True)
    settings = {"model": "gpt-5", "service_tier": "priority"}
    for thread in ({"thread_id": PARENT}, {}):
        original.event("thread_settings_applied", thread_settings=settings, **thread)
    turn(original, NOON + 40, add(BASE, LATER), LATER, ids=True)
    rollout = Rollout(CHILD, FORKED_AT).meta(forked_from_id=PARENT)
    rollout.copy_of(original, FORKED_AT, seconds=9.0)
    total = add(add(BASE, LATER), OWN)
    turn(rollout, FORKED_AT + 20, total, OWN, ids=True)

    _, claims = read(rollout.write(home))

    assert added_up(claims).total == 50_500
    assert [claim.response.service_tier for claim in claims] == [""]


def test_events_of_another_thread_prove_a_copy(home: Path) -> None:
    """No turn ids, no parent's file, and a copy that takes seconds."""
    original = parent(ids=False)
    original.completed("Reasoning", id="r")
    rollout = child(original, ids=False, seconds=7.5)
    expect_only_its_own_turn(rollout, home)


def test_a_fork_of_a_fork_counts_only_its_own(home: Path) -> None:
    first = child(parent(ids=True), ids=True)
    second = Rollout(uuid7(FORKED_AT + 100), FORKED_AT + 100).meta(forked_from_id=CHILD)
    second.copy_of(first, FORKED_AT + 100.1, seconds=3.0)
    turn(second, FORKED_AT + 120, add(add(BASE, OWN), OWN), OWN, ids=True)

    assert added_up(read(second.write(home))[1]).total == 50_500


def test_a_copy_without_a_turn_of_its_own_has_spent_nothing(home: Path) -> None:
    rollout = Rollout(CHILD, FORKED_AT).meta(forked_from_id=PARENT)
    rollout.copy_of(parent(ids=True), FORKED_AT, seconds=9.0)

    reading, claims = read(rollout.write(home))

    assert claims == []
    assert (reading.user_turns, reading.replies, reading.tool_calls) == (0, 0, 0)
    assert (reading.title, reading.activity.phase) == (None, "new")


def test_the_fork_fixture_adds_up(home: Path) -> None:
    """A parent with repeated counts, and a fork that replays it and adds one turn."""
    original = parent(ids=True)
    claims = read(original.write(home))[1] + read(child(original, ids=True).write(home))[1]
    assert added_up(claims) == Tokens(input=110_000, cache_read=240_000, output=3_500)


def test_a_parent_s_copy_does_not_make_its_identity_ours(home: Path) -> None:
    rollout = child(parent(ids=True), ids=True)
    rollout.lines[0] = b'{"timestamp":"2026-03-01T12:10:00.250Z","type":"session_meta","pay'

    reading, _ = read(rollout.write(home))

    assert (reading.session_id, reading.skipped) == (CHILD, 1)


def test_a_review_belongs_to_the_root_of_its_tree(home: Path) -> None:
    rollout = Rollout(CHILD).meta(source={"subagent": "review"}, session_id=PARENT)
    assert read(rollout.write(home))[0].parent_id == PARENT


def test_a_stranger_s_head_after_a_turn_of_its_own_starts_no_copy(home: Path) -> None:
    rollout = Rollout(CHILD, FORKED_AT).meta()
    turn(rollout, FORKED_AT + 5, OWN, OWN, ids=True)
    rollout.meta(PARENT).prompt("more")
    reading, claims = read(rollout.write(home))
    assert (reading.user_turns, added_up(claims).total) == (2, 50_500)


@pytest.mark.parametrize(("ids", "seconds"), [(True, 0.0), (False, 0.0), (True, 7.5)])
def test_trace_leaves_a_parent_s_history_to_the_parent(
    home: Path, ids: bool, seconds: float
) -> None:
    original = parent(ids)
    original.write(home)

    events = told("codex", child(original, ids, seconds).write(home))

    assert [each.title for each in events if each.kind == "prompt"][-1] == "turn at 620"
    assert sum(each.kind == "tool call" for each in events) == 1
    assert sum(each.kind == "text" for each in events) == 1


def test_trace_knows_a_copy_though_it_begins_in_the_middle_of_it(home: Path) -> None:
    original = parent(ids=False)
    for n in range(30):
        turn(original, NOON + 40 + n, BASE, LATER, ids=False)
    path = Path(child(original, ids=False).write(home))

    reader = AGENT.events(str(path), Author("codex", CHILD), 20_000) if AGENT.events else None

    assert reader is not None
    assert path.stat().st_size > 40_000
    assert [each.title for each in reader.read() if each.kind == "prompt"] == ["turn at 620"]
