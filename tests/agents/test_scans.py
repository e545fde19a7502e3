"""The sparse first read of a large transcript counts what the full one counts."""

from __future__ import annotations

import gc
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from agtop.agents import AGENTS
from agtop.agents.base import Agent, Meter, Scanned
from agtop.agents.walk import Walk
from agtop.ledger import Ledger
from agtop.model import Tokens
from tests.agents.codex.rollouts import NOON, Rollout, uuid7
from tests.agents.codex.rollouts import add as added
from tests.agents.codex.rollouts import usage as tokens
from tests.claude_rows import SESSION, answer, call, prompt, result, row, usage, write

BY_NAME = {agent.name: agent for agent in AGENTS}


Spent = dict[str, tuple[Tokens, float | None, str | None]]


def spent(meter: Meter) -> Spent:
    meter.read()
    ledger = Ledger()
    ledger.book(meter.claims())
    return responses(ledger)


def scanned(agent: Agent, path: str) -> Spent:
    ledger = Ledger()
    assert ledger.admit(scan(agent, path).block)
    return responses(ledger)


def scan(agent: Agent, path: str) -> Scanned:
    assert agent.scan is not None
    return agent.scan(path, True)


def responses(ledger: Ledger) -> Spent:
    return {
        r.key: (r.tokens, r.at, r.model)
        for owner in ledger.owners()
        for r in ledger.responses(owner)
    }


def large(home: Path, seed: int) -> Path:
    """Rows of every kind, in the order of real ones, with the traps a scan may fall into."""
    chance = random.Random(seed)
    rows: list[dict[str, Any]] = [prompt("go", 1)]
    filler = 'text with "usage":{"output_tokens":9} and {"role":"assistant"} in it ' * 20
    for n in range(120):
        out = chance.randrange(1, 5000)
        used = usage(chance.randrange(900), out, chance.randrange(90_000), 10, 20)
        early = {**used, "output_tokens": 1} if chance.random() < 0.4 else used
        blocks = call("Bash", f"t{n}", command=filler)
        mark: dict[str, Any] = {"requestRef": f"r{n}", "session_id": SESSION}
        if chance.random() < 0.1:
            mark = {"forkedFrom": {"sessionId": SESSION, "messageUuid": "u"}}
        if chance.random() < 0.1:
            mark["isSidechain"] = True
        rows += [
            {"type": "api-request", "id": f"r{n}", "sessionId": SESSION, "params": {"model": "x"}},
            answer(f"m{n}", n + 2, early, [{"type": "text", "text": filler}], stop=None, **mark),
            answer(f"m{n}", n + 2, used, blocks, stop="tool_use", **mark),
            result(f"t{n}", n + 3, {"stdout": filler, "usage": usage(5, 5)}),
            row("attachment", n + 3, attachment={"type": "x", "message": {"role": "assistant"}}),
            {"type": "progress", "data": {"message": {"message": answer("p", 1, usage(9, 9))}}},
        ]
    rows.append({"type": "ai-title", "aiTitle": "Large work"})
    return write(home, SESSION, *rows)


@pytest.mark.parametrize("seed", range(6))
def test_a_scan_of_a_large_transcript_counts_the_same(home: Path, seed: int) -> None:
    path = str(large(home, seed))
    agent = BY_NAME["claude"]

    assert scanned(agent, path) == spent(agent.meter(path))


def test_a_scan_knows_whose_transcript_it_is_and_what_goes_on(home: Path) -> None:
    path = str(large(home, 1))
    agent = BY_NAME["claude"]
    (full,) = agent.meter(path).read()
    (sparse,) = scan(agent, path).readings

    assert sparse.partial
    assert (sparse.title, sparse.cwd, sparse.model) == (full.title, full.cwd, full.model)
    assert (sparse.started_at, sparse.last_active) == (full.started_at, full.last_active)
    assert (sparse.activity, sparse.action) == (full.activity, full.action)
    assert sparse.context is not None
    assert full.context is not None
    assert (sparse.context.used, sparse.context.peak) == (full.context.used, full.context.peak)
    assert (sparse.tool_calls, sparse.user_turns, sparse.lines) == (None, None, None)


def test_a_scan_finds_a_title_wherever_it_stands(home: Path) -> None:
    path = large(home, 4)
    lines = path.read_bytes().split(b"\n")
    for at, title in ((60, b"Older"), (120, b"Own {name}")):
        lines.insert(at, b'{"type":"custom-title","customTitle":"%s"}' % title)
    path.write_bytes(b"\n".join(lines))

    assert scan(BY_NAME["claude"], str(path)).readings[0].title == "Own {name}"


def test_a_scan_sees_what_goes_on_before_a_long_result(home: Path) -> None:
    path = large(home, 5)
    long = {"stdout": "words " * 4000}
    with path.open("ab") as file:
        for each in (
            answer("last", 900, usage(5, 5), call("Bash", "t", command="make"), stop="tool_use"),
            result("t", 901, long),
            answer("very last", 902, usage(6, 6), call("Read", "u", file_path="/a")),
            {"type": "last-prompt", "lastPrompt": "words " * 900},
        ):
            file.write(json.dumps(each, separators=(",", ":")).encode() + b"\n")
    agent = BY_NAME["claude"]
    (full,) = agent.meter(str(path)).read()
    (sparse,) = scan(agent, str(path)).readings

    assert full.activity.phase == "tool"
    assert (sparse.activity, sparse.action) == (full.activity, full.action)
    assert sparse.context is not None
    assert full.context is not None
    assert sparse.context.used == full.context.used


