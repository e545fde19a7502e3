"""Everything one agent's sessions used and when: of transcripts there are, and of those gone."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from itertools import chain

from agtop.collector.source import Source
from agtop.history import Archived, spender
from agtop.ledger import Ledger
from agtop.model import Bucket, Expenses, Spender

Project = Callable[[str | None], str | None]


def expenses(source: Source, project: Project, included: bool) -> Expenses:
    """All that is known; nothing is kept of it in memory but what was added up."""
    transcripts, ledger = source.transcripts, source.transcripts.ledger
    transcripts.wake_sharing()  # what they used is told by settling who made it
    transcripts.settle()
    source.update()
    archived = transcripts.memory.archived(ledger)
    shares = _Shares(source, archived)
    found: list[Bucket] = []
    for path, buckets in transcripts.memory.asleep(ledger, transcripts.books).items():
        if path not in shares.paths:
            found += buckets
    for path in list(ledger.blocks):
        if path not in shares.paths:
            found += transcripts.memory.spread(path, ledger, transcripts.books)
    for each in shares.apart:
        found += transcripts.books.spread(each.block)
    spenders = _spenders(source, archived, project)
    if shares.paths or shares.together:
        found += shares.settled(spenders.values())
    agent = source.agent
    return Expenses(agent.name, agent.label, included, tuple(found), spenders)


class _Shares:
    """Which transcripts hold responses that one which is gone held too.

    The ledger of the transcripts there are knows nothing of those.
    """

    def __init__(self, source: Source, archived: Iterable[Archived]) -> None:
        self._source = source
        self.apart: list[Archived] = []
        """Those gone that share nothing."""
        self.together: list[Archived] = []
        self.paths: set[str] = set()
        """Those there that must be looked at together with them."""
        gone = list(archived)
        if gone:
            self._tell(gone)

    def _tell(self, gone: list[Archived]) -> None:
        met: set[int] = set()
        twice: set[int] = set()
        for each in gone:
            keys = set(each.block.keys)
            twice |= met & keys
            met |= keys
        for path, keys in self._keys_there():
            if common := met.intersection(keys):
                twice |= common
                self.paths.add(path)
        for each in gone:
            is_shared = not twice.isdisjoint(each.block.keys)
            (self.together if is_shared else self.apart).append(each)
        if self.together:
            self.paths |= self._source.transcripts.ledger.sharing

    def _keys_there(self) -> Iterable[tuple[str, Iterable[int]]]:
        ledger, memory = self._source.transcripts.ledger, self._source.transcripts.memory
        for path, block in list(ledger.blocks.items()):
            yield path, block.keys
        stored = memory.keys()
        for path in list(ledger.asleep):
            keys = array("q")
            data = stored.get(path, b"")
            keys.frombytes(data[: len(data) // keys.itemsize * keys.itemsize])
            yield path, keys

    def settled(self, spenders: Iterable[Spender]) -> tuple[Bucket, ...]:
        """What they used together, each response counted once."""
        transcripts = self._source.transcripts
        ledger = Ledger()
        for each in self.together:
            ledger.adopt(each.block)
        for path in sorted(self.paths):
            block = transcripts.ledger.blocks.get(path) or transcripts.memory.stored(path)
            if block is not None:
                ledger.adopt(block)
        ends = {s.session_id: s.last_active for s in spenders if s.last_active is not None}
        ledger.settle(ends)
        names = list(ledger.blocks)
        pairs = chain.from_iterable(ledger.booked(name, float("-inf")) for name in names)
        return transcripts.books.spread_out(pairs)


def _spenders(source: Source, archived: Iterable[Archived], project: Project) -> dict[str, Spender]:
    """Those whose transcripts are there, and those that only the history knows."""
    found: dict[str, Spender] = {}
    for each in archived:
        for one in each.spenders:
            known = found.get(one.session_id)
            if known is None or (one.last_active or 0.0) >= (known.last_active or 0.0):
                found[one.session_id] = one
    there = chain(source.families.readings.values(), source.transcripts.sleepers.readings)
    for reading in there:
        if reading.transcript or reading.session_id not in found:
            found[reading.session_id] = spender(reading, project(reading.cwd))
    return found
