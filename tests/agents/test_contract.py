"""What every agent's meter promises, whatever its files look like."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from agtop.agents import AGENTS
from agtop.agents.base import Agent
from agtop.agents.walk import Walk
from tests.homes import FIXTURES, build, everyone, expected, facts
from tests.worlds import World

LATER = 1795200000.0
"""An instant after every record."""
LONG = 400.0
"""Seconds after which everything has been looked at again."""
HOSTILE = "\x1b]52;c;aGk=\x07 \u202e[bold]x[/]\x00"

agents = pytest.mark.parametrize("agent", AGENTS, ids=[agent.name for agent in AGENTS])


def lines_of(agent: Agent, home: Path) -> list[Path]:
    """The transcripts that grow by lines; those read as a whole have their own tests."""
    paths = [path for root in agent.roots(home, {}) for path in agent.transcripts(root, Walk([]))]
    return [Path(path) for path in paths if path.endswith(".jsonl")]


def world(home: Path) -> World:
    return World(home, now=LATER)


def skipped(agent: World) -> int:
    return sum(s.reading.skipped for s in everyone(agent.collect(later=LONG)).values())


@agents
def test_the_small_home_comes_to_what_is_known_of_it(agent: Agent, home: Path) -> None:
    build(agent.name, home)
    assert facts(world(home).collect()) == expected(agent.name, home)


@agents
def test_nothing_new_gives_the_same_sessions(agent: Agent, home: Path) -> None:
    build(agent.name, home)
    watching = world(home)
    before = watching.collect().sessions
    after = watching.collect(later=LONG).sessions
    assert len(before) == len(after) > 0
    assert all(one is other for one, other in zip(before, after, strict=True))


@agents
@pytest.mark.parametrize("seed", range(3))
def test_however_a_transcript_grows_it_comes_to_the_same(
    agent: Agent, home: Path, seed: int
) -> None:
    build(agent.name, home)
    dice = random.Random(seed)
    whole = {path: path.read_bytes() for path in lines_of(agent, home)}
    cuts = {path: sorted(dice.sample(range(len(data)), 3)) for path, data in whole.items()}
    watching = world(home)
    for step in range(3):
        for path, data in whole.items():
            path.write_bytes(data[: cuts[path][step]])
        watching.collect(later=LONG)
    for path, data in whole.items():
        path.write_bytes(data)
    assert facts(watching.collect(later=LONG)) == expected(agent.name, home)


@agents
def test_half_a_line_waits_for_its_end(agent: Agent, home: Path) -> None:
    build(agent.name, home)
    watching = world(home)
    for path in lines_of(agent, home):
        path.write_bytes(path.read_bytes().removesuffix(b"\n"))
    before = skipped(watching)
    for path in lines_of(agent, home):
        with path.open("ab") as file:
            file.write(b"\n")
    assert facts(watching.collect(later=LONG)) == expected(agent.name, home)
    assert skipped(watching) == before == skipped_in_whole(agent, home)


def skipped_in_whole(agent: Agent, home: Path) -> int:
    return skipped(world(home))


@agents
def test_a_broken_line_is_counted_and_costs_nothing_else(agent: Agent, home: Path) -> None:
    build(agent.name, home)
    known = skipped(world(home))
    broken = lines_of(agent, home)
    for path in broken:
        first, _, rest = path.read_bytes().partition(b"\n")
        path.write_bytes(first + b'\n{"torn": "li\n' + rest)
    watching = world(home)
    assert facts(watching.collect()) == expected(agent.name, home)
    assert skipped(watching) >= known + (1 if broken else 0)


@agents
def test_a_transcript_that_is_cut_short_and_restored_comes_to_the_same(
    agent: Agent, home: Path
) -> None:
    build(agent.name, home)
    watching = world(home)
    watching.collect()
    for path in lines_of(agent, home):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        watching.collect(later=LONG)
        path.write_bytes(whole)
    assert facts(watching.collect(later=LONG)) == expected(agent.name, home)


@agents
def test_hostile_titles_are_kept_as_they_are(agent: Agent, home: Path) -> None:
    build(agent.name, home)
    titles = {known["title"] for known in expected(agent.name, home).values()} - {None}
    inside = json.dumps(HOSTILE)[1:-1].encode()
    for path in lines_of(agent, home):
        data = path.read_bytes()
        for title in titles:
            data = data.replace(json.dumps(title).encode()[1:-1], inside)
        path.write_bytes(data)
    found = everyone(world(home).collect())
    assert found.keys() == expected(agent.name, home).keys()


@agents
def test_what_an_agent_cannot_tell_is_unknown(agent: Agent, home: Path) -> None:
    build(agent.name, home)
    for session in world(home).collect().sessions:
        if agent.capabilities.tokens == "none":
            assert session.tokens is None
            assert session.cost is None


REASONING = ("codex", "gemini", "opencode", "kilo", "copilot", "qwen")
"""Agents whose every count of tokens tells the reasoning in it."""


@agents
def test_reasoning_is_known_only_where_the_usage_tells_it(agent: Agent, home: Path) -> None:
    build(agent.name, home)
    found = [s for s in everyone(world(home).collect()).values() if s.reading.metered]
    if agent.name != "pi":  # some of its releases tell it, some do not
        assert {s.reading.reasoned for s in found} <= {agent.name in REASONING}


def test_every_fixture_belongs_to_an_agent() -> None:
    folders = {path.name for path in FIXTURES.iterdir() if (path / "expected.json").exists()}
    assert folders == {agent.name for agent in AGENTS}
