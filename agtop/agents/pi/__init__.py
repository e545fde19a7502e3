"""Pi and OpenClaw, which is built on it: one file per session, a tree of entries.

Layout: `$PI_CODING_AGENT_DIR` (default `~/.pi/agent`) holds
`sessions/--<directory>--/<time>_<session>.jsonl`; `$PI_CODING_AGENT_SESSION_DIR` is a folder of
such files. OpenClaw keeps them in `~/.openclaw/agents/<name>/sessions` and, when a conversation is
reset or deleted, under a name that says so (`….jsonl.reset.<time>Z`).

* The first line is the session's header. An entry names its parent: a branch that was left stays
  in the file, and what it cost was spent.
* A fork is a new file with the same entries and the origin's path in its header; what is older
  than its header was made by the origin.
* Usage stands in answers and, since 1.0, in `usage`, compactions, summaries of branches and tools'
  results; `cacheWrite` has `cacheWrite1h` in it, `output` has `reasoning`.
* Files of version 1 had no entry ids; taking such a session up again writes it anew with ids.
"""

from __future__ import annotations

from agtop.agents.base import Agent, Capabilities, EventReader, Meter
from agtop.agents.pi.places import named, roots, transcripts
from agtop.agents.signatures import PI
from agtop.model import Author


def _events(path: str, author: Author, backlog: int) -> EventReader:
    from agtop.agents.pi.events import PiEvents

    return PiEvents(path, author, backlog)


def _meter(path: str) -> Meter:
    from agtop.agents.pi.meter import PiMeter  # only where there is something to read

    return PiMeter(path)


AGENT = Agent(
    name="pi",
    label="Pi",
    provider="anthropic",
    capabilities=Capabilities(
        tokens="exact", cost="exact", state="partial", context="exact", writes="exact"
    ),
    signature=PI,
    roots=roots,
    transcripts=transcripts,
    meter=_meter,
    meter_version="2",
    registrations=lambda _root, _problems: (),
    session_of_file=lambda path: named(path) if path.endswith(".jsonl") else None,
    events=_events,
    resume=lambda session_id: f"pi --session {session_id}",
)
