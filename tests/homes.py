"""Small homes of every agent, made by hand, with what they must come to."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from agtop.model import Session, Snapshot

FIXTURES = Path(__file__).parent / "fixtures"


def expected(agent: str) -> dict[str, dict[str, Any]]:
    """Session id → what is known of it."""
    return json.loads((FIXTURES / agent / "expected.json").read_bytes())


def build(agent: str, home: Path) -> Path:
    """A copy of the agent's small home; `x.db.sql` becomes the database `x.db`."""
    shutil.copytree(FIXTURES / agent / "home", home, dirs_exist_ok=True)
    for script in home.rglob("*.sql"):
        with closing(sqlite3.connect(script.with_suffix(""))) as base:
            base.executescript(script.read_text())
        script.unlink()
    return home


def everyone(snapshot: Snapshot) -> dict[str, Session]:
    """Sessions and subagents by id."""
    found: dict[str, Session] = {}
    queue = list(snapshot.sessions)
    while queue:
        session = queue.pop()
        found[session.session_id] = session
        queue += session.subagents
    return found


def facts(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """What `expected` says, of a snapshot."""
    return {key: _facts(session) for key, session in everyone(snapshot).items()}


def _facts(session: Session) -> dict[str, Any]:
    reading, tokens = session.reading, session.own.tokens
    return {
        "parent": reading.parent_id,
        "forked_from": reading.forked_from,
        "title": reading.title,
        "model": reading.model,
        "cwd": reading.cwd,
        "metered": reading.metered,
        "user_turns": reading.user_turns,
        "replies": reading.replies,
        "tool_calls": reading.tool_calls,
        "tool_errors": reading.tool_errors,
        "phase": reading.activity.phase,
        "writes": [write.path for write in reading.writes],
        "tokens": None if tokens is None else asdict(tokens),
    }
