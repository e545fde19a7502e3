"""Crush: `<project>/.crush/crush.db`, one database per project.

All of them are listed in `projects.json` in `~/.local/share/crush` (`CRUSH_GLOBAL_DATA`,
`$XDG_DATA_HOME/crush`, on Windows `%LOCALAPPDATA%\\crush`). `sessions.cost` is the sum of a session
and of its subagents, each of which has a row of its own; `prompt_tokens` and `completion_tokens`
are those of the last request, which fill the context and are no spending: so tokens are unknown.
`messages.parts` is a JSON list of `{type, data}`; a call's result stands in a message of the role
`tool`. Sources: Crush's schema, queries and message types.
"""

from __future__ import annotations

from agtop.agents import database
from agtop.agents.base import Agent, Capabilities, EventReader, Meter
from agtop.agents.crush.places import Places, roots
from agtop.agents.signatures import CRUSH
from agtop.model import Author

_PLACES = Places()


def _events(path: str, author: Author, backlog: int) -> EventReader:
    from agtop.agents.crush.events import CrushEvents

    return CrushEvents(path, author, backlog)


def _meter(path: str) -> Meter:
    from agtop.agents.crush.meter import CrushMeter  # only where there is something to read

    return CrushMeter(path, _PLACES)


AGENT = Agent(
    name="crush",
    label="Crush",
    provider="crush",
    capabilities=Capabilities(
        tokens="none", cost="exact", state="partial", context="exact", writes="partial"
    ),
    signature=CRUSH,
    roots=roots,
    transcripts=_PLACES.transcripts,
    meter=_meter,
    meter_version="2",
    events=_events,
    registrations=lambda _root, _problems: (),
    companions=database.companions,
    resume=lambda session_id: f"crush --session {session_id}",
)