def test_a_scan_reads_in_full_what_claude_code_did_not_write_itself(home: Path) -> None:
    path = large(home, 3)
    rows = path.read_text().splitlines()
    path.write_text("".join(json.dumps(json.loads(row)) + "\n" for row in rows))
    agent = BY_NAME["claude"]

    assert scanned(agent, str(path)) == spent(agent.meter(str(path)))


Order = Callable[[list[str]], list[str]]


def backwards(keys: list[str]) -> list[str]:
    return keys[::-1]


def shaken(value: Any, order: Order) -> Any:
    """The same with the fields of every object in another order."""
    if isinstance(value, list):
        return [shaken(each, order) for each in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    fields = cast("dict[str, Any]", value)
    return {key: shaken(fields[key], order) for key in order(list(fields))}


@pytest.mark.parametrize("name", ["claude", "codex"])
@pytest.mark.parametrize("seed", range(8))
def test_a_scan_counts_the_same_whatever_the_order_of_the_fields(
    home: Path, name: str, seed: int
) -> None:
    chance = random.Random(seed)
    orders: list[Order] = [sorted, backwards, lambda keys: chance.sample(keys, len(keys))]
    agent = BY_NAME[name]
    path = alike(home) if name == "claude" else Path(rollout_of_many(home))
    known = spent(agent.meter(str(path)))
    first, *rows = path.read_text().splitlines()
    rows = [
        json.dumps(shaken(json.loads(row), orders[min(seed, 2)]), separators=(",", ":"))
        for row in rows
    ]
    path.write_text("\n".join([first, *rows, ""]))

    assert spent(agent.meter(str(path))) == known
    assert scanned(agent, str(path)) == known


def alike(home: Path) -> Path:
    """Many answers of exactly the same usage, which differ in their ids alone."""
    said = [{"type": "text", "text": "words " * 100}]
    rows = [answer(f"msg_{n:04}", n + 2, usage(10, 20, 30), said) for n in range(80)]
    return write(home, SESSION, prompt("go", 1), *rows)


def rollout_of_many(home: Path) -> str:
    rollout = Rollout(uuid7(NOON), ordinal=0).meta().context()
    for n in range(80):
        rollout.record(f"r{n}", tokens(1000, 0, 10)).says("words " * 100)
    return rollout.write(home / ".codex")


def test_a_scan_counts_rows_that_another_writer_put_between(home: Path) -> None:
    path = alike(home)
    agent = BY_NAME["claude"]
    known = spent(agent.meter(str(path)))
    first, *rows = path.read_text().splitlines()
    spaced = [json.dumps(json.loads(row)) if n % 2 else row for n, row in enumerate(rows)]
    path.write_text("\n".join([first, *spaced, ""]))

    assert scanned(agent, str(path)) == known


def test_a_scan_counts_the_first_answer_of_a_fork(home: Path) -> None:
    child, began = uuid7(NOON + 100), NOON + 110
    rollout = Rollout(child, NOON + 100).meta(forked_from_id=uuid7(NOON))
    rollout.raw(b'{"filler":"%s"}' % (b"x" * (4 << 10)))
    rollout.event("task_started", turn_id=uuid7(began)).context(turn_id=uuid7(began))
    total = tokens(50_000, 40_000, 900)
    for _ in range(30):
        used = tokens(1000, 500, 10)
        total = added(total, used)
        rollout.says("words " * 400).count(total, used)
    path = rollout.write(home / ".codex")
    agent = BY_NAME["codex"]

    assert len(spent(agent.meter(path))) == 30
    assert scanned(agent, path) == spent(agent.meter(path))


def test_a_scan_counts_the_searches_that_are_billed(home: Path) -> None:
    rollout = Rollout(uuid7(NOON), ordinal=0).meta().context()
    for n in range(20):
        rollout.item("web_search_call", status="completed", action={"type": "search"})
        rollout.record(f"r{n}", tokens(1000, 0, 10)).says("words " * 400)
    path = rollout.write(home / ".codex")
    agent = BY_NAME["codex"]

    assert list(scan(agent, path).block.searches) == [1] * 20


@pytest.mark.parametrize(
    "name", ["claude-2.1.329", "claude-2.1.80", "codex-0.169.0", "codex-0.105.0"]
)
def test_scans_of_real_transcripts_count_the_same(corpus: Path, name: str) -> None:
    agent: Agent = BY_NAME[name.partition("-")[0]]
    root = corpus / name / "home" / f".{agent.name}"

    for path in agent.transcripts(root, Walk([])):
        assert scanned(agent, path) == spent(agent.meter(path)), path


@pytest.mark.parametrize("is_fork", [False, True], ids=["own", "fork"])
def test_a_scan_of_a_rollout_leaves_nothing_that_holds_itself(home: Path, is_fork: bool) -> None:
    """Circles stay for as long as a first round keeps them from being searched."""
    parent = {"forked_from_id": uuid7(NOON - 100)} if is_fork else {}
    rollout = Rollout(uuid7(NOON), NOON).meta(**parent).context().prompt().says()
    path = rollout.count(tokens(5, 0, 5), tokens(5, 0, 5)).write(home / ".codex")
    scan(BY_NAME["codex"], path)
    gc.collect()

    gc.disable()
    try:
        scan(BY_NAME["codex"], path)
        left = gc.collect()
    finally:
        gc.enable()

    assert left < 20
