"""Who a rollout belongs to, as its first `session_meta` says."""

from __future__ import annotations

from typing import Any, cast

from agtop.agents.codex.records import SessionMeta, instant
from agtop.model import Record

_UNATTENDED = ("exec", "mcp")
"""Sources that no person can answer."""
_NOT_THE_USER = frozenset({"subagent", "guardian_review", "memory_consolidation"})


class Identity(Record):
    """The thread a rollout was written for."""

    thread_id: str
    parent_id: str | None = None
    forked_from: str | None = None
    born_at: float | None = None
    cwd: str | None = None
    branch: str | None = None
    version: str | None = None
    interactive: bool = True

    @staticmethod
    def of(meta: SessionMeta, fallback: str, at: float | None) -> Identity:
        thread_id = meta.id or fallback
        parent_id = _parent(meta, thread_id)
        forked = meta.forked_from_id
        return Identity(
            thread_id=thread_id,
            parent_id=parent_id,
            forked_from=None if forked == parent_id else forked,
            born_at=_earliest(instant(meta.timestamp), at),
            cwd=meta.cwd,
            branch=meta.git.branch if meta.git else None,
            version=meta.cli_version,
            interactive=meta.source not in _UNATTENDED and meta.originator != "codex_exec",
        )


def _parent(meta: SessionMeta, thread_id: str) -> str | None:
    """The thread that spawned this one; reviews name only the root of their tree."""
    if meta.parent_thread_id:
        return meta.parent_thread_id
    source = meta.source if isinstance(meta.source, dict) else {}
    if "subagent" not in source and meta.thread_source not in _NOT_THE_USER:
        return None
    spawn = _mapping(_mapping(source.get("subagent")).get("thread_spawn"))
    parent = spawn.get("parent_thread_id")
    if isinstance(parent, str):
        return parent
    return meta.session_id if meta.session_id != thread_id else None


def _mapping(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _earliest(*moments: float | None) -> float | None:
    return min((m for m in moments if m is not None), default=None)
