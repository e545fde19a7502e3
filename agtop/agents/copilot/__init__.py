"""GitHub Copilot CLI: where its files lie, and how its sessions are taken up.

Layout: `$COPILOT_HOME` (default `~/.copilot`) holds `session-state/<session>/` with `events.jsonl`,
`workspace.yaml` (the title) and `inuse.<pid>.lock` while a process has it, and
`session-store.db`, one row per request. Usage: events `session.usage_record` (1.0.102); before
them the database; before it what `session.shutdown` sums up, per process (1.0.55).
"""

from __future__ import annotations

from agtop.agents.base import Agent, Capabilities, EventReader, Meter
from agtop.agents.copilot.places import registrations, roots, session_of_file, transcripts
from agtop.agents.signatures import COPILOT
from agtop.model import Author


def _events(path: str, author: Author, backlog: int) -> EventReader:
    from agtop.agents.copilot.events import CopilotEvents

    return CopilotEvents(path, author, backlog)


def _meter(path: str) -> Meter:
    from agtop.agents.copilot.meter import CopilotMeter  # only where there is something to read

    return CopilotMeter(path)


AGENT = Agent(
    name="copilot",
    label="Copilot",
    provider="github-copilot",
    capabilities=Capabilities(
        tokens="exact",
        cost="partial",
        state="exact",
        context="exact",
        writes="exact",
        limits="partial",
    ),
    signature=COPILOT,
    roots=roots,
    transcripts=transcripts,
    meter=_meter,
    events=_events,
    registrations=registrations,
    session_of_file=session_of_file,
    resume=lambda session_id: f"copilot --resume {session_id}",
)
