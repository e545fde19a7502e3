"""The agents agtop knows."""

from __future__ import annotations

from agtop.agents.base import Agent
from agtop.agents.claude import AGENT as CLAUDE

AGENTS: tuple[Agent, ...] = (CLAUDE,)
"""In the order they are shown."""
