"""Claude Code's counting rules, one by one, from rows to the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agtop.agents.claude import AGENT
from agtop.agents.walk import Walk
from agtop.block import number
from agtop.ledger import Ledger
from agtop.model import Reading, Response, Tokens
from tests.claude_rows import OTHER, SESSION, answer, call, encode, project, prompt, usage, write


def books(home: Path) -> tuple[dict[str, list[Response]], dict[str, Reading]]:
    """Owner → its responses, and the readings, of everything below `home`."""
    ledger = Ledger()
    readings: dict[str, Reading] = {}
    ends: dict[str, float] = {}
    for path in AGENT.transcripts(home / ".claude", Walk([])):
        meter = AGENT.meter(path)
        (reading,) = meter.read()
        ledger.book(meter.claims())
        readings[reading.session_id] = reading
        ends[reading.session_id] = reading.last_active or 0.0
    ledger.settle(ends)
    return {o: list(ledger.responses(o)) for o in ledger.owners()}, readings


def key(response_id: str) -> str:
    """As the ledger spells it."""
    return f"{number(response_id):016x}"


def total(home: Path, owner: str = SESSION) -> Tokens:
    made, _ = books(home)
    summed = Tokens()
    for response in made.get(owner, []):
        summed += response.tokens
    return summed


def test_four_lines_of_one_response_count_once(home: Path) -> None:
    used = usage(input=1091, output=319, cache_read=31900, write_5m=349, write_1h=577)
    write(home, SESSION, *(answer("msg_7", n, used) for n in range(4)))

    assert total(home) == Tokens(1091, 31900, 349, 577, 319)


@pytest.mark.parametrize(
    ("details", "is_told"), [({}, False), ({"output_tokens_details": {"thinking_tokens": 0}}, True)]
)
def test_thinking_is_known_where_a_release_tells_it(
    home: Path, details: dict[str, Any], is_told: bool
) -> None:
    write(home, SESSION, prompt("go", 1), answer("m1", 2, usage(10, 5, **details)))
    _, readings = books(home)
    assert readings[SESSION].reasoned == is_told


def test_three_lines_with_one_id_are_one_turn(home: Path) -> None:
    used = usage(input=10, output=5, cache_read=1000)
    write(home, SESSION, *(answer("m", n, used) for n in range(3)))

    made, _ = books(home)

    assert total(home).total == 1015
    assert len(made[SESSION]) == 1


@pytest.mark.parametrize("order", [(1, 1, 5000), (5000, 1, 1), (1, 5000, 3)])
def test_the_row_with_the_final_output_wins_wherever_it_stands(
    home: Path, order: tuple[int, ...]
) -> None:
    write(home, SESSION, *(answer("m", n, usage(35, out)) for n, out in enumerate(order)))

    assert total(home).output == 5000


def test_a_row_without_message_id_counts_by_request_id_then_uuid(home: Path) -> None:
    write(
        home,
        SESSION,
        answer(None, 1, usage(1, 1), requestId="req_1"),
        answer(None, 2, usage(1, 1), requestId="req_1"),
        answer(None, 3, usage(1, 1)),
    )

    assert total(home).total == 4


def test_the_request_id_is_no_part_of_the_key(home: Path) -> None:
    write(
        home,
        SESSION,
        answer("m", 1, usage(1, 9), requestId="req_1"),
        answer("m", 2, usage(1, 9), requestId="req_2"),
    )

    assert total(home).output == 9


@pytest.mark.parametrize(
    "marks",
    [
        {"model": "<synthetic>"},
        {"isUnmetered": True},
        {"isApiErrorMessage": True},
        {"version": "claude-export-import"},
    ],
)
def test_rows_that_were_not_billed_are_left_out(home: Path, marks: dict[str, Any]) -> None:
    write(home, SESSION, answer("m", 1, usage(5, 5), **marks))

    assert total(home) == Tokens()


def test_paused_parts_and_advisors_are_added_once(home: Path) -> None:
    steps = [
        {"type": "message", **usage(3, 4)},
        {"type": "advisor_message", "model": "claude-opus-5-5", **usage(100, 50)},
    ]
    used = usage(10, 20, iterations=steps)
    rows = [answer("m", n, used, paused=[{"usage": usage(7, 8)}]) for n in range(2)]
    write(home, SESSION, *rows)

    made, _ = books(home)

    assert total(home) == Tokens(input=10 + 7 + 100, output=20 + 8 + 50)
    assert {r.model for r in made[SESSION]} == {"claude-sonnet-4-5", "claude-opus-5-5"}


def test_cache_writes_without_a_split_are_short_lived(home: Path) -> None:
    used = {"input_tokens": 1, "cache_creation_input_tokens": 50, "output_tokens": 2}
    write(home, SESSION, answer("m", 1, used))

    assert total(home) == Tokens(input=1, cache_write_5m=50, output=2)


def test_a_zeroed_copy_with_a_left_over_split_counts_nothing(home: Path) -> None:
    used = usage(0, 0)
    used["cache_creation"] = {"ephemeral_5m_input_tokens": 665, "ephemeral_1h_input_tokens": 405}
    write(home, SESSION, answer("m", 1, used))

    assert total(home) == Tokens()


def test_what_chose_the_price_is_kept(home: Path) -> None:
    used = usage(
        1,
        1,
        speed="fast",
        inference_geo="us",
        server_tool_use={"web_search_requests": 3},
        output_tokens_details={"thinking_tokens": 1},
    )
    used["service_tier"] = "priority"
    write(home, SESSION, answer("m", 1, used))

    (response,) = books(home)[0][SESSION]

    assert (response.fast, response.geo, response.searches) == (True, "us", 3)
    assert (response.service_tier, response.tokens.reasoning) == ("priority", 1)


def test_a_forked_copy_belongs_to_its_origin(home: Path) -> None:
    origin = [prompt("hi", 1), answer("m1", 2, usage(5, 500), session_id=SESSION)]
    copy = [
        {
            **row,
            "sessionId": OTHER,
            **({"requestSessionId": SESSION} if "session_id" in row else {}),
        }
        for row in origin
    ]
    write(home, SESSION, *origin)
    write(home, OTHER, *copy, answer("m2", 60, usage(1, 7), session=OTHER, session_id=OTHER))

    made, readings = books(home)

    assert [r.key for r in made[SESSION]] == [key("m1")]
    assert [r.key for r in made[OTHER]] == [key("m2")]
    assert readings[OTHER].forked_from == SESSION
    assert (readings[OTHER].replies, readings[OTHER].user_turns) == (1, 0)


def test_branched_rows_belong_to_the_session_they_name(home: Path) -> None:
    mark: dict[str, Any] = {"forkedFrom": {"sessionId": OTHER, "messageUuid": "u"}}
    write(home, SESSION, answer("m1", 2, usage(5, 5), **mark), answer("m2", 3, usage(1, 1)))

    made, _ = books(home)

    assert [r.key for r in made[OTHER]] == [key("m1")]
    assert [r.key for r in made[SESSION]] == [key("m2")]


def test_after_clear_the_process_id_of_an_older_session_moves_nothing(home: Path) -> None:
    request = {"type": "api-request", "sessionId": SESSION, "id": "r1"}
    mine = answer("m1", 2, usage(5, 5), session_id=OTHER, requestRef="r1")
    write(home, SESSION, prompt("hi", 1), request, mine)
    write(home, OTHER, answer("m0", 0, usage(1, 1), session=OTHER, session_id=OTHER))

    made, readings = books(home)

    assert [r.key for r in made[SESSION]] == [key("m1")]
    assert (readings[SESSION].user_turns, readings[SESSION].forked_from) == (1, None)


def test_an_old_resume_copy_stays_with_the_session_that_ended_first(home: Path) -> None:
    shared = [prompt("hi", 1), answer("m1", 2, usage(5, 5000))]
    write(home, SESSION, *shared)
    write(
        home,
        OTHER,
        *({**row, "sessionId": OTHER} for row in shared),
        answer("m2", 90, usage(1, 1), session=OTHER),
    )

    made, _ = books(home)

    assert [r.key for r in made[SESSION]] == [key("m1")]
    assert [r.key for r in made[OTHER]] == [key("m2")]


def test_subagents_have_an_account_of_their_own(home: Path) -> None:
    write(home, SESSION, prompt("hi", 1), answer("m1", 2, usage(1, 1)))
    below = project(home) / SESSION / "subagents"
    below.mkdir(parents=True)
    sub: dict[str, Any] = {"isSidechain": True, "agentId": "a1"}
    (below / "agent-a1.jsonl").write_bytes(
        encode(prompt("go", 3, **sub), answer("m2", 4, usage(2, 2), **sub))
    )
    (below / "agent-a1.meta.json").write_text('{"description":"look around"}')

    made, readings = books(home)

    assert [r.key for r in made["a1"]] == [key("m2")]
    assert (readings["a1"].parent_id, readings["a1"].title) == (SESSION, "look around")


def test_a_side_question_that_replays_its_parent_adds_nothing(home: Path) -> None:
    write(home, SESSION, answer("m1", 2, usage(5, 500)))
    below = project(home) / SESSION / "subagents"
    below.mkdir(parents=True)
    sub: dict[str, Any] = {"isSidechain": True, "agentId": "a1", "requestId": "other"}
    (below / "agent-a1.jsonl").write_bytes(encode(answer("m1", 1, usage(5, 500), **sub)))

    made, _ = books(home)

    assert [r.key for r in made[SESSION]] == [key("m1")]
    assert "a1" not in made


def test_a_session_moved_deeper_is_still_found_but_a_sessions_own_files_are_none(
    home: Path,
) -> None:
    deep = project(home) / "kept" / "2025"
    deep.mkdir(parents=True)
    (deep / f"{OTHER}.jsonl").write_bytes(encode(answer("m1", 1, usage(1, 1), session=OTHER)))
    own = project(home) / SESSION / "tool-results"
    own.mkdir(parents=True)
    (own / f"{OTHER}.jsonl").write_bytes(encode(answer("m2", 1, usage(1, 1))))
    (own / "rows.jsonl").write_bytes(encode(answer("m3", 1, usage(1, 1))))

    made, _ = books(home)

    assert [r.key for held in made.values() for r in held] == [key("m1")]


def test_usage_inside_a_tool_result_is_not_counted(home: Path) -> None:
    outcome = {"status": "completed", "totalTokens": 999, "usage": usage(500, 499)}
    write(
        home,
        SESSION,
        answer("m1", 1, usage(1, 1), call("Agent", "t1"), stop="tool_use"),
        {**prompt("", 2), "toolUseResult": outcome},
    )

    assert total(home).total == 2


def test_torn_binary_and_foreign_lines_lose_only_themselves(home: Path) -> None:
    good = answer("m1", 1, usage(1, 9))
    data = (
        b"\0\0" + encode(good) + b"\xff\xfe{broken\n[1,2]\n\"text\"\nnull\n{}\n"
        + encode(answer("m2", 2, usage(1, 9))).replace(b"Done.", b"\xff\xfe")
        + b'{"type":"assistant","message":{"id":"m3","usage":{"output_tok'
    )  # fmt: skip
    (project(home) / f"{SESSION}.jsonl").write_bytes(data)

    _, readings = books(home)

    assert total(home).output == 18
    assert readings[SESSION].skipped == 4


def test_a_field_of_a_wrong_type_does_not_lose_the_usage_beside_it(home: Path) -> None:
    bad = answer("m1", 1, usage(1, 9), cwd=5, gitBranch=["x"], isSidechain="no")
    bad["message"]["content"] = [{"type": "text", "text": 7}, 3]
    bad["message"]["usage"]["input_tokens"] = "many"
    write(home, SESSION, bad)

    assert total(home) == Tokens(output=9)


@pytest.mark.parametrize("value", [-5, 1.5, True, None, "7", 2**32, 10**30])
def test_absurd_counts_are_nothing(home: Path, value: object) -> None:
    used = usage(1, 9)
    used["input_tokens"] = value
    write(home, SESSION, answer("m1", 1, used))

    assert total(home) == Tokens(output=9)
