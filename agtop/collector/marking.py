"""Tells each session of a snapshot how many conflicts it is part of."""

from __future__ import annotations

from collections.abc import Mapping

from agtop.collector.roll import Roll
from agtop.conflicts import Conflicts
from agtop.model import Session, replace


class Marking:
    """Between what the sources assemble and the roll; what stays the same is the same object."""

    def __init__(self, conflicts: Conflicts, roll: Roll) -> None:
        self._conflicts = conflicts
        self._roll = roll
        self._marked: dict[str, tuple[Session, Session]] = {}
        """Session key → what was assembled, and that with its conflicts."""

    def take(self, changes: Mapping[str, Session | None], now: float) -> None:
        """Put the sessions that changed into the roll, and those whose conflicts did."""
        others = self._conflicts.take(changes, now) - changes.keys()
        known = {key: self._assembled(key) for key in others}
        known.update(changes)
        self._roll.take({key: self._mark(key, new) for key, new in known.items()})

    def _assembled(self, key: str) -> Session | None:
        marked = self._marked.get(key)
        return marked[0] if marked is not None else self._roll.get(key)

    def _mark(self, key: str, session: Session | None) -> Session | None:
        count = self._conflicts.count(key)
        if session is None or count == (session.conflicts or 0):
            self._marked.pop(key, None)
            return session
        assembled, marked = self._marked.get(key, (None, None))
        if marked is None or assembled is not session or marked.conflicts != count:
            marked = replace(session, conflicts=count)
            self._marked[key] = session, marked
        return marked
