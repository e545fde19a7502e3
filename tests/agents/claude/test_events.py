"""What Trace tells of a Claude Code transcript."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.agents.telling import brief, reader, told
from tests.claude_rows import SESSION, answer, call, encode, prompt, result, row, write


def test_a_turn_is_told_in_order(home: Path) -> None:
    thought = [{"type": "thinking", "thinking": "Look first."}]
    path = write(
        home,
        SESSION,
        prompt("Fix the\nlogin", 1),
        answer("m1", 2, None, thought),
        answer("m1", 2, None, [{"type": "text", "text": "Reading it."}]),
        answer("m1", 3, None, call("Bash", "c1", command="make test"), stop="tool_use"),
        result("c1", 8.5),
    )

    events = told("claude", path)

    assert brief(events) == [
        ("prompt", "Fix the login"),
        ("thinking", "Look first."),
        ("text", "Reading it."),
        ("tool call", "Bash: make test"),
        ("result", "ok"),
    ]
    assert events[0].body == "Fix the\nlogin"
    assert (events[4].call, events[4].tool, events[4].duration) == ("c1", "Bash", 5.5)
    assert {(event.agent, event.session, event.scope) for event in events} == {("claude", "s1", "")}


def test_a_tool_that_failed_is_a_failed_result_and_writes_nothing(home: Path) -> None:
    outcome = {"filePath": "/work/api/a.py", "structuredPatch": []}
    path = write(
        home,
        SESSION,
        answer("m1", 1, None, call("Edit", "c1", file_path="/work/api/a.py")),
        result("c1", 2, outcome, error=True),
    )

    assert [(e.kind, e.failed) for e in told("claude", path)] == [
        ("tool call", False),
        ("result", True),
    ]


def test_a_proven_write_is_told_with_its_lines(home: Path) -> None:
    outcome = {"filePath": "/work/api/a.py", "structuredPatch": [{"lines": ["+a", "+b", "-c"]}]}
    path = write(
        home,
        SESSION,
        answer("m1", 1, None, call("Edit", "c1", file_path="/work/api/a.py")),
        result("c1", 2, outcome),
    )

    *_, written = told("claude", path)

    assert (written.kind, written.title) == ("file written", "/work/api/a.py (+2 −1)")


def test_limits_errors_and_compactions_have_kinds_of_their_own(home: Path) -> None:
    said = [{"type": "text", "text": "You've hit your limit"}]
    error: dict[str, Any] = {"content": said, "model": "<synthetic>", "isApiErrorMessage": True}
    counts = {"preTokens": 48_220, "postTokens": 2_967}
    path = write(
        home,
        SESSION,
        answer("m1", 1, None, error="rate_limit", **error),
        answer("m2", 2, None, error="server_error", **error),
        row("system", 3, subtype="api_error", retryAttempt=2),
        row("system", 4, subtype="compact_boundary", compactMetadata=counts),
        prompt("[Request interrupted by user]", 5),
    )

    assert brief(told("claude", path)) == [
        ("limit", "You've hit your limit"),
        ("error", "You've hit your limit"),
        ("error", "the API failed and the request is repeated, retry 2"),
        ("compaction", "compacted: 48.2k → 3.0k tokens of context"),
        ("error", "the user stopped the turn"),
    ]


def test_what_the_client_made_is_no_prompt(home: Path) -> None:
    path = write(
        home,
        SESSION,
        prompt("<command-name>/clear</command-name>", 1),
        prompt("caveat", 2, isMeta=True),
    )

    assert told("claude", path) == []


def test_rows_of_a_subagent_in_the_same_file_have_its_scope(home: Path) -> None:
    path = write(home, SESSION, prompt("Go", 1, isSidechain=True, agentId="a7"))

    assert [event.scope for event in told("claude", path)] == ["a7"]


def test_a_half_written_line_waits_and_a_broken_one_is_passed_over(home: Path) -> None:
    path = write(home, SESSION, prompt("One", 1))
    following = reader("claude", path)
    first = list(following.read())
    two = encode(prompt("Two", 2))
    with path.open("ab") as file:
        file.write(b'{"type":"user","message":\n' + two[:40])
    half = list(following.read())
    with path.open("ab") as file:
        file.write(two[40:])

    assert [brief(first), half, brief(list(following.read()))] == [
        [("prompt", "One")],
        [],
        [("prompt", "Two")],
    ]


def test_a_rewritten_transcript_tells_only_what_is_new(home: Path) -> None:
    path = write(home, SESSION, prompt("One", 1), prompt("Two", 2))
    following = reader("claude", path)
    list(following.read())
    path.unlink()
    write(home, SESSION, prompt("One, in other words", 1), prompt("Three", 3))

    assert brief(list(following.read())) == [("prompt", "Three")]


def test_only_the_last_lines_are_read_of_a_long_past(home: Path) -> None:
    path = write(home, SESSION, *(prompt(f"prompt {n}", n) for n in range(50)))
    size = len(encode(prompt("prompt 49", 49)))

    found = list(reader("claude", path, backlog=2 * size).read())

    assert brief(found) == [("prompt", "prompt 48"), ("prompt", "prompt 49")]


@pytest.mark.parametrize("version", ["claude-1.0.128", "claude-2.0.76", "claude-2.1.329"])
def test_every_call_of_real_transcripts_has_a_result_and_a_duration(
    corpus: Path, version: str
) -> None:
    paths = (corpus / version / "home" / ".claude" / "projects").rglob("*.jsonl")
    events = [event for path in paths for event in told("claude", path)]
    results = {event.call for event in events if event.kind == "result"}

    assert results == {event.call for event in events if event.kind == "tool call"} != set()
    assert all(event.duration is not None for event in events if event.kind == "result")
    assert {"prompt", "text", "file written"} <= {event.kind for event in events}
