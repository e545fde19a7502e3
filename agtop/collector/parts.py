"""What each session's transcripts say, put together to one reading."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agtop.agents.base import Agent
from agtop.model import Reading, replace


class Parts:
    """The readings of one agent's transcripts, by session."""

    def __init__(self) -> None:
        self._parts: dict[str, tuple[Reading, ...]] = {}
        """The fullest first."""

    def of(self, session_id: str) -> tuple[Reading, ...]:
        """What each of its transcripts says."""
        return self._parts.get(session_id, ())

    def joined(self, session_id: str) -> Reading | None:
        """What is known of a session; of several transcripts the fullest leads."""
        parts = self._parts.get(session_id)
        if not parts:
            return None
        return parts[0] if len(parts) == 1 else _joined(parts)

    def exchange(self, old: tuple[Reading, ...], new: tuple[Reading, ...]) -> set[str]:
        """Put the new readings of a transcript in the place of its old ones; whose they are.

        A database holds hundreds of sessions, of which one has changed.
        """
        kept = {id(reading) for reading in old} & {id(reading) for reading in new}
        old = tuple(reading for reading in old if id(reading) not in kept)
        new = tuple(reading for reading in new if id(reading) not in kept)
        for reading in old:
            rest = tuple(r for r in self._parts[reading.session_id] if r is not reading)
            self._parts[reading.session_id] = rest
        for reading in new:
            parts = (*self._parts.get(reading.session_id, ()), reading)
            self._parts[reading.session_id] = tuple(sorted(parts, key=_rank, reverse=True))
        touched = {reading.session_id for reading in (*old, *new)}
        for session_id in touched:
            if not self._parts[session_id]:
                del self._parts[session_id]
        return touched


def unread(
    agent: Agent, path: str, readings: tuple[Reading, ...] | None, said: str
) -> tuple[Reading, ...]:
    """What was known of a transcript that cannot be read any more, and why."""
    if readings is None:
        named = agent.session_of_file(path) or Path(path).name.split(".")[0]
        readings = (Reading(named, path, skipped=0),)
    why = (f"its transcript {said}",)
    return tuple(r if r.problems == why else replace(r, problems=why) for r in readings)


def _rank(reading: Reading) -> tuple[bool, float, int, str]:
    """Of two transcripts of one session (an archive's copy, a rewritten file) the fuller leads."""
    is_written = bool(reading.records)
    return (is_written, reading.last_active or 0.0, reading.records, reading.transcript)


def _joined(parts: Sequence[Reading]) -> Reading:
    """Several transcripts of one session; the first leads."""
    starts = [part.started_at for part in parts if part.started_at is not None]
    return replace(
        parts[0],
        metered=any(part.metered for part in parts),
        title=next((part.title for part in parts if part.title), None),
        cwd=next((part.cwd for part in parts if part.cwd), None),
        parent_id=next((part.parent_id for part in parts if part.parent_id), None),
        started_at=min(starts, default=None),
    )
