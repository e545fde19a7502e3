"""A bus of the test's own, at a path short enough for a socket."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the socket will be; temporary folders of tests have names that are too long."""
    where = Path(tempfile.mkdtemp(prefix="bus-"))
    path = where / "b.sock"
    monkeypatch.setenv("AGTOP_BUS", str(path))
    yield path
    where.chmod(0o700)
    shutil.rmtree(where)
