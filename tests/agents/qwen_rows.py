"""Records of Qwen Code, made for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agtop.agents.qwen.meter import meter
from agtop.ledger import Ledger
from agtop.model import Reading, Tokens

ID = "c1b2c3d4-0000-4000-8000-000000000001"
LATER = 1795200000.0
QWEN = ("qwen-0.5.2", "qwen-0.24.4")
Line = dict[str, Any]


def at(second: float) -> str:
    return f"2026-03-01T10:00:{second:06.3f}Z"


def row(kind: str, second: float = 1, **more: Any) -> Line:
    more.setdefault("uuid", f"{kind}-{second}-{more.get('subtype')}")
    return {"type": kind, "sessionId": ID, "timestamp": at(second), "cwd": "/work/shop", **more}


def prompt(text: str = "Go", second: float = 1, **more: Any) -> Line:
    return row("user", second, message={"parts": [{"text": text}]}, **more)


def told(key: str, i: int, o: int, c: int, th: int, total: int, second: float = 2, **more: Any) -> Line:  # fmt: skip
    event = {
        "event.name": "qwen-code.api_response",
        "event.timestamp": at(second),
        "response_id": key,
        "model": "qwen3-coder-plus",
        "input_token_count": i,
        "output_token_count": o,
        "cached_content_token_count": c,
        "thoughts_token_count": th,
        "total_token_count": total,
        **more,
    }
    return system("ui_telemetry", {"uiEvent": event}, second)


def system(subtype: str, payload: object, second: float = 2) -> Line:
    return row("system", second, subtype=subtype, systemPayload=payload)


def answer(*usage: int, text: str = "Done.", second: float = 2.1, calls: Any = (), **more: Any) -> Line:  # fmt: skip
    names = ("promptTokenCount", "candidatesTokenCount", "cachedContentTokenCount", "thoughtsTokenCount", "totalTokenCount")  # fmt: skip
    parts: list[Any] = [{"text": text}] if text else []
    parts += [{"functionCall": call} for call in calls]
    line = row(
        "assistant", second, message={"parts": parts}, **{"model": "qwen3-coder-plus", **more}
    )
    if usage:
        line["usageMetadata"] = dict(zip(names, usage, strict=False))
    return line


def call(name: str, key: str = "c", **args: Any) -> Line:
    return {"id": key, "name": name, "args": args}


def result(status: str | None, shown: Any = None, key: str = "c", second: float = 3, response: Any = None) -> Line:  # fmt: skip
    part = {"functionResponse": {"id": key, "response": response or {"output": "ok"}}}
    outcome = {"callId": key, "resultDisplay": shown}
    if status is not None:
        outcome["status"] = status
    return row("tool_result", second, message={"parts": [part]}, toolCallResult=outcome)


def project(home: Path) -> Path:
    return home / ".qwen" / "projects" / "-work-shop"


def write(path: Path, *lines: Line | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    path.write_bytes(b"".join(line + b"\n" for line in raw))
    return path


def session(home: Path, *lines: Line | bytes, key: str = ID) -> Path:
    return write(project(home) / "chats" / f"{key}.jsonl", *lines)


def subagent(home: Path, *lines: Line, agent_id: str = "helper-1") -> Path:
    return write(project(home) / "subagents" / ID / f"agent-{agent_id}.jsonl", *lines)


def read(path: Path) -> Reading:
    (reading,) = meter(str(path)).read()
    return reading


def spent(*paths: Path) -> dict[str, Tokens]:
    """What the ledger makes of these transcripts together, by session."""
    ledger = Ledger()
    ends: dict[str, float] = {}
    for path in paths:
        one = meter(str(path))
        for reading in one.read():
            ends[reading.session_id] = reading.last_active or 0.0
        ledger.book(one.claims())
    ledger.settle(ends)
    return {
        owner: sum((each.tokens for each in ledger.responses(owner)), Tokens())
        for owner in ledger.owners()
    }
