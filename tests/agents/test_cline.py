"""Cline CLI: documents that are written anew as a whole, and the processes behind them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from agtop.agents.cline import AGENT
from agtop.agents.cline.meter import NO_USAGE, ClineMeter
from agtop.agents.cline.places import registrations
from agtop.model import Reading, Tokens
from tests.agents.sums import check_against, sums_of
from tests.homes import build
from tests.worlds import NOW, World, find, process

SID = "1795160000000_acme"
SESSIONS = Path(".cline/data/sessions")
Json = dict[str, Any]


def text(said: str) -> Json:
    return {"type": "text", "text": said}


def use(tool: str, **arguments: object) -> Json:
    return {"type": "tool_use", "id": "c1", "name": tool, "input": arguments}


def result(content: object, **more: object) -> Json:
    return {"type": "tool_result", "tool_use_id": "c1", "content": content, **more}


def user(at: int, *content: Json) -> Json:
    return {"id": f"u{at}", "role": "user", "content": list(content), "ts": (NOW + at) * 1000}


def answer(at: int, *content: Json, **metrics: object) -> Json:
    counts = {"inputTokens": 9000, "outputTokens": 50, "cacheReadTokens": 8000, "cost": 0.25}
    return {
        "id": f"m{at}",
        "role": "assistant",
        "content": list(content) or [text("Done.")],
        "ts": (NOW + at) * 1000,
        "modelInfo": {"id": "gpt-5.2", "provider": "openai-native"},
        "metrics": counts | metrics,
    }


def write(home: Path, *messages: Json, **manifest: object) -> Path:
    folder = home / SESSIONS / SID
    folder.mkdir(parents=True, exist_ok=True)
    known: Json = {"session_id": SID, "pid": 77, "cwd": "/work/acme", "status": "idle"}
    (folder / f"{SID}.json").write_text(json.dumps(known | manifest))
    path = folder / f"{SID}.messages.json"
    path.write_text(json.dumps({"sessionId": SID, "messages": messages}))
    return path


def read(home: Path, *messages: Json, **manifest: object) -> Reading:
    (reading,) = ClineMeter(str(write(home, *messages, **manifest))).read()
    return reading


PROMPT = user(0, text('<user_input mode="act">Tidy up</user_input>'))


def test_the_input_includes_the_cache(home: Path) -> None:
    write(home, PROMPT, answer(1, cacheWriteTokens=300))
    assert sums_of(AGENT, home).tokens(SID) == Tokens(700, 8000, 300, 0, 50)


def test_an_input_below_its_cache_is_apart_from_it(home: Path) -> None:
    write(home, PROMPT, answer(1, inputTokens=7))
    assert sums_of(AGENT, home).tokens(SID) == Tokens(7, 8000, 0, 0, 50)


def test_a_conversation_written_anew_counts_each_answer_once(home: Path) -> None:
    path = write(home, PROMPT, answer(1))
    sums = sums_of(AGENT, home)
    whole = json.loads(path.read_text())
    whole["messages"].append(answer(5))
    path.write_text(json.dumps(whole, indent=2))
    assert sums.read().tokens(SID) == Tokens(2000, 16000, 0, 0, 100)


def test_a_torn_document_leaves_what_was_known_and_is_counted_as_damaged(home: Path) -> None:
    path = write(home, PROMPT, answer(1))
    sums = sums_of(AGENT, home)
    path.write_text(path.read_text()[:200])
    assert sums.read().tokens(SID) == Tokens(1000, 8000, 0, 0, 50)
    assert (sums.readings[SID].replies, sums.readings[SID].skipped) == (1, 1)


def test_nothing_new_is_the_same_object(home: Path) -> None:
    meter = ClineMeter(str(write(home, PROMPT, answer(1))))
    (first,) = meter.read()
    os.utime(meter.path)
    (second,) = meter.read()
    assert second is first
    assert len(meter.claims()) == 1


def test_the_own_cost_is_summed_up_without_subagents(home: Path) -> None:
    build("cline", home)
    readings = sums_of(AGENT, home).readings
    assert readings["1795160000000_acmea"].reported_cost == pytest.approx(0.06)
    assert readings["1795160000000_acmea__agent_1_look"].reported_cost == pytest.approx(0.004)


def test_the_provider_is_whoever_the_record_names(home: Path) -> None:
    routed = answer(2) | {"modelInfo": {"id": "kimi-k2", "provider": "cline"}}
    write(home, PROMPT, answer(1), routed)
    assert [r.provider for r in sums_of(AGENT, home).responses(SID)] == ["openai", ""]


def phase(home: Path, *messages: Json, **manifest: object) -> str:
    return read(home, PROMPT, *messages, **manifest).activity.phase


def test_the_phase_follows_the_messages(home: Path) -> None:
    question = use("ask_question", question="Red?")
    failed = {"metadata": {"displayRole": "error"}}
    assert phase(home, status="running") == "requested"
    assert phase(home, answer(1, use("run_commands", commands=["ls"])), status="running") == "tool"
    assert phase(home, answer(1, question), status="running") == "question"
    assert phase(home, answer(1, question), user(2, result("red")), status="running") == "requested"
    assert phase(home, answer(1)) == "done"
    assert phase(home, answer(1, text("Shall I?"))) == "asks"
    assert phase(home, answer(1, text("No route")) | failed, status="failed") == "error"
    assert phase(home, answer(1, text("HTTP 429")) | failed, status="failed") == "limited"
    assert phase(home, answer(1), status="cancelled") == "interrupted"


def test_the_same_call_again_and_again_is_a_loop(home: Path) -> None:
    call = use("run_commands", commands=["make"])
    calls = [answer(at, call | {"id": f"c{at}"}) for at in range(1, 9)]
    assert "make" in (read(home, PROMPT, *calls).loop or "")
    del call["input"]
    calls = [answer(at, call | {"id": f"c{at}"}) for at in range(1, 9)]
    assert read(home, PROMPT, *calls).loop is None


def test_a_pending_session_with_a_call_waits_for_a_permission(home: Path) -> None:
    reading = read(
        home, PROMPT, answer(1, use("run_commands", commands=["rm -r tmp"])), status="pending"
    )
    assert reading.activity.phase == "permission"
    assert "rm -r tmp" in reading.activity.evidence


def test_a_prompt_is_in_no_message_until_it_is_answered_but_the_status_tells(home: Path) -> None:
    path = write(home, PROMPT, answer(1), status="running")
    os.utime(path.parent / f"{SID}.json", (NOW + 60, NOW + 60))
    (reading,) = ClineMeter(str(path)).read()
    assert (reading.activity.phase, reading.activity.since) == ("requested", NOW + 60)


def test_a_process_that_ended_in_a_turn_was_interrupted(home: Path) -> None:
    call = answer(1, use("run_commands", commands=["ls"]))
    ended = "2026-11-20T13:07:00.000Z"
    assert phase(home, call, status="completed", ended_at=ended) == "interrupted"


PATCH = "*** Begin Patch\n*** Add File: a.md\n+one\n+two\n*** Delete File: /work/b.md\n-x\n"


def test_files_are_written_when_the_result_does_not_say_otherwise(home: Path) -> None:
    patch = answer(1, use("apply_patch", input=PATCH))
    good = user(2, result('{"query":"apply_patch","result":"ok","success":true}'))
    reading = read(home, PROMPT, patch, good)
    assert [w.path for w in reading.writes] == ["/work/acme/a.md", "/work/b.md"]
    assert reading.lines is not None
    assert (reading.lines.added, reading.lines.removed) == (2, 1)
    for bad in (
        result('{"query":"apply_patch","result":"","error":"no","success":false}'),
        result([{"query": "x", "result": "", "success": False}]),
        result("whatever", is_error=True),
    ):
        reading = read(home, PROMPT, patch, user(2, bad))
        assert (reading.writes, reading.tool_errors) == ((), 1)


def test_the_editor_tells_its_lines(home: Path) -> None:
    edit = answer(1, use("editor", path="/work/c.md", old_text="a\nb", new_text="c"))
    reading = read(home, PROMPT, edit, user(2, result('{"success":true}')))
    assert reading.lines is not None
    assert (reading.lines.added, reading.lines.removed) == (1, 2)


def test_answers_without_usage_are_unknown_and_say_so(home: Path) -> None:
    bare = answer(1)
    del bare["metrics"]
    write(home, PROMPT, bare)
    session = find(World(home).collect(), SID)
    assert session.tokens is None
    assert session.reading.problems == (NO_USAGE,)


def test_wrong_types_cost_only_what_they_hold(home: Path) -> None:
    odd = answer(2, inputTokens="x", outputTokens=2**40, cacheReadTokens=5) | {"ts": "then"}
    write(home, PROMPT, answer(1), odd, {"role": 5, "content": 3}, metadata=[1], pid="x")
    assert sums_of(AGENT, home).tokens(SID) == Tokens(1000, 8005, 0, 0, 50)


def own_process(home: Path, pid: int = 77) -> tuple[Path, str]:
    cwd = home / "work"
    cwd.mkdir()
    started = "2026-11-20T13:06:00.000Z"  # 40 s before NOW
    write(home, PROMPT, cwd=str(cwd), pid=pid, status="running", started_at=started)
    return cwd, started


def test_a_session_in_a_process_of_its_own_is_bound_to_it(home: Path) -> None:
    own_process(home)
    session = find(World(home).collect(process(77, "cline", started_at=NOW - 60)), SID)
    assert session.process is not None
    assert session.match.confidence == "high"


def test_a_pid_that_was_given_to_a_later_process_says_nothing(home: Path) -> None:
    own_process(home)
    assert find(World(home).collect(process(77, "cline", started_at=NOW - 5)), SID).process is None


def test_the_hub_is_no_session_s_process_but_its_terminal_is(home: Path) -> None:
    cwd, _ = own_process(home)
    hub = home / ".cline/data/locks/hub"
    hub.mkdir(parents=True)
    (hub / "production.json").write_text('{"pid": 77, "authToken": "x"}')
    assert list(registrations(home / SESSIONS, [])) == []
    terminal = process(78, "cline", cwd)
    session = find(World(home).collect(terminal), SID)
    assert session.process is not None
    assert session.process.pid == 78


def test_a_finished_session_registers_nobody(home: Path) -> None:
    write(home, PROMPT, status="completed", ended_at="2026-11-20T13:07:00.000Z")
    assert list(registrations(home / SESSIONS, [])) == []


def test_the_folders_can_be_moved(home: Path) -> None:
    assert AGENT.roots(home, {}) == (home / SESSIONS,)
    assert AGENT.roots(home, {"CLINE_DIR": "/c"}) == (Path("/c/data/sessions"),)
    assert AGENT.roots(home, {"CLINE_DATA_DIR": "/d"}) == (Path("/d/sessions"),)
    assert AGENT.roots(home, {"CLINE_SESSION_DATA_DIR": "/s"}) == (Path("/s"),)


def test_the_real_home_is_exact(corpus: Path) -> None:
    folder = corpus / "cline-3.0.65"
    check_against(json.loads((folder / "truth.json").read_text()), folder / "home")
