"""What earlier runs read of one agent's transcripts, given back file by file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agtop.books import HORIZON, Books, Subtotal, Tallies
from agtop.index import Index, Remembered
from agtop.ledger import Block, Ledger
from agtop.model import Reading

Stamp = tuple[int, int, int, int]
"""What a transcript must still be for what was read of it to hold: (device, inode, size, mtime in
nanoseconds), the last two with its companions."""


class Memory:
    """The index as one agent's transcripts see it. Without an index it remembers nothing."""

    def __init__(self, index: Index | None, agent: str, meter: str) -> None:
        self._index = index
        self._agent = agent
        self._meter = meter
        self._waiting: dict[str, Remembered] = {}
        self._changed: set[str] = set()
        self._gone: set[str] = set()
        self._sharing: set[str] = set()
        """Transcripts stored as sharing responses with others."""

    # ---- for the ledger

    def keys(self) -> Mapping[str, bytes]:
        return {} if self._index is None else self._index.keys(self._agent)

    def block(self, transcript: str) -> Block | None:
        return None if self._index is None else self._index.block(self._agent, transcript)

    # ---- at the start

    def load(self) -> None:
        if self._index is not None:
            loaded = self._index.load(self._agent, self._meter)
            self._waiting = {remembered.path: remembered for remembered in loaded}

    def recall(
        self, path: str, stamp: Stamp, ledger: Ledger, books: Books, now: float
    ) -> tuple[tuple[Reading, ...], set[str]] | None:
        """The readings of an unchanged transcript, its responses booked; and whose they are."""
        known = self._waiting.pop(path, None)
        if known is None or known.stamp != stamp:
            return None
        last = max((r.last_active or 0.0 for r in known.readings), default=0.0)
        if known.subtotals is not None and last < now - HORIZON:
            owners: dict[str, int] = {}
            for part in known.subtotals:
                owners[part.owner] = owners.get(part.owner, 0) + part.tally.requests
            ledger.sleep(path, owners)
            return known.readings, books.adopt(known.subtotals)
        block = self.block(path)  # rates and copies need the responses one by one
        if block is None:
            return None
        touched = books.book(ledger.adopt(block), now)
        if known.is_stale:
            self._changed.add(path)
        elif known.subtotals is None:
            self._sharing.add(path)
        return known.readings, touched

    def all_met(self) -> None:
        """Every transcript there is was asked for: what is left is of deleted ones."""
        self._gone |= self._waiting.keys()
        self._waiting = {}

    @property
    def remembered(self) -> Iterable[str]:
        """The transcripts that were not asked for yet."""
        return self._waiting.keys()

    # ---- in between and at the end

    def note(self, path: str) -> None:
        """The transcript was read: what is remembered of it is out of date."""
        self._changed.add(path)

    def forget(self, path: str) -> None:
        self._changed.discard(path)
        self._gone.add(path)

    def save(
        self,
        readings: Mapping[str, tuple[Reading, ...]],
        stamps: Mapping[str, Stamp],
        ledger: Ledger,
        books: Books,
        subtotals: Mapping[str, Tallies],
    ) -> None:
        """Write what changed; kept for the next time if another agtop is writing."""
        # A copy met since: what the other one adds is no longer its alone.
        self._changed |= ledger.sharing - self._sharing
        if self._index is None or not (self._changed or self._gone):
            return
        due = [path for path in self._changed if path in stamps and path in readings]
        files = [
            (
                Remembered(
                    path,
                    stamps[path],
                    readings[path],
                    _subtotals(path, ledger, books, subtotals.get(path)),
                ),
                ledger.blocks.get(path) or Block(path),
            )
            for path in due
        ]
        if self._index.save(self._agent, self._meter, files, self._gone - set(due)):
            self._changed, self._gone = set(), set()
            self._sharing = set(ledger.sharing)


def _subtotals(
    path: str, ledger: Ledger, books: Books, tallied: Tallies | None
) -> tuple[Subtotal, ...] | None:
    if path in ledger.sharing:
        return None
    if tallied is None:
        tallied = books.tally(ledger.rows(path)) if path in ledger.blocks else {}
    return tuple(_parts(tallied))


def _parts(tallied: Tallies) -> Iterable[Subtotal]:
    for (owner, model), tally in tallied.items():
        if tally.requests:
            yield Subtotal(owner, model, tally)
