"""Remembers processes from round to round, to see them end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from agtop.correlate import Binding, is_same_process
from agtop.model import Process, Reading, Record, Registration

STOPPED_FOR = 15.0
"""Seconds an ended process stays visible (†)."""


class Ending(Record):
    """A session whose process is known to have ended."""

    process: Process | None = None
    """As it was last seen, for as long as the row shows it."""


class Past(Struct):
    """What earlier rounds knew."""

    processes: dict[str, Process] = field(default_factory=dict[str, Process])
    ended: dict[str, tuple[float, Process | None]] = field(
        default_factory=dict[str, tuple[float, Process | None]]
    )
    """Session key → when its process was missed, and that process."""
    heard: set[Registration] = field(default_factory=set[Registration])
    """Notes of ended processes that have ended their session: each does so once."""

    def watch(
        self,
        now: float,
        bindings: Mapping[str, Binding],
        processes: Sequence[Process],
        notes: Sequence[Registration],
    ) -> set[str]:
        """Note which sessions lost their process since the last round; those it is news of."""
        known = set(self.ended)
        running = {process.identity for process in processes}
        bound = {key: b.process for key, b in bindings.items() if b.process is not None}
        for key, process in self.processes.items():
            if key not in bound and process.identity not in running:
                self.ended[key] = (now, process)
                known.discard(key)
        by_pid = {process.pid: process for process in processes}
        for note in notes:  # a killed process leaves its note behind
            key = f"{note.agent}:{note.session_id}"
            process = by_pid.get(note.pid)
            runs = process is not None and is_same_process(note, process)
            if key not in bindings and not runs and note not in self.heard:
                self.heard.add(note)
                self.ended.setdefault(key, (now, None))
        for key in bound:
            self.ended.pop(key, None)
        self.processes = bound
        return self.ended.keys() - known

    def ending(self, key: str, reading: Reading, now: float) -> Ending | None:
        """How the session's process ended; nothing once the session was written again."""
        known = self.ended.get(key)
        if known is None:
            return None
        at, process = known
        if (reading.last_active or 0.0) > at + 2:
            del self.ended[key]
            return None
        return Ending(process if 0 <= now - at <= STOPPED_FOR else None)
