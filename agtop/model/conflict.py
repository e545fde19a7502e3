"""Two at work on one file."""

from __future__ import annotations

from typing import Literal

from agtop.model.record import Record

Grade = Literal["writes", "foreign", "branch", "overlap"]
"""Two sessions wrote one file within the window; an agent met a change it had not made; a branch
was switched under a session; two sessions wrote one file within a day."""
Severity = Literal["high", "medium", "low"]


class Writer(Record, array_like=False):
    """What one session, its subagents included, did to the file meanwhile."""

    key: str
    """The session's."""
    first_at: float
    last_at: float
    writes: int
    """0 where it only met what another did."""

    @property
    def agent(self) -> str:
        return self.key.partition(":")[0]


class Conflict(Record, array_like=False):
    """One episode on one file."""

    grade: Grade
    severity: Severity
    path: str
    """The real one; of a directory where a branch was switched."""
    first_at: float
    last_at: float
    writers: tuple[Writer, ...]
    """Who was first stands first."""
    evidence: str
    """How agtop knows, as a sentence."""

    @property
    def key(self) -> str:
        """The same while the episode lasts."""
        return f"{self.grade}:{self.path}:{self.first_at:.3f}"

    @property
    def is_overlap(self) -> bool:
        return self.grade == "overlap"

    def others(self, key: str) -> tuple[Writer, ...]:
        """Those besides that session."""
        return tuple(writer for writer in self.writers if writer.key != key)
