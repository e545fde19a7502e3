"""The collector: no session vanishes, one bad source harms no other, ends are seen."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from agtop.collector import Wishes
from agtop.export import document
from agtop.model import Tokens, replace
from tests.agents.codex.rollouts import NOON, Rollout, uuid7
from tests.agents.codex.rollouts import usage as codex_usage
from tests.claude_rows import OTHER, SESSION, answer, encode, project, prompt, usage, write
from tests.worlds import NOW, World, find, process

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def note(home: Path, pid: int, session: str, **more: Any) -> None:
    folder = home / ".claude" / "sessions"
    folder.mkdir(parents=True, exist_ok=True)
    record = {"pid": pid, "sessionId": session, "procStart": str(pid * 10), **more}
    (folder / f"{pid}.json").write_text(json.dumps(record))


def test_an_empty_home_is_an_empty_snapshot(home: Path) -> None:
    snapshot = World(home).collect()

    assert snapshot.sessions == ()
    assert snapshot.complete
    assert snapshot.problems == ()


def test_a_session_without_usage_is_a_row_with_nothing_spent(home: Path) -> None:
    write(home, SESSION, prompt("hello", 1))

    row = find(World(home).collect(), SESSION)

    assert row.tokens == Tokens()
    assert row.cost is not None
    assert row.cost.total == 0


def test_an_unknown_model_is_a_row_without_a_cost(home: Path) -> None:
    write(home, SESSION, answer("m", 1, usage(10, 5), model="mystery-9"))
    write(home, OTHER, answer("n", 1, usage(1_000_000, 0), session=OTHER))

    snapshot = World(home).collect()

    assert find(snapshot, SESSION).cost is None
    assert snapshot.totals.cost == pytest.approx(3.0)
    assert (snapshot.totals.unpriced_sessions, snapshot.totals.unpriced_tokens) == (1, 15)


def test_a_broken_transcript_is_a_row_that_says_so(home: Path) -> None:
    (project(home) / f"{SESSION}.jsonl").write_bytes(b"\x00\x01\xff garbage\nmore\n")

    row = find(World(home).collect(), SESSION)

    assert row.reading.skipped == 2
    assert "2 lines" in row.problems[0]


def test_an_empty_transcript_is_a_row_that_says_so(home: Path) -> None:
    write(home, SESSION)

    assert "empty" in find(World(home).collect(), SESSION).problems[0]


@pytest.mark.skipif(IS_ROOT, reason="root reads everything")
def test_an_unreadable_transcript_is_a_row_and_a_problem(home: Path) -> None:
    write(home, SESSION, answer("m", 1, usage(1, 1))).chmod(0)

    snapshot = World(home).collect()

    assert find(snapshot, SESSION).tokens is None
    assert "permission" in snapshot.problems[0].message


def test_a_transcript_that_cannot_be_opened_is_a_row_and_a_problem(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = str(write(home, SESSION, answer("m", 1, usage(1, 1))))
    write(home, OTHER, answer("n", 1, usage(2, 2), session=OTHER))
    real = os.open

    def refuse(path: str, *rest: Any, **more: Any) -> int:
        if path == locked:
            raise PermissionError(13, "Permission denied", path)
        return real(path, *rest, **more)

    monkeypatch.setattr(os, "open", refuse)
    snapshot = World(home).collect()

    assert find(snapshot, SESSION).tokens is None
    assert "permission denied" in find(snapshot, SESSION).problems[0]
    assert snapshot.problems[0].source == locked
    assert find(snapshot, OTHER).tokens == Tokens(input=2, output=2)


def test_fifos_links_in_a_circle_and_dead_links_harm_nobody(home: Path) -> None:
    folder = project(home)
    write(home, SESSION, answer("m", 1, usage(1, 1)))
    os.mkfifo(folder / f"{OTHER}.jsonl")
    (folder / "loop").symlink_to(folder.parent)
    (folder / "dead.jsonl").symlink_to(folder / "nowhere")

    snapshot = World(home).collect()

    assert [s.session_id for s in snapshot.sessions] == [SESSION]
    assert snapshot.totals.tokens == Tokens(input=1, output=1)
    assert "not a regular file" in snapshot.problems[0].message


def test_a_response_whose_session_is_gone_is_still_a_row(home: Path) -> None:
    write(home, OTHER, answer("m", 1, usage(1, 9), session=OTHER, requestSessionId=SESSION))

    snapshot = World(home).collect()

    gone = find(snapshot, SESSION)
    assert gone.tokens == Tokens(input=1, output=9)
    assert "gone" in gone.problems[0]
    assert snapshot.totals.tokens.total == 10


def test_subagents_are_folded_into_their_parent(home: Path) -> None:
    write(home, SESSION, answer("m", 1, usage(1, 1)))
    below = project(home) / SESSION / "subagents"
    below.mkdir(parents=True)
    (below / "agent-a.jsonl").write_bytes(
        encode(answer("n", 2, usage(2, 2), isSidechain=True, agentId="a"))
    )

    snapshot = World(home).collect()

    row = find(snapshot, SESSION)
    assert len(snapshot.sessions) == 1
    assert (row.tokens, row.own.tokens) == (Tokens(input=3, output=3), Tokens(input=1, output=1))
    assert [s.session_id for s in row.subagents] == ["a"]


def test_subagents_of_a_deleted_session_keep_a_parent_row(home: Path) -> None:
    below = project(home) / SESSION / "subagents"
    below.mkdir(parents=True)
    (below / "agent-a.jsonl").write_bytes(
        encode(answer("n", 2, usage(2, 2), isSidechain=True, agentId="a"))
    )

    row = find(World(home).collect(), SESSION)

    assert row.tokens == Tokens(input=2, output=2)
    assert "gone" in row.problems[0]


def test_a_session_that_names_itself_as_its_parent_is_a_plain_row(home: Path) -> None:
    folder = project(home)
    sub: dict[str, Any] = {"isSidechain": True, "agentId": "a"}
    (folder / "agent-a.jsonl").write_bytes(encode(answer("n", 2, usage(2, 2), session="a", **sub)))

    assert find(World(home).collect(), "a").tokens == Tokens(input=2, output=2)


def test_what_is_appended_is_seen_by_the_next_round(home: Path) -> None:
    path = write(home, SESSION, answer("m", 1, usage(1, 1)))
    world = World(home)
    world.collect()

    with path.open("ab") as file:
        file.write(encode(answer("n", 2, usage(5, 5))))

    assert find(world.collect(), SESSION).tokens == Tokens(input=6, output=6)


def test_a_deleted_transcript_takes_no_tokens_with_it(home: Path) -> None:
    path = write(home, SESSION, answer("m", 1, usage(1, 1)))
    world = World(home)
    world.collect()
    path.unlink()

    snapshot = world.collect()

    assert snapshot.totals.tokens.total == 2


def test_an_impatient_round_shows_what_it_has_and_reads_on(home: Path) -> None:
    for n in range(5):
        write(home, f"{n}" * 8 + SESSION[8:], answer(f"m{n}", 1, usage(1, 1)))
    world = World(home, Wishes(patience=0.0))

    rounds = [world.collect() for _ in range(5)]

    assert [s.complete for s in rounds] == [False] * 4 + [True]
    assert rounds[0].progress.total == 5
    assert rounds[-1].totals.tokens.total == 10


def test_a_live_session_is_bound_by_its_pid_file(home: Path) -> None:
    write(home, SESSION, prompt("go", 1))
    note(home, 42, SESSION, status="busy", statusUpdatedAt=(NOW - 5) * 1000)

    row = find(World(home).collect(process(42, ticks=420)), SESSION)

    assert row.process is not None
    assert (row.process.pid, row.liveness, row.state.name) == (42, "live", "working")


def test_a_session_with_a_pid_file_but_no_transcript_is_a_row(home: Path) -> None:
    note(home, 42, SESSION, status="idle")

    row = find(World(home).collect(process(42, ticks=420)), SESSION)

    assert (row.liveness, row.state.name, row.tokens) == ("live", "idle", None)


def test_a_pid_file_caught_half_written_is_passed_over(home: Path) -> None:
    write(home, SESSION, prompt("go", 1))
    note(home, 42, SESSION)
    path = home / ".claude" / "sessions" / "42.json"
    path.write_text(path.read_text()[:20])

    assert World(home).collect(process(42, ticks=420)).problems == ()


def test_a_process_that_ends_is_shown_stopped_then_past(home: Path, tmp_path: Path) -> None:
    write(home, SESSION, prompt("go", 1))
    note(home, 42, SESSION, status="busy")
    world = World(home)
    world.collect(process(42, ticks=420))

    stopped = find(world.collect(later=2), SESSION)
    past = find(world.collect(later=60), SESSION)

    assert (stopped.liveness, stopped.state.name) == ("stopped", "ended")
    assert stopped.process is not None
    assert (past.liveness, past.process, past.state.name) == (None, None, "ended")


def test_a_pid_file_of_a_killed_process_ends_its_session(home: Path) -> None:
    write(home, SESSION, prompt("go", 1, timestamp="2026-11-20T13:06:39Z"))
    note(home, 42, SESSION, status="busy")

    assert find(World(home).collect(), SESSION).state.name == "ended"


def test_a_stale_pid_file_ends_a_session_once_and_not_after_it_is_written_again(
    home: Path,
) -> None:
    path = write(home, SESSION, prompt("go", 1, timestamp="2026-11-20T13:06:39Z"))
    note(home, 42, SESSION, status="busy")
    world = World(home)
    world.collect()
    with path.open("ab") as file:  # from where its process cannot be seen
        file.write(encode(prompt("on", 1, timestamp="2026-11-20T13:06:50Z")))

    states = [find(world.collect(later=6), SESSION).state.name for _ in range(3)]

    assert states == ["working"] * 3


def test_a_process_without_a_transcript_is_a_row(home: Path, tmp_path: Path) -> None:
    snapshot = World(home).collect(process(42, cwd=tmp_path))

    (row,) = snapshot.sessions
    assert row.process is not None
    assert (row.session_id, row.liveness, row.reading.cwd) == ("pid-42", "live", str(tmp_path))


def test_a_process_with_another_home_is_not_ours(home: Path, tmp_path: Path) -> None:
    write(home, SESSION, prompt("go", 1, cwd=str(tmp_path), timestamp="2026-11-20T13:06:39Z"))
    here = replace(process(42, cwd=tmp_path), places={"HOME": str(home)})
    elsewhere = replace(here, places={"HOME": str(tmp_path)})
    moved = replace(here, places={"HOME": str(home), "CLAUDE_CONFIG_DIR": str(tmp_path)})

    assert find(World(home).collect(here), SESSION).process is not None
    assert [s.process for s in World(home).collect(elsewhere).sessions] == [None]
    assert [s.process for s in World(home).collect(moved).sessions] == [None]


def test_another_users_process_is_ours_only_if_it_holds_one_of_our_transcripts(
    home: Path, tmp_path: Path
) -> None:
    write(home, SESSION, prompt("go", 1, cwd=str(tmp_path), timestamp="2026-11-20T13:06:39Z"))
    rollout = Rollout(uuid7(NOON), ordinal=0).meta().context()
    path = Path(rollout.write(home / ".codex"))
    unread = process(42, cwd=tmp_path)
    holding = replace(process(43, "codex", holds=[path]), is_foreign=True)

    rows = World(home).collect(replace(unread, is_foreign=True), holding)

    assert find(World(home).collect(unread), SESSION).process is not None
    assert find(rows, SESSION).process is None
    assert find(rows, rollout.thread_id).process is not None


def test_a_session_that_does_not_say_where_it_runs_is_where_its_process_is(
    home: Path, tmp_path: Path
) -> None:
    write(home, SESSION, {"type": "mode", "mode": "default", "sessionId": SESSION})
    named = process(42, cwd=tmp_path)
    assert named.recognition is not None
    named = replace(named, recognition=replace(named.recognition, session_id=SESSION))
    world = World(home)

    assert find(world.collect(), SESSION).reading.cwd is None
    assert find(world.collect(named), SESSION).reading.cwd == str(tmp_path)
    assert find(world.collect(), SESSION).reading.cwd == str(tmp_path)


def test_rates_follow_the_records_own_times(home: Path) -> None:
    recent = usage(300, 20)
    write(home, SESSION, answer("m", 0, recent, timestamp="2026-11-20T13:06:10Z"))

    now = find(World(home).collect(), SESSION).rates
    later = find(World(home, now=NOW + 61).collect(), SESSION).rates

    assert now.tokens_per_min == 320
    assert now.cost_per_hour == pytest.approx(0.072)
    assert (later.tokens_per_min, later.cost_per_hour) == (0, 0)
    assert later.hour_cost == pytest.approx(0.0012)


def test_rates_of_a_session_never_metered_are_unknown(home: Path) -> None:
    write(home, SESSION, prompt("go", 1))

    assert find(World(home).collect(), SESSION).rates.tokens_per_min is None


def test_an_included_agent_costs_nothing_but_its_worth_is_known(home: Path) -> None:
    write(home, SESSION, answer("m", 1, usage(1_000_000, 0)))

    cost = find(World(home, Wishes(included=frozenset({"claude"}))).collect(), SESSION).cost

    assert cost is not None
    assert (cost.included, cost.total) == (True, 0.0)
    assert cost.notional == pytest.approx(3.0)


def test_an_included_agents_unknown_model_costs_nothing_but_its_worth_is_a_gap(home: Path) -> None:
    write(home, SESSION, answer("m", 1, usage(10, 5), model="mystery-9"))

    cost = find(World(home, Wishes(included=frozenset({"claude"}))).collect(), SESSION).cost

    assert cost is not None
    assert (cost.included, cost.total, cost.unpriced_tokens) == (True, 0.0, 15)


def test_answers_without_counts_are_turns_and_what_nobody_recorded_is_unknown(home: Path) -> None:
    write(home, SESSION, prompt("go", 1), answer("m", 2, None), answer("n", 3, None))

    snapshot = World(home).collect(process(42))

    assert (find(snapshot, SESSION).agent_turns, find(snapshot, "pid-42").agent_turns) == (2, None)


@pytest.mark.parametrize("absurd", [2**32, 2**47, 2**53, 2**64])
def test_counts_that_no_request_can_have_harm_nobody(home: Path, absurd: int) -> None:
    write(home, SESSION, answer("m", 1, usage(absurd, 9, absurd, absurd, absurd)))
    rollout = Rollout(uuid7(NOON), ordinal=0).meta().context()
    rollout.record("r", codex_usage(absurd, absurd, 7, absurd)).write(home / ".codex")

    snapshot = World(home).collect()

    assert find(snapshot, SESSION).tokens == Tokens(output=9)
    assert find(snapshot, rollout.thread_id).tokens == Tokens(output=7)


def test_why_lists_the_responses_behind_a_figure(home: Path) -> None:
    write(home, SESSION, answer("m", 1, usage(1, 1)), answer("n", 2, usage(2, 2)))
    world = World(home)
    world.collect()

    assert [r.tokens.input for r in world.collector.why(f"claude:{SESSION}")] == [1, 2]


def test_a_record_dated_in_the_future_breaks_nothing(home: Path) -> None:
    write(home, SESSION, answer("m", 1, usage(1, 1), timestamp="9999-12-31T23:59:59Z"))

    row = find(World(home).collect(), SESSION)

    assert row.rates.tokens_per_min == 0
    assert row.tokens == Tokens(input=1, output=1)


def test_a_chain_of_subagents_of_any_length_loses_nothing(home: Path) -> None:
    write(home, SESSION, answer("m", 1, usage(1, 1)))
    below = project(home) / SESSION / "subagents"
    below.mkdir(parents=True)
    for n in range(1500):
        sub: dict[str, Any] = {"isSidechain": True, "agentId": f"a{n}"}
        (below / f"agent-a{n}.jsonl").write_bytes(encode(answer(f"n{n}", 2, usage(0, 1), **sub)))
        if n:
            meta = {"parentAgentId": f"a{n - 1}"}
            (below / f"agent-a{n}.meta.json").write_text(json.dumps(meta))

    snapshot = World(home).collect()

    assert snapshot.totals.tokens.output == 1501
    assert json.dumps(document(snapshot))


def test_a_home_by_two_names_is_one_home(home: Path, tmp_path: Path) -> None:
    write(home, SESSION, answer("m", 1, usage(1, 1)))
    note(home, 42, SESSION, status="busy", statusUpdatedAt=(NOW - 5) * 1000)
    (tmp_path / "link").symlink_to(home / ".claude")
    world = World(home, Wishes(extra_roots={"claude": (tmp_path / "link",)}))

    snapshot = world.collect(process(42, ticks=420))

    row = find(snapshot, SESSION)
    assert (snapshot.totals.tokens.total, row.liveness, row.state.name) == (2, "live", "working")


def test_a_live_process_without_records_is_not_called_idle(home: Path, tmp_path: Path) -> None:
    (row,) = World(home).collect(process(42, cwd=tmp_path)).sessions

    assert row.state.name == "unknown"


def test_the_model_is_the_transcripts_then_the_configs_then_the_environments(home: Path) -> None:
    write(home, SESSION, prompt("go", 1))
    note(home, 42, SESSION, status="busy", statusUpdatedAt=(NOW - 5) * 1000)
    told = replace(process(42, ticks=420), places={"CLAUDE_CODE_MODEL": "from-env"})
    plain, wished = World(home), World(home, Wishes(models={"claude": "from-config"}))

    unknown = find(plain.collect(process(42, ticks=420)), SESSION)
    by_env = find(plain.collect(told), SESSION)
    by_config = find(wished.collect(told), SESSION)
    write(home, SESSION, prompt("go", 1), answer("m", 2, usage(1, 1)))
    by_transcript = find(World(home, Wishes(models={"claude": "x"})).collect(told), SESSION)

    assert unknown.model is None
    assert by_env.model_found == ("from-env", "CLAUDE_CODE_MODEL of its process")
    assert by_config.model_found == ("from-config", "config.toml")
    assert by_transcript.model == by_transcript.reading.model is not None
