"""Kimi Code, the program from npm: a folder per session, a log of events per agent in it.

Layout: `$KIMI_CODE_HOME` (default `~/.kimi-code`) holds
`sessions/wd_<name>_<hash>/<session>/state.json` and `agents/<agent>/wire.jsonl`: `main` is the
session, the others are its subagents.

* A `usage.record` is one request; the same numbers in `step.end` and `agent.message.appended`
  say it again. Those of scope `session` are compactions and other work beside the turns.
* Its `model` is a name of the user's config; the `llm.request` before it has the real one.
* A fork copies all files as they are and adds `forked` to each: what stands before is its
  origin's. Steps have ids of their own, which copies keep.
* Approvals and questions are `interaction.request`s until they are resolved.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from agtop.agents.base import Agent, Capabilities, EventReader, Meter
from agtop.agents.signatures import KIMI_CODE
from agtop.agents.walk import Walk
from agtop.model import Author


def roots(home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    given = environ.get("KIMI_CODE_HOME", "").strip()
    return (Path(os.path.expanduser(given)) if given else home / ".kimi-code",)


def transcripts(root: Path, walk: Walk) -> Iterator[str]:
    for entry in walk.files(root / "sessions", ("wire.jsonl",)):
        if os.path.basename(os.path.dirname(os.path.dirname(entry.path))) == "agents":
            yield entry.path


def companions(path: str) -> tuple[str, ...]:
    session_dir = os.path.dirname(os.path.dirname(os.path.dirname(path)))
    return (os.path.join(session_dir, "state.json"),)


def _events(path: str, author: Author, backlog: int) -> EventReader:
    from agtop.agents.kimi_code.events import KimiCodeEvents

    return KimiCodeEvents(path, author, backlog)


def _meter(path: str) -> Meter:
    from agtop.agents.kimi_code.meter import KimiCodeMeter  # only where there is something to read

    return KimiCodeMeter(path)


AGENT = Agent(
    name="kimi-code",
    label="Kimi Code",
    provider="moonshotai",
    capabilities=Capabilities(tokens="exact", state="exact", context="exact", writes="exact"),
    signature=KIMI_CODE,
    roots=roots,
    transcripts=transcripts,
    meter=_meter,
    meter_version="2",
    events=_events,
    registrations=lambda _root, _problems: (),
    companions=companions,
    resume=lambda session_id: None if ":" in session_id else f"kimi --session {session_id}",
)
