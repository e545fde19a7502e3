"""The slow, obvious way to read transcripts, to hold the demo's truth against."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

Counts = dict[str, int]
BUCKETS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def claude_files(home: Path) -> list[Path]:
    return sorted((home / ".claude" / "projects").rglob("*.jsonl"))


def codex_files(home: Path) -> list[Path]:
    return sorted((home / ".codex" / "sessions").rglob("*.jsonl"))


def moments(path: Path) -> list[float]:
    """When each record was written, in the order of the file."""
    stamps = [row["timestamp"] for row in records(path) if "timestamp" in row]
    return [datetime.fromisoformat(stamp).timestamp() for stamp in stamps]


def _claude_counts(usage: dict[str, Any]) -> Counts:
    short = usage["cache_creation"]["ephemeral_5m_input_tokens"]
    long = usage["cache_creation"]["ephemeral_1h_input_tokens"]
    assert usage["cache_creation_input_tokens"] in {0, short + long}
    numbers = (
        usage["input_tokens"],
        usage["cache_read_input_tokens"],
        short,
        long,
        usage["output_tokens"],
        usage["output_tokens_details"]["thinking_tokens"],
    )
    return dict(zip(BUCKETS, numbers, strict=True))


def _codex_counts(usage: dict[str, int]) -> Counts:
    cached, written = usage["cached_input_tokens"], usage["cache_write_input_tokens"]
    numbers = (
        usage["input_tokens"] - cached - written,
        cached,
        written,
        0,
        usage["output_tokens"],
        usage["reasoning_output_tokens"],
    )
    return dict(zip(BUCKETS, numbers, strict=True))


def claude_responses(home: Path) -> Iterator[tuple[str, str, Counts]]:
    """Every row with usage: the session that made it, the response's id, its tokens."""
    for path in claude_files(home):
        for row in records(path):
            message = row.get("message", {})
            if row["type"] != "assistant" or message["model"] == "<synthetic>":
                continue
            maker = row.get("requestSessionId") or row["sessionId"]
            session = row.get("agentId") or maker
            if message["usage"]["output_tokens"]:
                yield f"claude:{session}", message["id"], _claude_counts(message["usage"])


def codex_responses(home: Path) -> Iterator[tuple[str, str, Counts]]:
    for path in codex_files(home):
        for row in records(path):
            if row["type"] == "token_usage_record":
                payload = row["payload"]
                thread, response = payload["thread_id"], payload["response_id"]
                yield f"codex:{thread}", response, _codex_counts(payload["usage"])


def totals(home: Path) -> dict[str, Counts]:
    """Each response once, for the session that made it."""
    sums: dict[str, Counts] = defaultdict(lambda: dict.fromkeys(BUCKETS, 0))
    seen: set[str] = set()
    for session, response, counts in (*claude_responses(home), *codex_responses(home)):
        if response in seen:
            continue
        seen.add(response)
        for bucket, count in counts.items():
            sums[session][bucket] += count
    return dict(sums)


def told(truth: dict[str, dict[str, Any]]) -> dict[str, Counts]:
    """The truth in the same form; sessions that spent nothing leave no trace to read."""
    return {
        key: {bucket: entry["tokens"][bucket] for bucket in BUCKETS}
        for key, entry in truth.items()
        if entry["tokens"]["requests"]
    }
