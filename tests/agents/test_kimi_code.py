"""Kimi Code's sessions: a log per agent, forks that copy all of them, and what waits for the user."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agtop.agents.kimi_code import AGENT
from agtop.agents.kimi_code.meter import KimiCodeMeter
from agtop.model import MOST, Reading, Tokens
from tests.homes import everyone
from tests.test_corpus import truth
from tests.worlds import World

START = 1772442000000
LATER = 1795200000.0
META = {"type": "metadata", "protocol_version": "1.5", "created_at": START}


def record(type_: str, at: int, **more: Any) -> dict[str, Any]:
    return {"type": type_, "agentId": "main", **more, "time": START + at}


def loop(at: int, **event: Any) -> dict[str, Any]:
    return record("context.append_loop_event", at, event=event)


def spent(at: int, count: int = 10, scope: str = "turn", **more: Any) -> dict[str, Any]:
    usage = {"inputOther": count, "output": 1, "inputCacheRead": 0, "inputCacheCreation": 0}
    return record("usage.record", at, model="k2", usage=usage | more, usageScope=scope)


def request(at: int, model: str = "kimi-k2-thinking") -> dict[str, Any]:
    return record("llm.request", at, kind="loop", model=model, modelAlias="k2")


def prompt(at: int, text: str = "go", **origin: str) -> dict[str, Any]:
    said = [{"type": "text", "text": text}]
    return record("turn.prompt", at, input=said, origin=origin or {"kind": "user"})


def step(at: int, uuid: str) -> dict[str, Any]:
    return loop(at, type="step.begin", uuid=uuid)


def end(at: int, reason: str = "completed", **more: Any) -> dict[str, Any]:
    return record("turn.ended", at, reason=reason, **more)


def said(at: int, text: str) -> dict[str, Any]:
    return loop(at, type="content.part", part={"type": "text", "text": text})


def call(at: int, name: str = "Bash", **more: Any) -> dict[str, Any]:
    args = {"command": "make"}
    return loop(at, type="tool.call", toolCallId="t1", name=name, args=args, **more)


def result(at: int, **more: Any) -> dict[str, Any]:
    return loop(at, type="tool.result", toolCallId="t1", result={"output": "", **more})


def asked(at: int, kind: str = "approval") -> dict[str, Any]:
    told = {"toolName": "Bash", "action": "run command"}
    return record("interaction.request", at, id="i1", kind=kind, toolCallId="t1", request=told)


def session(
    home: Path,
    name: str,
    *records: object,
    agent: str = "main",
    state: dict[str, Any] | None = None,
) -> Path:
    folder = home / ".kimi-code/sessions/wd_acme_0123456789ab" / name
    log = folder / "agents" / agent / "wire.jsonl"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("".join(json.dumps(each) + "\n" for each in (META, *records)))
    if state is not None:
        (folder / "state.json").write_text(json.dumps({"id": name, "cwd": "/work", **state}))
    return log


def read(home: Path, *records: object, **more: Any) -> tuple[Reading, Tokens]:
    meter = KimiCodeMeter(str(session(home, "session_1", *records, **more)))
    (reading,) = meter.read()
    return reading, sum((c.response.tokens for c in meter.claims()), Tokens())


def spending(home: Path) -> dict[str, int | None]:
    """Session → the input tokens of its own requests."""
    found = everyone(World(home, now=LATER).collect())
    return {key: s.own.tokens and s.own.tokens.input for key, s in found.items()}


# ---- what counts


def test_a_usage_record_counts_and_what_repeats_it_does_not(home: Path) -> None:
    usage = {"inputOther": 10, "output": 1, "inputCacheRead": 0, "inputCacheCreation": 0}
    _, tokens = read(
        home,
        step(1, "u1"),
        spent(2),
        loop(3, type="step.end", uuid="u1", usage=usage, messageId="m1"),
        {"type": "agent.message.appended", "message": {"meta": {"usage": usage}}, "time": START},
        record("subagent.completed", 4, subagentId="agent-0", usage=usage),
    )
    assert tokens == Tokens(input=10, output=1)


def test_work_beside_the_turns_counts_too(home: Path) -> None:
    _, tokens = read(home, step(1, "u1"), spent(2), spent(3, 500, scope="session"))
    assert tokens.input == 510


def test_two_equal_requests_of_one_step_count_twice(home: Path) -> None:
    assert read(home, step(1, "u1"), spent(2), spent(3))[1].input == 20


def test_the_model_is_the_one_that_was_asked(home: Path) -> None:
    log = session(home, "session_1", spent(1), request(2), spent(3), request(4, "k3"), spent(5))
    meter = KimiCodeMeter(str(log))
    meter.read()
    models = [claim.response.model for claim in meter.claims()]
    assert models == ["k2", "kimi-k2-thinking", "k3"]


def test_two_sessions_with_equal_numbers_in_the_same_instant_both_count(home: Path) -> None:
    session(home, "session_1", step(1, "u1"), spent(2))
    session(home, "session_2", step(1, "u2"), spent(2))
    assert spending(home) == {"session_1": 10, "session_2": 10}


# ---- forks and subagents

OURS = (prompt(1, "first"), step(2, "u1"), spent(3), end(4))
FORK = record("forked", 1000)
BORN = {"createdAt": START - 50}
FORKED = {"forkedFrom": "session_1", "createdAt": START + 1005, "title": "Fork: first"}


def test_what_a_fork_copied_is_its_origins(home: Path) -> None:
    session(home, "session_1", *OURS, state=BORN)
    more = (prompt(2000, "second"), step(2001, "u2"), spent(2002, 500))
    session(home, "session_2", *OURS, FORK, *more, state=FORKED)
    found = everyone(World(home, now=LATER).collect())
    assert spending(home) == {"session_1": 10, "session_2": 500}
    assert found["session_2"].reading.forked_from == "session_1"
    assert found["session_2"].reading.user_turns == 1


def test_the_origin_owns_it_whichever_went_on_last(home: Path) -> None:
    session(home, "session_1", *OURS, prompt(5000), step(5001, "u3"), spent(5002, 70), state=BORN)
    session(home, "session_2", *OURS, FORK, state=FORKED)
    assert spending(home) == {"session_1": 80, "session_2": 0}


def test_a_fork_of_a_fork_counts_nothing_again(home: Path) -> None:
    session(home, "session_1", *OURS, state=BORN)
    more = (step(2001, "u2"), spent(2002, 500))
    session(home, "session_2", *OURS, FORK, *more, state=FORKED)
    again = {"forkedFrom": "session_2", "createdAt": START + 3005}
    last = (record("forked", 3000), step(4001, "u4"), spent(4002, 7000))
    session(home, "session_3", *OURS, FORK, *more, *last, state=again)
    assert spending(home) == {"session_1": 10, "session_2": 500, "session_3": 7000}


def test_the_origin_owns_it_even_after_its_files_are_gone(home: Path) -> None:
    session(home, "session_2", *OURS, FORK, step(2001, "u2"), spent(2002, 500), state=FORKED)
    snapshot = World(home, now=LATER).collect()
    assert snapshot.totals.tokens.input == 510
    assert spending(home)["session_2"] == 500


def test_a_fork_whose_state_is_not_written_yet_takes_nothing_from_its_origin(home: Path) -> None:
    session(home, "session_1", *OURS, state=BORN)
    session(home, "session_2", *OURS, FORK)
    assert spending(home) == {"session_1": 10, "session_2": 0}


def test_a_fork_that_nobody_used_was_never_active(home: Path) -> None:
    reading, _ = read(home, *OURS, FORK, state=FORKED)
    assert (reading.user_turns, reading.replies, reading.metered) == (0, 0, False)
    assert reading.last_active is None
    assert reading.started_at == (START + 1000) / 1000


def test_subagents_belong_to_who_called_them(home: Path) -> None:
    agents = {
        "main": {"type": "main"},
        "agent-0": {"type": "sub", "parentAgentId": "main"},
        "agent-1": {"type": "sub", "parentAgentId": "agent-0"},
    }
    session(home, "session_1", *OURS, state={**BORN, "agents": agents})
    told = prompt(1, "help", kind="system_trigger")
    session(home, "session_1", told, step(2, "s1"), spent(3, 500), agent="agent-0")
    session(home, "session_1", told, step(2, "s2"), spent(3, 7000), agent="agent-1")
    found = everyone(World(home, now=LATER).collect())
    parents = {key: s.reading.parent_id for key, s in found.items()}
    assert parents == {
        "session_1": None,
        "session_1:agent-0": "session_1",
        "session_1:agent-1": "session_1:agent-0",
    }
    assert found["session_1:agent-0"].reading.user_turns == 0
    assert found["session_1"].tokens is not None
    assert found["session_1"].tokens.input == 7510


def test_a_forks_copy_of_a_subagent_is_no_session_until_it_works(home: Path) -> None:
    state = {**FORKED, "agents": {"agent-0": {"parentAgentId": "main"}}}
    session(home, "session_1", *OURS, state=BORN)
    session(home, "session_1", step(2, "s1"), spent(3, 500), agent="agent-0")
    session(home, "session_2", *OURS, FORK, state=state)
    copied = (step(2, "s1"), spent(3, 500), FORK, record("permission.set_mode", 1001))
    session(home, "session_2", *copied, agent="agent-0")
    assert "session_2:agent-0" not in spending(home)
    session(home, "session_2", *copied, step(2000, "s9"), spent(2001, 7000), agent="agent-0")
    assert spending(home)["session_2:agent-0"] == 7000


# ---- states

WORK = (prompt(1), step(2, "u1"), request(3))


@pytest.mark.parametrize(
    ("records", "phase"),
    [
        ((), "new"),
        (WORK, "requested"),
        ((*WORK, call(4)), "tool"),
        ((*WORK, call(4, "AskUserQuestion")), "question"),
        ((*WORK, call(4), asked(5)), "permission"),
        ((*WORK, asked(4)), "permission"),
        ((*WORK, call(4), asked(5, "question")), "question"),
        ((*WORK, call(4), asked(5), record("interaction.resolved", 6, id="i1")), "tool"),
        ((*WORK, asked(4), record("interaction.resolved", 6, id="i1")), "requested"),
        ((*WORK, call(4), result(5)), "requested"),
        ((*WORK, said(4, "Done."), end(5)), "done"),
        ((*WORK, said(4, "Shall I?"), end(5)), "asks"),
        ((*WORK, call(4), end(5, "cancelled")), "interrupted"),
        ((*WORK, end(5, "failed", error={"message": "500"})), "error"),
        ((*WORK, end(5, "failed", error={"code": "rate_limit"})), "limited"),
        ((*WORK, end(5, "blocked")), "done"),
        ((*WORK, record("turn.step.retrying", 4, statusCode=529)), "requested"),
        ((*WORK, record("turn.step.retrying", 4, statusCode=429, delayMs=500)), "limited"),
        ((record("full_compaction.begin", 1), request(2)), "requested"),
        ((request(2), record("full_compaction.complete", 3)), "done"),
    ],
)
def test_the_newest_record_tells_the_state(
    home: Path, records: tuple[object, ...], phase: str
) -> None:
    assert read(home, *records)[0].activity.phase == phase


def test_a_rate_limit_ends_when_the_next_attempt_begins(home: Path) -> None:
    retry = record("turn.step.retrying", 4000, statusCode=429, delayMs=2000)
    assert read(home, *WORK, retry)[0].activity.until == (START + 6000) / 1000


def test_only_what_the_user_said_is_a_turn(home: Path) -> None:
    reading, _ = read(
        home,
        prompt(1, "by hand"),
        prompt(2, kind="skill_activation", trigger="user-slash"),
        prompt(3, kind="skill_activation", trigger="model-tool"),
        prompt(4, kind="system_trigger"),
    )
    assert (reading.user_turns, reading.title) == (2, "by hand")


def test_the_context_is_what_was_measured(home: Path) -> None:
    reading, _ = read(
        home,
        record("token_counting.measured", 1, tokens=900),
        record("context.apply_compaction", 2, tokensBefore=950, tokensAfter=100),
        record("token_counting.rebased", 3, tokens=110),
    )
    assert reading.context is not None
    assert (reading.context.used, reading.context.peak, reading.context.compactions) == (
        110,
        950,
        1,
    )


def test_the_same_call_again_and_again_is_a_loop(home: Path) -> None:
    made = {"type": "tool.call", "name": "Bash", "args": {"command": "make"}}
    records = [loop(at, **made, toolCallId=f"t{at}") for at in range(2, 14)]
    assert "make" in (read(home, prompt(1), *records)[0].loop or "")


# ---- files


def test_a_write_is_proven_by_its_result(home: Path) -> None:
    shown = {"kind": "file_io", "operation": "write", "path": "a.txt", "content": "x\ny\n"}
    calls = call(4, "Write", display=shown)
    reading, _ = read(home, calls, result(5), state=BORN)
    assert [(write.path, write.kind) for write in reading.writes] == [("/work/a.txt", None)]
    change = {**shown, "operation": "edit", "before": "x", "after": "y"}
    changed, _ = read(home, call(4, "Edit", display=change), result(5), state=BORN)
    assert [write.kind for write in changed.writes] == ["edit"]
    assert reading.lines is not None
    assert (reading.lines.added, reading.lines.removed) == (2, 0)
    failed, _ = read(home, calls, result(5, isError=True), state=BORN)
    assert (failed.writes, failed.tool_errors) == ((), 1)
    assert read(home, calls, state=BORN)[0].writes == ()


def test_reading_a_file_is_no_write(home: Path) -> None:
    shown = {"kind": "file_io", "operation": "read", "path": "/a.txt"}
    assert read(home, call(4, "Read", display=shown), result(5))[0].writes == ()


def test_an_edit_is_measured_by_what_took_its_place(home: Path) -> None:
    texts = {"before": "a\nb\nc", "after": "a\nB\nB2\nc"}
    shown = {"kind": "file_io", "operation": "edit", "path": "/a", **texts}
    reading, _ = read(home, call(4, "Edit", display=shown), result(5))
    assert reading.lines is not None
    assert (reading.lines.added, reading.lines.removed) == (2, 1)


# ---- damage and time


def test_numbers_that_cannot_be_counts_are_not_counted(home: Path) -> None:
    _, tokens = read(
        home,
        spent(1, MOST + 1),
        spent(2, -3),
        record("usage.record", 3, model=7, usage={"inputOther": "many", "output": 5}),
        record("usage.record", 4, usage=[1, 2]),
        record("from.the.future", 5, usage={"inputOther": 9}),
        {"type": None, "time": "never"},
    )
    assert tokens == Tokens(output=7)


def test_a_newer_protocol_says_so(home: Path) -> None:
    log = session(home, "session_1", spent(1))
    log.write_text(log.read_text().replace('"1.5"', '"2.0"'))
    (reading,) = KimiCodeMeter(str(log)).read()
    assert "protocol 2.0" in reading.problems[0]
    assert read(home, spent(1))[0].problems == ()


def test_a_title_that_comes_later_is_seen(home: Path) -> None:
    log = session(home, "session_1", *OURS, state=BORN)
    meter = KimiCodeMeter(str(log))
    (before,) = meter.read()
    session(home, "session_1", *OURS, state={**BORN, "title": "A longer name"})
    (after,) = meter.read()
    assert (before.title, after.title) == ("first", "A longer name")
    assert meter.read() == (after,)
    assert AGENT.companions(str(log)) == (str(log.parents[2] / "state.json"),)


def test_a_variable_moves_the_home(home: Path) -> None:
    assert AGENT.roots(home, {"KIMI_CODE_HOME": "/srv/kimi"}) == (Path("/srv/kimi"),)
    assert AGENT.roots(home, {}) == (home / ".kimi-code",)


def test_a_session_is_taken_up_again_and_a_subagent_is_not() -> None:
    assert AGENT.resume("session_1") == "kimi --session session_1"
    assert AGENT.resume("session_1:agent-0") is None


# ---- the real one

ORIGIN = "session_bf459d76-22cb-4265-9bec-8817ad6fca19"
COPY = "session_694396f7-7156-41c1-91c7-d7c470612584"


def test_the_real_files_come_to_their_truth(corpus: Path) -> None:
    known = truth(corpus, "kimi-code-2.1.0")
    snapshot = World(corpus / "kimi-code-2.1.0" / "home", now=LATER).collect()
    found = everyone(snapshot)
    facts = known["sessions"]
    alone = found["session_5fe77fdd-2402-43b5-a978-56f435311464"]
    assert alone.tokens is not None
    assert alone.tokens.total == facts[alone.session_id]["recorded"]["total"]
    assert [w.path for w in alone.reading.writes] == facts[alone.session_id]["files_touched"]
    # The truth gives the copy what both hold; `forkedFrom` and the instants say who made it.
    assert found[COPY].reading.forked_from == ORIGIN
    both = sum(facts[key]["recorded"]["total"] for key in (ORIGIN, COPY))
    origin, copy = found[ORIGIN].tokens, found[COPY].tokens
    assert origin is not None
    assert copy is not None
    assert (origin.total, copy.total) == (both, 0)
    assert [s.session_id for s in found[ORIGIN].subagents] == [f"{ORIGIN}:agent-0"]
    recorded = known["totals"]["recorded"]
    total = snapshot.totals.tokens
    assert total.total == recorded["total"]
    assert (total.input, total.cache_read) == (recorded["input"], recorded["cache_read"])
    assert total.output == recorded["output"] + recorded["reasoning"]
    assert {u.model for s in snapshot.sessions for u in s.usage} == {"kimi-k2-thinking"}
    assert all(s.process is None for s in snapshot.sessions)
