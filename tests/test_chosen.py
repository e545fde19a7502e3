"""The words of flags, and what they mean."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from agtop.agents.base import Agent
from agtop.chosen import chosen_agents, sort_column
from agtop.errors import UsageError
from tests.cli.stage import THREE


def names(agents: Sequence[Agent]) -> list[str]:
    return [agent.name for agent in agents]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ([], ["claude", "codex", "copilot"]),
        (["codex"], ["codex"]),
        (["Claude Code"], ["claude"]),
        (["claude-code", "CODEX"], ["claude", "codex"]),
        (["claudecode"], ["claude"]),
        (["github-copilot"], ["copilot"]),
        (["copilot_cli"], ["copilot"]),
    ],
)
def test_agents_go_by_several_names(asked: list[str], found: list[str]):
    assert names(chosen_agents(asked, THREE)) == found


def test_an_unknown_agent_is_told_with_those_there_are():
    with pytest.raises(UsageError) as caught:
        chosen_agents(["claude", "codx"], THREE)

    assert str(caught.value) == (
        'no agent is called "codx"; there are claude, codex, copilot; did you mean "codex"?'
    )


@pytest.mark.parametrize("name", ["tokens_per_min", "tokens-per-min", "TOK/MIN"])
def test_a_sort_key_is_a_column_or_its_title(name: str):
    assert sort_column(name).name == "tokens_per_min"
