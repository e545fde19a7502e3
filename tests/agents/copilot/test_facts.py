"""Copilot CLI: what its events tell, whole and broken."""

from __future__ import annotations

from pathlib import Path

from agtop.agents.copilot import AGENT
from agtop.agents.copilot.places import title_of
from agtop.model import Tokens
from tests.agents.copilot.events import (
    SID,
    Event,
    answer,
    event,
    prompt,
    read,
    record,
    shutdown,
    start,
    write,
)
from tests.agents.sums import sums_of


def phase(home: Path, *events: Event) -> str:
    return read(home, start(), prompt(1), *events).activity.phase


def call(at: int, tool: str, **arguments: object) -> Event:
    fields: dict[str, object] = {"toolCallId": "t", "toolName": tool, "arguments": arguments}
    return event("tool.execution_start", at, **fields)


def result(at: int, success: bool = True, **more: object) -> Event:
    fields: dict[str, object] = {"toolCallId": "t", "success": success}
    return event("tool.execution_complete", at, **(fields | more))


def test_the_phase_follows_the_events(home: Path) -> None:
    asked = event("permission.requested", 3, requestId="p", permissionRequest={"kind": "shell"})
    allowed = event("permission.completed", 4, requestId="p")
    bash = call(2, "bash", command="make")
    ended = event("assistant.turn_end", 9)
    assert phase(home) == "requested"
    assert phase(home, bash) == "tool"
    assert phase(home, bash, asked) == "permission"
    assert phase(home, bash, asked, allowed) == "tool"
    assert phase(home, bash, asked, allowed, result(5)) == "requested"
    assert phase(home, call(2, "ask_user", message="Red?")) == "question"
    assert phase(home, answer(8), ended) == "done"
    assert phase(home, answer(8, "Shall I?"), ended) == "asks"
    assert phase(home, answer(8), event("abort", 9, reason="user_initiated")) == "interrupted"
    assert phase(home, event("session.error", 9, errorType="query", message="no")) == "error"
    assert phase(home, event("session.error", 9, errorType="rate_limit")) == "limited"
    assert phase(home, event("session.error", 9, errorType="x", statusCode=429)) == "limited"
    assert phase(home, bash, shutdown(9, 0)) == "interrupted"


def test_a_permission_names_what_it_is_for(home: Path) -> None:
    wanted = {"kind": "shell", "fullCommandText": "rm -r tmp"}
    asked = event("permission.requested", 3, requestId="p", permissionRequest=wanted)
    said = read(home, start(), prompt(1), call(2, "bash"), asked).activity.evidence
    assert said == "it asks for permission: shell: rm -r tmp"


def test_a_permission_that_a_killed_process_left_is_asked_for_again(home: Path) -> None:
    asked = event("permission.requested", 3, requestId="p", permissionRequest={"kind": "url"})
    assert phase(home, call(2, "fetch"), asked, event("session.resume", 60)) == "permission"
    assert phase(home, call(2, "fetch"), event("session.resume", 60)) == "interrupted"


def test_a_prompt_of_the_program_itself_is_no_turn_of_the_user(home: Path) -> None:
    goes_on = prompt(5, isAutopilotContinuation=True)
    assert read(home, start(), prompt(1), goes_on, prompt(6, source="system")).user_turns == 1


def test_files_are_written_where_the_result_says_so(home: Path) -> None:
    metrics = {"metrics": {"linesAdded": 3, "linesRemoved": 1.0}}
    edits = [{"path": "/work/acme/a.md"}, {"path": "b.md"}]
    good = result(3, fileEdits=edits, toolTelemetry=metrics)
    reading = read(home, start(), prompt(1), call(2, "apply_patch"), good)
    assert [w.path for w in reading.writes] == ["/work/acme/a.md", "/work/acme/b.md"]
    assert reading.lines is not None
    assert (reading.lines.added, reading.lines.removed) == (3, 1)
    bad = read(home, start(), prompt(1), call(2, "edit", path="a.md"), result(3, success=False))
    assert (bad.writes, bad.tool_errors) == ((), 1)


def test_early_results_name_no_file_but_their_call_does(home: Path) -> None:
    reading = read(home, start(), prompt(1), call(2, "create", path="a.md"), result(3))
    assert [w.path for w in reading.writes] == ["/work/acme/a.md"]


def test_the_context_is_the_newest_prompt(home: Path) -> None:
    reading = read(home, start(), prompt(1), record(2, 1, maxPromptTokens=4000), answer(2))
    assert reading.context is not None
    assert (reading.context.used, reading.context.window) == (1000, 4000)


def test_the_title_is_the_name_in_the_workspace_file(tmp_path: Path) -> None:
    path = tmp_path / "workspace.yaml"
    for text, title in (
        ("id: x\nname: Fix: the roof\n", "Fix: the roof"),
        ("name: 'It''s'\n", "It's"),
        ('name: "a \\"b\\""\n', 'a "b"'),
        ("name:\n", None),
        ("summary_count: 0\n", None),
    ):
        path.write_text(text)
        assert title_of(str(path)) == title


def test_the_same_call_again_and_again_is_a_loop(home: Path) -> None:
    def calls(tool: str, **more: object) -> list[Event]:
        ids = [{"toolCallId": f"t{at}", "toolName": tool, **more} for at in range(2, 9)]
        return [event("tool.execution_start", 2 + at, **each) for at, each in enumerate(ids)]

    make = {"arguments": {"command": "make"}}
    assert "make" in (read(home, start(), prompt(1), *calls("bash", **make)).loop or "")
    assert read(home, start(), prompt(1), *calls("bash", **make), prompt(60)).loop is None
    assert read(home, start(), prompt(1), *calls("read_bash", **make)).loop is None
    assert read(home, start(), prompt(1), *calls("bash")).loop is None  # nobody knows what it did


# ---- what is broken


def test_numbers_that_no_request_can_have_count_nothing(home: Path) -> None:
    bad = {"inputTokens": 2**40, "outputTokens": "many", "cacheReadTokens": -5, "model": 7}
    write(home, [start(), prompt(1), record(2, 1, **bad), record(3, 2), answer(3)])
    assert sums_of(AGENT, home).tokens(SID) == Tokens(200, 700, 200, 0, 50)


def test_nonsense_between_the_events_is_passed_over(home: Path) -> None:
    path = write(home, [start(), prompt(1), record(2, 1), answer(2)])
    strange = [
        '{"type":"session.usage_record","data":{"usage":[1]}}',
        '{"type":"session.usage_record","data":7,"timestamp":9}',
        '{"type":"future.kind","data":{"x":NaN}}',
        '{"type":"tool.execution_complete","data":{"toolCallId":5,"fileEdits":[3,{"path":4}]}}',
        '{"type":"session.shutdown","data":{"modelMetrics":{"m":4}}}',
        '{"type":"subagent.started","data":{}}',
        "[]",
        "{",
    ]
    with path.open("a") as file:
        file.write("\n".join(strange) + "\n")
    sums = sums_of(AGENT, home)
    assert sums.tokens(SID) == Tokens(200, 700, 100, 0, 50)
    assert sums.readings[SID].skipped == 3


def test_a_database_that_cannot_be_read_is_a_problem_not_a_zero(home: Path) -> None:
    write(home, [start(), prompt(1), answer(2)])
    (home / ".copilot" / "session-store.db").write_bytes(b"SQLite format 3\0" + b"x" * 4096)
    reading = sums_of(AGENT, home).readings[SID]
    assert not reading.metered
    assert any("session-store.db" in said for said in reading.problems)
