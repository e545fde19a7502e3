"""Codex: rollouts under `~/.codex/sessions` and `archived_sessions`, one file per thread."""

from __future__ import annotations

from agtop.agents.base import Agent, Capabilities, EventReader, Meter, Scanned
from agtop.agents.codex import places
from agtop.agents.signatures import CODEX
from agtop.model import Author


def _events(path: str, author: Author, backlog: int) -> EventReader:
    from agtop.agents.codex.events import CodexEvents

    return CodexEvents(path, author, backlog)


def _meter(path: str) -> Meter:
    from agtop.agents.codex.meter import CodexMeter  # only where there is something to read

    return CodexMeter(path)


def _scan(path: str, sparsely: bool) -> Scanned:
    from agtop.agents.codex.scan import scan

    return scan(path, sparsely)


AGENT = Agent(
    name="codex",
    label="Codex",
    provider="openai",
    capabilities=Capabilities(
        tokens="exact", state="exact", context="exact", writes="partial", limits="exact"
    ),
    signature=CODEX,
    compacts_at=lambda window: window * 18 // 19,  # 90 % of the model's, of which 95 % are told
    roots=places.roots,
    transcripts=places.transcripts,
    meter=_meter,
    scan=_scan,
    meter_version="4",
    # A writer's lock is empty and stays behind: only holding it open tells whose session it is.
    registrations=lambda _root, _problems: (),
    holds_transcript=True,
    session_of_file=places.session_of_file,
    events=_events,
    resume=lambda session_id: f"codex resume {session_id}",
)
