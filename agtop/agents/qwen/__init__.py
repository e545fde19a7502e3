"""Qwen Code: how its sessions are read, recognised and taken up.

Rules, from its own writer and from files it wrote: each request is told once by a `ui_telemetry`
row of its session, its subagents' and its compressions' included, so the usage beside an answer
and in subagents' files counts only where no telemetry tells of it; cached tokens are part of the
input; thoughts are part of the output unless the total says otherwise; rows that a branch copied
belong to their origin. Its suggestions and side questions are in no transcript.
"""

from __future__ import annotations

from agtop.agents.base import Agent, Capabilities, EventReader, Meter
from agtop.agents.qwen.places import agent_of, meta_of, roots, session_of_file, transcripts
from agtop.agents.qwen.registry import registrations
from agtop.agents.signatures import QWEN
from agtop.model import Author


def companions(path: str) -> tuple[str, ...]:
    return (meta_of(path),) if agent_of(path) is not None else ()


def resume(session_id: str) -> str | None:
    return None if "/" in session_id else f"qwen --resume {session_id}"


def _events(path: str, author: Author, backlog: int) -> EventReader:
    from agtop.agents.qwen.events import QwenEvents

    return QwenEvents(path, author, backlog)


def _meter(path: str) -> Meter:
    from agtop.agents.qwen.meter import meter  # only where there is something to read

    return meter(path)


AGENT = Agent(
    name="qwen",
    label="Qwen Code",
    provider="alibaba",
    capabilities=Capabilities(tokens="exact", state="exact", context="exact", writes="exact"),
    signature=QWEN,
    roots=roots,
    transcripts=transcripts,
    meter=_meter,
    meter_version="2",
    events=_events,
    registrations=registrations,
    session_of_file=session_of_file,
    companions=companions,
    resume=resume,
)
