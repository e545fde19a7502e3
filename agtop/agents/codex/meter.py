"""Reads one Codex rollout forward and keeps its totals."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from agtop.agents.codex import places, totals
from agtop.agents.codex.copies import MARKED, CopiedHistory, ParentTotals
from agtop.agents.codex.identity import Identity
from agtop.agents.codex.records import (
    KINDS,
    Line,
    Marks,
    SessionMeta,
    UnreadableError,
    payload,
    recognise,
)
from agtop.agents.codex.thread import Owner, Thread
from agtop.agents.codex.titles import titles_of
from agtop.agents.codex.usage import Vector
from agtop.agents.strange import Strange
from agtop.model import Claim, Reading
from agtop.zstd import DamagedError, NoZstdError

NEEDS_ZSTD = (
    "is compressed and cannot be read here; install the zstd program or agtop with its `zstd` extra"
)
DAMAGED = "is damaged: only what stands before the damage could be read; restore it from a backup"


class CodexMeter:
    """One rollout file."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._tail = totals.tail_of(path)
        self._home = places.home_of(path)
        self._titles = titles_of(self._home) if self._home else None
        self._seen_restarts = 0
        self._readings: tuple[Reading, ...] = ()
        self._name: str | None = None
        self._start()

    def _start(self) -> None:
        """Nothing of the file is known."""
        self._identity: Identity | None = None
        self._copies: CopiedHistory | None = None
        self._thread = Thread(Owner(self._named_thread(), self.path))
        self._version: str | None = None
        self._records = self._skipped = 0
        self._last_active: float | None = None
        self._problem: str | None = None
        self._strange = Strange(KINDS, ("event_msg/", "response_item/"))

    @property
    def bytes_read(self) -> int:
        return self._tail.bytes_read

    def changed(self, status: os.stat_result | None = None) -> bool:
        """Whether a read could find anything new. Raises OSError."""
        return self._tail.changed(status) or self._current_name() != self._name

    def read(self) -> tuple[Reading, ...]:
        """Take in what was added; the same object when nothing was. Raises OSError."""
        before = self._progress()
        try:
            self._take_lines()
        except NoZstdError:
            self._problem = NEEDS_ZSTD
        except DamagedError:
            self._problem = DAMAGED
        self._restart_if_replaced()
        name = self._current_name()
        if self._progress() != before or name != self._name or not self._readings:
            self._name = name
            self._readings = (self._frozen(),)
        return self._readings

    def _take_lines(self) -> None:
        for raw in self._tail.lines():
            self._restart_if_replaced()
            self._take(raw)

    @property
    def restarts(self) -> int:
        return self._tail.restarts

    def claims(self) -> list[Claim]:
        """The responses seen since the last call."""
        return self._thread.claims()

    def _progress(self) -> tuple[object, ...]:
        """Differs whenever a reading would."""
        restarts, oversized = self._tail.restarts, self._tail.oversized
        return (self._records, self._skipped, restarts, oversized, self._problem)

    def _restart_if_replaced(self) -> None:
        if self._tail.restarts != self._seen_restarts:
            self._seen_restarts = self._tail.restarts
            self._start()

    def _named_thread(self) -> str:
        return places.session_of_file(self.path) or os.path.basename(self.path)

    def _current_name(self) -> str | None:
        return self._titles.name(self._thread.owner.thread_id) if self._titles else None

    def _take(self, raw: bytes) -> None:
        try:
            line = recognise(raw)
            self._route(line)
        except UnreadableError:
            self._skipped += 1
            return
        self._records += 1
        self._strange.meet(line.kind)
        if line.at is not None:
            self._last_active = max(self._last_active or line.at, line.at)

    def _route(self, line: Line) -> None:
        if line.kind == "session_meta":
            self._meet(payload(line, SessionMeta), line)
        elif self._is_copy(line):
            self._thread.forget()
            self._thread.take_copy(line)
        else:
            self._thread.take(line)

    def _meet(self, meta: SessionMeta, line: Line) -> None:
        """The first `session_meta` says whose file it is; a later one, whose history follows."""
        own = self._thread.owner.thread_id
        if self._identity is None and not self._lost_its_head(meta):
            self._identify(Identity.of(meta, own, line.at), meta, line)
        elif meta.id == own:
            self._version = meta.cli_version or self._version
        elif self._copies is not None and not self._thread.has_own_turn:
            self._copies.meet_parent(meta, line)
            self._thread.forget()

    def _lost_its_head(self, meta: SessionMeta) -> bool:
        """The first line could not be read, so the first `session_meta` left is a parent's."""
        named = places.session_of_file(self.path)
        return bool(self._skipped) and named is not None and meta.id != named

    def _identify(self, identity: Identity, meta: SessionMeta, line: Line) -> None:
        self._identity = identity
        self._version = meta.cli_version
        self._copies = CopiedHistory(meta, line, _totals_below(self._home))
        has_base = meta.forked_from_id is not None
        self._thread = Thread(Owner(identity.thread_id, self.path, identity.born_at, has_base))

    def _is_copy(self, line: Line) -> bool:
        if self._copies is None or self._copies.over:
            return False
        marks = payload(line, Marks) if line.kind.startswith(MARKED) else None
        return self._copies.judge(line, marks) == "copy"

    def _frozen(self) -> Reading:
        thread, facts = self._thread, self._thread.facts
        who = self._identity or Identity(thread.owner.thread_id)
        calls = facts.calls
        newest_call = next(reversed(calls.pending.values()), None)
        return Reading(
            session_id=who.thread_id,
            transcript=self.path,
            parent_id=who.parent_id,
            forked_from=who.forked_from,
            title=self._name or facts.title,
            cwd=thread.cwd or who.cwd,
            branch=who.branch,
            model=thread.model,
            effort=thread.effort,
            version=self._version,
            subscription=facts.limits.plan,
            started_at=who.born_at,
            last_active=self._last_active,
            user_turns=facts.user_turns,
            replies=max(facts.answers, thread.spending.responses),
            metered=facts.metered,
            reasoned=facts.metered,
            tool_calls=calls.count,
            tool_errors=calls.errors,
            action=newest_call.action if newest_call else None,
            activity=facts.progress.activity(calls, facts.limits, self._thread.asks_leave),
            context=facts.context(),
            lines=calls.writes.lines(),
            writes=calls.writes.files(),
            foreign=calls.writes.foreign(),
            interactive=who.interactive,
            records=self._records,
            skipped=self._skipped + self._tail.oversized,
            problems=(*((self._problem,) if self._problem else ()), *self._strange.problems),
            loop=calls.repeats.found(),
            limits=facts.limits.told(),
        )


def _totals_below(home: Path | None) -> ParentTotals:
    """What a parent's totals are asked of: not the meter, which then would hold itself."""

    def ask(thread_id: str, until: float | None) -> Collection[Vector] | None:
        return totals.totals_until(home, thread_id, until) if home else None

    return ask
