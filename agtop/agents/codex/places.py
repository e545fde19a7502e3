"""Where Codex keeps its rollouts, and what their names tell."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from agtop.agents.base import Walk
from agtop.agents.codex.records import (
    TokenCount,
    UnreadableError,
    payload,
    recognise,
)
from agtop.agents.codex.usage import Vector, vector
from agtop.tail import Tail
from agtop.zstd import DamagedError, NoZstdError, ZstdTail

FOLDERS = ("sessions", "archived_sessions")
SUFFIXES = (".jsonl", ".jsonl.zst")
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_ROLLOUT = re.compile(rf"rollout-.*?({_UUID})\.jsonl(?:\.zst)?")
_LOCK = re.compile(rf"thread-writer-locks[/\\]({_UUID})\.lock")


def roots(home: Path, environment: Mapping[str, str]) -> tuple[Path, ...]:
    """`CODEX_HOME`, or `~/.codex` on every system."""
    configured = environment.get("CODEX_HOME")
    return (Path(configured) if configured else home / ".codex",)


def transcripts(root: Path, walk: Walk) -> Iterator[str]:
    """Live and archived rollouts; a plain one hides the compressed one beside it."""
    for folder in FOLDERS:
        for entry in walk.files(root / folder, SUFFIXES):
            if not entry.name.startswith("rollout-"):
                continue
            if entry.name.endswith(".zst") and os.path.exists(entry.path.removesuffix(".zst")):
                continue
            yield entry.path


def session_of_file(path: str) -> str | None:
    """The thread of a rollout or a writer's lock that a process holds open."""
    found = _ROLLOUT.fullmatch(os.path.basename(path)) or _LOCK.search(path)
    return found[1].lower() if found else None


def home_of(transcript: str) -> Path | None:
    """The Codex home that a rollout lies under."""
    for folder in Path(transcript).parents:
        if folder.name in FOLDERS:
            return folder.parent
    return None


def tail_of(path: str) -> Tail | ZstdTail:
    return ZstdTail(path) if path.endswith(".zst") else Tail(path)


def totals_until(home: Path, thread_id: str, until: float | None) -> Collection[Vector] | None:
    """The totals that a thread reported up to an instant; None where its files tell none.

    An archive may hold an older state of a thread than its live file.
    """
    ends = tuple(f"{thread_id}{suffix}" for suffix in SUFFIXES)
    told: set[Vector] = set()
    for folder in FOLDERS:
        for entry in Walk([]).files(home / folder, ends):
            try:
                told.update(_totals(entry.path, until))
            except (OSError, NoZstdError, DamagedError):
                continue
    return told or None


def _totals(path: str, until: float | None) -> Iterator[Vector]:
    for raw in tail_of(path).lines():
        if b'"token_count"' not in raw[:200]:
            continue
        try:
            line = recognise(raw)
            info = payload(line, TokenCount).info
        except UnreadableError:
            continue
        if until is not None and line.at is not None and line.at > until:
            return
        if info is not None and info.total_token_usage is not None:
            yield vector(info.total_token_usage)
