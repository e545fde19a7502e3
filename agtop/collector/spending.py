"""What each session used when: for windows that reach further back than rates do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from agtop.collector.families import Families
from agtop.collector.groups import tree
from agtop.collector.transcripts import Transcripts
from agtop.index import Buckets, Spent
from agtop.limits import Use
from agtop.model import Charge, Response, Session

GRAIN = 300
"""Seconds that are counted as one."""

_MOST = 1 << 62
"""What a figure may come to that the index is to keep."""


class Spending:
    """Of one agent. A transcript is added up once, and again when a session of its changed."""

    def __init__(
        self,
        agent: str,
        transcripts: Transcripts,
        families: Families,
        price: Callable[[Response], Charge | None],
    ) -> None:
        self._agent = agent
        self._transcripts = transcripts
        self._families = families
        self._price = price
        self._sizes: dict[str, int] = {}
        """Transcript → how many responses it held when it was added up."""
        self._parts: dict[str, dict[str, Buckets]] = {}
        """Transcript → session → what it used."""
        self._asleep: dict[str, Buckets] = {}
        """Session → what it used, of those that slept when they were last looked at."""
        self._reach = 0.0
        self._since = float("inf")
        """The instant from which on everything is added up."""
        self._touched: set[str] = set()

    def touch(self, sessions: set[str]) -> None:
        """What these used may have changed."""
        self._touched |= sessions

    def update(self, now: float, reach: float) -> None:
        """Add up what was used since the last call.

        Args:
            reach: seconds to look back, from the first call on.
        """
        self._since = now - reach
        if reach > self._reach:
            self._reach = reach
            self._sizes.clear()
            self._wake(now - reach)
        for session_id in self._touched:
            reading = self._families.readings.get(session_id)
            is_due = reading is not None and (reading.last_active or 0.0) >= now - reach
            for path in self._transcripts.paths(session_id):
                self._sizes.pop(path, None)
                if is_due:  # it may have slept until now
                    self._transcripts.ledger.wake(path)
        self._touched = set()
        for path, block in self._transcripts.ledger.blocks.items():
            if self._sizes.get(path) != len(block):
                self._sizes[path] = len(block)
                self._add_up(path, now - reach)

    def used(self, since: float, until: float) -> Mapping[str, Use]:
        """By the key of the top-level session, after `since` and up to `until`."""
        first, last = since / GRAIN - 0.5, until / GRAIN
        found: dict[str, list[int]] = {}
        sleeping = self._transcripts.sleepers.sessions
        asleep = {name: told for name, told in self._asleep.items() if name in sleeping}
        for part in (asleep, *self._parts.values()):
            for session_id, buckets in part.items():
                for moment, (tokens, pico, unpriced) in buckets.items():
                    if first <= moment <= last:
                        sums = found.setdefault(session_id, [0, 0, 0])
                        sums[0] += tokens
                        sums[1] += pico
                        sums[2] += unpriced
        return self._of_tops(found)

    def _of_tops(self, found: Mapping[str, list[int]]) -> Mapping[str, Use]:
        """Subagents' use is that of the session at the top of their tree."""
        tops: dict[str, Use] = {}
        for session_id, (tokens, pico, unpriced) in found.items():
            if tokens or pico:
                top = self._transcripts.sleepers.top(session_id) or self._families.top(session_id)
                key = f"{self._agent}:{top}"
                known = tops.get(key, Use())
                tops[key] = Use(known.tokens + tokens, known.pico + pico, known.unpriced + unpriced)
        return tops

    def _wake(self, since: float) -> None:
        """Fetch what an earlier run read of the transcripts that reach into the time asked for."""
        for path, end in self._transcripts.ends():
            if end >= since:
                self._transcripts.ledger.wake(path)
        sleepers = self._transcripts.sleepers
        self._asleep = {}
        sharing: list[str] = []
        for session in sleepers.sessions.values():
            if (session.last_active or 0.0) >= since:
                spent = sleepers.spent(session.session_id)
                if spent is not None and spent.since <= since:
                    self._asleep[session.session_id] = spent.buckets
                    continue
                if sleepers.shares(session.session_id):
                    sharing.append(session.session_id)
                    continue
                for path in sleepers.files_of(session.session_id):
                    self._transcripts.ledger.wake(path)
        if sharing:
            self._transcripts.wake(sharing)
            self._transcripts.settle()

    def spent(self, session: Session, paths: Iterable[str]) -> Spent | None:
        """When a session used what, all of which these transcripts hold; None where that was
        not added up."""
        since, together = self._since, dict[int, tuple[int, int, int]]()
        if (session.last_active or 0.0) < since:
            return Spent(since, {})
        own = set(tree(session))
        for path in paths:
            block = self._transcripts.ledger.blocks.get(path)
            if block is None or self._sizes.get(path) != len(block):
                return None
            parts = self._parts.get(path, {})
            for buckets in (parts[owner] for owner in own & parts.keys()):
                for moment, (tokens, pico, unpriced) in buckets.items():
                    old = together.get(moment, (0, 0, 0))
                    together[moment] = (old[0] + tokens, old[1] + pico, old[2] + unpriced)
        is_usual = all(0 <= each < _MOST for sums in together.values() for each in sums)
        return Spent(since, together) if is_usual else None

    def _add_up(self, path: str, since: float) -> None:
        found: dict[str, Buckets] = {}
        for owner, response in self._transcripts.ledger.booked(path, since):
            charge, tokens = self._price(response), response.tokens.total
            moment = int((response.at or 0.0) // GRAIN)
            buckets = found.setdefault(owner, {})
            old = buckets.get(moment, (0, 0, 0))
            pico, unpriced = (0, tokens) if charge is None else (charge.total, 0)
            buckets[moment] = (old[0] + tokens, old[1] + pico, old[2] + unpriced)
        if found:
            self._parts[path] = found
        else:
            self._parts.pop(path, None)
