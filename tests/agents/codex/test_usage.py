"""Tokens: from records, from totals, and from both in one file."""

from __future__ import annotations

from pathlib import Path

import pytest

from agtop.model import Tokens
from tests.agents.codex.rollouts import NOON, Rollout, add, added_up, read, usage, uuid7

THREAD = uuid7(NOON)


@pytest.fixture
def rollout() -> Rollout:
    return Rollout(THREAD).meta().context().prompt()


def spent(rollout: Rollout, home: Path) -> Tokens:
    return added_up(read(rollout.write(home))[1])


def test_cached_input_and_reasoning_are_parts_of_a_whole(rollout: Rollout, home: Path) -> None:
    rollout.says().count(usage(50_000, 40_000, 1_000, reasoning=600))

    tokens = spent(rollout, home)

    assert tokens == Tokens(input=10_000, cache_read=40_000, output=1_000, reasoning=600)
    assert tokens.total == 51_000


def test_a_repeated_count_counts_once(rollout: Rollout, home: Path) -> None:
    rollout.says().count(usage(100, 0, 10)).count(usage(100, 0, 10))
    assert spent(rollout, home).total == 110


def test_counts_without_info_spend_nothing(rollout: Rollout, home: Path) -> None:
    reading, claims = read(rollout.says().count(None).write(home))
    assert (reading.metered, reading.replies, claims) == (False, 1, [])


def test_totals_are_taken_apart_into_responses(rollout: Rollout, home: Path) -> None:
    first, second = usage(100, 50, 10), usage(300, 200, 20)
    rollout.says().count(first).says().count(add(first, second), second)

    _, claims = read(rollout.write(home))

    assert [claim.response.key for claim in claims] == [f"{THREAD}#1", f"{THREAD}#2"]
    assert claims[1].response.tokens == Tokens(input=100, cache_read=200, output=20)
    assert {claim.owner for claim in claims} == {THREAD}


def test_the_estimate_after_a_compaction_is_not_a_request(rollout: Rollout, home: Path) -> None:
    first = usage(200_000, 0, 100)
    estimate = usage(0, 0, 0) | {"total_tokens": 7_260}
    rollout.says().count(first).add("compacted", {"message": ""}).count(first, estimate)

    reading, claims = read(rollout.write(home))

    assert added_up(claims).total == 200_100
    assert reading.context is not None
    assert (reading.context.used, reading.context.peak) == (7_260, 200_100)
    assert reading.context.compactions == 1


def test_a_total_reset_to_the_window_spends_nothing(rollout: Rollout, home: Path) -> None:
    first, next_one = usage(200_000, 0, 100), usage(500, 0, 5)
    full = usage(0, 0, 0) | {"total_tokens": 258_400}
    rollout.says().count(first).count(full, usage(0, 0, 0) | {"total_tokens": 258_400})
    rollout.says().count(add(full, next_one), next_one)

    assert spent(rollout, home).total == 200_100 + 505


def test_a_total_that_starts_anew_counts_its_last_response(rollout: Rollout, home: Path) -> None:
    rollout.says().count(usage(5_000, 0, 50)).says().count(usage(300, 0, 3), usage(300, 0, 3))
    assert spent(rollout, home).total == 5_050 + 303


def test_a_reset_that_repeats_its_last_response_counts_it_no_more(
    rollout: Rollout, home: Path
) -> None:
    first = usage(5_000, 0, 50)
    full = usage(0, 0, 0) | {"total_tokens": 258_400}
    rollout.says().count(first).count(full, first)
    assert spent(rollout, home).total == 5_050


def test_records_count_and_totals_beside_them_do_not(rollout: Rollout, home: Path) -> None:
    first, second = usage(232_594, 225_700, 2_926, written=4_321, reasoning=669), usage(9, 0, 1)
    rollout.says().record("resp_1", first).count(first)
    rollout.says().record("resp_2", second).count(add(first, second), second)

    _, claims = read(rollout.write(home))

    assert [claim.response.key for claim in claims] == [f"{THREAD}/resp_1", f"{THREAD}/resp_2"]
    assert claims[0].response.tokens == Tokens(2_573, 225_700, 4_321, 0, 2_926, 669)
    assert claims[0].proof == 0


def test_another_thread_s_records_are_not_ours(rollout: Rollout, home: Path) -> None:
    rollout.says().record("resp_1", usage(10, 0, 1), thread_id=uuid7(NOON - 60))
    assert read(rollout.write(home))[1] == []


def test_a_thread_resumed_by_a_newer_version_counts_both_parts(
    rollout: Rollout, home: Path
) -> None:
    old, new = usage(1_000, 0, 10), usage(2_000, 0, 20)
    rollout.says().count(old).prompt("more").count(old)
    rollout.says().record("resp_1", new, thread_token_usage=add(old, new)).count(add(old, new), new)

    assert spent(rollout, home).total == 1_010 + 2_020


