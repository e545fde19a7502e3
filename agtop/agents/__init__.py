"""The agents agtop knows."""

from __future__ import annotations

from agtop.agents.aider import AGENT as AIDER
from agtop.agents.amp import AGENT as AMP
from agtop.agents.base import Agent
from agtop.agents.claude import AGENT as CLAUDE
from agtop.agents.cline import AGENT as CLINE
from agtop.agents.codex import AGENT as CODEX
from agtop.agents.continue_cli import AGENT as CONTINUE
from agtop.agents.copilot import AGENT as COPILOT
from agtop.agents.crush import AGENT as CRUSH
from agtop.agents.cursor import AGENT as CURSOR
from agtop.agents.droid import AGENT as DROID
from agtop.agents.gemini import AGENT as GEMINI
from agtop.agents.goose import AGENT as GOOSE
from agtop.agents.kilo import AGENT as KILO
from agtop.agents.kimi import AGENT as KIMI
from agtop.agents.kimi_code import AGENT as KIMI_CODE
from agtop.agents.opencode import AGENT as OPENCODE
from agtop.agents.pi import AGENT as PI
from agtop.agents.qwen import AGENT as QWEN

AGENTS: tuple[Agent, ...] = (
    CLAUDE,
    CODEX,
    GEMINI,
    OPENCODE,
    KILO,
    COPILOT,
    QWEN,
    CURSOR,
    KIMI,
    KIMI_CODE,
    PI,
    CLINE,
    CRUSH,
    GOOSE,
    DROID,
    AIDER,
    AMP,
    CONTINUE,
)
"""In the order they are shown."""
