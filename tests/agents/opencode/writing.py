"""Writes what OpenCode writes: a database with sessions, messages and parts."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from agtop.agents.opencode import AGENT
from agtop.model import Claim, Reading, Tokens

SCHEMA = """
CREATE TABLE session (id TEXT PRIMARY KEY, project_id TEXT, parent_id TEXT, directory TEXT,
  title TEXT, version TEXT, permission TEXT, model TEXT, cost REAL DEFAULT 0 NOT NULL,
  tokens_input INTEGER DEFAULT 0, tokens_output INTEGER DEFAULT 0,
  tokens_reasoning INTEGER DEFAULT 0, tokens_cache_read INTEGER DEFAULT 0,
  tokens_cache_write INTEGER DEFAULT 0, time_created INTEGER, time_updated INTEGER,
  time_compacting INTEGER, time_archived INTEGER);
CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER,
  time_updated INTEGER, data TEXT);
CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT, session_id TEXT, time_created INTEGER,
  time_updated INTEGER, data TEXT);
CREATE INDEX part_session_idx ON part (session_id);
CREATE INDEX part_message_id_id_idx ON part (message_id, id);
CREATE INDEX message_session_time_created_id_idx ON message (session_id, time_created, id);
"""
AT = 1795180000000
"""2026-11-20 13:06:40 UTC, in milliseconds."""


def counts(
    fresh: int = 0, output: int = 0, reasoning: int = 0, read: int = 0, write: int = 0, **more: Any
) -> dict[str, Any]:
    cache = {"read": read, "write": write}
    return {"input": fresh, "output": output, "reasoning": reasoning, "cache": cache, **more}


class Store:
    """A database under an agent's pen. Time goes on by a second with every record."""

    def __init__(self, path: Path, schema: str = SCHEMA) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.base = sqlite3.connect(path)
        self.base.execute("PRAGMA journal_mode = WAL")
        self.base.executescript(schema)
        self.now = AT
        self._serial = 0

    def tick(self, milliseconds: int = 1000) -> int:
        self.now += milliseconds
        return self.now

    def put(self, table: str, **row: Any) -> None:
        """Insert a row or change it, as OpenCode does, under the id it has."""
        values = {k: json.dumps(v) if isinstance(v, dict) else v for k, v in row.items()}
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        changes = ", ".join(f"{name} = excluded.{name}" for name in values if name != "id")
        self.base.execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks})"
            f" ON CONFLICT (id) DO UPDATE SET {changes}",
            tuple(values.values()),
        )
        self.base.commit()

    def session(self, key: str, **more: Any) -> str:
        at = self.tick()
        row = {"directory": "/work/shop", "title": key.title(), "version": "1.18.33"}
        self.put("session", id=key, **{**row, "time_created": at, "time_updated": at, **more})
        return key

    def user(self, session: str, text: str = "Go on", key: str | None = None, **more: Any) -> str:
        at = self.tick()
        key = key or self._id("msg")
        data = {"role": "user", "time": {"created": at}, **more}
        self.put("message", id=key, session_id=session, time_created=at, time_updated=at, data=data)
        if text:
            self.part(session, key, {"type": "text", "text": text})
        return key

    def answer(
        self,
        session: str,
        spent: dict[str, Any] | None = None,
        key: str | None = None,
        done: bool = True,
        **more: Any,
    ) -> str:
        """An assistant's message; `spent` also stands in a part that ends its step."""
        at = self.tick()
        key = key or self._id("msg")
        data: dict[str, Any] = {
            "role": "assistant",
            "modelID": "claude-sonnet-4-5",
            "providerID": "anthropic",
            "cost": 0,
            "tokens": counts(),
            "time": {"created": at},
        }
        if done:
            data["time"]["completed"] = self.now + 500
            data["finish"] = "stop"
        data.update(more)
        self.put("message", id=key, session_id=session, time_created=at, time_updated=at, data=data)
        if spent is not None:
            self.step(session, key, spent)
        return key

    def step(self, session: str, message: str, spent: dict[str, Any], **more: Any) -> str:
        return self.part(session, message, {"type": "step-finish", "tokens": spent, **more})

    def tool(
        self,
        session: str,
        message: str,
        name: str,
        status: str,
        key: str | None = None,
        call: str | None = None,
        **state: Any,
    ) -> str:
        key = key or self._id("prt")
        part = {"type": "tool", "tool": name, "callID": call or f"call_{key}"}
        return self.part(session, message, {**part, "state": {"status": status, **state}}, key)

    def part(self, session: str, message: str, data: dict[str, Any], key: str | None = None) -> str:
        at = self.tick(10)
        key = key or self._id("prt")
        self.put(
            "part",
            id=key,
            message_id=message,
            session_id=session,
            time_created=at,
            time_updated=at,
            data=data,
        )
        return key

    def _id(self, kind: str) -> str:
        self._serial += 1
        return f"{kind}_{self._serial:06}"


def read(path: Path) -> tuple[dict[str, Reading], list[Claim]]:
    meter = AGENT.meter(str(path))
    readings = {reading.session_id: reading for reading in meter.read()}
    return readings, meter.claims()


def spent(claims: list[Claim]) -> Tokens:
    """What the ledger makes of claims of one transcript: each key once."""
    return sum({c.response.key: c.response.tokens for c in claims}.values(), Tokens())
