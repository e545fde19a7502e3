"""Means that reach nothing but the test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agtop.control.aims import Aim
from agtop.control.delivery import Sent
from agtop.model import Process, Session, Snapshot, replace
from agtop.registry import Registry
from agtop.verbs.means import Means
from tests.control.family import Clock, Paper


@dataclass
class Stage:
    """Processes on paper, what was said, and what would have been sent."""

    paper: Paper
    means: Means
    agents: list[Process] = field(default_factory=list[Process])
    sessions: list[Session] = field(default_factory=list[Session])
    said: list[str] = field(default_factory=list[str])
    sent: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    looked: int = 0
    """How often the transcripts were read."""
    on_signal: Callable[[str, int], object] = lambda name, pid: None

    def agent(self, pid: int, role: Any = "session", ppid: int = 1, **more: Any) -> Process:
        self.paper.add(pid, ppid, "claude")
        process = replace(self.paper.process(pid, role), **more)
        self.agents.append(process)
        return process

    def snapshot(self) -> Snapshot:
        self.looked += 1
        return Snapshot(0.0, tuple(self.sessions))


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    paper, clock = Paper(), Clock()
    made: list[Stage] = []
    means = Means(
        paper,
        lambda: tuple(made[0].agents),
        lambda: made[0].snapshot(),
        Registry(tmp_path / "state", clock.wait),
        paper.me,
        lambda sentence: made[0].said.append(sentence),
        1000.0,
        clock,
        clock.wait,
    )
    here = Stage(paper, means)
    made.append(here)

    def note(aim: Aim, signal: Any, processes: object, me: object) -> Sent:
        here.sent.append((signal.name, aim.pid))
        here.on_signal(signal.name, aim.pid)
        return Sent(aim, "sent")

    monkeypatch.setattr("agtop.control.delivery.send", note)
    return here
