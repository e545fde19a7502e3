"""The agents agtop knows."""

from __future__ import annotations

from agtop.agents.aider import AGENT as AIDER
from agtop.agents.amp import AGENT as AMP
from agtop.agents.base import Agent
from agtop.agents.claude import AGENT as CLAUDE
from agtop.agents.codex import AGENT as CODEX
from agtop.agents.continue_cli import AGENT as CONTINUE
from agtop.agents.cursor import AGENT as CURSOR
from agtop.agents.gemini import AGENT as GEMINI
from agtop.agents.qwen import AGENT as QWEN

AGENTS: tuple[Agent, ...] = (CLAUDE, CODEX, GEMINI, QWEN, CURSOR, AIDER, AMP, CONTINUE)
"""In the order they are shown."""
