"""Which responses were made, and by which session: each counted once over all transcripts.

Transcripts hold copies of each other: forks, resumes, archives, replays, the several rows of one
streamed answer. Every sighting is a `Claim`; claims of one response merge in any order to the
same result. What stands in one transcript only, nearly everything, is kept as a row of its block.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from msgspec import Struct

from agtop.block import Block, fuller, number
from agtop.model import Claim, Record, Response

__all__ = ["Block", "Booking", "Entry", "Ledger"]


class Entry(Struct):
    """What is known of a response that several transcripts hold."""

    best: Response
    owner: str
    proof: int
    born_at: float
    transcript: str
    booked: tuple[str, Response] | None = None
    """The account it stands in now."""
    rivals: dict[str, str] | None = None
    """owner → transcript, where several sessions claim it equally well."""


class Booking(Record):
    """A response that was added to a session's account, or (sign −1) taken off it."""

    owner: str
    key: int
    """The response's number; its own key may be spelled as one or the other."""
    response: Response
    sign: int


class Store(Protocol):
    """Where blocks of earlier runs lie."""

    def keys(self) -> Mapping[str, bytes]:
        """Transcript → the numbers of its responses, as 64-bit integers."""
        ...

    def block(self, transcript: str) -> Block | None: ...


class Ledger:
    """The responses of one agent."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store
        self._asleep: dict[str, tuple[str, ...]] = {}
        """Transcript → sessions, of blocks that were booked as subtotals and lie in the store."""
        self._asleep_keys: dict[str, array[int]] | None = None
        """Their responses' numbers, once something new has to be told from them."""
        self.sharing: set[str] = set()
        """Transcripts with responses that others hold too."""
        self.blocks: dict[str, Block] = {}
        """By transcript."""
        self._seen: set[int] = set()
        self._shared: dict[int, Entry] = {}
        self._met_again: set[int] = set()
        """Keys that turned up in a second transcript and wait to be settled."""
        self._contested: set[int] = set()
        self._count: dict[str, int] = {}

    def book(self, claims: Iterable[Claim]) -> list[Booking]:
        """Take in claims; what changed in the sessions' accounts.

        A response that another transcript holds too stays where it is until `settle`.
        """
        bookings: list[Booking] = []
        for claim in claims:
            if self._asleep:
                self._meet_sleepers(claim.transcript)
            self._book(number(claim.response.key), claim, bookings)
        return bookings

    def admit(self, block: Block, remembered: bool = False) -> bool:
        """Take in a block none of whose responses was met before; it can be booked as a whole.

        False where one was: then nothing is taken, and the block must be adopted row by row.

        Args:
            remembered: it is an earlier run's. It shares nothing with those that sleep: the run
                that stored them would have noticed.
        """
        if self._asleep and not remembered:
            self._meet_sleepers(block.transcript)
        if block.transcript in self.blocks or not self._seen.isdisjoint(block.keys):
            return False
        self.blocks[block.transcript] = block
        self._seen.update(block.keys)
        for maker, owner in enumerate(block.owners):
            whole = len(block.owners) == 1
            count = len(block) if whole else block.makers.count(maker)
            self._count[owner] = self._count.get(owner, 0) + count
        return True

    def adopt(self, block: Block) -> list[Booking]:
        """Take in a block row by row, some of which may have been met before."""
        bookings: list[Booking] = []
        if block.transcript in self.blocks:  # a transcript that was deleted has come back
            for row, key in enumerate(block.keys):
                self._book(key, block.claim(row), bookings)
            return bookings
        self.blocks[block.transcript] = block
        for row, key in enumerate(block.keys):
            if key in self._shared:
                self.sharing.add(block.transcript)
                self._weigh(key, self._shared[key], block.claim(row))
                bookings += self._rebook(key, self._shared[key])
            elif key in self._seen:
                block.defer(key)
                self._met_again.add(key)
            else:
                self._seen.add(key)
                owner = block.owners[block.makers[row]]
                bookings.append(self._enter(owner, key, block.response(row), 1))
        return bookings

    def sleep(self, transcript: str, owners: Mapping[str, int]) -> None:
        """Count on a block in the store whose responses are booked as subtotals.

        Args:
            owners: session → how many of its responses.
        """
        self._asleep[transcript] = tuple(owners)
        for owner, count in owners.items():
            self._count[owner] = self._count.get(owner, 0) + count

    def forget(self, transcript: str) -> None:
        """Count on its block no longer: its responses will be booked anew."""
        self._asleep.pop(transcript, None)
        if self._asleep_keys is not None and transcript in self._asleep_keys:
            self._seen.difference_update(self._asleep_keys.pop(transcript))

    @property
    def asleep(self) -> Iterable[str]:
        """The transcripts whose blocks lie in the store."""
        return self._asleep.keys()

    def makers(self) -> dict[str, tuple[str, ...]]:
        """Transcript → the sessions whose responses it holds."""
        return {**self._asleep, **{path: tuple(b.owners) for path, b in self.blocks.items()}}

    def rows(self, transcript: str) -> Iterator[tuple[str, Response]]:
        """(session, response) of all that stands in a transcript."""
        block = self.blocks[transcript]
        for row in range(len(block)):
            yield block.owners[block.makers[row]], block.response(row)

    def settle(self, ends: Mapping[str, float]) -> list[Booking]:
        """Decide who owns what several transcripts hold.

        Between equal claims, the session that ended first was copied from.

        Args:
            ends: session → its newest record's instant.
        """
        bookings: list[Booking] = []
        if self._met_again:
            bookings += self._share(self._met_again)
            self._met_again = set()
        for key in self._contested:
            entry = self._shared[key]
            assert entry.rivals is not None
            first = min(entry.rivals, key=lambda rival: (ends.get(rival, float("inf")), rival))
            entry.owner, entry.transcript = first, entry.rivals[first]
            bookings += self._rebook(key, entry)
        return bookings

    def responses(self, owner: str) -> tuple[Response, ...]:
        """The responses of one session, oldest first."""
        for transcript in [path for path, owners in self._asleep.items() if owner in owners]:
            self._wake(transcript)
        found = [entry.best for entry in self._shared.values() if entry.owner == owner]
        for block in self.blocks.values():
            found += [
                block.response(row)
                for row in block.of(owner)
                if block.keys[row] not in self._shared and block.keys[row] not in block.deferred
            ]
        return tuple(sorted(found, key=lambda r: (r.at or 0.0, r.key)))

    def wake(self, transcript: str) -> None:
        """Fetch a block that lies in the store, if it still does."""
        if transcript in self._asleep:
            self._wake(transcript)

    def booked(self, transcript: str, since: float) -> Iterator[tuple[str, Response]]:
        """(session, response) of what a transcript gives to accounts, from `since` on.

        Over all transcripts that are awake, each response comes once.
        """
        block = self.blocks[transcript]
        is_old = block.last < since
        for row, at in enumerate(() if is_old else block.ats):
            if at < since or (key := block.keys[row]) in block.deferred:
                continue
            entry = self._shared.get(key)
            if entry is None:
                yield block.owners[block.makers[row]], block.response(row)
            elif entry.transcript == transcript:
                yield entry.owner, entry.best

    def owners(self) -> Iterable[str]:
        """Every session that made a request, whether or not its transcript still exists."""
        return [owner for owner, count in self._count.items() if count]

    def transcripts(self, owner: str) -> tuple[str, ...]:
        """Where a session's responses were found."""
        shared = {e.transcript for e in self._shared.values() if e.owner == owner}
        shared |= {path for path, owners in self._asleep.items() if owner in owners}
        return tuple(sorted(shared | {p for p, b in self.blocks.items() if owner in b.owners}))

    # ---- blocks in the store

    def _meet_sleepers(self, transcript: str) -> None:
        """New claims must be told from what sleeping blocks hold."""
        if transcript in self._asleep:
            self._wake(transcript)
        if self._asleep_keys is None:
            self._asleep_keys = {}
            kept: Mapping[str, bytes] = self._store.keys() if self._store is not None else {}
            for path in self._asleep:
                keys = self._asleep_keys[path] = array("q")
                known = kept.get(path, b"")
                keys.frombytes(known[: len(known) // keys.itemsize * keys.itemsize])
                self._seen.update(keys)

    def _wake(self, transcript: str) -> None:
        """Fetch a block whose responses are booked already."""
        del self._asleep[transcript]
        if self._asleep_keys is not None:
            self._asleep_keys.pop(transcript, None)
        block = self._store.block(transcript) if self._store is not None else None
        if block is not None:
            self.blocks[transcript] = block
            self._seen.update(block.keys)

    # ---- one response

    def _book(self, key: int, claim: Claim, bookings: list[Booking]) -> None:
        block = self.blocks.get(claim.transcript)
        if block is None:
            block = self.blocks[claim.transcript] = Block(claim.transcript)
        row = block.row(key)
        if row is not None:
            bookings += self._see_again(key, block, row, claim)
            return
        block.add(key, claim)
        if key not in self._seen:
            self._seen.add(key)
            bookings.append(self._enter(claim.owner, key, claim.response, 1))
        elif key in self._shared:
            self.sharing.add(claim.transcript)
            self._weigh(key, self._shared[key], claim)
            bookings += self._rebook(key, self._shared[key])
        else:
            block.defer(key)
            self._met_again.add(key)

    def _see_again(self, key: int, block: Block, row: int, claim: Claim) -> list[Booking]:
        """The same response once more in the same transcript."""
        before = block.response(row)
        best = fuller(before, claim.response)
        if best is before:
            return []
        block.replace(row, best)
        if (entry := self._shared.get(key)) is not None:
            entry.best = fuller(entry.best, best)
            return self._rebook(key, entry)
        if key in block.deferred:
            return []
        owner = block.owners[block.makers[row]]
        return [self._enter(owner, key, before, -1), self._enter(owner, key, best, 1)]

    def _share(self, keys: set[int]) -> list[Booking]:
        """Weigh every claim of these responses against each other: one pass over all blocks."""
        met: dict[int, Entry] = {}
        for path in [p for p, held in (self._asleep_keys or {}).items() if keys.intersection(held)]:
            self._wake(path)
        for block in self.blocks.values():
            for key in keys.intersection(block.keys):
                self.sharing.add(block.transcript)
                row = block.row(key)
                assert row is not None
                claim = block.claim(row)
                entry = met.get(key)
                if entry is None:
                    entry = met[key] = Entry(
                        claim.response, claim.owner, claim.proof, claim.born_at, claim.transcript
                    )
                else:
                    self._weigh(key, entry, claim)
                if key not in block.deferred:
                    entry.booked = (claim.owner, claim.response)
                block.decide(key)
        self._shared.update(met)
        return [booking for key, entry in met.items() for booking in self._rebook(key, entry)]

    def _weigh(self, key: int, entry: Entry, claim: Claim) -> None:
        """Let the better claim own the response; an equal one makes its session a rival."""
        entry.best = fuller(entry.best, claim.response)
        new = (claim.proof, claim.born_at)
        old = (entry.proof, entry.born_at)
        if new < old:
            entry.proof, entry.born_at = new
            entry.owner, entry.transcript, entry.rivals = claim.owner, claim.transcript, None
            self._contested.discard(key)
        elif new == old and claim.owner != entry.owner:
            entry.rivals = entry.rivals or {entry.owner: entry.transcript}
            entry.rivals[claim.owner] = claim.transcript
            self._contested.add(key)

    def _rebook(self, key: int, entry: Entry) -> list[Booking]:
        """Put the response where it belongs now."""
        wanted = (entry.owner, entry.best)
        if entry.booked is not None and entry.booked == wanted:
            return []
        moved = (
            [] if entry.booked is None else [self._enter(entry.booked[0], key, entry.booked[1], -1)]
        )
        entry.booked = wanted
        return [*moved, self._enter(entry.owner, key, entry.best, 1)]

    def _enter(self, owner: str, key: int, response: Response, sign: int) -> Booking:
        self._count[owner] = self._count.get(owner, 0) + sign
        return Booking(owner, key, response, sign)
