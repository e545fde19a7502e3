"""Which lines of a fork are its parent's history, copied in front of its own.

Versions up to about 0.14x (and later ones in some modes) start a fork's or a subagent's file with
its own `session_meta`, then the parent's, then the parent's whole history stamped with the time of
the fork. Such lines spend nothing, and whatever stands before one of them is copied as well.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Literal

from agtop.agents.codex.records import Line, Marks, SessionMeta, born_ms, instant
from agtop.agents.codex.usage import Vector, vector

ParentTotals = Callable[[str, float | None], Collection[Vector] | None]
"""(parent's id, when the fork was made) → the totals the parent had reported until then, or None
when its rollout is not there."""
MARKED = ("event_msg/", "turn_context", "token_usage_record")
"""Kinds of records that can carry ids or totals."""
Verdict = Literal["own", "copy", "perhaps own"]


class CopiedHistory:
    """Judges the lines after the first `session_meta`, until one is surely the thread's own."""

    def __init__(self, meta: SessionMeta, line: Line, parent_totals: ParentTotals) -> None:
        self._id = meta.id
        self._parent_id = meta.forked_from_id or meta.parent_thread_id
        self._born_at = instant(meta.timestamp) or line.at
        self._first_own = _first_own_ordinal(meta)
        self._copied_until = line.at
        self._by_turns = False
        self._parent_totals = parent_totals
        self._known_totals: Collection[Vector] | None = None
        self._asked_parent = False
        self.over = self._nothing_copied(meta, line)
        """From here on every line is the thread's own."""

    def _nothing_copied(self, meta: SessionMeta, line: Line) -> bool:
        if meta.history_base:
            return True
        if line.ordinal is not None and self._first_own is not None:
            return line.ordinal >= self._first_own
        return meta.forked_from_id is None

    def meet_parent(self, meta: SessionMeta, line: Line) -> None:
        """Another thread's `session_meta`: its history follows."""
        self.over = False
        self._parent_id = self._parent_id or meta.id
        self._copied_until = line.at

    def judge(self, line: Line, marks: Marks | None) -> Verdict:
        """Whose line it is; `marks` for lines that carry ids or totals."""
        verdict = self._judge(line, marks)
        if verdict == "own":
            self.over = True
        elif verdict == "copy":
            self._copied_until = line.at
        return verdict

    def _judge(self, line: Line, marks: Marks | None) -> Verdict:
        if line.ordinal is not None and self._first_own is not None:
            return "copy" if line.ordinal < self._first_own else "own"
        if marks is not None and marks.thread_id not in (None, self._id):
            return "copy"
        if marks is not None and (by_turn := self._by_turn(line, marks)):
            return by_turn
        if self._by_turns:
            return "copy"
        if marks is not None and (by_totals := self._by_totals(marks)):
            return by_totals
        return self._by_second(line)

    def _by_turn(self, line: Line, marks: Marks) -> Verdict | None:
        """Ids are made from the time: a turn older than the thread is its parent's."""
        if line.kind == "token_usage_record":
            return "own"  # of this thread, and records are never copied under its name
        turn, thread = born_ms(marks.turn_id), born_ms(self._id)
        if turn is None or thread is None:
            return None
        if turn >= thread:
            return "own"
        self._by_turns = True
        return "copy"

    def _by_totals(self, marks: Marks) -> Verdict | None:
        if marks.info is None or marks.info.total_token_usage is None:
            return None
        if not self._asked_parent and self._parent_id is not None:
            self._asked_parent = True
            self._known_totals = self._parent_totals(self._parent_id, self._born_at)
        if self._known_totals is None:
            return None
        return "copy" if vector(marks.info.total_token_usage) in self._known_totals else "own"

    def _by_second(self, line: Line) -> Verdict:
        """A copy is written in one go: what shares a second with its newest line belongs to it."""
        if line.at is None or self._copied_until is None:
            return "perhaps own"
        return "copy" if int(line.at) <= int(self._copied_until) else "perhaps own"


def _first_own_ordinal(meta: SessionMeta) -> int | None:
    for start in (meta.subagent_history_start_ordinal, meta.forked_from_ordinal_exclusive):
        if isinstance(start, int):
            return start
        if start is not None and start.isdecimal():
            return int(start)
    return None
