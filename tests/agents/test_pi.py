"""Pi's sessions: a tree of entries per file, forks that copy it, and OpenClaw's folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agtop.agents.pi import AGENT
from agtop.agents.pi.meter import PiMeter
from agtop.agents.walk import Walk
from agtop.model import MOST, Reading, Tokens
from tests.homes import everyone
from tests.test_corpus import truth
from tests.worlds import World

HEAD = {"type": "session", "version": 3, "id": "s1", "timestamp": "2026-03-02T09:00:00.000Z"}
LATER = 1795200000.0


def entry(
    type_: str, minute: int, key: str | None = "k", parent: str | None = None, **more: Any
) -> dict[str, Any]:
    stamp = f"2026-03-02T09:{minute:02}:00.000Z"
    made = {"type": type_, "timestamp": stamp, **more}
    return made if key is None else {**made, "id": f"{key}{minute}", "parentId": parent}


def usage(count: int = 10, cost: float = 0.0, **more: Any) -> dict[str, Any]:
    return {"input": count, "output": 1, "cost": {"total": cost}, **more}


def answer(minute: int, stop: str = "stop", key: str | None = "k", **more: Any) -> dict[str, Any]:
    parent = more.pop("parent", None)
    message = {
        "role": "assistant",
        "provider": "anthropic",
        "model": "claude-sonnet-4-5",
        "content": more.pop("content", [{"type": "text", "text": more.pop("said", "Yes.")}]),
        "usage": more.pop("usage", usage()),
        "stopReason": stop,
        "timestamp": 1772442000000 + minute * 60_000,
        **more,
    }
    return entry("message", minute, key, parent, message=message)


def prompt(minute: int, text: str = "go", **more: Any) -> dict[str, Any]:
    message = {"role": "user", "content": text, "timestamp": 1772442000000 + minute * 60_000}
    return entry("message", minute, message=message, **more)


def call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"type": "toolCall", "id": "t1", "name": name, "arguments": arguments}


def result(minute: int, is_error: bool | None = False, **more: Any) -> dict[str, Any]:
    message = {"role": "toolResult", "toolCallId": "t1", "isError": is_error, **more}
    return entry("message", minute, message=message)


def write(path: Path, *records: object, head: dict[str, Any] = HEAD) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in (head, *records)))
    return path


def read(path: Path, *records: object, head: dict[str, Any] = HEAD) -> tuple[Reading, Tokens]:
    """What the meter makes of them, and the sum of what it claims."""
    meter = PiMeter(str(write(path, *records, head=head)))
    (reading,) = meter.read()
    return reading, sum((c.response.tokens for c in meter.claims()), Tokens())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "2026-03-02T09-00-00-000Z_s1.jsonl"


def sessions(home: Path) -> Path:
    return home / ".pi/agent/sessions/--work--"


def total(home: Path) -> int:
    return World(home, now=LATER).collect().totals.tokens.input


# ---- what counts


def test_usage_counts_wherever_it_stands(file: Path) -> None:
    _, tokens = read(
        file,
        answer(1),
        entry("usage", 2, kind="cache_warm", provider="openai", model="m", usage=usage(100)),
        entry("compaction", 3, tokensBefore=9, usage=usage(1000)),
        entry("branch_summary", 4, usage=usage(10_000)),
        result(5, usage=usage(100_000)),
    )
    assert tokens.input == 111_110


def test_a_branch_that_was_left_was_paid_for(file: Path) -> None:
    reading, tokens = read(
        file,
        answer(1, usage=usage(100)),
        answer(2, usage=usage(7000), parent="k1"),
        answer(3, usage=usage(20), parent="k1"),
    )
    assert (tokens.input, reading.replies) == (7120, 3)


def test_a_branch_goes_on_with_the_context_of_its_parent(file: Path) -> None:
    reading, _ = read(
        file,
        answer(1, usage=usage(100)),
        answer(2, usage=usage(7000), parent="k1"),
        prompt(3, parent="k1"),
    )
    assert reading.context is not None
    assert (reading.context.used, reading.context.peak) == (101, 7001)


def test_the_hour_of_cache_is_part_of_what_was_written(file: Path) -> None:
    spent = usage(1, cacheWrite=300, cacheWrite1h=120, cacheRead=5, reasoning=1)
    _, tokens = read(file, answer(1, usage=spent))
    assert tokens == Tokens(1, 5, 180, 120, 1, 1)


def test_the_agents_own_cost_is_kept_apart(file: Path) -> None:
    reading, _ = read(file, answer(1, usage=usage(cost=0.25)), answer(2, usage=usage(cost=0.5)))
    assert reading.reported_cost == 0.75


def test_a_model_without_a_price_has_no_cost_of_its_own(file: Path) -> None:
    assert read(file, answer(1))[0].reported_cost is None


def test_each_answer_has_the_provider_and_model_that_served_it(file: Path) -> None:
    meter = PiMeter(
        str(
            write(
                file,
                answer(1),
                answer(2, provider="openrouter", model="auto", responseModel="gpt-5.2"),
                entry("compaction", 3, usage=usage()),
            )
        )
    )
    meter.read()
    served = [(c.response.provider, c.response.model) for c in meter.claims()]
    assert served == [
        ("anthropic", "claude-sonnet-4-5"),
        ("openrouter", "gpt-5.2"),
        ("openrouter", "gpt-5.2"),
    ]


def test_local_programs_that_reuse_response_ids_are_told_apart(home: Path) -> None:
    folder = sessions(home)
    write(folder / "x_s1.jsonl", answer(1, responseId="chatcmpl-7"))
    other = {**HEAD, "id": "s2", "timestamp": "2026-03-02T09:00:30.000Z"}
    write(folder / "x_s2.jsonl", answer(2, responseId="chatcmpl-7"), head=other)
    assert total(home) == 20


def test_two_sessions_with_equal_numbers_in_the_same_instant_both_count(home: Path) -> None:
    write(sessions(home) / "x_s1.jsonl", answer(1, key="a"))
    write(sessions(home) / "x_s2.jsonl", answer(1, key="b"), head={**HEAD, "id": "s2"})
    assert total(home) == 20


# ---- forks


def fork(home: Path, *records: object) -> None:
    head = {
        **HEAD,
        "id": "s2",
        "timestamp": "2026-03-02T09:30:00.000Z",
        "parentSession": "/somewhere/else/2026-03-02T09-00-00-000Z_s1.jsonl",
    }
    write(sessions(home) / "2026-03-02T09-30-00-000Z_s2.jsonl", *records, head=head)


@pytest.mark.parametrize("response", ["r1", None])
def test_what_a_fork_copied_is_its_origins(home: Path, response: str | None) -> None:
    copied = [prompt(1, "first"), answer(2, responseId=response)]
    write(sessions(home) / "2026-03-02T09-00-00-000Z_s1.jsonl", *copied)
    fork(home, *copied, prompt(31, "second"), answer(32, usage=usage(500)))
    found = everyone(World(home, now=LATER).collect())
    assert {key: s.own.tokens and s.own.tokens.input for key, s in found.items()} == {
        "s1": 10,
        "s2": 500,
    }
    assert found["s2"].reading.forked_from == "s1"
    assert (found["s2"].reading.user_turns, found["s2"].reading.title) == (1, "second")


def test_the_origin_owns_it_even_after_its_file_is_gone(home: Path) -> None:
    fork(home, prompt(1), answer(2, usage=usage(cost=1.0)), answer(32, usage=usage(500)))
    snapshot = World(home, now=LATER).collect()
    found = everyone(snapshot)
    assert snapshot.totals.tokens.input == 510
    assert found["s2"].own.tokens is not None
    assert found["s2"].own.tokens.input == 500
    assert found["s2"].reading.reported_cost is None


# ---- older files


def unnumbered(*records: dict[str, Any]) -> list[dict[str, Any]]:
    return [{k: v for k, v in each.items() if k not in ("id", "parentId")} for each in records]


def test_a_file_that_gets_ids_when_it_is_taken_up_again_counts_once(home: Path) -> None:
    path = sessions(home) / "x_s1.jsonl"
    old = {k: v for k, v in HEAD.items() if k != "version"}
    write(path, *unnumbered(prompt(1), answer(2)), head=old)
    watching = World(home, now=LATER)
    assert watching.collect().totals.tokens.input == 10
    write(path, prompt(1), answer(2), prompt(3), answer(4, usage=usage(500)))
    assert watching.collect(later=400).totals.tokens.input == 510


def test_a_first_version_names_its_model_in_its_head(file: Path) -> None:
    head = {"type": "session", "id": "s1", "provider": "openai", "modelId": "gpt-5"}
    reading, _ = read(file, *unnumbered(prompt(1)), head=head)
    assert (reading.model, reading.activity.phase) == ("gpt-5", "requested")


def test_a_newer_version_says_so(file: Path) -> None:
    reading, _ = read(file, answer(1), head={**HEAD, "version": 4})
    assert "version 4" in reading.problems[0]
    assert read(file, answer(1))[0].problems == ()


# ---- states


@pytest.mark.parametrize(
    ("records", "phase"),
    [
        ((), "new"),
        ((prompt(1),), "requested"),
        ((prompt(1), answer(2, "toolUse", content=[call("bash", command="ls")])), "tool"),
        ((prompt(1), answer(2, "toolUse", content=[call("ask_user", question="?")])), "question"),
        ((prompt(1), answer(2, "toolUse", content=[call("bash")]), result(3)), "requested"),
        ((prompt(1), answer(2)), "done"),
        ((prompt(1), answer(2, said="Shall I?")), "asks"),
        ((prompt(1), answer(2, "aborted")), "interrupted"),
        ((prompt(1), answer(2, "error", errorMessage="500 broken")), "error"),
        ((prompt(1), answer(2, "error", errorMessage="429 rate limit")), "limited"),
    ],
)
def test_the_newest_record_tells_the_state(
    file: Path, records: tuple[object, ...], phase: str
) -> None:
    assert read(file, *records)[0].activity.phase == phase


def test_names_and_thinking_are_taken_as_they_change(file: Path) -> None:
    reading, _ = read(
        file,
        prompt(1, "first words"),
        entry("session_info", 2, name="A name"),
        entry("thinking_level_change", 3, thinkingLevel="high"),
    )
    assert (reading.title, reading.effort) == ("A name", "high")
    cleared, _ = read(file, prompt(1, "first words"), entry("session_info", 2, name=" "))
    assert cleared.title == "first words"


def test_the_same_call_again_and_again_is_a_loop(file: Path) -> None:
    records: list[object] = [prompt(1)]
    for minute in range(2, 14):
        again = {**call("bash", command="make"), "id": f"t{minute}"}
        records.append(answer(minute, "toolUse", content=[again]))
    assert "make" in (read(file, *records)[0].loop or "")


# ---- files


def test_a_write_is_proven_by_its_result(file: Path) -> None:
    head = {**HEAD, "cwd": "/work"}
    calls = answer(1, "toolUse", content=[call("write", path="a.txt", content="x\ny\n")])
    reading, _ = read(file, calls, result(2), head=head)
    assert [(write.path, write.kind) for write in reading.writes] == [("/work/a.txt", None)]
    change = answer(1, "toolUse", content=[call("edit", path="a.txt", oldText="x", newText="y")])
    assert [write.kind for write in read(file, change, result(2), head=head)[0].writes] == ["edit"]
    assert reading.lines is not None
    assert (reading.lines.added, reading.lines.removed) == (2, 0)
    assert read(file, calls, result(2, is_error=True), head=head)[0].writes == ()
    assert read(file, calls, result(2, is_error=None), head=head)[0].writes == ()
    assert read(file, calls, head=head)[0].writes == ()


def test_an_edit_is_measured_by_its_difference(file: Path) -> None:
    calls = answer(1, "toolUse", content=[call("edit", path="/a", edits=[])])
    reading, _ = read(file, calls, result(2, details={"diff": " 1 a\n-2 b\n+2 c\n+3 d"}))
    assert reading.lines is not None
    assert (reading.lines.added, reading.lines.removed) == (2, 1)


# ---- damage


def test_numbers_that_cannot_be_counts_are_not_counted(file: Path) -> None:
    _, tokens = read(
        file,
        answer(1, usage={"input": MOST + 1, "output": -5, "cacheRead": 7}),
        answer(2, usage={"input": "many", "output": 3, "cost": {"total": "x"}}),
        answer(3, usage=[]),
        {"type": ["not", "a", "name"]},
        {"type": "from_the_future", "id": 5, "timestamp": "never"},
    )
    assert tokens == Tokens(cache_read=7, output=3)


def test_a_cost_that_is_no_number_is_none(file: Path) -> None:
    path = write(file, answer(1))
    path.write_text(path.read_text().replace('"total": 0.0', '"total": NaN'))
    (reading,) = PiMeter(str(path)).read()
    assert reading.reported_cost is None


def test_a_head_that_is_lost_leaves_the_name_of_the_file(file: Path) -> None:
    path = write(file, answer(1), head={"torn": 1})
    (reading,) = PiMeter(str(path)).read()
    assert (reading.session_id, reading.replies) == ("s1", 1)


# ---- places


def test_variables_move_the_folders(home: Path) -> None:
    moved = {"PI_CODING_AGENT_DIR": "~/pi", "PI_CODING_AGENT_SESSION_DIR": "/srv/sessions"}
    assert AGENT.roots(home, moved) == (home / "pi/sessions", Path("/srv/sessions"))
    assert AGENT.roots(home, {}) == (home / ".pi/agent/sessions",)


def test_openclaws_folders_hold_more_than_sessions(home: Path) -> None:
    folder = home / ".openclaw/agents/main/sessions"
    stamp = "2026-03-02T10-00-00.000Z"
    names = ["a.jsonl", f"b.jsonl.reset.{stamp}", f"c.jsonl.deleted.{stamp}"]
    for name in [*names, "a.trajectory.jsonl", "sessions.json", "a.jsonl.lock"]:
        write(folder / name)
    write(home / ".openclaw/agents/main/agent/other.jsonl")
    root = AGENT.roots(home, {})[-1]
    found = {Path(path).name for path in AGENT.transcripts(root, Walk([]))}
    assert found == set(names)


def test_a_session_is_taken_up_again_by_its_id() -> None:
    assert AGENT.resume("s1") == "pi --session s1"
    assert AGENT.session_of_file("/x/2026-03-02T09-00-00-000Z_s1.jsonl") == "s1"
    assert AGENT.session_of_file("/x/auth.json") is None


# ---- the real one


def test_the_real_files_come_to_their_truth(corpus: Path) -> None:
    known = truth(corpus, "pi-0.73.1")
    snapshot = World(corpus / "pi-0.73.1" / "home", now=LATER).collect()
    found = everyone(snapshot)
    for session_id, fact in known["sessions"].items():
        session, recorded = found[session_id], fact["recorded"]
        assert session.tokens is not None
        assert session.tokens.input == recorded["input"]
        assert session.tokens.cache_read == recorded["cache_read"]
        # This release writes both kinds of cache and thinking as one number.
        written = recorded["cache_write_5m"] + recorded["cache_write_1h"]
        assert session.tokens.cache_write_5m == written
        assert session.tokens.output == recorded["output"] + recorded["reasoning"]
        assert session.reading.user_turns == fact["user_turns"]
        assert session.reading.cwd == fact["cwd"]
        assert {u.model for u in session.usage} == set(fact["models"])
        assert {w.path for w in session.reading.writes} == set(fact["files_touched"])
        assert session.cost is not None
        assert session.reading.reported_cost == pytest.approx(session.cost.total)
    assert snapshot.totals.tokens.total == known["totals"]["recorded"]["total"]
    assert all(session.process is None for session in snapshot.sessions)
