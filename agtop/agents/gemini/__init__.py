"""Gemini CLI: how its sessions are read, recognised and taken up.

Rules, from its own writer and from files it wrote: a message is known by its id within its session
and written again when its calls end, so it counts once; cached tokens are part of the input,
thoughts come on top of the output, what tools add to a prompt on top of the input. Requests that
choose a model, sum up a conversation or name it are written nowhere. There is no pid file.
"""

from __future__ import annotations

from agtop.agents.base import Agent, Capabilities, EventReader, Meter
from agtop.agents.gemini.places import roots, transcripts
from agtop.agents.signatures import GEMINI
from agtop.model import Author


def resume(session_id: str) -> str:
    return f"gemini --resume {session_id}"


def _events(path: str, author: Author, backlog: int) -> EventReader:
    from agtop.agents.gemini.events import events

    return events(path, author, backlog)


def _meter(path: str) -> Meter:
    from agtop.agents.gemini.meter import meter  # only where there is something to read

    return meter(path)


AGENT = Agent(
    name="gemini",
    label="Gemini CLI",
    provider="google",
    capabilities=Capabilities(tokens="exact", state="partial", context="exact", writes="exact"),
    signature=GEMINI,
    roots=roots,
    transcripts=transcripts,
    meter=_meter,
    meter_version="2",
    events=_events,
    registrations=lambda _root, _problems: (),
    resume=resume,
)
