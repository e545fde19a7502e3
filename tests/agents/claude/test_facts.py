"""What a Claude Code transcript tells besides usage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agtop.agents.claude import AGENT
from agtop.model import Lines, Reading
from tests.claude_rows import SESSION, answer, at, call, prompt, result, row, usage, write


def reading(home: Path, *rows: dict[str, Any]) -> Reading:
    meter = AGENT.meter(str(write(home, SESSION, *rows)))
    (known,) = meter.read()
    return known


def edit(path: str, *lines: str) -> dict[str, Any]:
    return {"filePath": path, "structuredPatch": [{"lines": list(lines)}]}


def test_identity_comes_from_the_records(home: Path) -> None:
    known = reading(home, prompt("fix the bug", 1), answer("m", 2, usage(1, 1), effort="high"))

    assert (known.session_id, known.cwd, known.branch) == (SESSION, "/work/api", "main")
    assert (known.model, known.effort, known.version) == ("claude-sonnet-4-5", "high", "2.1.329")


def test_the_title_is_the_users_then_the_agents_then_the_prompt(home: Path) -> None:
    first = prompt("please\n do  it", 1)
    last = {"type": "last-prompt", "lastPrompt": "again"}
    ai = {"type": "ai-title", "aiTitle": "Do it"}
    custom = {"type": "custom-title", "customTitle": "My work"}

    titles = [
        reading(home, *rows).title
        for rows in ([first], [first, last], [first, last, ai], [custom, first, last, ai])
    ]

    assert titles == ["please do it", "again", "Do it", "My work"]


@pytest.mark.parametrize(
    "rows",
    [
        [prompt("<command-name>/compact</command-name>", 1)],
        [prompt("<local-command-stdout></local-command-stdout>", 1)],
        [prompt("summary of before", 1, isCompactSummary=True)],
        [prompt("caveat", 1, isMeta=True)],
        [result("t", 1)],
        [prompt("[Request interrupted by user]", 1)],
        [prompt("go", 1, isSidechain=True)],
    ],
)
def test_only_the_users_own_prompts_are_turns(home: Path, rows: list[dict[str, Any]]) -> None:
    assert reading(home, *rows).user_turns == 0
    assert reading(home, *rows, prompt("go", 9)).user_turns == 1


def test_tool_calls_are_counted_once_and_errors_by_result(home: Path) -> None:
    known = reading(
        home,
        answer("m", 1, usage(1, 1), call("Bash", "t1", command="ls"), stop="tool_use"),
        answer("m", 1, usage(1, 1), call("Bash", "t1", command="ls"), stop="tool_use"),
        answer("m", 2, usage(1, 1), call("Read", "t2", file_path="/x"), stop="tool_use"),
        result("t1", 3, error=True),
    )

    assert (known.tool_calls, known.tool_errors) == (2, 1)
    assert known.action == "Read: /x"


def test_an_answered_call_is_no_longer_under_way(home: Path) -> None:
    known = reading(
        home,
        answer("m", 1, usage(1, 1), call("Bash", "t1", command="make  all\n"), stop="tool_use"),
        result("t1", 3),
    )

    assert known.action is None
    assert known.activity.phase == "requested"


def test_only_proven_writes_count_with_their_lines(home: Path) -> None:
    known = reading(
        home,
        answer("m", 1, usage(1, 1), call("Write", "t1", file_path="/w/a"), stop="tool_use"),
        result("t1", 2, {"type": "create", "filePath": "/w/a", "content": "x\ny\n"}),
        answer("m", 3, usage(1, 1), call("Edit", "t2", file_path="/w/a"), stop="tool_use"),
        result("t2", 4, edit("/w/a", " same", "+new", "-old", "-older")),
        answer("m", 5, usage(1, 1), call("Edit", "t3", file_path="/w/b"), stop="tool_use"),
        result("t3", 6, edit("/w/b", "+x"), error=True),
        answer("m", 7, usage(1, 1), call("Edit", "t4", file_path="/w/c"), stop="tool_use"),
        result("t4", 8, {**edit("/w/c", "+x"), "staged": True}),
        answer("m", 9, usage(1, 1), call("Read", "t5", file_path="/w/d"), stop="tool_use"),
        result("t5", 10, {"type": "text", "file": {"filePath": "/w/d"}}),
    )

    assert [(w.path, w.writes) for w in known.writes] == [("/w/a", 2)]
    assert known.lines == Lines(added=3, removed=2)


def test_the_context_is_the_newest_main_response_and_falls_after_a_compaction(home: Path) -> None:
    big = answer("m1", 1, usage(1195, 455, cache_read=45500, write_5m=1070))
    side = answer("m2", 2, usage(9, 9, cache_read=90000), isSidechain=True)
    boundary = row(
        "system",
        3,
        subtype="compact_boundary",
        compactMetadata={"preTokens": 48220, "postTokens": 2967},
    )

    before = reading(home, big, side).context
    after = reading(home, big, side, boundary).context

    assert before is not None
    assert (before.used, before.peak) == (48220, 48220)
    assert after is not None
    assert (after.used, after.peak, after.compactions) == (2967, 48220, 1)


def test_a_looped_response_fills_the_context_with_its_last_step(home: Path) -> None:
    steps = [{"type": "message", **usage(10, 5)}, {"type": "message", **usage(20, 6)}]

    context = reading(home, answer("m1", 1, usage(30, 11, iterations=steps))).context

    assert context is not None
    assert context.used == 26


def test_a_model_asked_for_with_1m_has_a_window_of_a_million(home: Path) -> None:
    context = reading(
        home, answer("m1", 1, usage(30, 11), requestedModel="claude-sonnet-4-5[1m]")
    ).context

    assert context is not None
    assert context.window == 1_000_000


ASKED = {"type": "api-request", "id": "r9", "timestamp": at(9), "querySource": "repl_main_thread"}


@pytest.mark.parametrize(
    ("rows", "phase"),
    [
        ([], "new"),
        ([prompt("go", 1)], "requested"),
        ([answer("m", 1, usage(1, 1))], "done"),
        ([answer("m", 1, usage(1, 1), [{"type": "text", "text": "Shall I?"}])], "asks"),
        ([answer("m", 1, usage(1, 1), call("Bash", "t1"), stop="tool_use")], "tool"),
        ([answer("m", 1, usage(1, 1), call("AskUserQuestion", "t"), stop="tool_use")], "question"),
        ([answer("m", 1, usage(1, 1), call("ExitPlanMode", "t"), stop="tool_use")], "question"),
        ([answer("m", 1, usage(1, 1), call("Bash", "t")), result("t", 2)], "requested"),
        ([answer("m", 1, usage(1, 1)), ASKED], "requested"),
        ([prompt("go", 1), prompt("[Request interrupted by user]", 2)], "interrupted"),
        ([answer("m", 1, usage(1, 3), stop=None, isAbortedMidStream=True)], "interrupted"),
        ([answer("m", 1, None, isApiErrorMessage=True, error="server_error")], "error"),
        ([answer("m", 1, None, isApiErrorMessage=True, error="rate_limit")], "limited"),
    ],
)  # fmt: skip
def test_the_newest_record_decides_the_phase(
    home: Path, rows: list[dict[str, Any]], phase: str
) -> None:
    assert reading(home, *rows).activity.phase == phase


@pytest.mark.parametrize(("tool", "at_once"), [("Bash", True), ("Write", True), ("Task", False)])
def test_a_call_that_would_be_over_at_once_is_held_up_by_the_user(
    home: Path, tool: str, at_once: bool
) -> None:
    asked = answer("m", 1, usage(1, 1), call(tool, "t1"), stop="tool_use")

    assert reading(home, asked).activity.at_once is at_once


def test_a_rate_limit_knows_when_it_ends(home: Path) -> None:
    quota = {"five_hour": {"resets_at": "2026-11-20T14:00:00Z"}}
    known = reading(
        home, answer("m", 1, None, isApiErrorMessage=True, error="rate_limit", quotaLimits=quota)
    )

    assert known.activity.until == 1795183200.0


def test_a_piped_run_is_not_interactive(home: Path) -> None:
    assert reading(home, prompt("go", 1, entrypoint="cli")).interactive
    assert not reading(home, prompt("go", 1, entrypoint="sdk-cli")).interactive


def test_an_empty_transcript_is_a_reading_of_nothing(home: Path) -> None:
    known = reading(home)

    assert (known.session_id, known.records, known.metered) == (SESSION, 0, False)


def test_nothing_new_gives_the_same_reading(home: Path) -> None:
    path = write(home, SESSION, prompt("go", 1))
    meter = AGENT.meter(str(path))

    assert meter.read()[0] is meter.read()[0]
    assert not meter.changed()


def test_a_replaced_transcript_starts_its_facts_again(home: Path) -> None:
    path = write(home, SESSION, prompt("go", 1), prompt("on", 2), answer("m", 3, usage(1, 1)))
    meter = AGENT.meter(str(path))
    meter.read()

    write(home, SESSION, prompt("new", 5))

    assert meter.read()[0].user_turns == 1


def test_the_same_call_again_and_again_is_a_loop_until_the_user_speaks(home: Path) -> None:
    rows = [prompt("go", 0)]
    for n in range(4):
        rows.append(answer(f"m{n}", n + 1, usage(1, 1), call("Bash", f"c{n}", command="make")))
        rows.append(result(f"c{n}", n + 1.5))
    assert reading(home, *rows).loop == "the call Bash: make came 4 times in the last 4"
    assert reading(home, *rows, prompt("stop", 60)).loop is None


@pytest.mark.parametrize(
    ("tool", "arguments", "action"),
    [
        ("Bash", {"command": "ls\n -l"}, "Bash: ls -l"),
        (
            "AskUserQuestion",
            {"questions": [{"question": "Which flour?", "options": []}, {"question": "When?"}]},
            "AskUserQuestion: Which flour?",
        ),
        ("ExitPlanMode", {"plan": "# Bake\n1. Knead"}, "ExitPlanMode: # Bake 1. Knead"),
        ("AskUserQuestion", {"questions": []}, "AskUserQuestion"),
        ("AskUserQuestion", {"questions": "odd"}, "AskUserQuestion"),
    ],
)
def test_what_is_going_on_names_what_it_is_about(
    home: Path, tool: str, arguments: dict[str, Any], action: str
) -> None:
    rows = [answer("m", 1, usage(1, 1), call(tool, "t", **arguments), stop="tool_use")]

    assert reading(home, *rows).action == action
