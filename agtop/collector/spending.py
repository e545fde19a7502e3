"""What each session used when: for windows that reach further back than rates do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agtop.collector.families import Families
from agtop.collector.transcripts import Transcripts
from agtop.limits import Use
from agtop.model import Charge, Response

GRAIN = 300
"""Seconds that are counted as one."""

Buckets = dict[int, tuple[int, int, int]]
"""Instant // `GRAIN` → tokens, pico-dollars, tokens without a price."""


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
        self._reach = 0.0
        self._touched: set[str] = set()

    def touch(self, sessions: set[str]) -> None:
        """What these used may have changed."""
        self._touched |= sessions

    def update(self, now: float, reach: float) -> None:
        """Add up what was used since the last call.

        Args:
            reach: seconds to look back, from the first call on.
        """
        if reach > self._reach:
            self._reach = reach
            self._sizes.clear()
            self._wake(now - reach)
        for session_id in self._touched:
            for path in self._transcripts.paths(session_id):
                self._sizes.pop(path, None)
        self._touched = set()
        for path, block in self._transcripts.ledger.blocks.items():
            if self._sizes.get(path) != len(block):
                self._sizes[path] = len(block)
                self._add_up(path, now - reach)

    def used(self, since: float, until: float) -> Mapping[str, Use]:
        """By the key of the top-level session, after `since` and up to `until`."""
        first, last = since / GRAIN - 0.5, until / GRAIN
        found: dict[str, list[int]] = {}
        for part in self._parts.values():
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
                key = f"{self._agent}:{self._families.top(session_id)}"
                known = tops.get(key, Use())
                tops[key] = Use(known.tokens + tokens, known.pico + pico, known.unpriced + unpriced)
        return tops

    def _wake(self, since: float) -> None:
        """Fetch what an earlier run read of the transcripts that reach into the time asked for."""
        for path, end in self._transcripts.ends():
            if end >= since:
                self._transcripts.ledger.wake(path)

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
