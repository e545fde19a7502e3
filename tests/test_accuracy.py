"""Five small files that most monitors count wrong: streamed lines, a resumed copy, a subagent,
repeated totals, a fork that replays its parent."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from agtop.model import Snapshot, Tokens
from tests.claude_rows import OTHER, SESSION, answer, encode, project, prompt, usage, write
from tests.worlds import World

PARENT = "0199a213-81c0-7800-8aa1-bbab2a035a53"
FORK = "0199a2f0-1111-7800-8aa1-bbab2a035a54"


def claude(home: Path) -> list[Path]:
    first = [
        prompt("go", 1),
        *(answer("msg_1", 2 + n, usage(10, out, cache_read=50_000, write_1h=10_000))
          for n, out in enumerate((1, 1, 5000))),
    ]  # fmt: skip
    copy = [{**row, "sessionId": OTHER} for row in first]
    turn = answer("msg_2", 600, usage(15, 2000, cache_read=100_000), session=OTHER)
    sub: dict[str, Any] = {"isSidechain": True, "agentId": "a1"}
    below = project(home) / SESSION / "subagents"
    below.mkdir(parents=True)
    agent = below / "agent-a1.jsonl"
    agent.write_bytes(encode(answer("msg_3", 9, usage(10, 1000, cache_read=80_000), **sub)))
    return [write(home, SESSION, *first), write(home, OTHER, *copy, turn), agent]


def line(at: str, kind: str, payload: dict[str, Any]) -> bytes:
    return json.dumps({"timestamp": at, "type": kind, "payload": payload}).encode() + b"\n"


def totals(at: str, total: tuple[int, int, int], last: tuple[int, int, int]) -> bytes:
    def vector(numbers: tuple[int, int, int]) -> dict[str, int]:
        given, cached, output = numbers
        return {
            "input_tokens": given,
            "cached_input_tokens": cached,
            "output_tokens": output,
            "reasoning_output_tokens": 0,
            "total_tokens": given + output,
        }

    info = {"total_token_usage": vector(total), "last_token_usage": vector(last)}
    return line(at, "event_msg", {"type": "token_count", "info": info, "rate_limits": None})


def codex(home: Path) -> list[Path]:
    folder = home / ".codex" / "sessions" / "2025" / "10" / "02"
    folder.mkdir(parents=True)
    meta = {"id": PARENT, "cwd": "/work/api", "cli_version": "0.50.0", "source": "cli"}
    model = {"cwd": "/work/api", "model": "gpt-5"}
    step = (100_000, 70_000, 1000)

    def history(stamp: str | None) -> bytes:
        data = b""
        for n in (1, 2, 3):
            at = stamp or f"2025-10-02T10:0{n}:00.000Z"
            total = (100_000 * n, 70_000 * n, 1000 * n)
            data += line(at, "turn_context", model) + 2 * totals(at, total, step)
        return data

    parent = folder / f"rollout-2025-10-02T10-00-00-{PARENT}.jsonl"
    parent.write_bytes(line("2025-10-02T10:00:00.000Z", "session_meta", meta) + history(None))
    began = "2025-10-02T14:00:00.100Z"
    own = {**meta, "id": FORK, "forked_from_id": PARENT}
    fork = folder / f"rollout-2025-10-02T14-00-00-{FORK}.jsonl"
    fork.write_bytes(
        line(began, "session_meta", own)
        + line(began, "session_meta", meta)
        + history(began)
        + line("2025-10-02T14:05:00.000Z", "turn_context", model)
        + totals("2025-10-02T14:05:09.000Z", (350_000, 240_000, 3500), (50_000, 30_000, 500))
    )
    return [parent, fork]


def spent(snapshot: Snapshot, agent: str) -> tuple[Tokens, float]:
    rows = [s for s in snapshot.sessions if s.agent == agent]
    tokens = Tokens()
    for row in rows:
        assert row.tokens is not None
        tokens += row.tokens
    return tokens, sum(row.cost.total for row in rows if row.cost is not None)


def test_the_fixture_costs_what_it_costs(home: Path) -> None:
    claude(home)
    codex(home)

    snapshot = World(home).collect()

    tokens, dollars = spent(snapshot, "claude")
    assert tokens == Tokens(35, 230_000, 0, 10_000, 8000)
    assert round(dollars, 4) == 0.2491
    tokens, dollars = spent(snapshot, "codex")
    assert tokens == Tokens(input=110_000, cache_read=240_000, output=3500)
    assert round(dollars, 4) == 0.2025


def test_each_part_belongs_to_the_session_that_made_it(home: Path) -> None:
    claude(home)
    codex(home)

    rows = {s.session_id: s for s in World(home).collect().sessions}

    assert {key: s.tokens.output for key, s in rows.items() if s.tokens is not None} == {
        SESSION: 6000,
        OTHER: 2000,
        PARENT: 3000,
        FORK: 500,
    }


@pytest.mark.parametrize("seed", range(8))
def test_the_order_and_the_pieces_of_arrival_do_not_matter(home: Path, seed: int) -> None:
    chance = random.Random(seed)
    # A fork is made when its parent's history is on disk, so the parent is written first.
    whole = {path: path.read_bytes() for path in [*claude(home), *codex(home)[1:]]}
    for path in whole:
        path.write_bytes(b"")
    world = World(home)

    while whole:
        path = chance.choice(sorted(whole))
        data = whole.pop(path)
        cut = chance.randrange(1, len(data) + 1)
        with path.open("ab") as file:
            file.write(data[:cut])
        if data[cut:]:
            whole[path] = data[cut:]
        world.collect()

    snapshot = world.collect()
    assert round(spent(snapshot, "claude")[1], 4) == 0.2491
    assert round(spent(snapshot, "codex")[1], 4) == 0.2025
