"""Writes rollouts as Codex does, a line at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agtop.agents.codex.meter import CodexMeter
from agtop.model import Claim, Reading, Tokens

NOON = 1_772_366_400.0  # 2026-03-01T12:00:00Z


def uuid7(at: float, n: int = 0) -> str:
    """A UUIDv7 made at an instant."""
    ms = f"{int(at * 1000):012x}"
    return f"{ms[:8]}-{ms[8:]}-7{n:03x}-8000-{n:012x}"


def stamp(at: float) -> str:
    moment = datetime.fromtimestamp(at, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def usage(read: int, cached: int, out: int, written: int = 0, reasoning: int = 0) -> dict[str, int]:
    """`read` prompt tokens of which `cached` came from and `written` went to the cache."""
    return {
        "input_tokens": read,
        "cached_input_tokens": cached,
        "cache_write_input_tokens": written,
        "output_tokens": out,
        "reasoning_output_tokens": reasoning,
        "total_tokens": read + out,
    }


def add(a: dict[str, int], b: dict[str, int]) -> dict[str, int]:
    return {name: a[name] + b[name] for name in a}


class Rollout:
    """The lines of one thread, numbered only when `ordinal` is given."""

    def __init__(self, thread_id: str, at: float = NOON, ordinal: int | None = None) -> None:
        self.thread_id = thread_id
        self.at = at
        self.ordinal = ordinal
        self.lines: list[bytes] = []

    def add(self, kind: str, payload: dict[str, Any], at: float | None = None) -> Rollout:
        self.at = self.at if at is None else at
        line: dict[str, Any] = {"timestamp": stamp(self.at)}
        if self.ordinal is not None:
            line["ordinal"] = self.ordinal
            self.ordinal += 1
        return self.raw(json.dumps({**line, "type": kind, "payload": payload}, **COMPACT).encode())

    def raw(self, line: bytes) -> Rollout:
        self.lines.append(line)
        return self

    def meta(self, thread_id: str | None = None, **fields: Any) -> Rollout:
        own = thread_id or self.thread_id
        base = {"id": own, "session_id": own, "timestamp": stamp(self.at), "cwd": "/work/acme"}
        base |= {"originator": "codex-tui", "cli_version": "0.120.0", "source": "cli"}
        return self.add("session_meta", base | fields)

    def event(self, kind: str, **fields: Any) -> Rollout:
        return self.add("event_msg", {"type": kind, **fields})

    def item(self, kind: str, **fields: Any) -> Rollout:
        return self.add("response_item", {"type": kind, **fields})

    def completed(self, kind: str, turn_id: str = "", **fields: Any) -> Rollout:
        item = {"type": kind, **fields}
        return self.event(
            "item_completed", thread_id=self.thread_id, turn_id=turn_id or None, item=item
        )

    def context(self, model: str = "gpt-5", **fields: Any) -> Rollout:
        return self.add("turn_context", {"cwd": "/work/acme", "model": model, **fields})

    def prompt(self, text: str = "Please do it") -> Rollout:
        return self.event("user_message", message=text)

    def says(self, text: str = "Done.") -> Rollout:
        content = [{"type": "output_text", "text": text}]
        self.event("agent_message", message=text)
        return self.item("message", role="assistant", content=content)

    def calls(self, call_id: str, name: str = "exec_command", **arguments: Any) -> Rollout:
        return self.item(
            "function_call", name=name, arguments=json.dumps(arguments), call_id=call_id
        )

    def answers(self, call_id: str, output: Any = "Process exited with code 0\n") -> Rollout:
        return self.item("function_call_output", call_id=call_id, output=output)

    def count(
        self,
        total: dict[str, int] | None,
        last: dict[str, int] | None = None,
        window: int | None = 258_400,
        **limits: Any,
    ) -> Rollout:
        info: dict[str, Any] | None = None
        if total is not None:
            info = {"total_token_usage": total, "last_token_usage": last or total}
            info["model_context_window"] = window
        return self.event("token_count", info=info, rate_limits=limits or None)

    def record(self, response_id: str, spent: dict[str, int], **fields: Any) -> Rollout:
        base = {"thread_id": self.thread_id, "turn_id": None, "response_id": response_id}
        base |= {"usage": spent, "turn_token_usage": spent, "thread_token_usage": spent}
        return self.add("token_usage_record", base | fields)

    def copy_of(self, other: Rollout, at: float, seconds: float = 0.0) -> Rollout:
        """Another thread's lines, stamped with the time of a fork that took `seconds`."""
        step = seconds / max(len(other.lines) - 1, 1)
        for n, raw in enumerate(other.lines):
            line = json.loads(raw)
            self.add(line["type"], line["payload"], at=at + n * step)
        return self

    def content(self) -> bytes:
        return b"".join(line + b"\n" for line in self.lines)

    def write(self, home: Path, folder: str = "sessions/2026/03/01") -> str:
        path = home / folder / f"rollout-2026-03-01T12-00-00-{self.thread_id}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.content())
        return str(path)


COMPACT: dict[str, Any] = {"separators": (",", ":")}


def read(path: str) -> tuple[Reading, list[Claim]]:
    meter = CodexMeter(path)
    (reading,) = meter.read()
    return reading, meter.claims()


def added_up(claims: Iterable[Claim]) -> Tokens:
    """As the ledger does: each response once, its largest claim."""
    best: dict[str, Tokens] = {}
    for claim in claims:
        key, tokens = claim.response.key, claim.response.tokens
        if key not in best or tokens.total > best[key].total:
            best[key] = tokens
    return sum(best.values(), Tokens())
