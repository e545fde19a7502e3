"""An invented home with agents that are set up, for the tests of the inventory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agtop.inventory import Where, take
from agtop.model import InventoryKind, SourceRow

NOW = 1_790_000_000.0


def put(path: Path, content: str | dict[str, Any] | list[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, "utf-8")
    return path


def where(home: Path, repository: Path | None = None) -> Where:
    return Where(home, {}, repository, system=home / "no-system")


def found(home: Path, kind: InventoryKind, repository: Path | None = None) -> list[SourceRow]:
    return take(where(home, repository), NOW)[kind]


def one(rows: list[SourceRow], name: str, agent: str = "claude") -> SourceRow:
    """The only row of that label."""
    (row,) = [each for each in rows if each.label == name and each.agent == agent]
    return row


def facts(row: SourceRow) -> dict[str, Any]:
    return dict(row.metadata or {})
