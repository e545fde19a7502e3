"""The agents agtop knows."""

from __future__ import annotations

from agtop.agents.base import Agent
from agtop.agents.claude import AGENT as CLAUDE
from agtop.agents.codex import AGENT as CODEX
from agtop.agents.crush import AGENT as CRUSH
from agtop.agents.goose import AGENT as GOOSE
from agtop.agents.kilo import AGENT as KILO
from agtop.agents.opencode import AGENT as OPENCODE

AGENTS: tuple[Agent, ...] = (CLAUDE, CODEX, OPENCODE, KILO, CRUSH, GOOSE)
"""In the order they are shown."""
