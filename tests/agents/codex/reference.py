"""A slow, obvious counter of Codex rollouts to hold the meter against."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agtop.model import Tokens


def tokens_of(path: Path) -> tuple[str, Tokens]:
    """A rollout's thread and what it spent."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in path.read_bytes().splitlines()]
    head = lines[0].get("payload", lines[0])
    own = _own_lines(lines, head)
    records = [r["payload"] for r in own if r.get("type") == "token_usage_record"]
    if records:
        spent = [r["usage"] for r in records if r["thread_id"] == head["id"]]
    else:
        spent = _responses(own)
    return head["id"], sum((_tokens(u) for u in spent), Tokens())


def _own_lines(lines: list[dict[str, Any]], head: dict[str, Any]) -> list[dict[str, Any]]:
    """Without what was copied from a parent: those turns are older than the thread."""
    start = head.get("subagent_history_start_ordinal")
    if start is not None:
        return [line for line in lines if line["ordinal"] >= int(start)]
    if not any(_is_old_turn(line, head["id"]) for line in lines):
        return lines
    last = max(n for n, line in enumerate(lines) if _is_old_turn(line, head["id"]))
    later = [n for n, line in enumerate(lines) if n > last and "turn_id" in line["payload"]]
    return lines[later[0] :] if later else []


def _is_old_turn(line: dict[str, Any], thread: str) -> bool:
    turn = line.get("payload", {}).get("turn_id")
    return bool(turn) and turn.replace("-", "")[:12] < thread.replace("-", "")[:12]


def _responses(lines: list[dict[str, Any]]) -> list[dict[str, int]]:
    """The last usage of every event that changed the total: exact while nothing is compacted."""
    spent: list[dict[str, int]] = []
    total = None
    for line in lines:
        info = line.get("payload", {}).get("info")
        if info and info["total_token_usage"] != total:
            total = info["total_token_usage"]
            spent.append(info["last_token_usage"])
    return spent


def _tokens(usage: dict[str, int]) -> Tokens:
    cached, written = usage["cached_input_tokens"], usage.get("cache_write_input_tokens", 0)
    return Tokens(
        input=usage["input_tokens"] - cached - written,
        cache_read=cached,
        cache_write_5m=written,
        output=usage["output_tokens"],
        reasoning=usage["reasoning_output_tokens"],
    )
