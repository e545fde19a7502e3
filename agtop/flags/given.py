"""What stands on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agtop.budgets import Action
    from agtop.config import Plan
    from agtop.metrics import Form
    from agtop.spend import Cut, Span
    from agtop.trace.descriptors import Stream


class Flags(argparse.Namespace):
    """What stands on the command line; None where a flag was not given."""

    table: bool
    json: bool
    ndjson: bool
    json_schema: bool
    watch: bool
    demo: bool
    readonly: bool = False
    """The screen sends no signal, whatever is pressed."""
    dashboard: bool = False
    agents: list[str]
    filter: str
    sort: str | None
    limit: int | None
    plan: Plan | None
    delay: float | None
    no_color: bool
    highlight: bool
    no_mouse: bool
    fresh: bool
    safe: bool
    log_file: Path | None
    verbose: bool
    verb: str | None
    """What to do instead of showing sessions."""
    deed: str
    """What to do on the bus; what follows belongs to one deed or another."""
    topics: list[str]
    last: int
    summary: str
    topic: str
    path: str | None
    speaker: str | None
    source: str | None
    data: str | None
    targets: Sequence[str] = ()
    target: str | None = None
    everyone: bool
    stream: Stream | None
    kinds: list[str]
    grep: str
    signal: str | None = None
    alone: bool = False
    patience: float = 5.0
    """Seconds between asking to end and forcing it."""
    window: float | None = None
    """Seconds within which two writes are a conflict."""
    everything: bool = False
    register: bool = False
    name: str | None = None
    amount: str | None = None
    action: Action | None = None
    remove: bool = False
    cut: Cut = "repo"
    """By what the money is told apart."""
    span: Span | None = None
    since: str | None = None
    until: str | None = None
    csv: bool = False
    once: bool = False
    every: float | None = None
    """Seconds between two samples."""
    to: Path | None = None
    """The file that samples go to."""
    form: Form | None = None
    proxy: bool = False
    """Ask the LiteLLM proxy instead."""
    repo: str | None = None
    before: str | None = None

    @property
    def one_shot(self) -> bool:
        """It ends, or writes on, without filling the screen."""
        return self.table or self.json or self.ndjson or self.verb is not None
