"""Where Droid keeps its sessions."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from agtop.agents.walk import Walk

SESSIONS = "sessions"


def roots(home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """`$FACTORY_HOME_OVERRIDE` stands for the home, not for the folder in it."""
    given = environ.get("FACTORY_HOME_OVERRIDE", "").strip()
    return ((Path(os.path.expanduser(given)) if given else home) / ".factory",)


def transcripts(root: Path, walk: Walk) -> Iterator[str]:
    for entry in walk.files(root / SESSIONS, (".jsonl",)):
        yield entry.path


def root_of(path: str) -> str:
    """The root that a session lies under."""
    above, found, _ = path.rpartition(f"{os.sep}{SESSIONS}{os.sep}")
    return above if found else os.path.dirname(path)


def settings_beside(path: str) -> str:
    return path.removesuffix(".jsonl") + ".settings.json"
