"""What may be known of Codex's app server, and what to do about each state it can be in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from agtop.model import Record

VARIABLE = "CODEX_APP_SERVER_URL"
"""The variable that names its address; without it nobody is asked."""

State = Literal[
    "missing",
    "rejected",
    "unavailable",
    "timeout",
    "auth_required",
    "unsupported",
    "degraded",
    "ready",
]
ACTIONS: Mapping[State, str] = {
    "missing": "",
    "rejected": "name a loopback address such as ws://127.0.0.1:4500, or unset the variable",
    "unavailable": "start Codex's app server there, or leave it",
    "timeout": "look at what listens there: it did not answer within a second",
    "auth_required": "leave it: agtop has no credentials and wants none",
    "unsupported": "let it listen on a loopback address with http or ws",
    "degraded": "look at the warnings; the figures that are known hold",
    "ready": "",
}
"""State → what to do; nothing where nothing is to be done."""

COUNTERS = (
    "loadedThreads",
    "models",
    "apps",
    "plugins",
    "mcpServers",
    "mcpTools",
    "mcpResources",
)


class AppServer(Record):
    """What was found at the address that was named."""

    state: State
    rpc: Literal["ok", "partial", "failed"] | None = None
    """How far the questions came; None where none was asked."""
    counters: Mapping[str, int | None] | None = None
    warnings: tuple[str, ...] = ()
    """In words of agtop's own."""

    @property
    def action(self) -> str:
        return ACTIONS[self.state]


Probe = Callable[[], AppServer]
