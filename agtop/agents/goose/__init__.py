"""Goose: `sessions.db` in `~/.local/share/goose/sessions`, before 1.10 one `<id>.jsonl` each there.

On macOS the folder is `~/Library/Application Support/Block/goose`, on Windows
`%APPDATA%\\Block\\goose\\data`; `GOOSE_PATH_ROOT` puts `data` below it. In newer releases
`usage_ledger` has a row per request; the `accumulated_*` columns of `sessions` are the sums.
`input_tokens` and `total_tokens` of a session are those of the last request: what fills the
context, no spending. Cached tokens are part of the input unless the total says otherwise. A row of
`messages` is a list of contents; a call's result comes as a message of the user. Sources: Goose's
schema and migrations.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from agtop.agents import database
from agtop.agents.base import Agent, Capabilities, EventReader, Meter
from agtop.agents.signatures import GOOSE
from agtop.agents.walk import Walk
from agtop.model import Author

__all__ = ["AGENT"]

_DATABASE = "sessions.db"
_ON_WINDOWS = "Block/goose/data/sessions"


def _roots(home: Path, environment: Mapping[str, str]) -> tuple[Path, ...]:
    root = environment.get("GOOSE_PATH_ROOT")
    if root and Path(root).is_absolute():  # Goose passes over one that is not
        return (Path(root) / "data" / "sessions",)
    shared = environment.get("XDG_DATA_HOME")
    common = (Path(shared) if shared else home / ".local/share") / "goose/sessions"
    if sys.platform == "darwin":
        own = home / "Library/Application Support/Block/goose"
        return (own / "sessions", own / "data/sessions", common)
    if sys.platform == "win32":
        roaming = environment.get("APPDATA")
        return ((Path(roaming) if roaming else home / "AppData/Roaming") / _ON_WINDOWS,)
    return (common,)


def _transcripts(root: Path, walk: Walk) -> Iterator[str]:
    for entry in walk.files(root, (_DATABASE, ".jsonl"), deep=False):
        if entry.name == _DATABASE or entry.name.endswith(".jsonl"):
            yield entry.path


def _events(path: str, author: Author, backlog: int) -> EventReader:
    from agtop.agents.goose.events import events

    return events(path, author, backlog)


def _meter(path: str) -> Meter:
    if path.endswith(_DATABASE):
        from agtop.agents.goose.meter import GooseMeter  # only where there is something to read

        return GooseMeter(path)
    from agtop.agents.goose.files import GooseFile

    return GooseFile(path)


def _companions(path: str) -> tuple[str, ...]:
    return database.companions(path) if path.endswith(_DATABASE) else ()


AGENT = Agent(
    name="goose",
    label="Goose",
    provider="goose",
    capabilities=Capabilities(
        tokens="partial", cost="partial", state="partial", context="exact", writes="partial"
    ),
    signature=GOOSE,
    roots=_roots,
    transcripts=_transcripts,
    meter=_meter,
    meter_version="2",
    events=_events,
    registrations=lambda _root, _problems: (),
    companions=_companions,
    resume=lambda session_id: f"goose session --resume --session-id {session_id}",
)
