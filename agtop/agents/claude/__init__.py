"""Claude Code: where its files lie, how its sessions announce themselves, how they are taken up.

Layout: `$CLAUDE_CONFIG_DIR` (default `~/.claude`) holds `projects/<directory>/<session>.jsonl`,
below each session its `subagents/agent-<id>.jsonl`, and `sessions/<pid>.json` per running process.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from agtop.agents.base import Agent, Capabilities, EventReader, Meter, Scanned
from agtop.agents.claude.limits import account, limit_files, limits
from agtop.agents.claude.names import is_uuid
from agtop.agents.signatures import CLAUDE
from agtop.agents.walk import Walk
from agtop.model import Author, Problem, Registration

_NO_TRANSCRIPTS = ("journal.jsonl", "resume-head.jsonl", "history.jsonl")


def roots(home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The config homes. `CLAUDE_CONFIG_DIR` may list several; version 1.0 wrote to XDG's folder."""
    given = environ.get("CLAUDE_CONFIG_DIR", "").strip()
    names = [given] if os.path.isdir(given) else given.split(",")
    named = [Path(os.path.expanduser(name.strip())) for name in names if name.strip()]
    xdg = Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "claude"
    return tuple(named or [home / ".claude", *([xdg] if xdg.is_dir() else [])])


def transcripts(root: Path, walk: Walk) -> Iterator[str]:
    """Sessions in a project's folder; below a session's own folder only subagents' files."""
    projects = root / "projects"
    for entry in walk.files(projects, (".jsonl",)):
        if entry.name in _NO_TRANSCRIPTS:
            continue
        *folders, _ = entry.path[len(str(projects)) + 1 :].split(os.sep)
        is_session = len(folders) < 2 or (
            is_uuid(entry.name.removesuffix(".jsonl")) and not any(map(is_uuid, folders))
        )
        if is_session or entry.name.startswith("agent-"):
            yield entry.path


def companions(path: str) -> tuple[str, ...]:
    """What is said beside a subagent's transcript about whose it is."""
    if "agent-" not in path or not os.path.basename(path).startswith("agent-"):
        return ()
    return (f"{path.removesuffix('.jsonl')}.meta.json",)


def _events(path: str, author: Author, backlog: int) -> EventReader:
    from agtop.agents.claude.events import ClaudeEvents

    return ClaudeEvents(path, author, backlog)


def _meter(path: str) -> Meter:
    from agtop.agents.claude.meter import ClaudeMeter  # only where there is something to read

    return ClaudeMeter(path)


def _scan(path: str, sparsely: bool) -> Scanned:
    from agtop.agents.claude.scan import scan

    return scan(path, sparsely)


def registrations(root: Path, problems: list[Problem]) -> Iterable[Registration]:
    """The notes of running processes; whoever never ran one has no folder for them."""
    if not (root / "sessions").exists():
        return ()
    from agtop.agents.claude import registry

    return registry.registrations(root, problems)


def retention(root: Path) -> float | None:
    from agtop.agents.claude.keeping import days_kept  # only where somebody asks

    return days_kept(root)


def resume(session_id: str) -> str:
    return f"claude --resume {session_id}"


AGENT = Agent(
    name="claude",
    label="Claude Code",
    provider="anthropic",
    meter_version="4",
    capabilities=Capabilities(
        tokens="exact", state="exact", context="exact", writes="exact", limits="partial"
    ),
    signature=CLAUDE,
    compacts_at=lambda window: window - 33_000,  # 20k kept for the answer, 13k for summing up
    roots=roots,
    transcripts=transcripts,
    meter=_meter,
    scan=_scan,
    companions=companions,
    registrations=registrations,
    events=_events,
    resume=resume,
    retention=retention,
    limit_files=limit_files,
    account=account,
    limits=limits,
)
