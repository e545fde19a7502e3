"""Where a thread stands, by its newest records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agtop.model import Activity, Reading
from tests.agents.codex.rollouts import NOON, Rollout, read, usage, uuid7

THREAD = uuid7(NOON)
TURN = uuid7(NOON + 1)


@pytest.fixture
def rollout() -> Rollout:
    return Rollout(THREAD).meta()


def begun(rollout: Rollout, at: float = NOON + 1) -> Rollout:
    rollout.at = at
    return rollout.event("task_started", turn_id=TURN).context(turn_id=TURN).prompt()


def ended(rollout: Rollout, **fields: Any) -> Rollout:
    return rollout.event("task_complete", turn_id=TURN, **fields)


def reading_of(rollout: Rollout, home: Path) -> Reading:
    return read(rollout.write(home))[0]


def activity_of(rollout: Rollout, home: Path) -> Activity:
    return reading_of(rollout, home).activity


def test_a_thread_without_a_turn_is_new(rollout: Rollout, home: Path) -> None:
    assert activity_of(rollout, home) == Activity()


def test_a_turn_that_began_is_owed_an_answer(rollout: Rollout, home: Path) -> None:
    activity = activity_of(begun(rollout), home)
    assert activity == Activity("requested", NOON + 1, "a turn began and has not ended")


def test_a_call_without_output_is_under_way(rollout: Rollout, home: Path) -> None:
    begun(rollout).says("Running.")
    rollout.at = NOON + 5
    rollout.calls("c1", cmd="npm  test\n-- --watch")

    reading = reading_of(rollout, home)

    assert reading.action == "exec_command: npm test -- --watch"
    assert reading.activity.phase == "tool"
    assert reading.activity.since == NOON + 5
    assert reading.activity.evidence == "exec_command was called and has not answered"


def test_a_tool_s_output_asks_the_model_again(rollout: Rollout, home: Path) -> None:
    begun(rollout).calls("c1", cmd="true")
    rollout.at = NOON + 9
    reading = reading_of(rollout.answers("c1"), home)

    assert reading.action is None
    assert reading.activity.phase == "requested"
    assert reading.activity.since == NOON + 9


def test_one_of_two_calls_may_still_run(rollout: Rollout, home: Path) -> None:
    begun(rollout).calls("c1", cmd="one").calls("c2", cmd="two").answers("c1")
    reading = reading_of(rollout, home)
    assert (reading.activity.phase, reading.action) == ("tool", "exec_command: two")


def test_a_question_tool_waits_for_the_user(rollout: Rollout, home: Path) -> None:
    begun(rollout).calls("c1", "request_user_input", questions=[])
    assert activity_of(rollout, home).phase == "question"
    assert activity_of(rollout.answers("c1", "yes"), home).phase == "requested"


def test_an_approval_waits_for_the_user_until_the_command_begins(
    rollout: Rollout, home: Path
) -> None:
    begun(rollout).calls("c1", cmd="rm -r build").event("exec_approval_request", call_id="c1")
    assert activity_of(rollout, home).phase == "permission"
    assert activity_of(rollout.event("exec_command_begin", call_id="c1"), home).phase == "tool"


@pytest.mark.parametrize(
    ("answer", "phase"),
    [("All done.", "done"), ("Shall I go on?", "asks"), ("**Go on?**\n", "asks"), (None, "done")],
)
def test_an_ended_turn_has_answered_or_asks(
    rollout: Rollout, home: Path, answer: str | None, phase: str
) -> None:
    ended(begun(rollout).says(answer or "x"), last_agent_message=answer)
    assert activity_of(rollout, home).phase == phase


def test_without_turn_events_an_answer_ends_the_turn(rollout: Rollout, home: Path) -> None:
    assert activity_of(rollout.prompt(), home).phase == "requested"
    assert activity_of(rollout.says("There."), home).phase == "done"


def test_a_stopped_turn_is_interrupted(rollout: Rollout, home: Path) -> None:
    begun(rollout).calls("c1", cmd="sleep 9")
    rollout.event("turn_aborted", turn_id=TURN, reason="interrupted")

    reading = reading_of(rollout, home)

    assert reading.activity.phase == "interrupted"
    assert reading.action is None


@pytest.mark.parametrize("error", ["overloaded", {"message": "overloaded"}])
def test_a_turn_that_ended_with_an_error_says_so(
    rollout: Rollout, home: Path, error: object
) -> None:
    activity = activity_of(ended(begun(rollout), error=error), home)
    assert activity.phase == "error"
    assert activity.evidence == "the turn failed: overloaded"


def test_an_error_outlives_the_end_of_its_turn_but_not_the_next(
    rollout: Rollout, home: Path
) -> None:
    ended(begun(rollout).event("error", message="no network"))
    assert activity_of(rollout, home).phase == "error"
    assert activity_of(begun(rollout, NOON + 60), home).phase == "requested"


def test_a_used_up_plan_is_limited_until_its_window_ends(rollout: Rollout, home: Path) -> None:
    primary = {"used_percent": 100.0, "window_minutes": 300, "resets_at": NOON + 3600}
    begun(rollout).count(
        None, limit_id="codex", primary=primary, plan_type="pro", rate_limit_reached_type="primary"
    )
    ended(rollout.event("error", message="limit", codex_error_info="usage_limit_exceeded"))

    reading = reading_of(rollout, home)

    assert reading.activity.phase == "limited"
    assert reading.activity.until == NOON + 3600
    assert reading.subscription == "pro"


def test_old_limits_tell_the_seconds_that_are_left(rollout: Rollout, home: Path) -> None:
    weekly = {"used_percent": 100.0, "window_minutes": 10_080, "resets_in_seconds": 50}
    begun(rollout).count(None, secondary=weekly, rate_limit_reached_type="secondary")
    assert activity_of(rollout, home).until == NOON + 1 + 50


def test_a_limit_that_is_over_is_forgotten(rollout: Rollout, home: Path) -> None:
    begun(rollout).count(None, limit_id="codex", rate_limit_reached_type="primary")
    rollout.says().count(usage(1, 0, 1), limit_id="codex")
    assert activity_of(rollout, home).phase == "requested"


def test_messages_within_a_turn_are_one_prompt(rollout: Rollout, home: Path) -> None:
    ended(begun(rollout).prompt("and faster"))
    begun(rollout, NOON + 60)
    assert reading_of(rollout, home).user_turns == 2


def test_what_codex_writes_in_the_user_s_name_is_no_prompt(rollout: Rollout, home: Path) -> None:
    rollout.prompt("<environment_context>x</environment_context>").prompt(" Real\n one ")
    reading = reading_of(rollout, home)
    assert (reading.user_turns, reading.title) == (1, "Real one")


def test_the_first_event_of_the_user_overrules_what_stood_in_the_model_s_input(
    rollout: Rollout, home: Path
) -> None:
    rules = [{"type": "input_text", "text": "House rules: be brief"}]
    rollout.item("message", role="user", content=rules).prompt("Fix it")
    reading = reading_of(rollout, home)
    assert (reading.user_turns, reading.title) == (1, "Fix it")


def test_an_editor_s_context_is_no_part_of_the_title(rollout: Rollout, home: Path) -> None:
    rollout.prompt("# Context from my IDE setup:\nfoo\n## My request for Codex:\nFix it")
    assert reading_of(rollout, home).title == "Fix it"


def test_pages_tell_prompts_by_items(rollout: Rollout, home: Path) -> None:
    rollout.event("task_started", turn_id=TURN)
    text = [{"type": "text", "text": "Do it"}]
    rollout.item("message", role="user", content=[{"type": "input_text", "text": "Do it"}])
    rollout.completed("UserMessage", TURN, content=text)
    reading = reading_of(rollout, home)
    assert (reading.user_turns, reading.title) == (1, "Do it")


def test_a_turn_that_an_agent_began_is_no_prompt(rollout: Rollout, home: Path) -> None:
    cause = {"turn_trigger": "user", "parent_turn_id": uuid7(NOON - 9)}
    rollout.event("task_started", turn_id=TURN, turn_attribution=cause).prompt("Helper, go")
    reading = reading_of(rollout, home)
    assert (reading.user_turns, reading.title) == (0, "Helper, go")


def test_times_are_those_of_the_records(rollout: Rollout, home: Path) -> None:
    begun(rollout, NOON + 4_000_000_000)
    reading = reading_of(rollout, home)
    assert (reading.started_at, reading.last_active) == (NOON, NOON + 4_000_000_000)


def test_a_program_s_runs_cannot_be_answered(home: Path) -> None:
    for fields in ({"originator": "codex_exec"}, {"source": "exec"}, {"source": "mcp"}):
        rollout = Rollout(THREAD).meta(**fields)
        assert not reading_of(rollout, home).interactive
    assert reading_of(Rollout(THREAD).meta(source="vscode"), home).interactive


def test_the_head_of_the_rollout_tells_branch_effort_and_version(home: Path) -> None:
    rollout = Rollout(THREAD).meta(git={"branch": "main"}).context(effort="high", cwd="/work/b")
    reading = reading_of(rollout, home)
    assert (reading.branch, reading.effort, reading.cwd) == ("main", "high", "/work/b")
    assert reading.version == "0.120.0"


PATCH = "*** Begin Patch\n*** Add File: perm.txt\n+one\n*** End Patch\n"


@pytest.mark.parametrize(
    ("policy", "reviewer", "call", "at_once"),
    [
        ("on-request", "user", "exec_command", True),
        ("on-request", None, "shell", True),
        ({"granular": {"rules": True}}, "user", "exec_command", True),
        ("never", "user", "exec_command", False),
        ("on-request", "guardian_subagent", "exec_command", False),
        (None, None, "exec_command", False),
        ("on-request", "user", "write_stdin", False),
        ("on-request", "user", "spawn_agent", False),
    ],
)
def test_a_call_is_held_up_by_the_user_alone_where_the_policy_asks_them(
    rollout: Rollout, home: Path, policy: object, reviewer: str | None, call: str, at_once: bool
) -> None:
    begun(rollout).context(turn_id=TURN, approval_policy=policy, approvals_reviewer=reviewer)

    activity = activity_of(rollout.calls("c1", call, cmd="curl -s http://a.test/x"), home)

    assert (activity.phase, activity.at_once) == ("tool", at_once)


def test_a_patch_is_held_up_and_settings_may_change_the_policy(
    rollout: Rollout, home: Path
) -> None:
    begun(rollout).context(turn_id=TURN, approval_policy="never")
    rollout.event("thread_settings_applied", thread_settings={"approval_policy": "on-request"})
    rollout.event("thread_settings_applied", thread_settings={"model": "gpt-5"})
    rollout.item("custom_tool_call", name="apply_patch", input=PATCH, call_id="c1")

    assert activity_of(rollout, home).at_once


TOO_MANY = {"response_too_many_failed_attempts": {"http_status_code": 429}}
OVERLOADED = {"http_connection_failed": {"http_status_code": 529}}


@pytest.mark.parametrize(
    ("error", "phase"),
    [
        ({"message": "exceeded retry limit", "codex_error_info": TOO_MANY}, "limited"),
        ("exceeded retry limit, last status: 429 Too Many Requests", "limited"),
        ({"message": "unexpected status 529", "codex_error_info": OVERLOADED}, "error"),
        ({"message": "request 4290 failed", "codex_error_info": "other"}, "error"),
    ],
)
def test_a_turn_that_was_asked_for_too_often_met_a_rate_limit(
    rollout: Rollout, home: Path, error: object, phase: str
) -> None:
    ended(begun(rollout), last_agent_message=None, error=error)

    assert activity_of(rollout, home).phase == phase
