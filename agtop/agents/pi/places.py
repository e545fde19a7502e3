"""Where Pi and OpenClaw keep their sessions."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from agtop.agents.walk import Walk

_OPENCLAW = (".openclaw", ".clawdbot", ".moltbot")
_ARCHIVED = re.compile(r"\.jsonl(\.(reset|deleted|bak)\.[^/]*)?$")


def named(path: str) -> str | None:
    """The session a file is named after."""
    name = _ARCHIVED.sub("", os.path.basename(path.replace("\\", "/")))
    return name.rpartition("_")[2] or None


def roots(home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    given = environ.get("PI_CODING_AGENT_DIR", "").strip()
    own = Path(_expanded(given, home)) if given else home / ".pi" / "agent"
    found = [own / "sessions"]
    if session_dir := environ.get("PI_CODING_AGENT_SESSION_DIR", "").strip():
        found.append(Path(_expanded(session_dir, home)))
    state = environ.get("OPENCLAW_STATE_DIR", "").strip()
    claws = [Path(_expanded(state, home))] if state else [home / name for name in _OPENCLAW]
    return (*found, *(claw / "agents" for claw in claws if (claw / "agents").is_dir()))


def _expanded(path: str, home: Path) -> str:
    return str(home) + path[1:] if path == "~" or path.startswith(("~/", "~\\")) else path


def transcripts(root: Path, walk: Walk) -> Iterator[str]:
    """Pi's folders hold nothing else; OpenClaw's hold other lines of JSON too."""
    if root.name != "agents":
        yield from (entry.path for entry in walk.files(root, (".jsonl",)))
        return
    for entry in walk.files(root, (".jsonl", "Z")):
        is_session = os.path.basename(os.path.dirname(entry.path)) == "sessions"
        if is_session and "." not in _ARCHIVED.sub("", entry.name):
            yield entry.path
