"""What is different between the sessions of two snapshots, without looking at all of them."""

from __future__ import annotations

from agtop.model import Session

Sessions = tuple[Session, ...]

_HEAD = 64
"""The newest stand first, and what changes is among them: so many are looked at to begin with."""


def changes(before: Sessions, after: Sessions) -> tuple[list[Session], list[Session]]:
    """(those that went or were something else before, those that came or are something else).

    Tuples are compared by identity first, so the long tail that is the same costs nothing.
    """
    longer = len(after) - len(before)
    head = max(_HEAD, _HEAD - longer)
    while head < len(before) and before[head:] != after[head + longer :]:
        head *= 4
    old = {id(session): session for session in before[:head]}
    new = {id(session): session for session in after[: head + longer]}
    gone = [session for name, session in old.items() if name not in new]
    return gone, [session for name, session in new.items() if name not in old]
