"""Records of Gemini CLI, made for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agtop.agents.gemini.meter import meter
from agtop.ledger import Ledger
from agtop.model import Reading, Tokens

ID = "a1b2c3d4-0000-4000-8000-000000000001"
LATER = 1795200000.0
GEMINI = ("gemini-0.11.3", "gemini-0.35.3", "gemini-0.61.0")
Line = dict[str, Any]


def at(second: float) -> str:
    return f"2026-03-01T10:00:{second:06.3f}Z"


def head(**more: object) -> Line:
    return {"sessionId": ID, "projectHash": "f0", "startTime": at(0), "lastUpdated": at(0), **more}


def prompt(text: str, key: str = "u", second: float = 1) -> Line:
    return {"id": key, "timestamp": at(second), "type": "user", "content": [{"text": text}]}


def answer(key: str, *tokens: int, text: str = "Done.", second: float = 2, **more: Any) -> Line:
    names = ("input", "output", "cached", "thoughts", "tool", "total")
    line = {"id": key, "timestamp": at(second), "type": "gemini", "content": text, **more}
    if tokens:
        line["tokens"] = dict(zip(names, tokens, strict=False))
    return {"model": "gemini-2.5-pro", **line}


def call(name: str, status: str, key: str = "c", second: float = 3, **more: Any) -> Line:
    return {"id": key, "name": name, "status": status, "timestamp": at(second), "args": {}, **more}


def results(second: float = 4) -> Line:
    parts = [{"functionResponse": {"id": "c", "response": {"output": "ok"}}}]
    return {"id": "r", "timestamp": at(second), "type": "user", "content": parts}


def chats(home: Path, project: str = "shop") -> Path:
    folder = home / ".gemini" / "tmp" / project / "chats"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write(path: Path, *lines: Line | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    path.write_bytes(b"".join(line + b"\n" for line in raw))
    return path


def session(home: Path, *lines: Line | bytes) -> Path:
    return write(chats(home) / f"session-2026-03-01T10-00-{ID[:8]}.jsonl", *lines)


def spent(*paths: Path) -> Tokens:
    """What the ledger makes of these transcripts together."""
    ledger, total = Ledger(), Tokens()
    for path in paths:
        one = meter(str(path))
        one.read()
        ledger.book(one.claims())
    ledger.settle({})
    for owner in ledger.owners():
        for response in ledger.responses(owner):
            total += response.tokens
    return total


def read(path: Path) -> Reading:
    (reading,) = meter(str(path)).read()
    return reading
