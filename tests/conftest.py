"""Every test lives in a home of its own: the developer's is never read."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from agtop.processes.source import PLACES

OTHERS = ("AGTOP", "ANTHROPIC", "OPENAI", "CLAUDE", "CODEX", "LITELLM")
SHARED_CORPUS = Path(__file__).parents[2] / "shared" / "corpus"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary HOME with its XDG folders, and none of the agents' own variables."""
    home = tmp_path / "home"
    home.mkdir()
    for name in list(os.environ):
        if name in PLACES or name.startswith(OTHERS):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / ".cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / ".local/state"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / ".local/share"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / ".local/state"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return home


@pytest.fixture(autouse=True)
def plain_logging() -> Iterator[None]:
    """What a test's log set up ends with the test."""
    yield
    logger = logging.getLogger("agtop")
    logger.propagate, logger.handlers = True, []
    logging.raiseExceptions = True


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Transcripts written by real agents, with the truth beside them, where they are at hand."""
    if not SHARED_CORPUS.is_dir():
        pytest.skip("the shared corpus is not here")
    return SHARED_CORPUS
