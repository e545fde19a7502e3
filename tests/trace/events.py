"""Hand-made events and sessions."""

from __future__ import annotations

from typing import Any

from agtop.model import Event, Process, Reading, Session

ID = "11111111-2222-4333-8444-55555555abcd"


def event(title: str = "Hello", kind: Any = "text", at: float | None = 1.0, **more: Any) -> Event:
    return Event(at, "claude", ID, more.pop("scope", ""), kind, title, **more)


def session(
    path: object = "",
    id: str = ID,  # noqa: A002
    agent: str = "claude",
    pid: int | None = None,
    **more: Any,
) -> Session:
    process = None if pid is None else Process(pid, 1.0, None, agent)
    live = None if pid is None else "live"
    reading = Reading(id, str(path))
    return Session(agent, agent.title(), id, reading, process=process, liveness=live, **more)
