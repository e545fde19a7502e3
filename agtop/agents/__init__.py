"""The agents agtop knows."""

from __future__ import annotations

from agtop.agents.base import Agent
from agtop.agents.claude import AGENT as CLAUDE
from agtop.agents.cline import AGENT as CLINE
from agtop.agents.codex import AGENT as CODEX
from agtop.agents.copilot import AGENT as COPILOT
from agtop.agents.droid import AGENT as DROID

AGENTS: tuple[Agent, ...] = (CLAUDE, CODEX, COPILOT, CLINE, DROID)
"""In the order they are shown."""
