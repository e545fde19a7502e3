"""A small Codex home, made by hand, whose sums are known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from agtop.agents.codex import AGENT
from agtop.agents.walk import Walk
from agtop.model import Claim, Reading, Tokens
from tests.agents.codex.rollouts import added_up, read

HERE = Path(__file__).parents[2] / "fixtures" / "codex"
EXPECTED: dict[str, dict[str, Any]] = json.loads((HERE / "expected.json").read_bytes())


def all_read() -> list[tuple[Reading, list[Claim]]]:
    problems: list[Any] = []
    found = [read(path) for path in AGENT.transcripts(HERE / "home" / ".codex", Walk(problems))]
    assert not problems
    return found


def test_every_thread_reads_as_expected() -> None:
    found = all_read()
    assert {reading.session_id for reading, _ in found} == set(EXPECTED)
    for reading, claims in found:
        expected = EXPECTED[reading.session_id]
        assert expected == {
            "parent": reading.parent_id,
            "forked_from": reading.forked_from,
            "title": reading.title,
            "model": reading.model,
            "cwd": reading.cwd,
            "metered": reading.metered,
            "user_turns": reading.user_turns,
            "replies": reading.replies,
            "tool_calls": reading.tool_calls,
            "tool_errors": reading.tool_errors,
            "phase": reading.activity.phase,
            "writes": [write.path for write in reading.writes],
            "tokens": asdict(added_up(claims)) if reading.metered else None,
        }


def test_the_home_adds_up_with_its_fork_and_its_archive_once() -> None:
    claims = [claim for _, made in all_read() for claim in made]
    forked = Tokens(input=110_000, cache_read=240_000, output=3_500)
    paged = Tokens(4_000, 57_000, 2_000, output=1_100, reasoning=300)
    subagent = Tokens(input=1_000, cache_read=4_000, output=50)
    assert added_up(claims) == forked + paged + subagent
