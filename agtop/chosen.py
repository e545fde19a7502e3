"""What the words of a flag mean: agents, a column, a filter."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from agtop.errors import UsageError

if TYPE_CHECKING:
    from agtop.agents.base import Agent
    from agtop.columns import Column
    from agtop.model import Session

AGENT_ALIASES = {"githubcopilot": "copilot", "copilotcli": "copilot", "cursoragent": "cursor"}
"""Names that are neither an agent's name nor its label, without blanks and dashes."""


def chosen_agents(names: Sequence[str], agents: tuple[Agent, ...]) -> tuple[Agent, ...]:
    """The agents that go by `names`; all of them when none is named. Raises UsageError."""
    from agtop.config import meant

    known = {**AGENT_ALIASES}
    for agent in agents:
        known |= {_plain(agent.label): agent.name, _plain(agent.name): agent.name}
    here = [agent.name for agent in agents]
    wanted: set[str] = set()
    for name in names:
        wanted.add(known.get(_plain(name), name))
        if not wanted.issubset(here):
            there = f"there are {', '.join(here)}"
            raise UsageError(f'no agent is called "{name}"; {there}{meant(name, here)}')
    return tuple(agent for agent in agents if not names or agent.name in wanted)


def sort_column(name: str | None) -> Column:
    """The column called or titled `name`, or the default. Raises UsageError."""
    from agtop.columns import BY_NAME, COLUMNS, DEFAULT_SORT
    from agtop.config import meant

    if name is None:
        return BY_NAME[DEFAULT_SORT]
    plain = name.strip().casefold()
    for column in COLUMNS:
        if plain and plain in (column.name, column.name.replace("_", "-"), column.title.casefold()):
            return column
    advice = f"-s help lists them{meant(name, BY_NAME)}"
    raise UsageError(f'no sort key is called "{name}"; {advice}')


def matcher(text: str) -> Callable[[Session], bool] | None:
    """What `--filter` lets through; None shows every session. Raises UsageError."""
    if not text.strip():
        return None
    from agtop.filters import parse

    try:
        return parse(text).matches
    except ValueError as error:
        raise UsageError(f"--filter: {error}") from None


def _plain(name: str) -> str:
    """`Claude Code`, `claude-code` and `claudecode` are one."""
    return re.sub(r"[\s_-]", "", name.casefold())