def test_the_long_prompt_of_one_response_stays_one_claim(rollout: Rollout, home: Path) -> None:
    _, claims = read(rollout.says().record("resp_1", usage(272_001, 0, 1)).write(home))
    assert [claim.response.tokens.prompt for claim in claims] == [272_001]


def test_an_archived_copy_makes_the_same_keys(rollout: Rollout, home: Path) -> None:
    rollout.says().count(usage(100, 0, 10)).says().record("resp_1", usage(200, 0, 20))
    live = read(rollout.write(home))[1]
    archived = read(rollout.write(home, "archived_sessions"))[1]

    assert added_up([*live, *archived]).total == 110 + 220


def test_equal_totals_of_unrelated_threads_both_count(home: Path) -> None:
    claims = []
    for n in range(2):
        thread = Rollout(uuid7(NOON, n)).meta().context().says().count(usage(100, 0, 10))
        claims += read(thread.write(home))[1]
    assert added_up(claims).total == 220


def test_a_fork_in_pages_counts_only_its_own_responses(home: Path) -> None:
    base, first, second = usage(9_000, 0, 90), usage(1_000, 0, 10), usage(2_000, 0, 20)
    fork = Rollout(uuid7(NOON), ordinal=118).meta(
        forked_from_id=uuid7(NOON - 60),
        forked_from_ordinal_exclusive=118,
        history_base={"thread_id": uuid7(NOON - 60), "end_ordinal_exclusive": 118},
    )
    fork.context().count(base).prompt().says().count(add(base, first), first)
    fork.says().count(add(add(base, first), second), second)

    assert spent(fork, home).total == 1_010 + 2_020


def test_the_first_count_of_a_fork_is_its_last_response(home: Path) -> None:
    base, own = usage(9_000, 0, 90), usage(1_000, 0, 10)
    fork = Rollout(uuid7(NOON), ordinal=118).meta(
        forked_from_id=uuid7(NOON - 60), history_base={"thread_id": uuid7(NOON - 60)}
    )
    fork.context().prompt().says().count(add(base, own), own)

    assert spent(fork, home).total == 1_010


def test_turns_imported_from_another_program_are_not_codex_s(rollout: Rollout, home: Path) -> None:
    imported, own = usage(7_000, 0, 70), usage(100, 0, 10)
    rollout.event("task_started", turn_id="external-import-turn-1").prompt("theirs")
    rollout.says().count(imported).record("resp_0", imported, turn_id="external-import-turn-1")
    rollout.event("task_complete", turn_id="external-import-turn-1")
    rollout.event("task_started", turn_id=uuid7(NOON + 9)).prompt("ours").says()
    rollout.count(add(imported, own), own).event("task_complete", turn_id=uuid7(NOON + 9))

    reading, claims = read(rollout.write(home))

    assert added_up(claims).total == 110
    assert reading.user_turns == 2  # the one before and ours


def test_the_model_and_the_tier_are_those_of_the_moment(rollout: Rollout, home: Path) -> None:
    other = {"model": "gpt-5.5", "service_tier": "fast"}
    rollout.says().record("resp_1", usage(1, 0, 1))
    rollout.event("thread_settings_applied", thread_id=THREAD, thread_settings=other)
    rollout.event("thread_settings_applied", thread_id="x", thread_settings={"model": "no"})
    rollout.says().record("resp_2", usage(2, 0, 2))

    _, claims = read(rollout.write(home))

    seen = [(claim.response.model, claim.response.service_tier) for claim in claims]
    assert seen == [("gpt-5", ""), ("gpt-5.5", "priority")]


def test_web_searches_are_billed_with_the_response_they_were_made_for(
    rollout: Rollout, home: Path
) -> None:
    rollout.item("web_search_call", status="completed", action={"type": "search", "query": "x"})
    rollout.item("web_search_call", status="completed", action={"type": "open_page"})
    rollout.says().record("resp_1", usage(1, 0, 1)).says().record("resp_2", usage(2, 0, 2))

    _, claims = read(rollout.write(home))

    assert [claim.response.searches for claim in claims] == [1, 0]


@pytest.mark.parametrize("broken", [-5, True, 1e300, "12", None, [1], 1 << 70])
def test_a_number_that_is_none_loses_only_itself(
    rollout: Rollout, home: Path, broken: object
) -> None:
    strange: dict[str, object] = {**usage(100, 0, 10), "cached_input_tokens": broken}
    rollout.says().add(
        "token_usage_record", {"thread_id": THREAD, "response_id": "r", "usage": strange}
    )

    reading, claims = read(rollout.write(home))

    assert added_up(claims) == Tokens(input=100, output=10)
    assert reading.skipped == 0


def test_more_cached_than_sent_never_goes_below_zero(rollout: Rollout, home: Path) -> None:
    tokens = spent(rollout.says().record("resp_1", usage(100, 150, 10, reasoning=99)), home)
    assert tokens == Tokens(input=0, cache_read=150, output=10, reasoning=10)
