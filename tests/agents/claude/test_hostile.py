"""Claude Code's transcripts, damaged or made to harm: nothing crashes, hangs or loses usage."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from agtop.agents.claude import AGENT
from agtop.model import Claim, Reading
from tests.claude_rows import OTHER, SESSION, answer, call, encode, project, prompt, row, usage

SUB: dict[str, Any] = {"isSidechain": True, "agentId": "a1"}


def read(home: Path, content: bytes, name: str = SESSION) -> tuple[Reading, list[Claim]]:
    path = project(home) / f"{name}.jsonl"
    path.write_bytes(content)
    meter = AGENT.meter(str(path))
    (reading,) = meter.read()
    return reading, meter.claims()


def spent(claims: list[Claim]) -> list[int]:
    return [claim.response.tokens.output for claim in claims]


@pytest.mark.parametrize("half", ["\\ud83d", "\\uDE00", "\\ud83d\\ud83d", "\\ud83dx\\ude00"])
def test_half_an_emoji_costs_no_usage(home: Path, half: str) -> None:
    told = answer("m", 1, usage(3, 9), [{"type": "text", "text": "XX"}], gitBranch="XX")
    line = encode(told).replace(b"XX", half.encode())

    reading, claims = read(home, line)

    assert (spent(claims), reading.skipped) == ([9], 0)
    assert "\ufffd" in (reading.branch or "")


def test_whole_emoji_and_escaped_backslashes_beside_half_a_one_are_kept(home: Path) -> None:
    line = encode(answer("m", 1, usage(1, 1), gitBranch="AA")).replace(
        b"AA", rb"\ud83d\ude00 \\ud83d \\\ud83d"
    )

    assert read(home, line)[0].branch == "\U0001f600 \\ud83d \\\ufffd"


def test_half_an_emoji_beside_a_field_of_a_wrong_type_costs_no_usage(home: Path) -> None:
    line = encode(answer("m", 1, usage(3, 9), isMeta="no", gitBranch="XX"))

    assert spent(read(home, line.replace(b"XX", b"\\ud83d"))[1]) == [9]


def test_a_byte_order_mark_costs_no_row(home: Path) -> None:
    reading, claims = read(home, b"\xef\xbb\xbf" + encode(answer("m", 1, usage(3, 9))))

    assert (spent(claims), reading.skipped) == ([9], 0)


@pytest.mark.parametrize(
    "value",
    [b'"\xff"', b"1" + b"0" * 400, b"-1", b"[" * 400 + b"]" * 400, b'{"resets_at":1e308}',
     b'{"resets_at":' + b"9" * 400 + b"}", b'{"a":"\xff","resets_at":true}', b"1e999", b"NaN"],
)  # fmt: skip
@pytest.mark.parametrize("field", ["error", "quotaLimits"])
def test_an_absurd_error_row_harms_nothing(home: Path, field: str, value: bytes) -> None:
    fields: dict[str, Any] = {"error": "rate_limit", field: "XX"}
    told = answer("e", 2, None, isApiErrorMessage=True, **fields)
    rows = encode(answer("m", 1, usage(3, 9)), told).replace(b'"XX"', value)

    assert spent(read(home, rows)[1]) == [9]


def test_nesting_of_any_depth_harms_nothing(home: Path) -> None:
    """Somewhere between the depths that a decoder takes and those it does not lies the stack's."""
    told = answer("e", 2, None, isApiErrorMessage=True, error="XX")
    rows = [
        encode(told).replace(b'"XX"', b"[" * depth + b"]" * depth) for depth in range(700, 1100)
    ]

    assert spent(read(home, b"".join(rows) + encode(answer("m", 1, usage(3, 9))))[1]) == [9]


@pytest.mark.parametrize("tokens", [-7, 10**30, 10**400])
def test_a_compaction_to_an_absurd_size_leaves_the_context_unknown(home: Path, tokens: int) -> None:
    boundary = row(
        "system", 2, subtype="compact_boundary",
        compactMetadata={"preTokens": tokens, "postTokens": tokens},
    )  # fmt: skip

    assert read(home, encode(answer("m", 1, usage(3, 9)), boundary))[0].context is None


def test_a_fifo_beside_a_subagent_is_not_waited_for(home: Path) -> None:
    path = project(home) / "agent-a1.jsonl"
    os.mkfifo(path.with_suffix(".meta.json"))

    assert read(home, encode(answer("m", 1, usage(3, 9), **SUB)), "agent-a1")[0].metered


def test_a_branch_of_a_branch_names_who_made_the_request(home: Path) -> None:
    """`forkedFrom` is rewritten with every branch, `requestSessionId` is not."""
    middle = "33333333-3333-4333-8333-333333333333"
    branch: dict[str, Any] = {"forkedFrom": {"sessionId": middle}, "requestSessionId": OTHER}
    copied = answer("m", 1, usage(3, 9), **branch)

    reading, claims = read(home, encode(copied))

    assert [claim.owner for claim in claims] == [OTHER]
    assert reading.forked_from == middle


def test_a_call_killed_with_its_process_is_over_at_the_next_prompt(home: Path) -> None:
    killed = answer("m", 1, usage(1, 1), call("Bash", "t1"), stop="tool_use")
    resumed = [prompt("go on", 60), answer("n", 61, usage(1, 1))]

    reading, _ = read(home, encode(killed, *resumed))

    assert (reading.activity.phase, reading.action) == ("done", None)


def test_a_subagents_own_request_says_that_it_works(home: Path) -> None:
    asked = row("api-request", 5, id="r", querySource="agent:builtin:general-purpose")
    rows = encode(answer("m", 1, usage(1, 1), **SUB), asked)

    assert read(home, rows, "agent-a1")[0].activity.phase == "requested"
    assert read(home, rows.replace(b'"isSidechain":true', b'"isSidechain":false'))[
        0
    ].activity.phase == "done"  # fmt: skip


def test_an_error_of_a_subagent_within_the_file_is_not_the_sessions(home: Path) -> None:
    failed = answer("e", 5, None, isApiErrorMessage=True, error="server_error", isSidechain=True)

    reading, _ = read(home, encode(prompt("go", 1), answer("m", 2, usage(1, 1)), failed))

    assert reading.activity.phase == "done"
