"""The agents agtop knows."""

from __future__ import annotations

from agtop.agents.base import Agent
from agtop.agents.claude import AGENT as CLAUDE
from agtop.agents.codex import AGENT as CODEX

AGENTS: tuple[Agent, ...] = (CLAUDE, CODEX)
"""In the order they are shown."""
