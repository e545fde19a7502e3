"""What earlier runs read of one agent's transcripts, given back file by file."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence

from agtop import __version__
from agtop.books import HORIZON, Books, Subtotal, Tallies
from agtop.history import Archived
from agtop.index import Index, Kept, Remembered, Sharing, Stamp, unpacked
from agtop.ledger import Block, Ledger
from agtop.model import Bucket, Reading

SPREAD_MOST = 500
"""Transcripts that are added up by the quarter of an hour whenever they are saved."""


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
        self._holding: dict[int, str] | None = None
        self._sharing: Sharing = {}
        """What is stored of that."""
        self._lost: dict[str, tuple[Reading, ...]] = {}
        """What transcripts that went away said, until that is archived."""
        self._archived: set[str] = set()
        """Those of the gone whose use is archived already."""
        self._owed: set[str] = set()
        """Transcripts whose responses are in the index and whose use is not yet."""
        self._spread: dict[str, tuple[Bucket, ...]] = {}
        """What was used when, of transcripts that were added up and not read since."""

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

    def kept(self, stamps: Mapping[str, Stamp]) -> list[Kept]:
        """Whole sessions of earlier runs; `stamps` are those of the transcripts there are."""
        return [] if self._index is None else self._index.kept(self._agent, self._terms, stamps)

    def texts(self, session_ids: Collection[str]) -> Mapping[str, str]:
        """Session id → what a face wrote of it as `kept` gives it."""
        if self._index is None:
            return {}
        return self._index.find_texts(self._agent, self._terms, session_ids)

    def keep_texts(self, texts: Mapping[str, str]) -> None:
        """Give those to later runs that `kept` gives the same sessions."""
        if self._index is not None:
            self._index.keep_texts(self._agent, self._terms, texts)

    def stored_sharing(self) -> Sharing:
        """The transcripts known to hold responses that others hold too."""
        if self._index is not None:
            self._sharing = self._index.sharing(self._agent)
        return self._sharing

    def holding(self, paths: Collection[str]) -> Mapping[int, str]:
        """Response → one of the transcripts that hold it, of those that slept at the start.

        Args:
            paths: those, the first time it is asked for.
        """
        if self._holding is None:
            self._holding = {}
            for path, data in self.keys().items():
                if path in paths:
                    keys = array("q", data[: len(data) // 8 * 8])
                    self._holding.update(dict.fromkeys(keys, path))
        return self._holding

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
        return known.readings, touched

    def miss(self, paths: Collection[str]) -> None:
        """These are all the transcripts there are: others that are remembered were deleted."""
        if self._index is not None:
            self._gone |= self._index.every_path(self._agent).difference(paths)
        self._waiting = {}

    # ---- in between and at the end

    def note(self, path: str) -> None:
        """The transcript was read: what is remembered of it is out of date."""
        self._changed.add(path)
        self._spread.pop(path, None)

    def forget(self, path: str, readings: tuple[Reading, ...] = ()) -> None:
        """The transcript is gone, or holds something else now.

        Args:
            readings: what it said.
        """
        self._changed.discard(path)
        self._spread.pop(path, None)
        self._gone.add(path)
        self._archived.discard(path)
        if readings:
            self._lost[path] = readings

    def save(
        self,
        readings: Mapping[str, tuple[Reading, ...]],
        stamps: Mapping[str, Stamp],
        ledger: Ledger,
        books: Books,
        subtotals: Mapping[str, Tallies],
        shared: Sharing,
        kept: Sequence[Kept],
        changed: Collection[str],
    ) -> bool:
        """Write what changed; False, and left for the next time, if another agtop is writing.

        Args:
            kept: sessions to be kept whole from now on.
            changed: sessions that no longer are what was kept of them.
        """
        # A copy met since: what the other one adds is no longer its alone.
        here = readings.keys() & {*shared, *self._sharing}
        self._changed |= {
            path for path in here if shared.get(path, ()) != self._sharing.get(path, ())
        }
        news = (self._changed, self._gone, self._owed, kept, changed)
        if self._index is None or not any(news):
            return True
        due = [path for path in self._changed if path in stamps and path in readings]
        files = [
            (
                Remembered(
                    path,
                    stamps[path],
                    readings[path],
                    _subtotals(path, ledger, books, subtotals.get(path)),
                    sharing=shared.get(path, ()),
                ),
                ledger.blocks.get(path) or Block(path),
            )
            for path in due
        ]
        gone = self._gone - set(due)
        if not self._archive(gone, ledger, self._index):
            return False
        uses, owed = self._added_up({*self._owed, *due} - (self._changed - set(due)), ledger, books)
        if not self._index.save(
            self._agent, self._meter, files, gone, self._terms, kept, changed, uses
        ):
            return False
        self._changed, self._gone, self._lost = set(), set(), {}
        self._archived, self._owed = set(), owed
        self._sharing = {**self._sharing, **dict.fromkeys(here, ())}
        self._sharing.update(shared)
        return True

    # ---- what was used when

    def _added_up(
        self, owed: set[str], ledger: Ledger, books: Books
    ) -> tuple[dict[str, tuple[Bucket, ...]], set[str]]:
        """What was used when, of so many as a save has time for; and the rest of them.

        Those that fell asleep are added up by who asks for them.
        """
        here = [path for path in owed if path in ledger.blocks and path not in ledger.sharing]
        done = [path for path in here if path in self._spread]
        rest = [path for path in here if path not in self._spread]
        some = (*done, *rest[:SPREAD_MOST])
        added = {p: self._spread.get(p) or books.spread(ledger.blocks[p]) for p in some}
        return added, set(rest[SPREAD_MOST:])

    def spread(self, path: str, ledger: Ledger, books: Books) -> tuple[Bucket, ...]:
        """Of a transcript that is awake."""
        if path in ledger.sharing:
            return books.spread_out(ledger.booked(path, float("-inf")))
        known = self._spread.get(path)
        if known is None:
            known = self._spread[path] = books.spread(ledger.blocks[path])
        return known

    def asleep(self, ledger: Ledger, books: Books) -> dict[str, tuple[Bucket, ...]]:
        """Of all transcripts that are not awake: as an earlier run added it up, or from the
        responses that it left."""
        if self._index is None:
            return {}
        stored = self._index.uses(self._agent)
        found: dict[str, tuple[Bucket, ...]] = {}
        missing: dict[str, tuple[Bucket, ...]] = {}
        for path in ledger.asleep:
            if path in stored:
                found[path] = stored[path]
            elif (block := self._index.block(self._agent, path)) is not None:
                found[path] = missing[path] = books.spread(block)
        self._index.save_uses(self._agent, missing)
        return found

    def stored(self, path: str) -> Block | None:
        """The responses of a transcript that stays asleep."""
        return None if self._index is None else self._index.block(self._agent, path)

    def archived(self, ledger: Ledger) -> list[Archived]:
        """Transcripts that are gone, those of this very moment too."""
        if self._index is None or self._index.history is None:
            return []
        self._archive(self._gone, ledger, self._index)
        return self._index.history.load(self._agent)

    def _archive(self, gone: Iterable[str], ledger: Ledger, index: Index) -> bool:
        """Keep what they had used, before the index drops them."""
        if index.history is None:
            return True
        rows = [
            (
                path,
                ledger.blocks.get(path) or index.block(self._agent, path),
                self._lost.get(path) or index.readings(self._agent, path),
            )
            for path in gone
            if path not in self._archived
        ]
        if not index.history.keep(self._agent, rows):
            return False
        self._archived.update(gone)
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
