"""Gemini CLI: each message counts once, and what was paid stays paid."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agtop.agents.gemini.meter import GeminiDocument
from agtop.model import Tokens
from tests.agents.gemini_rows import (
    GEMINI,
    ID,
    LATER,
    answer,
    at,
    call,
    chats,
    head,
    prompt,
    read,
    session,
    spent,
    write,
)
from tests.homes import everyone
from tests.worlds import World

# ---- counting


def test_cached_is_part_of_the_input_and_thoughts_and_tools_come_on_top(home: Path) -> None:
    path = session(home, head(), answer("g", 1000, 50, 600, 20, 30, 1100))

    assert spent(path) == Tokens(input=430, cache_read=600, output=70, reasoning=20)


def test_thoughts_that_the_total_shows_within_the_output_are_not_added(home: Path) -> None:
    path = session(home, head(), answer("g", 1000, 50, 600, 20, 0, 1050))

    assert spent(path) == Tokens(input=400, cache_read=600, output=50, reasoning=20)


def test_a_message_written_again_with_its_calls_counts_once(home: Path) -> None:
    once = answer("g", 1000, 50, 600, 20, 0, 1070)
    again = {**once, "toolCalls": [call("read_file", "success")]}
    path = session(home, head(), prompt("Go"), once, again, again)

    assert spent(path) == Tokens(input=400, cache_read=600, output=70, reasoning=20)
    assert (read(path).replies, read(path).tool_calls) == (1, 1)


def test_tokens_that_come_later_are_taken_and_missing_ones_clear_nothing(home: Path) -> None:
    path = session(home, head(), answer("g"), answer("g", 10, 5, 0, 0, 0, 15), answer("g"))

    assert spent(path) == Tokens(input=10, output=5)
    assert read(path).metered


def test_a_checkpoint_without_tokens_clears_nothing_and_adds_nothing(home: Path) -> None:
    summary = [prompt("<summary>All done</summary>", "x1"), answer("x2"), answer("x3")]
    path = session(
        home,
        head(),
        prompt("Go"),
        answer("g", 10, 5, 0, 0, 0, 15),
        {"$set": {"messages": summary, "lastUpdated": at(9)}},
    )
    reading = read(path)

    assert spent(path) == Tokens(input=10, output=5)
    assert (reading.user_turns, reading.replies) == (1, 1)
    assert reading.context is not None
    assert reading.context.compactions == 1


def test_a_checkpoint_that_keeps_the_history_is_no_compaction(home: Path) -> None:
    kept = [prompt("Go"), answer("g", 10, 5, 0, 0, 0, 15), prompt("", "g_response")]
    path = session(home, head(), *kept[:2], {"$set": {"messages": kept}})
    reading = read(path)

    assert spent(path) == Tokens(input=10, output=5)
    assert reading.context is not None
    assert reading.context.compactions == 0


def test_tokens_known_only_from_a_checkpoint_count(home: Path) -> None:
    path = session(home, head(), {"$set": {"messages": [answer("g", 10, 5, 0, 0, 0, 15)]}})

    assert spent(path) == Tokens(input=10, output=5)


def test_going_back_takes_nothing_of_the_spending_back(home: Path) -> None:
    path = session(
        home,
        head(),
        prompt("Go"),
        answer("g1", 10, 5, 0, 0, 0, 15),
        {"$rewindTo": "u"},
        prompt("Go elsewhere", "u2"),
        answer("g2", 20, 6, 0, 0, 0, 26),
        {"$set": {"messages": [prompt("Go elsewhere", "u2"), answer("g2", 20, 6, 0, 0, 0, 26)]}},
    )
    reading = read(path)

    assert spent(path) == Tokens(input=30, output=11)
    assert reading.context is not None
    assert reading.context.compactions == 0


def test_an_old_document_and_its_new_lines_count_once(home: Path) -> None:
    messages = [prompt("Go"), answer("g", 10, 5, 0, 0, 0, 15)]
    new = session(home, head(), *messages, answer("h", 20, 6, 0, 0, 0, 26))
    old = new.with_suffix(".json")
    old.write_text(json.dumps({**head(), "messages": messages}))

    assert spent(old, new) == spent(new, old) == Tokens(input=30, output=11)
    (row,) = World(home, now=LATER).collect().sessions
    assert (row.reading.user_turns, row.reading.replies) == (1, 2)


def test_ids_that_two_sessions_share_are_two_messages(home: Path) -> None:
    one = session(home, head(), answer("g", 10, 5, 0, 0, 0, 15))
    other = write(
        chats(home) / "session-2026-03-01T11-00-ffffffff.jsonl",
        head(sessionId="ffffffff-1"),
        answer("g", 10, 5, 0, 0, 0, 15),
    )

    assert spent(one, other) == Tokens(input=20, output=10)


def test_the_stub_left_by_taking_up_a_session_changes_nothing(home: Path) -> None:
    session(home, head(), prompt("Go"), answer("g", 10, 5, 0, 0, 0, 15))
    context = prompt("<session_context>\nA shop.</session_context>", "c")
    write(
        chats(home) / f"session-2026-03-01T10-09-{ID[:8]}.jsonl",
        head(startTime=at(1.5), lastUpdated=at(1.5)),
        {"$set": {"messages": [context], "lastUpdated": at(1.5)}},
    )
    (row,) = World(home, now=LATER).collect().sessions

    assert (row.session_id, row.reading.title, row.reading.user_turns) == (ID, "Go", 1)
    assert row.tokens == Tokens(input=10, output=5)


def test_a_document_written_anew_is_counted_by_what_came_new(home: Path) -> None:
    path = chats(home) / "session-2026-03-01T10-00-a1b2c3d4.json"
    messages = [prompt("Go"), answer("g")]
    path.write_text(json.dumps({**head(), "messages": messages}))
    one = GeminiDocument(str(path))
    one.read()
    assert one.claims() == []

    messages[1] = answer("g", 10, 5, 0, 0, 0, 15)
    path.write_text(json.dumps({**head(), "messages": messages}))
    one.read()
    assert [claim.response.tokens for claim in one.claims()] == [Tokens(input=10, output=5)]

    path.write_text(json.dumps({**head(), "messages": [*messages, prompt("More", "v")]}))
    (reading,) = one.read()
    assert (one.claims(), reading.user_turns) == ([], 2)


def test_one_answer_of_the_large_model_costs_what_its_tier_says(home: Path) -> None:
    big = answer("g", 372165, 3685, 368500, 1089, 0, 376939, model="gemini-3.1-pro-preview")
    session(home, head(), prompt("Go"), big, big)
    (row,) = World(home, now=LATER).collect().sessions

    assert row.cost is not None
    assert row.cost.total == pytest.approx(0.247992, abs=1e-9)


# ---- the real ones


def truth(corpus: Path, name: str) -> Any:
    return json.loads((corpus / name / "truth.json").read_bytes())


def tokens_of(buckets: dict[str, int]) -> Tokens:
    return Tokens(buckets["input"], buckets["cache_read"], 0, 0, buckets["output"] + buckets["reasoning"], buckets["reasoning"])  # fmt: skip


def test_every_real_session_has_its_true_tokens_directory_and_model(corpus: Path) -> None:
    known = truth(corpus, "gemini-0.61.0")
    snapshot = World(corpus / "gemini-0.61.0" / "home", now=LATER).collect()
    found = everyone(snapshot)

    assert found.keys() == known["sessions"].keys()
    for session_id, fact in known["sessions"].items():
        row = found[session_id]
        assert row.own.tokens == tokens_of(fact["recorded"]), session_id
        assert {usage.model for usage in row.usage} >= set(fact["models"])
        assert row.reading.user_turns == fact["user_turns"], session_id
        assert fact["cwd"] in (None, row.reading.cwd)
        written = {write.path for write in row.reading.writes}
        assert written == {path for path in fact["files_touched"] if path.startswith("/")}
    assert snapshot.totals.tokens == tokens_of(known["totals"]["recorded"])


@pytest.mark.parametrize("name", GEMINI[:2])
def test_real_documents_add_up_to_their_truth(corpus: Path, name: str) -> None:
    parsed = truth(corpus, name)["parsed_from_transcript"]
    total = World(corpus / name / "home", now=LATER).collect().totals.tokens

    assert (total.input, total.cache_read, total.output) == (
        parsed["input"],
        parsed["cache_read"],
        parsed["output_incl_reasoning"],
    )


@pytest.mark.parametrize("name", GEMINI)
def test_real_sessions_are_over_and_whole(corpus: Path, name: str) -> None:
    for row in everyone(World(corpus / name / "home", now=LATER).collect()).values():
        assert (row.process, row.state.name, row.problems) == (None, "ended", ())
        assert row.reading.skipped == 0
