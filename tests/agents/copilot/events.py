"""Copilot CLI's events, rows and homes, made by hand."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from agtop.agents.copilot.meter import CopilotMeter
from agtop.model import Reading

SID = "0a1b2c3d-1111-4000-8000-000000000001"
OTHER = "0a1b2c3d-1111-4000-8000-000000000002"
MODEL = "claude-sonnet-4-5"
Event = dict[str, Any]


def event(kind: str, at: int = 0, agent: str | None = None, /, **data: object) -> Event:
    stamp = f"2026-11-20T12:{at // 60:02}:{at % 60:02}.000Z"
    found: Event = {"type": kind, "data": data, "id": f"{kind}@{at}", "timestamp": stamp}
    if agent is not None:
        found["agentId"] = agent
    return found


def start(at: int = 0, session_id: str = SID, version: str = "1.0.102") -> Event:
    return event(
        "session.start",
        at,
        sessionId=session_id,
        copilotVersion=version,
        selectedModel="gpt-5.4",
        context={"cwd": "/work/acme", "branch": "main"},
    )


def prompt(at: int, text: str = "Do it", **more: object) -> Event:
    return event("user.message", at, content=text, **more)


def answer(at: int, text: str = "Done.", **more: object) -> Event:
    fields: dict[str, object] = {"messageId": f"m{at}", "apiCallId": f"a{at}", "model": MODEL}
    return event("assistant.message", at, content=text, **(fields | more))


def record(at: int, number: int, source: str | None = SID, /, **usage: object) -> Event:
    counts: dict[str, object] = {
        "model": MODEL, "inputTokens": 1000, "outputTokens": 50,
        "cacheReadTokens": 700, "cacheWriteTokens": 100, "apiCallId": f"call{number}",
    }  # fmt: skip
    if source is not None:
        accounting = {"sourceSessionId": source, "sequence": number, "usageId": f"call{number}"}
        counts["accounting"] = accounting
    return event("session.usage_record", at, usage=counts | usage)


def shutdown(at: int, count: int, is_whole: bool = False, /, **usage: int) -> Event:
    metrics = {MODEL: {"requests": {"count": count}, "usage": usage}}
    data: dict[str, object] = {"shutdownType": "routine", "modelMetrics": metrics}
    if is_whole:
        data["accountingSnapshot"] = {"modelMetrics": metrics}
    return event("session.shutdown", at, **data)


def write(home: Path, events: Sequence[Event], session_id: str = SID) -> Path:
    folder = home / ".copilot" / "session-state" / session_id
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "events.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in events))
    return path


def read(home: Path, *events: Event) -> Reading:
    (reading,) = CopilotMeter(str(write(home, events))).read()
    return reading


def table(home: Path, *rows: tuple[object, ...], columns: str | None = None) -> None:
    names = columns or (
        "session_id, model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,"
        " reasoning_tokens, total_nano_aiu, initiator, created_at"
    )
    with closing(sqlite3.connect(home / ".copilot" / "session-store.db")) as base:
        base.execute(
            "CREATE TABLE IF NOT EXISTS assistant_usage_events"
            f" (id INTEGER PRIMARY KEY AUTOINCREMENT, {names})"
        )
        for row in rows:
            marks = ", ".join("?" * len(row))
            base.execute(f"INSERT INTO assistant_usage_events ({names}) VALUES ({marks})", row)
        base.commit()


def row(at: int, prompt: int = 2000, output: int = 60, **more: object) -> tuple[object, ...]:
    stamp = f"2026-11-20T12:{at // 60:02}:{at % 60:02}.000Z"
    kind = more.get("initiator", "user")
    return (SID, MODEL, prompt, output, 1500, 200, 10, more.get("nano", 0), kind, stamp)
