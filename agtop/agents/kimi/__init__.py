"""Kimi CLI, the program from PyPI: a folder per session, a log of what was said in it.

Layout: `$KIMI_SHARE_DIR` (default `~/.kimi`) holds `sessions/<hash of the directory>/<session>/`
with `wire.jsonl` (the log), `state.json` (the title) and `subagents/<id>/{wire.jsonl,meta.json}`;
`kimi.json` names the directories, `config.toml` the model, which no session records.

* A `StatusUpdate` with `token_usage` is one request; `context.jsonl` is what the model is sent and
  counts nothing. Before there was a log it is all there is of a session.
* What subagents do is told again in their parent's log, as `SubagentEvent`s.
* A fork, and what `/undo` goes on with, is a new session whose log begins with a copy; only the
  title and the instant of the copy in `state.json` tell.
* The request that sums a conversation up is recorded nowhere.
"""

from __future__ import annotations

from agtop.agents.base import Agent, Capabilities, EventReader, Meter
from agtop.agents.kimi.places import companions, is_log, roots, transcripts
from agtop.agents.signatures import KIMI
from agtop.model import Author


def _events(path: str, author: Author, backlog: int) -> EventReader:
    from agtop.agents.kimi.events import events

    return events(path, author, backlog)


def meter(path: str) -> Meter:
    if is_log(path):
        from agtop.agents.kimi.meter import KimiMeter  # only where there is something to read

        return KimiMeter(path)
    from agtop.agents.kimi.context import ContextMeter

    return ContextMeter(path)


AGENT = Agent(
    name="kimi",
    label="Kimi CLI",
    provider="moonshotai",
    capabilities=Capabilities(tokens="exact", state="partial", context="exact", writes="exact"),
    signature=KIMI,
    roots=roots,
    transcripts=transcripts,
    meter=meter,
    meter_version="2",
    events=_events,
    registrations=lambda _root, _problems: (),
    companions=companions,
    resume=lambda session_id: None if ":" in session_id else f"kimi --session {session_id}",
)
