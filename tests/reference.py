"""A slow and obvious counter of whole homes, to hold agtop against.

It reads every file from its start, keeps every row, and applies the counting rules one by one,
those over several files included. It shares nothing with agtop but the record for tokens.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

from agtop.model import Tokens

Row = dict[str, Any]
Bill = dict[str, Tokens]
"""Session or subagent → what it used itself."""
FIELDS = ("input", "cached_input", "cache_write_input", "output", "reasoning_output", "total")


class Sighting(NamedTuple):
    """One row that reports a response, and who says whose it is."""

    tokens: Tokens
    proof: int
    born_at: float
    ended_at: float
    owner: str


def rows_of(content: bytes) -> list[Row]:
    """The complete lines that are JSON objects."""
    found: list[Row] = []
    for line in content.split(b"\n")[:-1]:
        try:
            row = json.loads(line.lstrip(b"\0").decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            found.append(row)
    return found


def files(folder: Path, suffix: str) -> list[Path]:
    """Every file below a folder once, whatever links lead to it."""
    by_identity: dict[tuple[int, int], Path] = {}
    for where, _, names in os.walk(folder, followlinks=True):
        for name in sorted(names):
            path = Path(where, name)
            if name.endswith(suffix) and path.is_file():
                status = path.stat()
                by_identity.setdefault((status.st_dev, status.st_ino), path)
    return sorted(by_identity.values())


def instants(rows: list[Row]) -> list[float]:
    stamps = [row.get("timestamp") for row in rows]
    return [datetime.fromisoformat(s).timestamp() for s in stamps if isinstance(s, str)]


# ---- Claude Code


def claude(*roots: Path) -> Bill:
    """Each response once, as its fullest row tells it, for the session that asked for it."""
    sightings: defaultdict[str, list[Sighting]] = defaultdict(list)
    for root in roots:
        for path in files(root / "projects", ".jsonl"):
            for key, sighting in claude_sightings(path):
                sightings[key].append(sighting)
    bill: defaultdict[str, Tokens] = defaultdict(Tokens)
    for seen in sightings.values():
        owner = min(seen, key=lambda s: (s.proof, s.born_at, s.ended_at, s.owner)).owner
        bill[owner] += max((s.tokens for s in seen), key=lambda t: (t.output, t.total))
    return dict(bill)


def claude_sightings(path: Path) -> Iterator[tuple[str, Sighting]]:
    rows = rows_of(path.read_bytes())
    own = path.stem.removeprefix("agent-")
    requests = {row["id"] for row in rows if row.get("type") == "api-request"}
    times = instants(rows)
    for row in rows:
        message = row.get("message") or {}
        usage = message.get("usage")
        if row.get("type") != "assistant" or usage is None or not is_billed(row):
            continue
        owner, proof = claude_owner(row, own, path.name.startswith("agent-"), requests)
        key = message.get("id") or row.get("requestId") or row["uuid"]
        parts = {key: usage}
        for n, paused in enumerate(message.get("pausedResponses") or []):
            parts[f"{key}/paused{n}"] = paused["usage"]
        for n, step in enumerate(usage.get("iterations") or []):
            if step["type"] == "advisor_message":
                parts[f"{key}/advisor{n}"] = step
        for name, part in parts.items():
            yield name, Sighting(claude_tokens(part), proof, min(times), max(times), owner)


def is_billed(row: Row) -> bool:
    return not (
        row.get("isUnmetered")
        or row.get("isApiErrorMessage")
        or row["message"].get("model") == "<synthetic>"
        or row.get("version") == "claude-export-import"
    )


def claude_owner(row: Row, own: str, is_agent: bool, requests: set[str]) -> tuple[str, int]:
    if is_agent:
        return own, 4
    if row.get("requestSessionId"):
        return row["requestSessionId"], 0
    if row.get("forkedFrom"):
        return row["forkedFrom"]["sessionId"], 0
    if row.get("requestRef") in requests:
        return own, 0
    if row.get("session_id") is None:
        return own, 2
    return (own, 1) if row["session_id"] == own else (own, 3)


def claude_tokens(usage: Row) -> Tokens:
    written = usage.get("cache_creation_input_tokens", 0)
    split = usage.get("cache_creation") or {}
    long = min(split.get("ephemeral_1h_input_tokens", 0), written)
    thinking = (usage.get("output_tokens_details") or {}).get("thinking_tokens", 0)
    return Tokens(
        input=usage.get("input_tokens", 0),
        cache_read=usage.get("cache_read_input_tokens", 0),
        cache_write_5m=written - long,
        cache_write_1h=long,
        output=usage.get("output_tokens", 0),
        reasoning=thinking,
    )


# ---- Codex


def codex(home: Path) -> Bill:
    """Each response of each thread once, over all the files that hold the thread."""
    paths = [p for f in ("sessions", "archived_sessions") for p in codex_files(home / f)]
    contents = {path: rows_of(unpacked(path)) for path in paths}
    threads: defaultdict[str, dict[str, Tokens]] = defaultdict(dict)
    for rows in contents.values():
        meta = rows[0]["payload"]
        for key, tokens in codex_responses(rows, meta, contents):
            known = threads[meta["id"]].get(key, Tokens())
            threads[meta["id"]][key] = max(known, tokens, key=lambda t: (t.output, t.total))
    return {name: sum(spent.values(), Tokens()) for name, spent in threads.items() if spent}


def codex_files(folder: Path) -> list[Path]:
    plain = files(folder, ".jsonl")
    packed = [p for p in files(folder, ".jsonl.zst") if not p.with_suffix("").exists()]
    return [path for path in (*plain, *packed) if path.name.startswith("rollout-")]


def unpacked(path: Path) -> bytes:
    if path.suffix != ".zst":
        return path.read_bytes()
    import zstandard

    return zstandard.ZstdDecompressor().decompressobj().decompress(path.read_bytes())


def codex_responses(
    rows: list[Row], meta: Row, contents: dict[Path, list[Row]]
) -> Iterator[tuple[str, Tokens]]:
    """(key, tokens) of what a thread's own lines say it spent."""
    copied = codex_copied(rows, meta, contents)
    total = last = None
    nth = 0
    has_records = imported = False
    for n, row in enumerate(rows):
        payload = row["payload"]
        if row["type"] == "turn_context":
            imported = str(payload.get("turn_id")).startswith("external-import-turn-")
        if row["type"] == "token_usage_record" and payload["thread_id"] == meta["id"]:
            has_records = True
            yield payload["response_id"], codex_tokens(vector(payload["usage"]))
        info = payload.get("info") if payload.get("type") == "token_count" else None
        if not info:
            continue
        before, now = total, vector(info["total_token_usage"])
        same, spent = last, vector(info["last_token_usage"])
        total, last = now, spent
        if n < copied or has_records or imported or now == before:
            continue
        if before is None and meta.get("forked_from_id"):
            pass  # the totals continue the parent's: only the last response is known
        elif all(a >= b for a, b in zip(now, before or [0] * 6, strict=True)):
            spent = [a - b for a, b in zip(now, before or [0] * 6, strict=True)]
        elif spent == same:
            continue
        if any(spent[:5]):
            nth += 1
            yield f"#{nth}", codex_tokens(spent)


