"""A collector that is given its snapshots, for tests of the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from agtop.agents import AGENTS
from agtop.model import Snapshot, SourceReport, replace
from tests.snapshots import COST, bare, session, snapshot
from tests.sources.reports import REPORTS

FLEET = snapshot(
    session("quiet", last_active=1.0, cost=replace(COST, output=9.0)),
    session("busy"),
    bare("unknown"),
)
CLAUDE = AGENTS[0]
THREE = (
    CLAUDE,
    replace(CLAUDE, name="codex", label="Codex"),
    replace(CLAUDE, name="copilot", label="Copilot CLI"),
)

Run = Callable[..., int]


class Fake:
    """A collector that has its snapshots ready."""

    def __init__(self, *snapshots: Snapshot) -> None:
        self.snapshots = list(snapshots)
        self.closed = False

    def collect(self) -> Snapshot:
        return self.snapshots.pop(0)

    def written(self) -> None:
        return None

    def sources(self) -> tuple[SourceReport, ...]:
        return REPORTS

    def close(self) -> None:
        self.closed = True


def config(home: Path, text: str) -> Path:
    path = home / ".config" / "agtop" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path
