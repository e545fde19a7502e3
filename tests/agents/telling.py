"""Reads the events of a transcript, for tests."""

from __future__ import annotations

from agtop.agents import AGENTS
from agtop.agents.base import EventReader
from agtop.model import Author, Event

FAR = 1 << 30


def reader(
    agent: str, path: object, scope: str = "", backlog: int = FAR, session: str = "s1"
) -> EventReader:
    events = next(each.events for each in AGENTS if each.name == agent)
    assert events is not None
    return events(str(path), Author(agent, session, scope), backlog)


def told(agent: str, path: object, scope: str = "", session: str = "s1") -> list[Event]:
    return list(reader(agent, path, scope, session=session).read())


def brief(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.kind, event.title) for event in events]
