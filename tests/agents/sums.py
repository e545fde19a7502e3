"""What meters come to, by the ledger's rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agtop.agents.base import Agent, Meter
from agtop.agents.walk import Walk
from agtop.ledger import Ledger
from agtop.model import Reading, Response, Tokens
from tests.worlds import World

LATER = 1795300000.0
"""An instant after every record."""


class Sums:
    """Reads meters again and again and keeps one ledger of what they claim."""

    def __init__(self, *meters: Meter) -> None:
        self.meters = list(meters)
        self.ledger = Ledger()
        self.readings: dict[str, Reading] = {}

    def read(self) -> Sums:
        ends: dict[str, float] = {}
        for meter in self.meters:
            for reading in meter.read():
                self.readings[reading.session_id] = reading
                ends[reading.session_id] = reading.last_active or 0.0
            self.ledger.book(meter.claims())
        self.ledger.settle(ends)
        return self

    def responses(self, session_id: str) -> tuple[Response, ...]:
        return self.ledger.responses(session_id)

    def tokens(self, session_id: str) -> Tokens:
        return sum((r.tokens for r in self.responses(session_id)), Tokens())


def sums_of(agent: Agent, home: Path) -> Sums:
    """Of every transcript in a home."""
    paths = [path for root in agent.roots(home, {}) for path in agent.transcripts(root, Walk([]))]
    return Sums(*map(agent.meter, sorted(paths))).read()


def from_truth(buckets: dict[str, int]) -> tuple[int, int, int, int]:
    """Input, cache read, cache write of any lifetime, output."""
    written = buckets["cache_write_5m"] + buckets["cache_write_1h"]
    output = buckets["output"] + buckets["reasoning"]
    return buckets["input"], buckets["cache_read"], written, output


def in_truths_terms(tokens: Tokens | None) -> tuple[int, int, int, int]:
    assert tokens is not None
    written = tokens.cache_write_5m + tokens.cache_write_1h
    return tokens.input, tokens.cache_read, written, tokens.output


def check_against(truth: dict[str, Any], home: Path) -> None:
    """Every session of a real home, and their sum, through the whole collector."""
    snapshot = World(home, now=LATER).collect()
    sessions = {session.session_id: session for session in snapshot.sessions}
    for session_id, fact in truth["sessions"].items():
        if not fact["recorded"]["total"]:
            continue
        session = sessions[session_id]
        assert in_truths_terms(session.tokens) == from_truth(fact["recorded"]), session_id
        assert session.reading.cwd == fact["cwd"]
        assert session.reading.user_turns == fact["user_turns"]
    assert in_truths_terms(snapshot.totals.tokens) == from_truth(truth["totals"]["recorded"])
    assert all(session.process is None for session in snapshot.sessions)
