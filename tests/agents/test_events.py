"""What every agent's reader of events promises, and what Pi's tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from agtop.agents import AGENTS
from agtop.agents.base import Agent, Walk
from agtop.agents.events import LineEvents
from agtop.agents.retold import DocumentEvents
from tests.agents.telling import brief, reader, told
from tests.homes import build

HOSTILE = b'{"type":"user","message":7}\n[]\n{"type":\n\xff\xfe\n{"type":"message","message":[]}\n'
TELLING = [agent for agent in AGENTS if agent.events is not None]
SILENT: dict[str, set[str]] = {}
"""What those tell whose transcripts hold no results, or whose small home has no tool calls."""
agents = pytest.mark.parametrize("agent", TELLING, ids=[agent.name for agent in TELLING])


def transcripts(agent: Agent, home: Path) -> list[Path]:
    build(agent.name, home)
    paths = [path for root in agent.roots(home, {}) for path in agent.transcripts(root, Walk([]))]
    return [Path(path) for path in paths]


def lines(agent: Agent, home: Path) -> list[Path]:
    """Of the transcripts, those that grow by whole lines."""
    paths = transcripts(agent, home)
    return [path for path in paths if isinstance(reader(agent.name, path), LineEvents)]


def documents(agent: Agent, home: Path) -> list[Path]:
    """Those that are written anew as a whole."""
    paths = transcripts(agent, home)
    return [path for path in paths if isinstance(reader(agent.name, path), DocumentEvents)]


@agents
def test_what_was_told_is_not_told_again(agent: Agent, home: Path) -> None:
    for path in transcripts(agent, home):
        following = reader(agent.name, path)
        first = list(following.read())
        if path.suffix == ".json":
            path.write_bytes(path.read_bytes() + b"\n")
        again = list(following.read())

        assert [event for event in again if event in first] == []


@agents
def test_a_document_that_is_torn_says_nothing_until_it_is_whole(agent: Agent, home: Path) -> None:
    for path in documents(agent, home):
        whole, before = path.read_bytes(), told(agent.name, path)
        path.write_bytes(whole[: len(whole) // 2])
        following = reader(agent.name, path)
        torn = list(following.read())
        path.write_bytes(whole)

        assert torn == []
        assert list(following.read()) == before


@agents
def test_only_the_newest_of_a_long_past_is_told(agent: Agent, home: Path) -> None:
    for path in documents(agent, home):
        events = told(agent.name, path)
        newest = list(reader(agent.name, path, backlog=1).read())

        assert newest == events[-1:]


@agents
def test_lines_nobody_can_read_are_passed_over(agent: Agent, home: Path) -> None:
    for path in lines(agent, home):
        before = told(agent.name, path)
        path.write_bytes(HOSTILE + path.read_bytes() + HOSTILE)

        assert told(agent.name, path) == before


@agents
def test_however_a_transcript_grows_the_same_is_told(agent: Agent, home: Path) -> None:
    for path in lines(agent, home):
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

    wanted = SILENT.get(agent.name, {"prompt", "text", "tool call", "result"})
    assert wanted <= {event.kind for event in events}
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


def of(name: str, home: Path) -> list[tuple[str, str]]:
    """What all transcripts of an agent's small home tell."""
    agent = next(agent for agent in AGENTS if agent.name == name)
    return [each for path in transcripts(agent, home) for each in brief(told(name, path))]
