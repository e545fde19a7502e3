"""Cline CLI: two documents per session, written anew as a whole whenever something happens.

Layout: `$CLINE_SESSION_DATA_DIR`, `$CLINE_DATA_DIR/sessions` or `$CLINE_DIR/data/sessions` (default
`~/.cline/data/sessions`) holds `<session>/<session>.messages.json`, the conversation with the usage
of each answer, `<session>.json`, what is known of the session, and a subagent's
`agent_<id>.messages.json`. The input counts include what the cache was read for and written (the
program's own prices say so). Sessions with a terminal are served by one hub process, whose pid
stands in `<session>.json` then; the pid of a session without one is its own process's.
"""

from __future__ import annotations

from agtop.agents.base import Agent, Capabilities, EventReader, Meter
from agtop.agents.cline.places import (
    manifest_beside,
    registrations,
    roots,
    session_of_file,
    transcripts,
)
from agtop.agents.signatures import CLINE
from agtop.model import Author


def _events(path: str, author: Author, backlog: int) -> EventReader:
    from agtop.agents.cline.events import ClineEvents

    return ClineEvents(path, author, backlog)


def _meter(path: str) -> Meter:
    from agtop.agents.cline.meter import ClineMeter  # only where there is something to read

    return ClineMeter(path)


AGENT = Agent(
    name="cline",
    label="Cline",
    provider="cline",
    capabilities=Capabilities(
        tokens="exact",
        cost="exact",
        state="exact",
        context="exact",
        writes="exact",
        limits="partial",
    ),
    signature=CLINE,
    roots=roots,
    transcripts=transcripts,
    meter=_meter,
    events=_events,
    registrations=registrations,
    session_of_file=session_of_file,
    companions=lambda path: (manifest_beside(path),),
    resume=lambda session_id: f"cline --id {session_id}",
)
