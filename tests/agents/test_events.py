"""What every agent's reader of events promises, and what Pi's tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from agtop.agents import AGENTS
from agtop.agents.base import Agent, Walk
from tests.agents.telling import brief, reader, told
from tests.homes import build

HOSTILE = b'{"type":"user","message":7}\n[]\n{"type":\n\xff\xfe\n{"type":"message","message":[]}\n'
TELLING = [agent for agent in AGENTS if agent.events is not None]
agents = pytest.mark.parametrize("agent", TELLING, ids=[agent.name for agent in TELLING])


def transcripts(agent: Agent, home: Path) -> list[Path]:
    build(agent.name, home)
    paths = [path for root in agent.roots(home, {}) for path in agent.transcripts(root, Walk([]))]
    return [Path(path) for path in paths]


@agents
def test_lines_nobody_can_read_are_passed_over(agent: Agent, home: Path) -> None:
    for path in transcripts(agent, home):
        before = told(agent.name, path)
        path.write_bytes(HOSTILE + path.read_bytes() + HOSTILE)

        assert told(agent.name, path) == before


@agents
def test_however_a_transcript_grows_the_same_is_told(agent: Agent, home: Path) -> None:
    for path in transcripts(agent, home):
        whole, before = path.read_bytes(), told(agent.name, path)
        path.write_bytes(b"")
        following = reader(agent.name, path)
        events = list(following.read())
        for n in range(0, len(whole), 997):
            with path.open("ab") as file:
                file.write(whole[n : n + 997])
            events += following.read()

        assert events == before


@agents
def test_titles_are_one_line_and_results_name_their_tool(agent: Agent, home: Path) -> None:
    events = [event for path in transcripts(agent, home) for event in told(agent.name, path)]

    assert {"prompt", "text", "tool call", "result"} <= {event.kind for event in events}
    assert not [event for event in events if "\n" in event.title or not event.title]
    assert all(event.tool for event in events if event.kind == "result")


def test_a_turn_of_pi_is_told_in_order(home: Path) -> None:
    path = next(p for p in transcripts(PI, home) if p.name.endswith("00a.jsonl"))

    events = told("pi", path)

    assert brief(events)[:6] == [
        ("prompt", "write a haiku into haiku.txt"),
        ("thinking", "hm"),
        ("text", "Writing it."),
        ("tool call", "write: haiku.txt"),
        ("result", "ok"),
        ("text", "There it is."),
    ]
    failed = next(event for event in events if event.failed)
    assert (failed.tool, failed.duration) == ("bash", 2.0)


PI = next(agent for agent in AGENTS if agent.name == "pi")
