"""Where Codex keeps its rollouts, and what their names tell."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from agtop.agents.walk import Walk

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
