"""Children that end with their test."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from agtop.control import Me
from agtop.processes.source import Source, system_source
from tests.control.family import PAUSE, Paper, Start, begin, first_line


@pytest.fixture
def start() -> Iterator[Start]:
    """Begins a child that waits for ever, once it is ready."""
    begun: list[subprocess.Popen[str]] = []

    def run(code: str = PAUSE, *args: str) -> subprocess.Popen[str]:
        child = begin(code, *args)
        begun.append(child)
        child.ready = first_line(child)  # pyright: ignore[reportAttributeAccessIssue]
        return child

    yield run
    for child in begun:
        child.kill()
        child.send_signal(signal.SIGCONT)
        child.communicate()


@pytest.fixture
def source() -> Source:
    return system_source()


@pytest.fixture
def me(source: Source) -> Me:
    return Me.of(source, os.getpid())


@pytest.fixture
def paper() -> Paper:
    return Paper()
