"""Qwen Code: what goes on in a session, where its files lie, and what damage costs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agtop.agents.qwen import AGENT
from agtop.agents.qwen.meter import QwenMeter, meter
from agtop.agents.walk import Walk
from agtop.model import Tokens
from tests.agents.qwen_rows import (
    ID,
    LATER,
    Line,
    answer,
    at,
    call,
    project,
    prompt,
    read,
    result,
    row,
    session,
    spent,
    subagent,
    system,
    told,
    write,
)
from tests.worlds import World

# ---- what goes on


@pytest.mark.parametrize(
    ("lines", "phase"),
    [
        ([prompt()], "requested"),
        ([prompt(), answer(1, 1)], "done"),
        ([prompt(), answer(1, 1, text="Shall I?")], "asks"),
        ([prompt(), answer(1, 1, text="")], "requested"),
        ([prompt(), answer(calls=[call("edit")])], "tool"),
        ([prompt(), answer(calls=[call("ask_user_question")])], "question"),
        ([prompt(), answer(calls=[call("edit")]), result("success")], "requested"),
        ([prompt(), answer(calls=[call("edit"), call("edit", "d")]), result("error")], "tool"),
        ([prompt(), answer(calls=[call("edit")]), result("cancelled")], "interrupted"),
        ([prompt(), answer(), prompt("a task ended", 5, subtype="notification")], "requested"),
        ([prompt(), system("turn_result", {"state": "cancelled"})], "interrupted"),
        ([prompt(), system("turn_result", {"state": "error", "error": {"message": "x"}})], "error"),
        ([answer(), system("turn_result", {"state": "completed"})], "done"),
    ],
)
def test_the_records_say_what_goes_on(home: Path, lines: list[Line], phase: str) -> None:
    assert read(session(home, *lines)).activity.phase == phase


@pytest.mark.parametrize(
    ("tool", "at_once"), [("run_shell_command", True), ("edit", True), ("web_fetch", False)]
)
def test_a_call_that_would_be_over_at_once_is_held_up_by_the_user(
    home: Path, tool: str, at_once: bool
) -> None:
    activity = read(session(home, prompt(), answer(calls=[call(tool)]))).activity

    assert (activity.phase, activity.at_once) == ("tool", at_once)


def test_the_same_call_again_and_again_is_a_loop(home: Path) -> None:
    lines = [answer(calls=[call("edit", f"c{n}", file_path="/x")], second=n) for n in range(4)]

    assert read(session(home, *lines[:3])).loop is None
    assert "came 4 times" in (read(session(home, *lines)).loop or "")


@pytest.mark.parametrize(
    ("event", "phase"),
    [
        ({"status_code": 500, "error_message": "broken"}, "error"),
        ({"status_code": 429, "error_message": "slow down"}, "limited"),
        ({"status_code": "429"}, "limited"),
        ({"error_message": "You exceeded your current quota"}, "limited"),
        ({"status_code": 500, "subagent_id": "helper-1"}, "requested"),
    ],
)
def test_a_failed_request_is_an_error_or_a_limit(home: Path, event: Line, phase: str) -> None:
    failed = system("ui_telemetry", {"uiEvent": {"event.name": "qwen-code.api_error", **event}})

    assert read(session(home, prompt(), failed)).activity.phase == phase


def test_only_a_persons_words_begin_a_turn(home: Path) -> None:
    path = session(
        home,
        prompt("Build a cart", provenance="real_user"),
        answer(1, 1),
        prompt("<task ended>", 4, subtype="notification", provenance="system"),
        prompt("every hour", 5, subtype="cron", provenance="system"),
        prompt("go on", 6, provenance="goal_runtime"),
        prompt("and quickly", 7, subtype="mid_turn_user_message", provenance="real_user"),
    )

    assert (read(path).user_turns, read(path).title) == (1, "Build a cart")


def test_a_write_is_proven_by_its_result(home: Path) -> None:
    shown = {"fileDiff": "+a", "fileName": "a.py", "diffStat": {"model_added_lines": 2, "model_removed_lines": 1}}  # fmt: skip
    names = ("1", "2", "3", "4")
    calls = [
        call("write_file", each, file_path=f"/work/{each}.py", content="x\ny\nz") for each in names
    ]
    path = session(
        home,
        answer(calls=calls),
        result("success", shown, "1"),
        result("error", "no", "2"),
        result(None, None, "3"),
        result(None, None, "4", response={"error": "no"}),
    )
    reading = read(path)

    assert [write.path for write in reading.writes] == ["/work/1.py", "/work/3.py"]
    assert reading.lines is not None
    assert (reading.lines.added, reading.lines.removed) == (5, 1)
    assert (reading.tool_calls, reading.tool_errors) == (4, 2)


def test_context_window_and_compression_are_known(home: Path) -> None:
    info = {"originalTokenCount": 900, "newTokenCount": 100, "compressionStatus": 1}
    failed = {"originalTokenCount": 900, "newTokenCount": 950, "compressionStatus": 2}
    path = session(
        home,
        answer(800, 50, 0, 0, 850, contextWindowSize=1000),
        system("chat_compression", {"info": info}, 4),
        system("chat_compression", {"info": failed}, 5),
    )
    context = read(path).context

    assert context is not None
    assert (context.used, context.window, context.peak, context.compactions) == (100, 1000, 900, 1)


def test_title_model_branch_and_version_are_the_newest(home: Path) -> None:
    path = session(
        home,
        prompt(version="0.20.0", gitBranch="main"),
        system("custom_title", {"customTitle": "First"}),
        system("custom_title", {"customTitle": "Second"}, 3),
        system("session_model", {"modelId": "qwen-max"}, 4),
        prompt("More", 5, version="0.24.4", gitBranch="next"),
    )
    reading = read(path)

    assert (reading.title, reading.model) == ("Second", "qwen-max")
    assert (reading.branch, reading.version, reading.cwd) == ("next", "0.24.4", "/work/shop")


def test_a_subagent_is_known_by_its_meta_file(home: Path) -> None:
    path = subagent(home, prompt(), answer(calls=[call("edit")], model=None))
    one = meter(str(path))
    (before,) = one.read()
    meta = path.with_name("agent-helper-1.meta.json")
    meta.write_text(
        json.dumps({"description": "price check", "status": "cancelled", "lastUpdatedAt": at(9),
                    "parentAgentId": "lead-1", "persistedCliFlags": {"model": "qwen-max"}})
    )  # fmt: skip
    assert one.changed()
    (after,) = one.read()

    assert (before.activity.phase, before.parent_id) == ("tool", ID)
    assert (after.activity.phase, after.parent_id) == ("interrupted", f"{ID}/lead-1")
    assert (after.title, after.model, after.user_turns) == ("price check", "qwen-max", 0)
    assert AGENT.companions(str(path)) == (str(meta),)
    assert AGENT.companions("/x/chats/y.jsonl") == ()


def test_a_session_made_by_another_is_below_it(home: Path) -> None:
    session(home, prompt())
    session(home, system("parent_session", {"parentSessionId": ID}), prompt(), key="made")
    (top,) = World(home, now=LATER).collect().sessions

    assert [below.session_id for below in top.subagents] == ["made"]


# ---- places


def test_homes_can_be_moved_apart(home: Path) -> None:
    own = home / ".qwen"
    assert AGENT.roots(home, {}) == (own,)
    assert AGENT.roots(home, {"QWEN_HOME": "/q"}) == (Path("/q"),)
    assert AGENT.roots(home, {"QWEN_RUNTIME_DIR": "~/r"}) == (own, home / "r")
    own.mkdir()
    (own / "settings.json").write_text('{"advanced": {"runtimeOutputDir": "/r"}}')
    assert AGENT.roots(home, {}) == (own, Path("/r"))
    (own / "settings.json").write_text('{"advanced": {"runtimeOutputDir": ".qwen-out"}}')
    assert AGENT.roots(home, {}) == (own,)


def test_only_sessions_and_subagents_are_taken_for_transcripts(home: Path) -> None:
    wanted = {session(home, prompt()), subagent(home, prompt())}
    chats = project(home) / "chats"
    for name in ("x.ledger.jsonl", ".new.1.tmp", ".new.jsonl", "x.jsonl.maintenance", "deep/er/x.jsonl"):  # fmt: skip
        write(chats / name, prompt())
    write(project(home) / "memory" / "x.jsonl", prompt())
    write(project(home) / "subagents" / ID / "agent-helper-1.jsonl.stream", prompt())

    assert set(map(Path, AGENT.transcripts(home / ".qwen", Walk([])))) == wanted


# ---- damage, and what is newer than agtop


def test_nothing_that_json_can_hold_stops_the_reading(home: Path) -> None:
    odd = [b"[]", b"7", b"null", b'{"type": 7}', b'{"type": "assistant", "message": 9}', b"\xff{",
           b'{"type": "system", "subtype": "ui_telemetry", "systemPayload": [1]}',
           b'{"type": "system", "subtype": "ui_telemetry", "systemPayload": {"uiEvent": {"event.name": "qwen-code.api_response", "response_id": "x", "input_token_count": 1e400}}}',
           b'{"type": "tool_result", "toolCallResult": {"resultDisplay": {"fileDiff": 1}}}',
           b'{"type": "assistant", "message": {"parts": [null, {"functionCall": {"args": 3}}]}}',
           b"[" * 5000]  # fmt: skip
    reading = read(session(home, *odd, prompt(), told("r1", 10, 5, 0, 0, 15)))

    assert reading.user_turns == 1
    assert reading.skipped >= 4


@pytest.mark.parametrize("count", [2**33, -7, "many", None])
def test_a_count_that_cannot_be_one_costs_only_itself(home: Path, count: Any) -> None:
    path = session(home, told("r1", count, 5, 0, 0, 15))

    assert spent(path) == {ID: Tokens(output=5)}


def test_rows_of_a_kind_unknown_here_are_told_where_no_tokens_were_found(home: Path) -> None:
    reading = read(session(home, row("model_reply")))
    assert reading.problems == ("it holds rows of a kind unknown here (model_reply); update agtop",)

    reading = read(session(home, row("model_reply"), told("r1", 10, 5, 0, 0, 15)))
    assert reading.problems == ()


def test_answers_without_tokens_leave_them_unknown_and_say_so(home: Path) -> None:
    session(home, prompt(), answer(usage={"in": 3}))
    (top,) = World(home, now=LATER).collect().sessions

    assert top.tokens is None
    assert any("no token counts" in problem for problem in top.problems)


def test_a_replaced_transcript_is_read_from_its_start(home: Path) -> None:
    path = session(home, prompt("One"), answer(1, 1), prompt("Two", 5), answer(2, 2, second=6))
    one = QwenMeter(str(path))
    one.read()
    session(home, prompt("Other"))
    (reading,) = one.read()

    assert (one.restarts, reading.title, reading.replies) == (1, "Other", 0)
