"""Codex: rollouts under `~/.codex/sessions` and `archived_sessions`, one file per thread."""

from __future__ import annotations

from agtop.agents.base import Agent, Capabilities
from agtop.agents.codex import places
from agtop.agents.codex.events import CodexEvents
from agtop.agents.codex.meter import CodexMeter
from agtop.agents.codex.scan import CodexScan
from agtop.agents.signatures import CODEX

AGENT = Agent(
    name="codex",
    label="Codex",
    provider="openai",
    capabilities=Capabilities(
        tokens="exact", state="exact", context="exact", writes="partial", limits="exact"
    ),
    signature=CODEX,
    roots=places.roots,
    transcripts=places.transcripts,
    meter=CodexMeter,
    scan=CodexScan,
    # A writer's lock is empty and stays behind: only holding it open tells whose session it is.
    registrations=lambda _root, _problems: (),
    holds_transcript=True,
    session_of_file=places.session_of_file,
    events=CodexEvents,
    resume=lambda session_id: f"codex resume {session_id}",
)

__all__ = ["AGENT", "CodexMeter"]
