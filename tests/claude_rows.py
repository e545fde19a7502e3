"""Rows as Claude Code writes them, for hand-made transcripts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SESSION = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"


def at(second: float) -> str:
    minutes, rest = divmod(second, 60)
    return f"2026-11-20T10:{int(minutes):02}:{rest:06.3f}Z"


def usage(
    input: int = 0,  # noqa: A002
    output: int = 0,
    cache_read: int = 0,
    write_5m: int = 0,
    write_1h: int = 0,
    **more: Any,
) -> dict[str, Any]:
    return {
        "input_tokens": input,
        "cache_creation_input_tokens": write_5m + write_1h,
        "cache_read_input_tokens": cache_read,
        "output_tokens": output,
        "cache_creation": {
            "ephemeral_5m_input_tokens": write_5m,
            "ephemeral_1h_input_tokens": write_1h,
        },
        "service_tier": "standard",
        **more,
    }


def row(kind: str, second: float, session: str = SESSION, **more: Any) -> dict[str, Any]:
    return {
        "parentUuid": None,
        "isSidechain": False,
        "type": kind,
        "uuid": f"{kind}-{second}",
        "timestamp": at(second),
        "cwd": "/work/api",
        "sessionId": session,
        "version": "2.1.329",
        "gitBranch": "main",
        **more,
    }


def prompt(text: str, second: float, **more: Any) -> dict[str, Any]:
    return row("user", second, message={"role": "user", "content": text}, **more)


def answer(
    id: str | None,  # noqa: A002
    second: float,
    used: dict[str, Any] | None,
    content: list[dict[str, Any]] | None = None,
    model: str = "claude-sonnet-4-5",
    stop: str | None = "end_turn",
    paused: list[dict[str, Any]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    message: dict[str, Any] = {
        "id": id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content if content is not None else [{"type": "text", "text": "Done."}],
        "stop_reason": stop,
        "usage": used,
    }
    if paused is not None:
        message["pausedResponses"] = paused
    return row("assistant", second, message=message, **more)


def call(tool: str, id: str, **arguments: Any) -> list[dict[str, Any]]:  # noqa: A002
    return [{"type": "tool_use", "id": id, "name": tool, "input": arguments}]


def result(
    id: str,  # noqa: A002
    second: float,
    outcome: Any = None,
    error: bool = False,
    **more: Any,
) -> dict[str, Any]:
    block = {"type": "tool_result", "tool_use_id": id, "is_error": error, "content": "ok"}
    return row(
        "user", second, message={"role": "user", "content": [block]}, toolUseResult=outcome, **more
    )


def encode(*rows: dict[str, Any]) -> bytes:
    return b"".join(
        json.dumps(each, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
        for each in rows
    )


def project(home: Path) -> Path:
    folder = home / ".claude" / "projects" / "-work-api"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write(home: Path, session: str, *rows: dict[str, Any]) -> Path:
    path = project(home) / f"{session}.jsonl"
    path.write_bytes(encode(*rows))
    return path
