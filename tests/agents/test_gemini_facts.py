"""Gemini CLI: whose a session is, what goes on in it, and what damage costs."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from agtop.agents.gemini import AGENT
from agtop.agents.gemini.meter import GeminiDocument, GeminiMeter
from agtop.model import Tokens
from tests.agents.gemini_rows import (
    ID,
    LATER,
    Line,
    answer,
    at,
    call,
    chats,
    head,
    prompt,
    read,
    results,
    session,
    spent,
    write,
)
from tests.worlds import World, find, process

# ---- whose it is


def test_a_subagent_belongs_to_the_session_its_folder_names(home: Path) -> None:
    session(home, head(), prompt("Go"), answer("g", 10, 5, 0, 0, 0, 15))
    write(
        chats(home) / ID / "sub.jsonl",
        head(sessionId="sub", kind="subagent", directories=["/work/shop"]),
        prompt("Look"),
        answer("s", 20, 6, 0, 0, 0, 26),
    )
    (row,) = World(home, now=LATER).collect().sessions
    (below,) = row.subagents

    assert (below.session_id, below.reading.user_turns) == ("sub", 0)
    assert (below.reading.cwd, below.reading.title) == ("/work/shop", "Look")
    assert (row.own.tokens, row.tokens) == (
        Tokens(input=10, output=5),
        Tokens(input=30, output=11),
    )


def test_the_directory_is_what_the_project_says_of_itself(home: Path) -> None:
    path = session(home, head())
    (path.parents[1] / ".project_root").write_text("/work/shop\n")

    assert read(path).cwd == "/work/shop"


@pytest.mark.parametrize("name", ["history/shop/.project_root", "projects.json"])
def test_else_it_is_what_the_history_or_the_list_of_projects_says(home: Path, name: str) -> None:
    path = session(home, head())
    other = home / ".gemini" / name
    other.parent.mkdir(parents=True, exist_ok=True)
    listed = json.dumps({"projects": {"/work/shop": "shop", "/work/x": "x"}})
    other.write_text(listed if name.endswith(".json") else "/work/shop")

    assert read(path).cwd == "/work/shop"


@pytest.mark.parametrize("path", ["/work/old", "/Work/OLD"])
def test_else_a_path_it_worked_on_whose_folder_has_the_projects_hash(home: Path, path: str) -> None:
    hashed = hashlib.sha256(b"/work/old").hexdigest()  # on Windows of the name in lower case
    tool = call("read_file", "success", args={"absolute_path": f"{path}/a/b.txt"})
    chat = write(
        chats(home, hashed) / "session-2026-03-01T10-00-a1b2c3d4.jsonl",
        head(projectHash=hashed),
        answer("g", 1, 1, toolCalls=[tool]),
    )

    assert read(chat).cwd == path


def test_and_a_hash_that_nothing_explains_leaves_it_unknown(home: Path) -> None:
    assert read(session(home, head(), prompt("Go"))).cwd is None


def test_only_conversations_are_taken_for_transcripts(home: Path) -> None:
    path = session(home, head())
    for name in (f"{path.name}.unreadable-17", f"{path.name}.tmp-9", "logs.json"):
        (path.parent / name).write_text("{}")
    write(path.parents[1] / "tool-outputs" / "session-x.jsonl", head())
    (row,) = World(home, now=LATER).collect().sessions

    assert row.session_id == ID


def test_its_home_can_be_moved(home: Path) -> None:
    assert AGENT.roots(home, {}) == (home / ".gemini",)
    assert AGENT.roots(home, {"GEMINI_CLI_HOME": "/x"}) == (Path("/x/.gemini"),)


# ---- what goes on


def edit(status: str, **more: Any) -> Line:
    return call("replace", status, args={"file_path": "/work/a.py", "old_string": "a\nb", "new_string": "c"}, **more)  # fmt: skip


def test_a_write_is_proven_by_its_success(home: Path) -> None:
    shown = {"fileDiff": "+x", "filePath": "/work/b.py", "diffStat": {"model_added_lines": 3, "model_removed_lines": 1, "user_added_lines": 1}}  # fmt: skip
    calls = [
        edit("success", key="1"),
        edit("error", key="2"),
        edit("cancelled", key="3"),
        call("write_file", "success", key="4", args={"file_path": "b.py"}, resultDisplay=shown),
        call("run_shell_command", "success", key="5", args={"command": "ls"}),
    ]
    reading = read(session(home, head(), answer("g", 1, 1, toolCalls=calls)))

    assert [write.path for write in reading.writes] == ["/work/a.py", "/work/b.py"]
    assert reading.lines is not None
    assert (reading.lines.added, reading.lines.removed) == (5, 3)
    assert (reading.tool_calls, reading.tool_errors) == (5, 1)


def test_the_same_call_again_and_again_is_a_loop(home: Path) -> None:
    lines = [answer(f"g{n}", 1, 1, toolCalls=[edit("error", key=f"c{n}")]) for n in range(4)]

    assert read(session(home, head(), *lines[:3])).loop is None
    assert "came 4 times" in (read(session(home, head(), *lines)).loop or "")


def test_a_call_told_again_ends_once(home: Path) -> None:
    calls = [edit("success", key="1"), edit("error", key="2")]
    line = answer("g", 1, 1, toolCalls=calls)
    reading = read(session(home, head(), line, line, {**line, "model": "gemini-3-pro"}))

    assert (reading.tool_calls, reading.tool_errors) == (2, 1)
    assert [(write.path, write.writes) for write in reading.writes] == [("/work/a.py", 1)]


@pytest.mark.parametrize(
    ("lines", "phase"),
    [
        ([], "new"),
        ([prompt("<session_context>\nA shop.</session_context>")], "new"),
        ([prompt("Go")], "requested"),
        ([prompt("Go"), answer("g", 1, 1)], "done"),
        ([prompt("Go"), answer("g", 1, 1, text="Shall I?")], "asks"),
        ([prompt("Go"), answer("g", 1, 1, text="")], "tool"),
        ([answer("g", 1, 1, toolCalls=[edit("executing")])], "tool"),
        ([answer("g", 1, 1, toolCalls=[edit("awaiting_approval")])], "permission"),
        ([answer("g", 1, 1, toolCalls=[call("ask_user", "executing")])], "question"),
        ([answer("g", 1, 1, toolCalls=[edit("success")])], "requested"),
        ([answer("g", 1, 1, toolCalls=[edit("success")]), results()], "requested"),
        ([answer("g", 1, 1, toolCalls=[edit("cancelled")])], "interrupted"),
        ([answer("g", 1, 1, toolCalls=[edit("cancelled")]), results()], "interrupted"),
        ([answer("g", 1, 1, toolCalls=[call("complete_task", "success")]), results()], "done"),
        ([prompt("Go"), {**prompt("Request cancelled.", "i"), "type": "info"}], "interrupted"),
        ([prompt("Go"), {**prompt("Servers are up.", "i"), "type": "info"}], "requested"),
        ([prompt("Go"), {**prompt("[API Error: broken]", "e"), "type": "error"}], "error"),
    ],
)
def test_the_records_say_what_goes_on(home: Path, lines: list[Line], phase: str) -> None:
    assert read(session(home, head(), *lines)).activity.phase == phase


def test_an_exhausted_quota_says_when_it_is_back(home: Path) -> None:
    said = "You have exhausted your capacity. Your quota will reset after 1h2m3s."
    reading = read(session(home, head(), {**prompt(said, "e"), "type": "error"}))

    assert reading.activity.phase == "limited"
    assert reading.activity.until == reading.activity.since + 3723  # pyright: ignore[reportOptionalOperand]


def test_words_may_be_followed_by_a_call_unless_the_session_was_taken_up_again(home: Path) -> None:
    path = session(home, head(), prompt("Go"), answer("g", 1, 1))
    one = GeminiMeter(str(path))
    (before,) = one.read()
    with path.open("ab") as file:
        file.write(json.dumps({"$set": {"sessionId": ID}}).encode() + b"\n")
    (after,) = one.read()

    assert (before.activity.phase, before.activity.may_go_on) == ("done", True)
    assert (after.activity.phase, after.activity.may_go_on) == ("done", False)


def test_a_running_process_is_bound_by_its_directory(home: Path, tmp_path: Path) -> None:
    work = tmp_path / "shop"
    work.mkdir()
    path = session(home, head(), prompt("Go"), answer("g", 1, 1))
    (path.parents[1] / ".project_root").write_text(str(work))
    began = read(path).started_at or 0.0
    world = World(home, now=began + 60)
    row = find(world.collect(process(7, "gemini", work, began - 5)), ID)

    assert (row.is_live, row.state.name, row.match.confidence) == (True, "idle", "medium")


def test_the_title_is_the_summary_else_the_first_prompt(home: Path) -> None:
    path = session(home, head(), prompt("Build a cart"), prompt("And more", "u2"))
    assert read(path).title == "Build a cart"
    path = session(home, head(), prompt("Build a cart"), {"$set": {"summary": "A cart"}})
    assert read(path).title == "A cart"


# ---- damage, and what is newer than agtop


@pytest.mark.parametrize(
    "tokens",
    [
        {"input": 2**33, "output": 5},
        {"input": -7, "output": 5},
        {"input": "many", "output": 5},
        {"input": None, "output": 5},
        {"output": 5, "cached": 9, "thoughts": {}},
    ],
)
def test_a_count_that_cannot_be_one_costs_only_itself(home: Path, tokens: Line) -> None:
    path = session(home, head(), {**answer("g"), "tokens": tokens})

    assert spent(path) == Tokens(output=5)
    assert read(path).skipped == 0


def test_nothing_that_json_can_hold_stops_the_reading(home: Path) -> None:
    odd = [b"[]", b"7", b"null", b'{"id": 7}', b'{"$set": 9}', b'{"$rewindTo": null}', b"\xff{",
           b'{"id": "x"}', b'{"id": "y", "type": 3}', b'{"$set": {"messages": [1, {}, null]}}',
           b'{"id": "z", "type": "gemini", "content": {"text": 1}, "toolCalls": [null, {"args": []}]}',
           b'{"id": "w", "type": "gemini", "tokens": {"input": NaN}}', b"[" * 5000]  # fmt: skip
    path = session(home, head(), *odd, prompt("Go"), answer("g", 10, 5, 0, 0, 0, 15))
    reading = read(path)

    assert spent(path) == Tokens(input=10, output=5)
    assert reading.user_turns == 1
    assert reading.skipped >= 4


def test_a_document_that_is_torn_says_what_it_said_before(home: Path) -> None:
    path = chats(home) / "session-2026-03-01T10-00-a1b2c3d4.json"
    whole = json.dumps({**head(), "messages": [answer("g", 10, 5, 0, 0, 0, 15)]})
    one = GeminiDocument(str(path))
    path.write_text("")
    (empty,) = one.read()
    path.write_text(whole[:60])
    (torn,) = one.read()
    path.write_text(whole)
    full = one.read()
    path.write_text(whole[:-9])

    assert (empty.session_id, empty.problems, torn.skipped) == ("a1b2c3d4", (), 1)
    assert (full[0].session_id, full[0].skipped, full[0].problems) == (ID, 0, ())
    assert one.read() is full


def test_messages_of_a_kind_unknown_here_are_told_where_no_tokens_were_found(home: Path) -> None:
    reading = read(session(home, head(), {**answer("g"), "type": "assistant"}))

    assert reading.problems == ("it holds messages of a kind unknown here (assistant); update agtop",)  # fmt: skip


def test_answers_without_tokens_leave_them_unknown_and_say_so(home: Path) -> None:
    session(home, head(), prompt("Go"), {**answer("g"), "usage": {"in": 3}})
    (row,) = World(home, now=LATER).collect().sessions

    assert row.tokens is None
    assert any("no token counts" in problem for problem in row.problems)


# ---- held up by the user: calls are written down only once they have ended


@pytest.mark.parametrize(
    ("text", "output", "at_once"),
    [
        ("I need to run it.", 60, True),
        ("", 20, True),
        ("Done.", 5, False),
        ("Erledigt \u2713", 19, False),
    ],
)
def test_an_answer_of_more_tokens_than_its_words_have_bytes_calls_a_tool(
    home: Path, text: str, output: int, at_once: bool
) -> None:
    said = answer("g", 100, output, 0, 0, 0, 100 + output, text=text)

    assert read(session(home, head(), prompt("Go"), said)).activity.at_once is at_once


def entered(path: Path, message: str, second: float, session_id: str = ID) -> None:
    entry = {"sessionId": session_id, "messageId": 0, "type": "user", "message": message}
    text = json.dumps([{**entry, "timestamp": at(second)}], indent=2)
    (path.parents[1] / "logs.json").write_text(text)


def test_a_prompt_that_was_entered_waits_for_its_answer_before_it_is_recorded(home: Path) -> None:
    path = session(home, head())
    one = GeminiMeter(str(path))
    (before,) = one.read()
    entered(path, 'Say "timestamp": "never"', 5)

    assert one.changed()
    (after,) = one.read()
    assert (before.activity.phase, after.activity.phase) == ("new", "requested")
    assert after.activity.since == after.last_active == (after.started_at or 0) + 5
    assert not one.changed()


@pytest.mark.parametrize(
    ("message", "second", "whose"),
    [("Go", 1, ID), ("/help", 9, ID), ("!ls", 9, ID), ("Go", 9, "another")],
)
def test_what_is_recorded_already_or_never_will_be_is_not_waited_for(
    home: Path, message: str, second: float, whose: str
) -> None:
    path = session(home, head(), prompt("Go", second=1), answer("g", 1, 1))
    entered(path, message, second, whose)

    assert read(path).activity.phase == "done"


def test_a_loop_that_the_program_stopped_asks_the_user(home: Path) -> None:
    warning = prompt("System: Potential loop detected. Details: Repeated tool call", "w", 5)
    first = prompt("Go")
    warned = read(session(home, head(), first, warning))
    stopped = read(session(home, head(), first, warning, {"$set": {"messages": [first]}}))

    assert (warned.activity.phase, warned.user_turns) == ("requested", 1)
    assert stopped.activity.phase == "question"
    assert "loop" in stopped.activity.evidence
