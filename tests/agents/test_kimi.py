"""Kimi CLI's sessions: a log that repeats its subagents, forks told by a title, a shared config."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from agtop.agents.kimi import AGENT
from agtop.agents.kimi.meter import KimiMeter
from agtop.agents.walk import Walk
from agtop.model import MOST, Reading, Tokens
from tests.homes import everyone
from tests.worlds import World

START = 1772442000.25
LATER = 1795200000.0
META = {"type": "metadata", "protocol_version": "1.10"}
HASH = hashlib.md5(b"/work").hexdigest()


def line(at: float, type_: str, **payload: Any) -> dict[str, Any]:
    return {"timestamp": START + at, "message": {"type": type_, "payload": payload}}


def spent(at: float, message: str | None, count: int = 10, **more: Any) -> dict[str, Any]:
    usage = {"input_other": count, "output": 1, "input_cache_read": 0, "input_cache_creation": 0}
    return line(at, "StatusUpdate", token_usage=usage, message_id=message, **more)


def told(event: dict[str, Any], at: float, agent: str | None = "a1") -> dict[str, Any]:
    """A subagent's message, repeated in its parent's log."""
    return line(at, "SubagentEvent", agent_id=agent, event=event["message"])


def turn(at: float, text: str = "go") -> dict[str, Any]:
    return line(at, "TurnBegin", user_input=text)


def step(at: float) -> dict[str, Any]:
    return line(at, "StepBegin", n=1)


def said(at: float, text: str) -> dict[str, Any]:
    return line(at, "ContentPart", type="text", text=text)


def call(at: float, name: str = "Shell", key: str = "t1") -> dict[str, Any]:
    function = {"name": name, "arguments": '{"command": "make"}'}
    return line(at, "ToolCall", type="function", id=key, function=function)


def result(at: float, is_error: bool = False, **more: Any) -> dict[str, Any]:
    returned = {"is_error": is_error, "display": [], **more}
    return line(at, "ToolResult", tool_call_id="t1", return_value=returned)


def session(
    home: Path,
    name: str,
    *records: object,
    subagent: str | None = None,
    state: dict[str, Any] | None = None,
) -> Path:
    folder = home / ".kimi/sessions" / HASH / name
    beside = "state.json"
    if subagent is not None:
        folder, beside = folder / "subagents" / subagent, "meta.json"
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "wire.jsonl"
    log.write_text("".join(json.dumps(each) + "\n" for each in (META, *records)))
    if state is not None:
        (folder / beside).write_text(json.dumps(state))
    return log


def configure(home: Path) -> None:
    share = home / ".kimi"
    share.mkdir(parents=True, exist_ok=True)
    (share / "kimi.json").write_text(json.dumps({"work_dirs": [{"path": "/work"}]}))
    models = '[models.k2]\nmodel = "kimi-k2-thinking"\n[models.small]\nmodel = "kimi-k2-turbo"\n'
    (share / "config.toml").write_text(f'default_model = "k2"\n{models}')


def read(home: Path, *records: object, **more: Any) -> tuple[Reading, Tokens]:
    meter = KimiMeter(str(session(home, "s1", *records, **more)))
    (reading,) = meter.read()
    return reading, sum((c.response.tokens for c in meter.claims()), Tokens())


def spending(home: Path) -> dict[str, int | None]:
    """Session → the input tokens of its own requests."""
    found = everyone(World(home, now=LATER).collect())
    return {key: s.own.tokens and s.own.tokens.input for key, s in found.items()}


# ---- what counts


def test_an_update_with_usage_is_a_request_and_others_are_not(home: Path) -> None:
    reading, tokens = read(
        home,
        spent(1, "m1"),
        line(2, "StatusUpdate", token_usage=None, context_tokens=70, max_context_tokens=100),
        line(3, "StatusUpdate", plan_mode=True),
    )
    assert (tokens, reading.replies) == (Tokens(input=10, output=1), 1)
    assert reading.context is not None
    assert (reading.context.used, reading.context.window) == (70, 100)


def test_the_context_that_the_model_is_sent_counts_nothing(home: Path) -> None:
    log = session(home, "s1", turn(0), spent(1, "m1"))
    rows = [{"role": "user", "content": "go"}, {"role": "_usage", "token_count": 99_999}]
    (log.parent / "context.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    assert spending(home) == {"s1": 10}


def test_a_subagents_requests_count_once_and_for_it(home: Path) -> None:
    own = [spent(2, "m2", 500), spent(3, "m3", 7000)]
    session(home, "s1", turn(0), spent(1, "m1"), told(own[0], 2.01), told(own[1], 3.01))
    session(home, "s1", turn(1.5), *own, subagent="a1", state={"description": "help"})
    assert spending(home) == {"s1": 10, "s1:a1": 7500}
    found = everyone(World(home, now=LATER).collect())
    assert found["s1:a1"].reading.parent_id == "s1"
    assert found["s1:a1"].reading.title == "help"
    assert found["s1:a1"].reading.user_turns == 0


def test_a_subagent_without_a_log_of_its_own_counts_for_its_session(home: Path) -> None:
    records = [turn(0), spent(1, "m1"), told(spent(2, "m2", 500), 2.01, agent=None)]
    session(home, "s1", *records, told(spent(3, "m3", 7000), 3.01))
    assert spending(home) == {"s1": 7510}


def test_a_repeated_request_without_an_id_is_left_to_its_own_log(home: Path) -> None:
    own = spent(2, None, 500)
    session(home, "s1", turn(0), spent(1, "m1"), told(own, 2.01))
    session(home, "s1", own, subagent="a1")
    assert spending(home) == {"s1": 10, "s1:a1": 500}


def test_programs_that_reuse_message_ids_are_told_apart(home: Path) -> None:
    assert read(home, spent(1, "m1"), spent(2, "m1", 500))[1].input == 510


# ---- forks

OURS = (turn(0, "first"), step(0.1), spent(1, "m1"), line(2, "TurnEnd"))
FORKED = {"custom_title": "Fork: Untitled", "wire_mtime": START + 100}


def test_what_a_fork_copied_is_its_origins(home: Path) -> None:
    session(home, "s1", *OURS, turn(500), spent(501, "m3", 7000), state={"custom_title": "first"})
    session(home, "s2", *OURS, turn(200, "second"), step(201), spent(202, "m2", 500), state=FORKED)
    assert spending(home) == {"s1": 7010, "s2": 500}
    reading = everyone(World(home, now=LATER).collect())["s2"].reading
    assert (reading.forked_from, reading.user_turns, reading.replies) == ("s1", 1, 1)
    assert reading.started_at == START + 100


def test_a_fork_that_nobody_used_yet_begins_with_the_copy(home: Path) -> None:
    session(home, "s1", *OURS)
    session(home, "s2", *OURS, state=FORKED)
    reading = everyone(World(home, now=LATER).collect())["s2"].reading
    assert (reading.user_turns, reading.metered, reading.last_active) == (0, False, START + 100)
    assert spending(home) == {"s1": 10, "s2": 0}


def test_undoing_goes_on_in_a_copy_too(home: Path) -> None:
    session(home, "s1", *OURS)
    state = {**FORKED, "custom_title": "Undo: first"}
    session(home, "s2", *OURS, turn(200), spent(202, "m2", 500), state=state)
    assert spending(home) == {"s1": 10, "s2": 500}


def test_a_fork_of_a_fork_is_its_namesakes(home: Path) -> None:
    session(home, "s1", *OURS, state={"custom_title": "first"})
    session(home, "s2", *OURS, state={"custom_title": "Fork: first", "wire_mtime": START + 100})
    last = {"custom_title": "Fork: Fork: first", "wire_mtime": START + 300}
    session(home, "s3", *OURS, turn(400), spent(401, "m3", 7000), state=last)
    found = everyone(World(home, now=LATER).collect())
    assert found["s3"].reading.forked_from == "s2"
    assert found["s2"].reading.forked_from == "s1"
    assert spending(home) == {"s1": 10, "s2": 0, "s3": 7000}


def test_a_copy_counts_where_its_origin_is_gone(home: Path) -> None:
    session(home, "s2", *OURS, turn(200), spent(202, "m2", 500), state=FORKED)
    assert spending(home) == {"s2": 510}


def test_a_title_written_after_the_log_makes_it_a_fork_all_the_same(home: Path) -> None:
    session(home, "s1", *OURS)
    log = session(home, "s2", *OURS, turn(200, "second"), spent(202, "m2", 500))
    meter = KimiMeter(str(log))
    (before,) = meter.read()
    (log.parent / "state.json").write_text(json.dumps(FORKED))
    (after,) = meter.read()
    assert (before.user_turns, after.user_turns) == (2, 1)
    assert (after.forked_from, after.records) == ("s1", before.records)
    assert meter.read() == (after,)


# ---- what no session records


def test_the_directory_is_found_by_its_hash(home: Path) -> None:
    configure(home)
    assert read(home)[0].cwd == "/work"


def test_a_directory_that_nothing_names_is_unknown(home: Path) -> None:
    assert read(home)[0].cwd is None


def test_the_model_is_the_one_of_the_config(home: Path) -> None:
    assert read(home)[0].model is None
    configure(home)
    assert read(home)[0].model == "kimi-k2-thinking"
    state = {"launch_spec": {"effective_model": "small"}}
    log = session(home, "s1", subagent="a1", state=state)
    (reading,) = KimiMeter(str(log)).read()
    assert reading.model == "kimi-k2-turbo"


@pytest.mark.parametrize("text", ["", "default_model = 3\nmodels = 4", "[torn", "\x00"])
def test_a_config_that_says_nothing_leaves_the_model_unknown(home: Path, text: str) -> None:
    (home / ".kimi").mkdir()
    (home / ".kimi/config.toml").write_text(text)
    assert read(home)[0].model is None


# ---- states

WORK = (turn(1), step(2))


@pytest.mark.parametrize(
    ("records", "phase"),
    [
        ((), "new"),
        (WORK, "requested"),
        ((*WORK, call(3), spent(4, "m1")), "tool"),
        ((*WORK, call(3, "AskUserQuestion"), spent(4, "m1")), "question"),
        ((*WORK, call(3), line(4, "QuestionRequest", id="q", tool_call_id="t1")), "question"),
        ((*WORK, call(3, "WriteFile"), spent(4, "m1")), "permission"),
        ((*WORK, call(3), line(4, "ApprovalRequest", id="r", tool_call_id="t1")), "permission"),
        (
            (
                *WORK,
                call(3),
                line(4, "ApprovalRequest", id="r", tool_call_id="t1"),
                line(5, "ApprovalResponse", request_id="r", response="approve"),
            ),
            "tool",
        ),
        (
            (
                *WORK,
                line(4, "ApprovalRequest", id="r", action="run"),
                line(5, "ApprovalRequestResolved", request_id="r"),
            ),
            "requested",
        ),
        ((*WORK, call(3), spent(4, "m1"), result(5)), "requested"),
        ((*WORK, said(3, "Done."), spent(4, "m1"), line(5, "TurnEnd")), "done"),
        ((*WORK, said(3, "Shall I?"), spent(4, "m1"), line(5, "TurnEnd")), "asks"),
        ((*WORK, said(3, "Do"), line(5, "TurnEnd")), "interrupted"),
        ((*WORK, call(3), spent(4, "m1"), line(5, "TurnEnd")), "interrupted"),
        ((*WORK, line(3, "StepInterrupted"), line(5, "TurnEnd")), "error"),
        ((*WORK, line(3, "StepRetry", error_type="E", status_code=500)), "requested"),
        ((*WORK, line(3, "StepRetry", error_type="E", status_code=429, wait_s=2)), "limited"),
        (
            (
                *WORK,
                line(3, "StepRetry", error_type="E", status_code=429),
                line(4, "StepInterrupted"),
                line(5, "TurnEnd"),
            ),
            "limited",
        ),
        ((turn(1, "/compact"), line(2, "CompactionBegin")), "requested"),
        ((turn(1, "/compact"), line(2, "CompactionEnd"), line(3, "TurnEnd")), "done"),
    ],
)
def test_the_newest_record_tells_the_state(
    home: Path, records: tuple[object, ...], phase: str
) -> None:
    assert read(home, *records)[0].activity.phase == phase


def test_a_command_that_the_program_answers_itself_is_no_turn(home: Path) -> None:
    reading, _ = read(home, turn(1, "/compact"), turn(2, "compact this"), turn(3, "/skill:x y"))
    assert (reading.user_turns, reading.title) == (2, "compact this")


def test_the_same_call_again_and_again_is_a_loop(home: Path) -> None:
    records = [call(at, key=f"t{at}") for at in range(2, 14)]
    assert "make" in (read(home, turn(1), *records)[0].loop or "")


# ---- files


def test_a_write_is_proven_by_its_result(home: Path) -> None:
    configure(home)
    shown = [
        {"type": "diff", "path": "a.txt", "old_text": "a\nb", "new_text": "a\nB\nc"},
        {"type": "diff", "path": "a.txt", "old_text": "x", "new_text": ""},
        {"type": "brief", "text": "2 changes"},
    ]
    reading, _ = read(home, call(3, "StrReplaceFile"), result(4, display=shown))
    assert [(w.path, w.writes, w.kind) for w in reading.writes] == [("/work/a.txt", 1, "edit")]
    new = [{"type": "diff", "path": "new.txt", "old_text": "", "new_text": "a"}]
    made, _ = read(home, call(3, "WriteFile"), result(4, display=new))
    assert [w.kind for w in made.writes] == ["create"]
    assert reading.lines is not None
    assert (reading.lines.added, reading.lines.removed) == (2, 2)
    refused, _ = read(home, call(3, "StrReplaceFile"), result(4, is_error=True, display=shown))
    assert (refused.writes, refused.tool_errors) == ((), 1)


# ---- damage and time


def test_numbers_that_cannot_be_counts_are_not_counted(home: Path) -> None:
    _, tokens = read(
        home,
        spent(1, "m1", MOST + 1),
        spent(2, "m2", -4),
        line(3, "StatusUpdate", message_id="m3", token_usage={"input_other": "many", "output": 5}),
        line(4, "StatusUpdate", message_id=["m4"], token_usage=[1]),
        line(5, "FromTheFuture", token_usage={"input_other": 9}),
        {"timestamp": "never", "message": {"type": "TurnBegin", "payload": {"user_input": 5}}},
        {"timestamp": 1.0, "message": "text"},
    )
    assert tokens == Tokens(output=7)


def test_a_newer_protocol_says_so(home: Path) -> None:
    log = session(home, "s1", spent(1, "m1"))
    log.write_text(log.read_text().replace('"1.10"', '"2.0"'))
    (reading,) = KimiMeter(str(log)).read()
    assert "protocol 2.0" in reading.problems[0]
    assert read(home, spent(1, "m1"))[0].problems == ()


def test_a_session_from_before_there_were_logs_has_unknown_tokens(home: Path) -> None:
    configure(home)
    folder = home / ".kimi/sessions" / HASH
    rows = [
        {"role": "user", "content": "<system>CHECKPOINT 0</system>"},
        {"role": "user", "content": "name a whale"},
        {"role": "assistant", "content": [{"type": "text", "text": "Orca?"}]},
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    for path in (folder / "s1.jsonl", folder / "s2" / "context.jsonl"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = everyone(World(home, now=LATER).collect())
    assert found.keys() == {"s1", "s2"}
    for each in found.values():
        reading = each.reading
        assert (each.tokens, reading.title, reading.cwd) == (None, "name a whale", "/work")
        assert (reading.user_turns, reading.replies, reading.activity.phase) == (1, 1, "asks")


def test_a_session_that_only_began_is_none_yet(home: Path) -> None:
    folder = home / ".kimi/sessions" / HASH / "s1"
    folder.mkdir(parents=True)
    (folder / "context.jsonl").write_text('{"role": "_system_prompt", "content": "be kind"}\n')
    assert spending(home) == {}


# ---- places


def test_other_lines_of_json_are_no_sessions(home: Path) -> None:
    log = session(home, "s1")
    session(home, "s1", subagent="a1")
    (log.parent / "subagents/a1/context.jsonl").write_text("{}\n")
    (log.parent / "tasks").mkdir()
    (log.parent / "tasks/wire.jsonl").write_text("{}\n")
    (log.parent / "context_1.jsonl").write_text("{}\n")
    found = AGENT.transcripts(home / ".kimi", Walk([]))
    assert {str(Path(path).relative_to(log.parent)) for path in found} == {
        "wire.jsonl",
        "subagents/a1/wire.jsonl",
    }


def test_a_variable_moves_the_home(home: Path) -> None:
    assert AGENT.roots(home, {"KIMI_SHARE_DIR": "/srv/kimi"}) == (Path("/srv/kimi"),)
    assert AGENT.roots(home, {}) == (home / ".kimi",)


def test_a_session_is_taken_up_again_and_a_subagent_is_not() -> None:
    assert AGENT.resume("s1") == "kimi --session s1"
    assert AGENT.resume("s1:a1") is None
