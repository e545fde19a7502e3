"""Factory Droid: one file per session, and beside it what the whole session has used so far.

Layout: `~/.factory/sessions/<directory>/<session>.jsonl` (early versions: without the directory)
holds the conversation without usage. `<session>.settings.json` holds `tokenUsage`, one cumulative
vector that is written over: which request or model used what is not recorded. `settings.json` in
the root says which models the names `custom:…` stand for. A fork begins with a copy of the
history, up to `forkedAtMessageId`, and its usage begins at zero.
"""

from __future__ import annotations

from agtop.agents.base import Agent, Capabilities, EventReader, Meter
from agtop.agents.droid.places import roots, settings_beside, transcripts
from agtop.agents.signatures import DROID
from agtop.model import Author


def _events(path: str, author: Author, backlog: int) -> EventReader:
    from agtop.agents.droid.events import DroidEvents

    return DroidEvents(path, author, backlog)


def _meter(path: str) -> Meter:
    from agtop.agents.droid.meter import DroidMeter  # only where there is something to read

    return DroidMeter(path)


AGENT = Agent(
    name="droid",
    label="Droid",
    provider="factory",
    capabilities=Capabilities(
        tokens="partial", state="partial", context="exact", writes="exact", limits="partial"
    ),
    signature=DROID,
    roots=roots,
    transcripts=transcripts,
    meter=_meter,
    events=_events,
    registrations=lambda _root, _problems: (),
    companions=lambda path: (settings_beside(path),),
    resume=lambda session_id: f"droid --resume {session_id}",
)
