"""Small homes of every agent, made by hand, with what they must come to."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from agtop.model import Session, Snapshot

FIXTURES = Path(__file__).parent / "fixtures"


HOME = "@HOME@"
"""Stands in a fixture for wherever its home is copied to."""
_HASH = re.compile(r"\{hash of ([^}]+)\}")


def expected(agent: str, home: Path) -> dict[str, dict[str, Any]]:
    """Session id → what is known of it, where the small home was built in `home`."""
    text = (FIXTURES / agent / "expected.json").read_text()
    text = _HASH.sub(lambda found: _hash(home / found[1]), text)
    return json.loads(text.replace("{home}", str(home)))


def _hash(path: Path) -> str:
    """What tells the sessions of one file from those of another of its name."""
    return blake2b(os.fsencode(path), digest_size=4).hexdigest()


def build(agent: str, home: Path) -> Path:
    """A copy of the agent's small home; `x.db.sql` becomes the database `x.db`."""
    shutil.copytree(FIXTURES / agent / "home", home, dirs_exist_ok=True)
    for script in home.rglob("*.sql"):
        with closing(sqlite3.connect(script.with_suffix(""))) as base:
            base.executescript(script.read_text())
        script.unlink()
    for path in home.rglob("*.json"):
        if HOME in (said := path.read_text()):
            path.write_text(said.replace(HOME, str(home)))
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
