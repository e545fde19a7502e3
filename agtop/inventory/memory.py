"""Instructions and memories: that they are there, how many and how new; never what they say."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from agtop.inventory.files import look, look_into
from agtop.inventory.rows import row
from agtop.model import SourceRow


def instructions(agent: str, scope: str, name: str, path: Path) -> SourceRow:
    """The row of one file that an agent reads before it starts."""
    found = look(path)
    try:
        size = os.stat(path).st_size if found.status == "ready" else None
    except OSError:
        size = None
    files = 1 if found.status in ("ready", "empty") else 0
    return row(agent, "instructions", scope, name, found.status, files, found.at, bytes=size)


def memory_folder(
    agent: str, kind: str, scope: str, name: str, path: Path, suffix: str = ""
) -> Iterator[SourceRow]:
    """The row of a folder, where there is one."""
    found = look_into(path, suffix)
    if found.status == "missing":
        return
    yield row(
        agent,
        kind,
        scope,
        name,
        found.status,
        found.files,
        found.at,
        folders=found.folders,
        bytes=found.bytes,
        cut=found.is_cut,
    )
