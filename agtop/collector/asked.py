"""What the collector is given: a price list, a process table, and what the user asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Protocol

from msgspec import field

from agtop.model import Batch, Charge, Host, Process, Record, Response, Weight


class Pricing(Protocol):
    """What the collector asks of a price list."""

    def charge(self, response: Response, provider: str) -> Charge | None: ...
    def charge_together(self, batch: Batch, provider: str) -> Charge | Literal["mixed"] | None: ...
    def context_window(self, model: str, provider: str) -> int | None: ...


class Machine(Protocol):
    """What the collector asks of the process table."""

    def sample(self, now: float) -> tuple[Process, ...]: ...
    def host(self) -> Host: ...
    def weight(self, now: float) -> Weight: ...


class Wishes(Record):
    """What the user asked for, in plain values."""

    plan: str = "retail"
    included: frozenset[str] = frozenset()
    """Agents whose use the plan covers."""
    extra_roots: Mapping[str, tuple[Path, ...]] = field(default_factory=dict[str, tuple[Path, ...]])
    models: Mapping[str, str] = field(default_factory=dict[str, str])
    """Agent → what it runs where its transcripts name no model."""
    kept: Mapping[str, Path] = field(default_factory=dict[str, Path])
    """Agent → the folder of agtop's own where a hook keeps what the agent says of its plan."""
    patience: float | None = None
    """Seconds a round may read before it shows what it has; None reads everything."""
    tells_elsewhere: bool = True
    """Of processes with files in another place; not in an invented home."""
    forks: bool = False
    """A long history may be read by a second process: where no screen has to stay awake."""
    catches_up: bool = False
    """What scans passed over of the last day is read too, a little each round: for a screen, which
    stays."""


NO_WISHES = Wishes()
