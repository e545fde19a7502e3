"""Copilot CLI: which records are counted."""

from __future__ import annotations

import json
from pathlib import Path

from agtop.agents.copilot import AGENT
from agtop.agents.copilot.meter import NO_USAGE, OUTPUT_ONLY
from agtop.agents.copilot.store import store_of
from agtop.model import Tokens
from tests.agents.copilot.events import (
    MODEL,
    OTHER,
    SID,
    answer,
    event,
    prompt,
    read,
    record,
    row,
    shutdown,
    start,
    table,
    write,
)
from tests.agents.sums import sums_of
from tests.homes import build
from tests.worlds import World, find


def test_the_input_includes_what_the_cache_was_read_for_and_written(home: Path) -> None:
    write(home, [start(), prompt(1), record(2, 1, reasoningTokens=20), answer(2)])
    assert sums_of(AGENT, home).tokens(SID) == Tokens(200, 700, 100, 0, 50, 20)


def test_a_request_is_counted_once_though_rows_and_a_shutdown_tell_of_it_too(home: Path) -> None:
    write(
        home,
        [
            *(start(), prompt(1), record(2, 1), answer(2, outputTokens=50)),
            shutdown(9, 1, True, inputTokens=1000, outputTokens=50, cacheReadTokens=700),
        ],
    )
    table(home, (SID, MODEL, 1000, 50, 700, 100, 0, 0, "user", "2026-11-20T12:00:02.000Z"))
    sums = sums_of(AGENT, home)
    assert sums.tokens(SID) == Tokens(200, 700, 100, 0, 50)
    assert len(sums.responses(SID)) == 1


def test_a_compaction_is_counted_from_its_own_event_and_its_trace_is_not(home: Path) -> None:
    used = {"inputTokens": 900, "outputTokens": 30, "cacheReadTokens": 800, "model": MODEL}
    write(
        home,
        [
            *(start(), prompt(1), record(2, 1), answer(2)),
            event("model.model_call_success", 5, usage=used),
            event("session.compaction_complete", 6, success=True, compactionTokensUsed=used),
        ],
    )
    assert sums_of(AGENT, home).tokens(SID) == Tokens(300, 1500, 100, 0, 80)


def test_early_versions_sum_up_each_run(home: Path) -> None:
    usage = {"inputTokens": 1000, "outputTokens": 90, "cacheReadTokens": 600}
    write(
        home,
        [
            *(start(version="1.0.55"), prompt(1), answer(2, outputTokens=30)),
            *(answer(3, outputTokens=50), shutdown(9, 2, **usage)),
            *(event("session.resume", 20), prompt(21), answer(22, outputTokens=40)),
            shutdown(29, 1, inputTokens=500, outputTokens=40, cacheReadTokens=300),
        ],
    )
    sums = sums_of(AGENT, home)
    assert sums.tokens(SID) == Tokens(600, 900, 0, 0, 130)
    assert [r.tokens.output for r in sums.responses(SID)] == [30, 60, 40]
    assert [r.tokens.prompt for r in sums.responses(SID)] == [500, 500, 500]


def test_later_versions_sum_up_all_runs_so_far(home: Path) -> None:
    write(
        home,
        [
            *(start(), prompt(1), answer(2)),
            shutdown(9, 1, True, inputTokens=1000, outputTokens=90, cacheReadTokens=600),
            *(event("session.resume", 20), prompt(21), answer(22)),
            shutdown(29, 2, True, inputTokens=1500, outputTokens=130, cacheReadTokens=900),
        ],
    )
    assert sums_of(AGENT, home).tokens(SID) == Tokens(600, 900, 0, 0, 130)


def test_a_run_that_answered_without_messages_is_counted_from_its_sum(home: Path) -> None:
    write(home, [start(), prompt(1), shutdown(9, 3, inputTokens=10, outputTokens=7)])
    sums = sums_of(AGENT, home)
    assert (sums.tokens(SID), len(sums.responses(SID))) == (Tokens(10, output=7), 3)


def test_rows_are_counted_where_the_log_has_no_records(home: Path) -> None:
    path = write(home, [start(), prompt(1), answer(2)])
    table(home, row(2), (OTHER, *row(3)[1:]))
    sums = sums_of(AGENT, home)
    assert sums.tokens(SID) == Tokens(300, 1500, 200, 0, 60, 10)
    with path.open("a") as file:
        file.write(json.dumps(shutdown(9, 1, inputTokens=2000, outputTokens=60)) + "\n")
    assert sums.read().tokens(SID) == Tokens(300, 1500, 200, 0, 60, 10)


def test_a_row_that_comes_late_makes_the_meter_read_again(home: Path) -> None:
    path = write(home, [start(), prompt(1), answer(2, outputTokens=60)])
    table(home)
    store_of(str(home / ".copilot"))._patience = 0.0  # pyright: ignore[reportPrivateUsage]
    sums = sums_of(AGENT, home)
    (meter,) = sums.meters
    assert sums.tokens(SID) == Tokens(output=60)
    assert sums.readings[SID].problems == (OUTPUT_ONLY,)
    assert not meter.changed(path.stat())
    table(home, row(2))
    assert meter.changed(path.stat())
    assert sums.read().tokens(SID) == Tokens(300, 1500, 200, 0, 60, 10)
    assert sums.readings[SID].problems == ()


