"""What threads and widgets tell the app."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from agtop.model import Session, Snapshot

NOTHING = Snapshot(0.0, complete=False)
"""Before the first round."""


@dataclass
class SnapshotTaken(Message):
    """A round is done. Of several that wait, only the newest is delivered."""

    snapshot: Snapshot

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, SnapshotTaken)


@dataclass(frozen=True, slots=True)
class Selection:
    """The session under the cursor, and the instant it was seen."""

    session: Session | None = None
    now: float = 0.0
