"""The agents agtop knows."""

from __future__ import annotations

from agtop.agents.base import Agent
from agtop.agents.claude import AGENT as CLAUDE
from agtop.agents.codex import AGENT as CODEX
from agtop.agents.gemini import AGENT as GEMINI
from agtop.agents.qwen import AGENT as QWEN

AGENTS: tuple[Agent, ...] = (CLAUDE, CODEX, GEMINI, QWEN)
"""In the order they are shown."""
