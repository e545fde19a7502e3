"""Invented reports of sources in every state, for tests and pictures."""

from __future__ import annotations

from typing import Any

from agtop.model import Capabilities, Root, SourceReport, Stray, Unread, replace
from agtop.sources import AppServer

NOW = 1_760_000_000.0
EXACT = Capabilities("exact", state="exact", context="exact", writes="partial", limits="exact")
NOTHING = Capabilities("none")
FOUND = Root("/srv/agents/.claude", True, 120)
GONE = Root("/srv/agents/.gone", False, 0)
CLOSED = Root("/srv/agents/.closed", None, 0)
BARE = Root("/srv/agents/.bare", True, 0)


def report(agent: str = "claude", **fields: Any) -> SourceReport:
    """An agent with a hundred and twenty files, all of them read."""
    base = SourceReport(
        agent,
        "Claude Code" if agent == "claude" else agent.title(),
        EXACT,
        "3",
        roots=(FOUND,),
        files=120,
        sessions=45,
        subagents=12,
        records=12_340,
        newest=NOW - 300,
        versions=(("2.1.9", 80), ("2.0.1", 40)),
        formats=(("jsonl", 118), ("jsonl.zst", 2)),
        processes=2,
    )
    return replace(base, **fields)


def bare(agent: str = "gemini", root: Root = GONE, **fields: Any) -> SourceReport:
    """An agent of which nothing was found."""
    return SourceReport(agent, agent.title(), NOTHING, "1", roots=(root,), **fields)


BROKEN = (
    Unread("s1", "/srv/a.jsonl", "malformed_row", "3 lines were skipped", 3),
    Unread("s2", "/srv/b.jsonl", "malformed_row", "1 line was skipped", 1),
)
LOCKED = Unread("s3", "/srv/c.jsonl", "unreadable_path", "cannot be read (permission denied)")
STRANGE = Unread("s4", "/srv/d.db", "unsupported_row", "the table of messages has moved")
STRAYS = (Stray(8421, "unwritten"), Stray(8422, "ambiguous"), Stray(8423, "elsewhere"))

REPORTS = (
    report(),
    report(
        "codex",
        label="Codex",
        skipped=4,
        partial=30,
        unread=(*BROKEN, LOCKED),
        problems=(("unexpected_file_kind", "/srv/pipe.jsonl", "is no file"),),
        strays=STRAYS,
        newest=NOW + 9_000,
    ),
    bare("gemini"),
    bare("copilot", BARE),
    bare("cursor", CLOSED),
    report("qwen", files=120, waiting=60, is_first_reading=True),
)
"""One of every state: ready, degraded, missing, empty, unknown, pending."""

SERVER = AppServer(
    "degraded",
    "partial",
    {"loadedThreads": 2, "models": 5, "apps": None, "mcpServers": 3, "mcpTools": 41},
    ("app/list needs a login",),
)
