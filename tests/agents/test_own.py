"""Agents that the user describes in config.toml."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agtop import wiring
from agtop.agents import AGENTS
from agtop.agents.base import Agent
from agtop.agents.own import own_agent
from agtop.agents.walk import Walk
from agtop.collector import Collector
from agtop.config import Config, OwnAgent, load
from agtop.errors import ConfigError
from agtop.flags import parse
from agtop.model import Process, Snapshot
from agtop.pricing import Prices
from agtop.processes.classify import recognise
from tests.claude_rows import SESSION, answer, encode, prompt, usage
from tests.worlds import NOW, FakeMachine, process

CLAUDE = next(agent for agent in AGENTS if agent.name == "claude")


def mine(transcripts: str | None = None) -> Agent:
    return own_agent("mine", "My agent", "my-*", transcripts, CLAUDE, None)


def collect(home: Path, agent: Agent, *processes: Process) -> Snapshot:
    machine = FakeMachine()
    machine.processes = processes
    return Collector((agent,), home, {}, Prices(), machine, clock=lambda: NOW).collect()


def config(home: Path, text: str) -> Config:
    (home / "config.toml").write_text(text)
    return load(home, lambda: [agent.name for agent in AGENTS], ())


def test_its_transcripts_are_read_like_those_they_look_like(home: Path) -> None:
    path = home / ".mine" / "sessions" / "a" / "b" / f"{SESSION}.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(encode(prompt("go", 1), answer("m1", 2, usage(10, 5))))
    (session,) = collect(home, mine("~/.mine/sessions/**/*.jsonl")).sessions
    assert (session.key, session.agent_label) == (f"mine:{SESSION}", "My agent")
    assert session.tokens is not None
    assert session.tokens.total == 15
    assert session.cost is not None
    assert session.cost.total > 0


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("~/t/*.jsonl", ["a.jsonl"]),
        ("~/t/**/*.jsonl", ["a.jsonl", "x/b.jsonl", "x/y/c.jsonl"]),
        ("~/t/*/*.jsonl", ["x/b.jsonl"]),
        ("~/t/x/y/c.jsonl", ["x/y/c.jsonl"]),
        ("~/t/?.jsonl", ["a.jsonl"]),
        ("~/none/*.jsonl", []),
    ],
)
def test_a_pattern_finds_what_a_shell_would(home: Path, pattern: str, found: list[str]) -> None:
    for name in ("a.jsonl", "x/b.jsonl", "x/y/c.jsonl", "x/y/d.txt"):
        (home / "t" / name).parent.mkdir(parents=True, exist_ok=True)
        (home / "t" / name).write_text("{}\n")
    agent = mine(pattern)
    (root,) = agent.roots(home, {})
    assert sorted(agent.transcripts(root, Walk([]))) == [str(home / "t" / name) for name in found]


def test_one_without_transcripts_has_a_row_while_it_runs(home: Path) -> None:
    agent = own_agent("mine", "My agent", "my-*", None, None, None)
    snapshot = collect(home, agent, process(7, "mine", home))
    (session,) = snapshot.sessions
    assert (session.agent, session.process and session.process.pid) == ("mine", 7)
    assert (session.tokens, session.cost) == (None, None)
    assert collect(home, agent).sessions == ()


def test_its_program_is_known_by_its_pattern() -> None:
    signatures = {agent.name: agent.signature for agent in (*AGENTS, mine())}
    found = recognise("my-agent", ["/opt/my-agent", "go"], "/opt/my-agent", signatures)
    assert found is not None
    assert (found.agent, found.role) == ("mine", "session")
    script = recognise("python3", ["python3", "/opt/my-tool.py"], "/usr/bin/python3", signatures)
    assert script is not None
    assert recognise("vim", ["vim", "my-agent"], "/usr/bin/vim", signatures) is None


def test_the_user_s_word_outranks_what_agtop_knows() -> None:
    own = own_agent("mine", "Mine", "claude", None, None, None)
    signatures = {agent.name: agent.signature for agent in (*AGENTS, own)}
    found = recognise("claude", ["claude"], "/opt/bin/claude", signatures)
    assert found is not None
    assert found.agent == "mine"


def test_config_describes_it(home: Path) -> None:
    text = '[agents.mine]\ncommand = "my-agent"\ntranscripts = "~/x/*.jsonl"\nformat = "codex"\n'
    given = config(home, text)
    assert given.agents == {"mine": OwnAgent("my-agent", None, "~/x/*.jsonl", "codex")}
    wants = wiring.wants(parse(["--agent", "mine"]), wiring.Place(home, {}, given))
    (agent,) = wants.agents
    assert (agent.name, agent.label, agent.provider) == ("mine", "mine", "openai")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[agents.claude]\ncommand = 'x'", "has the name of an agent that agtop knows"),
        ("[agents.'My Agent']\ncommand = 'x'", "is no name"),
        ("[agents.mine]\ncommand = '*'", "names no program"),
        ("[agents.mine]\ncommand = '/opt/x'", "names no program"),
        ("[agents.mine]\nlabel = 'x'", "command"),
        ("[agents.mine]\ncommand = 'x'\nformat = 'claud'", 'did you mean "claude"?'),
        ("[agents.mine]\ncommand = 'x'\nformat = 'claude'", "needs both transcripts and format"),
        ("[agents.mine]\ncommand = 'x'\ncolour = 'red'", 'has no key "colour"'),
    ],
)
def test_what_cannot_be_followed_is_said_in_a_sentence(home: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        config(home, text)
    assert said in str(error.value)
    assert json.dumps(str(error.value)).isascii()
