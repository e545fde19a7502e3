"""The agents agtop knows."""

from __future__ import annotations

from agtop.agents.base import Agent
from agtop.agents.claude import AGENT as CLAUDE
from agtop.agents.codex import AGENT as CODEX
from agtop.agents.kimi import AGENT as KIMI
from agtop.agents.kimi_code import AGENT as KIMI_CODE
from agtop.agents.pi import AGENT as PI

AGENTS: tuple[Agent, ...] = (CLAUDE, CODEX, KIMI, KIMI_CODE, PI)
"""In the order they are shown."""