def test_a_compaction_without_an_event_is_counted_from_its_row(home: Path) -> None:
    write(home, [start(), prompt(1), answer(2)])
    table(home, row(2), row(5, 1700, 9, initiator="compaction"))
    assert sums_of(AGENT, home).tokens(SID) == Tokens(300, 3000, 400, 0, 69, 19)


def test_a_table_without_some_columns_is_read_for_the_others(home: Path) -> None:
    write(home, [start(), prompt(1), answer(2)])
    rows = (SID, MODEL, 800, 20, "2026-11-20T12:00:02.000Z")
    table(home, rows, columns="session_id, model, input_tokens, output_tokens, created_at")
    assert sums_of(AGENT, home).tokens(SID) == Tokens(800, output=20)


def test_answers_alone_tell_their_output_and_the_rest_is_said_to_be_missing(home: Path) -> None:
    write(home, [start(), prompt(1), answer(2, outputTokens=70), answer(2, outputTokens=70)])
    sums = sums_of(AGENT, home)
    assert sums.tokens(SID) == Tokens(output=70)
    assert sums.readings[SID].problems == (OUTPUT_ONLY,)


def test_a_session_whose_usage_nobody_tells_is_unknown_and_says_so(home: Path) -> None:
    write(home, [start(version="9.0.0"), prompt(1), answer(2)])
    session = find(World(home).collect(), SID)
    assert session.tokens is None
    assert session.reading.problems == (NO_USAGE,)


def test_subagents_in_the_log_are_sessions_of_their_own(home: Path) -> None:
    build("copilot", home)
    sums = sums_of(AGENT, home)
    sub, main = "0a1b2c3d-0000-4000-8000-0000000005ab", "0a1b2c3d-0000-4000-8000-0000000000a1"
    assert sums.readings[sub].parent_id == main
    assert sums.tokens(sub) == Tokens(1000, 3000, 0, 0, 60)


def test_early_subagents_are_known_by_the_call_that_started_them(home: Path) -> None:
    events = [
        *(start(), prompt(1), event("subagent.started", 2, toolCallId="t1", agentName="look")),
        answer(3, "Quiet.", parentToolCallId="t1", outputTokens=5),
        answer(4, "Done.", outputTokens=7),
    ]
    write(home, events)
    sums = sums_of(AGENT, home)
    assert sums.readings["t1"].parent_id == SID
    assert (sums.tokens("t1").output, sums.tokens(SID).output) == (5, 7)


def test_a_fork_tells_only_what_it_did_itself(home: Path) -> None:
    old = [prompt(1), record(2, 1), answer(2), event("assistant.turn_end", 3)]
    write(home, [start(), *old])
    new = [prompt(101), record(102, 1, OTHER), answer(102), event("assistant.turn_end", 103)]
    write(home, [start(100, OTHER), *old, *new], OTHER)
    sums = sums_of(AGENT, home)
    fork = sums.readings[OTHER]
    assert (fork.forked_from, fork.user_turns, fork.replies) == (SID, 1, 1)
    assert sums.tokens(SID) == sums.tokens(OTHER) == Tokens(200, 700, 100, 0, 50)
    assert [r.key for r in sums.responses(SID)] != [r.key for r in sums.responses(OTHER)]


def test_a_fork_that_did_nothing_yet_has_used_nothing(home: Path) -> None:
    write(home, [start()])
    info = 'Forked from "x" (' + SID + ') as "y" (' + OTHER + ")."
    write(home, [start(9, OTHER), prompt(1), event("session.info", 9, infoType="fork", message=info)],
          OTHER)  # fmt: skip
    reading = sums_of(AGENT, home).readings[OTHER]
    assert (reading.forked_from, reading.user_turns, reading.activity.phase) == (SID, 0, "new")


def test_what_github_bills_is_shown_in_dollars(home: Path) -> None:
    billed = {"totalNanoAiu": 25_000_000_000}
    reading = read(home, start(), prompt(1), record(2, 1, copilotUsage=billed), answer(2))
    assert reading.reported_cost == 0.25
    assert read(home, start(), prompt(1), record(2, 1), answer(2)).reported_cost is None


def test_what_the_rows_or_a_shutdown_say_was_billed_is_shown_too(home: Path) -> None:
    write(home, [start(), prompt(1), answer(2)])
    table(home, row(2, nano=10**11))
    assert sums_of(AGENT, home).readings[SID].reported_cost == 1.0
    end = shutdown(9, 1, inputTokens=1)
    end["data"]["totalNanoAiu"] = 5 * 10**10
    assert read(home, start(), prompt(1), record(2, 1), answer(2), end).reported_cost == 0.5
