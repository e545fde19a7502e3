"""What earlier runs read of one agent's transcripts, given back file by file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from agtop import __version__
from agtop.books import HORIZON, Books, Subtotal, Tallies
from agtop.index import Index, Kept, Remembered, Stamp, unpacked
from agtop.ledger import Block, Ledger
from agtop.model import Reading


class Memory:
    """The index as one agent's transcripts see it. Without an index it remembers nothing."""

    def __init__(self, index: Index | None, agent: str, meter: str, terms: str) -> None:
        """
        Args:
            meter: the version of its meters.
            terms: what decides, besides prices, how sessions are made.
        """
        self._index = index
        self._agent = agent
        self._meter = meter
        self._terms = f"{__version__}:{meter}:{terms}"
        self._waiting: dict[str, Remembered] = {}
        self._fetched: list[str] = []
        self._changed: set[str] = set()
        self._gone: set[str] = set()
        self._sharing: set[str] = set()
        """Transcripts stored as sharing responses with others."""

    # ---- for the ledger

    def keys(self) -> Mapping[str, bytes]:
        return {} if self._index is None else self._index.keys(self._agent)

    def block(self, transcript: str) -> Block | None:
        self._fetched.append(transcript)
        return None if self._index is None else self._index.block(self._agent, transcript)

    def take_fetched(self) -> list[str]:
        """The transcripts whose responses were asked for since the last call."""
        taken, self._fetched = self._fetched, []
        return taken

    # ---- at the start

    def kept(self) -> list[Kept]:
        """Whole sessions of earlier runs."""
        return [] if self._index is None else self._index.kept(self._agent, self._terms)

    def stored_as_sharing(self) -> set[str]:
        """The transcripts known to hold responses that others hold too."""
        return set() if self._index is None else self._index.sharing(self._agent)

    def paths(self) -> Collection[str]:
        """The transcripts that earlier runs read."""
        return () if self._index is None else self._index.paths(self._agent, self._meter)

    def expect(self, paths: Collection[str]) -> None:
        """Fetch what is remembered of these transcripts, for `recall`."""
        if self._index is not None:
            for remembered in self._index.load(self._agent, self._meter, paths):
                self._waiting[remembered.path] = remembered

    def recall(
        self, path: str, stamp: Stamp, ledger: Ledger, books: Books, now: float
    ) -> tuple[tuple[Reading, ...], set[str]] | None:
        """The readings of an unchanged transcript, its responses booked; and whose they are."""
        known = self._waiting.pop(path, None)
        if known is None or known.stamp != stamp:
            return None
        if path in ledger.blocks:  # fetched to be told from copies, but entered nowhere yet
            return known.readings, books.adopt(_parts(books.tally(ledger.rows(path))))
        last = max((r.last_active or 0.0 for r in known.readings), default=0.0)
        if known.subtotals is not None and last < now - HORIZON:
            owners: dict[str, int] = {}
            for part in known.subtotals:
                owners[part.owner] = owners.get(part.owner, 0) + part.tally.requests
            ledger.sleep(path, owners)
            return known.readings, books.adopt(known.subtotals)
        ledger.forget(path)
        # Rates and copies need the responses one by one.
        block = self.block(path) if known.block is None else unpacked(known.block)
        if block is None:
            return None
        if ledger.admit(block, remembered=True):
            touched = books.post(block, now)
        else:
            touched = books.book(ledger.adopt(block), now)
        if known.is_stale:
            self._changed.add(path)
        elif known.subtotals is None:
            self._sharing.add(path)
        return known.readings, touched

    def miss(self, paths: Collection[str]) -> None:
        """These are all the transcripts there are: others that are remembered were deleted."""
        self._gone |= set(self.paths()).difference(paths)
        self._waiting = {}

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
        kept: Sequence[Kept],
        changed: Collection[str],
    ) -> bool:
        """Write what changed; False, and left for the next time, if another agtop is writing.

        Args:
            kept: sessions to be kept whole from now on.
            changed: sessions that no longer are what was kept of them.
        """
        # A copy met since: what the other one adds is no longer its alone.
        self._changed |= ledger.sharing - self._sharing
        if self._index is None or not (self._changed or self._gone or kept or changed):
            return True
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
        gone = self._gone - set(due)
        if not self._index.save(self._agent, self._meter, files, gone, self._terms, kept, changed):
            return False
        self._changed, self._gone = set(), set()
        self._sharing = set(ledger.sharing)
        return True


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
