"""What Trace tells of a Codex rollout."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agents.codex.rollouts import NOON, Rollout, uuid7
from tests.agents.telling import brief, told

PATCH = "*** Begin Patch\n*** Update File: b.py\n+one\n-two\n*** End Patch"


def rollout() -> Rollout:
    return Rollout(uuid7(NOON)).meta().context()


def test_a_turn_is_told_in_order(home: Path) -> None:
    lines = rollout().prompt("Fix it")
    lines.item("reasoning", summary=[{"type": "summary_text", "text": "Look first."}])
    lines.says("Looking.").calls("c1", cmd="make test")
    lines.at += 2.5
    lines.answers("c1", "Wall time: 2 seconds\nProcess exited with code 1\nOutput:\nno rule\n")

    events = told("codex", lines.write(home))

    assert brief(events) == [
        ("prompt", "Fix it"),
        ("thinking", "Look first."),
        ("text", "Looking."),
        ("tool call", "exec_command: make test"),
        ("result", "no rule"),
    ]
    last = events[-1]
    assert (last.duration, last.failed, last.tool) == (2.5, True, "exec_command")


def test_what_codex_tells_the_model_is_no_prompt(home: Path) -> None:
    content = [{"type": "input_text", "text": "# AGENTS.md instructions"}]
    path = rollout().item("message", role="user", content=content).prompt("Go").write(home)

    assert brief(told("codex", path)) == [("prompt", "Go")]


def test_a_patch_is_told_once_whether_an_event_or_its_output_proves_it(home: Path) -> None:
    lines = rollout()
    for call in ("c1", "c2"):
        lines.item("custom_tool_call", name="apply_patch", input=PATCH, call_id=call)
    changes = {"/work/acme/a.py": {"type": "add", "content": "x\ny\n"}}
    lines.completed("FileChange", id="c1", status="completed", changes=changes)
    lines.item("custom_tool_call_output", call_id="c1", output="Exit code: 0\nOutput:\nok")
    lines.item("custom_tool_call_output", call_id="c2", output="Exit code: 0\nOutput:\nok")

    written = [e for e in told("codex", lines.write(home)) if e.kind == "file written"]

    assert [(e.title, e.call) for e in written] == [
        ("/work/acme/a.py (+2 −0)", "c1"),
        ("/work/acme/b.py (+1 −1)", "c2"),
    ]


def test_limits_errors_and_compactions_have_kinds_of_their_own(home: Path) -> None:
    lines = rollout().add("compacted", {"message": "Summary"})
    lines.event("error", message="Usage limit", codex_error_info="usage_limit_exceeded")
    lines.event("error", message="Stream died")
    lines.count(None, rate_limit_reached_type="primary")
    lines.count(None, rate_limit_reached_type="primary")
    lines.event("turn_aborted", reason="interrupted")

    assert brief(told("codex", lines.write(home))) == [
        ("compaction", "the context was compacted"),
        ("limit", "Usage limit"),
        ("error", "Stream died"),
        ("limit", "the plan's rate limit is reached: primary"),
        ("error", "the user stopped the turn"),
    ]


def test_a_command_that_failed_by_its_event_fails_its_result(home: Path) -> None:
    lines = rollout().calls("c1", cmd="false")
    lines.completed("CommandExecution", id="c1", status="failed", exit_code=1)
    lines.answers("c1", "")

    assert told("codex", lines.write(home))[-1].failed


@pytest.mark.parametrize("version", ["0.20.0", "0.50.0", "0.105.0", "0.150.0", "0.169.0"])
def test_every_call_of_real_rollouts_that_was_answered_has_its_result(
    corpus: Path, version: str
) -> None:
    paths = (corpus / f"codex-{version}" / "home").rglob("rollout-*.jsonl")
    events = [event for path in paths for event in told("codex", path)]
    calls = {event.call for event in events if event.kind == "tool call"}
    results = {event.call for event in events if event.kind == "result"}

    assert results <= calls
    assert results
    assert {"prompt", "thinking", "text"} <= {event.kind for event in events}
    assert all(event.tool for event in events if event.kind == "result")
