"""Uses of skills are counted from transcripts, once each, and nothing else is taken from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agtop.inventory import uses
from tests.inventory.homes import NOW, facts, found, one, put

NEW, OLD = "2026-09-20T10:00:00Z", "2026-01-01T10:00:00Z"


def tool(name: str, number: int, at: str = NEW) -> dict[str, Any]:
    call = {"type": "tool_use", "id": f"toolu_{number}", "name": "Skill", "input": {"skill": name}}
    message = {"role": "assistant", "content": [call]}
    return {"type": "assistant", "uuid": f"uuid-{number}", "timestamp": at, "message": message}


def typed(text: str, number: int, at: str = NEW) -> dict[str, Any]:
    message = {"role": "user", "content": text}
    return {"type": "user", "uuid": f"typed-{number}", "timestamp": at, "message": message}


def transcript(path: Path, *records: dict[str, Any]) -> None:
    put(path, "".join(json.dumps(each, separators=(",", ":")) + "\n" for each in records))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    put(tmp_path / ".claude/skills/pdf/SKILL.md", "x")
    put(tmp_path / ".claude/commands/ship.md", "x")
    return tmp_path


def test_uses_are_counted_over_all_and_over_a_week(home: Path) -> None:
    where = home / ".claude/projects/-srv/a.jsonl"
    transcript(where, tool("pdf", 1, OLD), tool("pdf", 2), typed("/ship it to nobody", 3))

    rows = found(home, "skill")

    assert (one(rows, "pdf").count, facts(one(rows, "pdf"))["week"]) == (2, 1)
    assert facts(one(rows, "pdf"))["lastUsed"] == "2026-09-20T10:00:00.000Z"
    assert one(rows, "ship").count == 1


def test_a_use_that_was_copied_into_another_transcript_counts_once(home: Path) -> None:
    transcript(home / ".claude/projects/-srv/a.jsonl", tool("pdf", 1))
    transcript(home / ".claude/projects/-srv/b.jsonl", tool("pdf", 1), tool("pdf", 2))

    assert one(found(home, "skill"), "pdf").count == 2


def test_words_after_a_slash_that_are_no_skill_are_not_told(home: Path) -> None:
    where = home / ".claude/projects/-srv/a.jsonl"
    transcript(where, typed("/globex merger plan", 1), typed("/srv/globex/plan.md", 2))

    assert {each.label for each in found(home, "skill")} == {"pdf", "ship"}


def test_a_skill_that_was_used_and_is_gone_is_told(home: Path) -> None:
    transcript(home / ".claude/projects/-srv/a.jsonl", tool("gone", 1))

    row = one(found(home, "skill"), "gone")

    assert (row.count, facts(row)["installed"]) == (1, False)


def test_words_about_a_tool_are_no_use_of_it(home: Path) -> None:
    said = 'say "name":"Skill","input":{"skill":"pdf"}'
    transcript(home / ".claude/projects/-srv/a.jsonl", typed(said, 1))

    assert one(found(home, "skill"), "pdf").count == 0


def test_codex_uses_a_skill_by_reading_it_once_in_a_conversation(tmp_path: Path) -> None:
    put(tmp_path / ".codex/skills/pdf/SKILL.md", "x")
    command = '{"cmd":"cat /home/ada/.codex/skills/pdf/SKILL.md"}'
    call = {"type": "function_call", "name": "exec_command", "arguments": command}
    rollout = tmp_path / ".codex/sessions/2026/09/20/rollout-a.jsonl"
    listing = {"type": "message", "content": "/skills/pdf/SKILL.md and /skills/other/SKILL.md"}
    transcript(
        rollout,
        {"timestamp": NEW, "type": "response_item", "payload": listing},
        {"timestamp": NEW, "type": "response_item", "payload": {**call, "call_id": "call_1"}},
        {"timestamp": NEW, "type": "response_item", "payload": {**call, "call_id": "call_2"}},
    )

    rows = [each for each in found(tmp_path, "skill") if each.agent == "codex"]

    assert [(each.label, each.count) for each in rows] == [("pdf", 1)]


def test_what_was_not_read_makes_a_lower_bound(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uses, "MOST_FILES", 1)
    transcript(home / ".claude/projects/-srv/a.jsonl", tool("pdf", 1))
    transcript(home / ".claude/projects/-srv/b.jsonl", tool("pdf", 2))

    row = one(found(home, "skill"), "pdf")

    assert (row.count, facts(row)["least"]) == (1, True)


def test_a_transcript_of_nothing_but_noise_is_passed_over(home: Path) -> None:
    path = put(home / ".claude/projects/-srv/a.jsonl", "")
    path.write_bytes(b'"name":"Skill"' * 50_000 + b"\xff\x00<command-name>\n" * 10)

    assert one(found(home, "skill"), "pdf").count == 0
    assert NOW > 0
