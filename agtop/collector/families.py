"""Which sessions there are and which is whose subagent, kept up to date reading by reading.

A session nobody wrote a transcript for still has a row when others speak of it: a *ghost*. It is
known by its requests, which copies in other transcripts hold, or by its subagents.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from agtop.collector.transcripts import Transcripts
from agtop.model import Activity, Reading

DEPTH = 50
"""Subagents below subagents; a longer chain is nobody's work, and stands side by side."""


class Families:
    """The sessions of one agent and their subagents."""

    def __init__(self, transcripts: Transcripts) -> None:
        self.readings: dict[str, Reading] = {}
        """By session id; ghosts included."""
        self._transcripts = transcripts
        self._children: dict[str, set[str]] = {}
        """Session id → those that name it as their parent, in a circle or not."""
        self._by_cwd: dict[str, set[str]] = {}
        """Directory → the sessions begun in it that are nobody's subagents."""
        self._changed: set[str] = set()

    def update(self) -> None:
        """Take in readings that came, changed or went."""
        while touched := self._transcripts.take_touched():
            self._changed |= self._update(touched)

    def take_changed(self) -> set[str]:
        """The sessions whose row, or whose place in a row, may have changed since the last call."""
        taken, self._changed = self._changed, set()
        return taken

    def wake(self, session_ids: Collection[str]) -> None:
        """Know each part of sessions that were taken on whole."""
        if any(map(self._transcripts.sleepers.knows, session_ids)):
            self._transcripts.wake(session_ids)
            self.update()

    def _update(self, touched: Collection[str]) -> set[str]:
        changed: set[str] = set()
        queue = list(touched)
        while queue:
            session_id = queue.pop()
            old = self.readings.get(session_id)
            new = self._transcripts.reading(session_id) or self._ghost(session_id, old)
            changed.add(session_id)
            if old is new:
                continue
            self._place(session_id, old, new)
            before, after = _parent(old), _parent(new)
            if before != after:  # it moved, with all below it
                changed.update(self._below(session_id))
            for parent in (before, after):
                if parent is not None:
                    changed.add(parent)
                    if not self._has_transcript(parent):
                        queue.append(parent)  # what is known of a ghost comes from its subagents
        for session_id in tuple(changed):
            changed.update(self._chain(session_id))
        return changed

    def is_top(self, session_id: str) -> bool:
        """Whether the session has a row of its own."""
        reading = self.readings.get(session_id)
        return reading is not None and (_parent(reading) is None or not self._is_rooted(session_id))

    def top(self, session_id: str) -> str:
        """The session at the top of its tree; itself where it has a row of its own."""
        if self.is_top(session_id):
            return session_id
        return next(reversed([*self._chain(session_id)]), session_id)

    def children(self, session_id: str) -> Sequence[Reading]:
        """Its subagents."""
        found = self._children.get(session_id)
        if not found:
            return ()
        return [self.readings[child] for child in found if self._is_rooted(child)]

    def begun_in(self, cwd: str) -> Collection[str]:
        """The sessions begun in a directory, without subagents."""
        self.wake(self._transcripts.sleepers.begun_in(cwd))
        return self._by_cwd.get(cwd, ())

    @property
    def directories(self) -> Collection[str]:
        return self._by_cwd.keys() | self._transcripts.sleepers.directories

    # ---- places

    def _place(self, session_id: str, old: Reading | None, new: Reading | None) -> None:
        if old is not None:
            _discard(self._children, _parent(old), session_id)
            _discard(self._by_cwd, _cwd(old), session_id)
        if new is None:
            self.readings.pop(session_id, None)
            return
        self.readings[session_id] = new
        if (parent := _parent(new)) is not None:
            self._children.setdefault(parent, set()).add(session_id)
        if (cwd := _cwd(new)) is not None:
            self._by_cwd.setdefault(cwd, set()).add(session_id)

    def _chain(self, session_id: str) -> Iterator[str]:
        """Its parent, the parent's parent and so on, as far as it makes sense."""
        reading = self.readings.get(session_id)
        for _ in range(DEPTH):
            parent = _parent(reading)
            if parent is None:
                return
            yield parent
            reading = self.readings.get(parent)

    def _is_rooted(self, session_id: str) -> bool:
        """Whether the chain of parents ends at a session of its own, not in a circle."""
        return sum(1 for _ in self._chain(session_id)) < DEPTH

    def _below(self, session_id: str) -> set[str]:
        found: set[str] = set()
        queue = [session_id]
        while queue:
            fresh = self._children.get(queue.pop(), set()) - found
            found |= fresh
            queue += fresh
        return found

    # ---- ghosts

    def _has_transcript(self, session_id: str) -> bool:
        reading = self.readings.get(session_id)
        return reading is not None and bool(reading.transcript)

    def _ghost(self, session_id: str, old: Reading | None) -> Reading | None:
        children = self._children.get(session_id)
        has_requests = self._transcripts.books.requests(session_id) > 0
        if not children and not has_requests:
            return None
        if has_requests:
            where = self._transcripts.ledger.transcripts(session_id)
            said = "its transcript is gone; its requests are known from " + ", ".join(where[:3])
        else:
            said = "its transcript is gone; only its subagents' are left"
        responses = self._transcripts.ledger.responses(session_id) if has_requests else ()
        instants = [r.at for r in responses if r.at is not None]
        first = min((self.readings[child] for child in children or ()), key=_age, default=None)
        ghost = Reading(
            session_id,
            "",
            cwd=None if first is None else first.cwd,
            started_at=min(instants, default=None),
            last_active=max(instants, default=None),
            activity=Activity("done", max(instants, default=None), said),
            metered=has_requests,
            problems=(said,),
        )
        return old if old == ghost else ghost


def _parent(reading: Reading | None) -> str | None:
    if reading is None or reading.parent_id == reading.session_id:
        return None
    return reading.parent_id


def _cwd(reading: Reading) -> str | None:
    return reading.cwd if reading.parent_id is None else None


def _age(reading: Reading) -> tuple[float, str]:
    return (reading.started_at or 0.0, reading.session_id)


def _discard(groups: dict[str, set[str]], name: str | None, member: str) -> None:
    if name is not None and name in groups:
        groups[name].discard(member)
        if not groups[name]:
            del groups[name]
