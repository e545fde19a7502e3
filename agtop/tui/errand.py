"""What the screen's commands are handed, and the verbs they run with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Event
from typing import Protocol

from agtop.budgets import Spending
from agtop.model import Process, Record, Session, Snapshot
from agtop.tui.purse import Budgets


class Scene(Record):
    """The screen at the instant of a command."""

    snapshot: Snapshot
    budgets: Budgets
    spending: Spending
    lines: list[str]
    """The answer, growing."""
    bell: Event
    """Rings when it is called off."""
    cells: int

    def say(self, sentence: str) -> None:
        self.lines.append(sentence)

    def wait(self, seconds: float) -> bool:
        """True once it is called off."""
        return self.bell.wait(seconds)


class Errands(Protocol):
    """Verbs. All of it may take a while, and raises AgtopError and OSError."""

    def run(self, words: Sequence[str], scene: Scene, /) -> int: ...

    def process(self, word: str, scene: Scene, /) -> Process: ...

    def session(self, word: str, scene: Scene, /) -> Session: ...

    def names(self) -> Iterable[str]:
        """Those that processes were given."""
        ...

    def export(self, path: Path, snapshot: Snapshot, /) -> str:
        """Write it to a new file; what that holds. In the collector's thread."""
        ...
