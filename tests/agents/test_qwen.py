"""Qwen Code: each request counts once, wherever it is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agtop.agents.qwen.meter import meter
from agtop.model import Tokens
from tests.agents.qwen_rows import (
    ID,
    LATER,
    QWEN,
    Line,
    answer,
    at,
    project,
    prompt,
    read,
    session,
    spent,
    subagent,
    system,
    told,
    write,
)
from tests.homes import everyone
from tests.worlds import World

# ---- counting


def test_what_telemetry_tells_is_not_counted_again_beside_the_answer(home: Path) -> None:
    path = session(home, prompt(), told("r1", 1000, 70, 600, 20, 1070), answer(1000, 70, 600, 20, 1070))  # fmt: skip

    assert spent(path) == {ID: Tokens(400, 600, output=70, reasoning=20)}
    assert read(path).replies == 1


def test_an_answer_that_stands_before_its_telemetry_counts_once(home: Path) -> None:
    used = (1000, 90, 800, 20, 1090)
    rows = (answer(*used), told("r1", *used), told("r2", *used), answer(*used))
    path = session(home, prompt(), *rows)
    assert spent(path) == {ID: Tokens(400, 1600, output=180, reasoning=40)}


def test_an_answer_whose_own_figures_differ_is_the_request_told_before_it(home: Path) -> None:
    path = session(home, prompt(), told("r1", 1000, 70, 600, 20, 1070), answer(990, 70, 600))

    assert spent(path) == {ID: Tokens(400, 600, output=70, reasoning=20)}


def test_requests_that_only_telemetry_tells_of_count(home: Path) -> None:
    path = session(
        home,
        told("r1", 10, 5, 0, 0, 15),
        answer(10, 5, 0, 0, 15),
        told("r2", 100, 7, 0, 0, 107, second=3, prompt_id="compress-1"),
        told("r3", 200, 9, 0, 0, 209, second=4, subagent_id="extractor-1"),
    )

    assert spent(path) == {ID: Tokens(310, output=21)}


def test_answers_that_no_telemetry_tells_of_count_by_themselves(home: Path) -> None:
    path = session(home, prompt(), answer(10, 5, 0, 0, 15), answer(10, 5, 0, 0, 15, second=4))

    assert spent(path) == {ID: Tokens(20, output=10)}


def test_a_session_begun_before_there_was_telemetry_counts_both_parts(home: Path) -> None:
    path = session(
        home,
        answer(10, 5, 0, 0, 15),
        told("r1", 20, 6, 0, 0, 26, second=3),
        answer(20, 6, 0, 0, 26, second=3.1),
    )

    assert spent(path) == {ID: Tokens(30, output=11)}


def test_two_requests_told_before_their_answers_are_not_counted_again(home: Path) -> None:
    path = session(
        home,
        told("r1", 10, 5, 0, 0, 15),
        told("r2", 20, 6, 0, 0, 26),
        answer(10, 5, 0, 0, 15),
        answer(20, 6, 0, 0, 26, second=3),
    )

    assert spent(path) == {ID: Tokens(30, output=11)}


def test_thoughts_are_in_the_output_unless_the_total_says_otherwise(home: Path) -> None:
    openai = session(home, told("r1", 100, 30, 0, 20, 130))
    gemini = session(home, told("r2", 100, 30, 0, 20, 150), key="other")

    assert spent(openai) == {ID: Tokens(100, output=30, reasoning=20)}
    assert spent(gemini) == {"other": Tokens(100, output=50, reasoning=20)}


def test_a_server_that_numbers_its_responses_anew_loses_none(home: Path) -> None:
    path = session(
        home,
        told("chatcmpl-1", 10, 5, 0, 0, 15, second=1),
        told("chatcmpl-1", 10, 5, 0, 0, 15, second=2),
        told("", 10, 5, 0, 0, 15, second=3),
    )

    assert spent(path) == {ID: Tokens(30, output=15)}


def test_a_subagents_requests_are_its_own_and_count_once(home: Path) -> None:
    usage = (500, 15, 0, 5, 515)
    below = subagent(home, prompt(), answer(*usage, text="Looking."))
    above = session(
        home,
        told("r1", 10, 5, 0, 0, 15),
        answer(10, 5, 0, 0, 15),
        told("r2", *usage, second=3, subagent_id="helper-1"),
    )
    expected = {ID: Tokens(10, output=5), f"{ID}/helper-1": Tokens(500, output=15, reasoning=5)}

    assert spent(above, below) == spent(below, above) == expected
    (top,) = World(home, now=LATER).collect().sessions
    assert top.tokens == Tokens(510, output=20, reasoning=5)


def test_a_subagents_own_figures_count_where_its_session_tells_none(home: Path) -> None:
    below = subagent(home, prompt(), answer(500, 15, 0, 5, 515))
    assert spent(below) == {f"{ID}/helper-1": Tokens(500, output=15, reasoning=5)}

    above = session(home, prompt(), answer(10, 5, 0, 0, 15, uuid="above"))
    assert spent(above, below).keys() == {ID, f"{ID}/helper-1"}


def test_a_subagent_waits_until_its_session_has_said_how_it_tells(home: Path) -> None:
    above = session(home, prompt())
    below = subagent(home, prompt(), answer(500, 15, 0, 5, 515))
    one = meter(str(below))
    one.read()
    assert one.claims() == []

    with above.open("ab") as file:
        file.write(json.dumps(answer(10, 5, 0, 0, 15)).encode() + b"\n")
    with below.open("ab") as file:
        file.write(json.dumps(answer(600, 1, 0, 0, 601, second=9)).encode() + b"\n")
    one.read()
    assert len(one.claims()) == 2


def copied(line: Line, into: str) -> Line:
    origin = {"sessionId": line["sessionId"], "messageUuid": line["uuid"]}
    return {**line, "sessionId": into, "forkedFrom": origin}


def test_what_a_branch_copied_belongs_to_its_origin(home: Path) -> None:
    rows = [prompt("Build a cart"), told("r1", 10, 5, 0, 0, 15), answer(10, 5, 0, 0, 15)]
    origin = session(home, *rows)
    own = [told("r2", 20, 6, 0, 0, 26, second=9), answer(20, 6, 0, 0, 26, second=9.1)]
    copies = [copied(line, "fork") for line in rows]
    fork = session(home, *copies, prompt("Try again", 8), *own, key="fork")
    reading = read(fork)

    expected = {ID: Tokens(10, output=5), "fork": Tokens(20, output=6)}
    assert spent(origin, fork) == spent(fork, origin) == spent(fork) == expected
    assert (reading.forked_from, reading.user_turns, reading.replies) == (ID, 1, 1)
    assert reading.title == "Try again"


def test_an_answer_without_telemetry_that_a_branch_copied_counts_once(home: Path) -> None:
    line = answer(10, 5, 0, 0, 15)
    paths = session(home, line), session(home, copied(line, "fork"), key="fork")

    assert spent(*paths) == {ID: Tokens(10, output=5)}


def test_going_back_takes_nothing_of_the_spending_back(home: Path) -> None:
    path = session(home, told("r1", 10, 5, 0, 0, 15), system("rewind", {"truncatedCount": 9}, 5))

    assert spent(path) == {ID: Tokens(10, output=5)}


def test_an_archived_copy_counts_once(home: Path) -> None:
    line = told("r1", 10, 5, 0, 0, 15)
    session(home, line)
    write(project(home) / "chats" / "archive" / f"{ID}.jsonl", line)
    (top,) = World(home, now=LATER).collect().sessions

    assert top.tokens == Tokens(10, output=5)


def test_a_document_of_the_first_releases_is_read_too(home: Path) -> None:
    path = home / ".qwen" / "tmp" / "f00" / "chats" / "session-2025-09-01T10-00-c1b2c3d4.json"
    tokens = {"input": 100, "output": 30, "cached": 60, "thoughts": 10, "total": 130}
    message = {"id": "g", "timestamp": at(2), "type": "gemini", "content": "Hi", "tokens": tokens}
    write(path, {"sessionId": ID, "startTime": at(1), "messages": [message]})
    (top,) = World(home, now=LATER).collect().sessions

    assert (top.agent, top.session_id) == ("qwen", ID)
    assert top.tokens == Tokens(40, 60, output=30, reasoning=10)


# ---- the real ones


def truth(corpus: Path, name: str) -> Any:
    return json.loads((corpus / name / "truth.json").read_bytes())


def tokens_of(buckets: dict[str, int]) -> Tokens:
    return Tokens(buckets["input"], buckets["cache_read"], 0, 0, buckets["output"] + buckets["reasoning"], buckets["reasoning"])  # fmt: skip


def test_every_real_session_has_its_true_tokens_directory_and_model(corpus: Path) -> None:
    known = truth(corpus, "qwen-0.24.4")
    snapshot = World(corpus / "qwen-0.24.4" / "home", now=LATER).collect()
    tops = {top.session_id: top for top in snapshot.sessions}

    assert tops.keys() == known["sessions"].keys()
    for session_id, fact in known["sessions"].items():
        top = tops[session_id]
        assert top.tokens == tokens_of(fact["recorded"]), session_id
        assert {usage.model for usage in top.usage} == set(fact["models"])
        assert top.reading.cwd == fact["cwd"]
        written = {write.path for write in top.reading.writes}
        assert written == {path for path in fact["files_touched"] if path.startswith("/")}
    assert snapshot.totals.tokens == tokens_of(known["totals"]["recorded"])


def test_a_real_old_release_adds_up_to_its_truth(corpus: Path) -> None:
    parsed = truth(corpus, "qwen-0.5.2")["parsed_from_transcript"]
    total = World(corpus / "qwen-0.5.2" / "home", now=LATER).collect().totals.tokens

    assert (total.input, total.cache_read, total.output) == (
        parsed["input"],
        parsed["cache_read"],
        parsed["output_incl_reasoning"],
    )


@pytest.mark.parametrize("name", QWEN)
def test_real_sessions_are_over_and_whole(corpus: Path, name: str) -> None:
    for row in everyone(World(corpus / name / "home", now=LATER).collect()).values():
        assert (row.process, row.state.name, row.problems) == (None, "ended", ())
        assert row.reading.skipped == 0