def codex_copied(rows: list[Row], meta: Row, contents: dict[Path, list[Row]]) -> int:
    """How many lines at the start are a parent's."""
    start = meta.get("subagent_history_start_ordinal", meta.get("forked_from_ordinal_exclusive"))
    if start is not None:
        return sum(row["ordinal"] < int(start) for row in rows)
    parents = [n for n, row in enumerate(rows) if row["type"] == "session_meta"][1:]
    if not parents:
        return 0
    turns = [(n, row["payload"]["turn_id"]) for n, row in enumerate(rows) if turn_id(row)]
    old = [n for n, turn in turns if turn[:13] < meta["id"][:13]]
    if old:
        later = [n for n, _ in turns if n > old[-1]]
        return later[0] if later else len(rows)
    told = {
        tuple(vector(row["payload"]["info"]["total_token_usage"]))
        for parent in contents.values()
        for row in parent
        if parent[0]["payload"]["id"] == meta["forked_from_id"] and row["payload"].get("info")
        if row["timestamp"] <= meta["timestamp"]
    }
    counts = [n for n, row in enumerate(rows) if row["payload"].get("info")]
    totals = [(n, vector(rows[n]["payload"]["info"]["total_token_usage"])) for n in counts]
    same = list(takewhile(lambda pair: tuple(pair[1]) in told, totals))
    return same[-1][0] + 1 if same else 0


def turn_id(row: Row) -> bool:
    return bool(row["payload"].get("turn_id")) and row["type"] != "token_usage_record"


def vector(usage: Row) -> list[int]:
    return [usage.get(f"{name}_tokens", 0) for name in FIELDS]


def codex_tokens(spent: list[int]) -> Tokens:
    whole, read, written, output, reasoning, _ = spent
    return Tokens(whole - read - written, read, written, 0, output, reasoning)
