"""The responses of one transcript, in columns.

A history holds hundreds of thousands of responses. As objects each takes 700 bytes; as a row of
a block it takes 67, and a block goes to disk and to other processes and back as plain bytes. Scans
fill blocks, the ledger tells which of their rows count, the books add up columns, the index keeps
them.
"""

from __future__ import annotations

from _blake2 import blake2b  # hashlib's own, without loading all of OpenSSL first
from array import array
from collections.abc import Iterator, Sequence
from operator import add
from typing import Any, NamedTuple

import msgspec

from agtop.model import Batch, Claim, Response, Tokens

UNKNOWN = float("-inf")
"""Stands for the instant of a response that has none."""
_COUNTS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")


_FOLDED = ("ats", "kinds", "makers", "proofs", "searches", "counts")
_SIZES = tuple(array(kind).itemsize for kind in ("d", "I", "I", "B", "I", *"I" * len(_COUNTS)))
_NONE: frozenset[int] = frozenset()


Counts = tuple[int, int, int, int, int, int]
"""The buckets of `Tokens`, in its order."""


class Terms(NamedTuple):
    """What else decides the price of a response."""

    model: str | None
    service_tier: str
    fast: bool
    geo: str
    provider: str


def number(key: str) -> int:
    """The response id as 63 bits that are the same in every run, and that nobody can choose."""
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


class _Packed(msgspec.Struct, array_like=True):
    transcript: str
    born_at: float
    owners: list[str]
    terms: list[Terms]
    columns: list[bytes]


Kind = Terms | tuple[str | None, str, bool, str, str]
"""Terms, or a plain tuple of the same: named ones are dear to make."""


class Block:
    """Rows are added and replaced, never removed."""

    __slots__ = (
        "_folded",
        "_last",
        "_numbers",
        "_rows",
        "ats",
        "born_at",
        "counts",
        "deferred",
        "keys",
        "kinds",
        "makers",
        "owners",
        "proofs",
        "searches",
        "terms",
        "transcript",
    )

    def __init__(self, transcript: str) -> None:
        self.transcript = transcript
        self.born_at = float("inf")
        self.owners: list[str] = []
        self.terms: list[Terms] = []
        self.keys = array("q")
        self._start_columns()
        self.deferred: set[int] | frozenset[int] = _NONE
        """Keys first seen in another block, whose rows here are booked nowhere yet."""
        self._rows: dict[int, int] | None = {}
        self._numbers: dict[object, int] = {}
        """Owners and terms → their index."""
        self._folded: bytes | None = None
        self._last = UNKNOWN

    def __getattr__(self, name: str) -> Any:
        """A column of a folded block is asked for."""
        if name not in _FOLDED or self._folded is None:
            raise AttributeError(name)
        self._unfold()
        return getattr(self, name)

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def last(self) -> float:
        """The newest instant."""
        return max(self.ats, default=UNKNOWN) if self._folded is None else self._last

    def row(self, key: int) -> int | None:
        if self._rows is None:
            self._index_rows()
        assert self._rows is not None
        return self._rows.get(key)

    def rest(self) -> None:
        """Let go of what only a growing block needs; it comes back when asked for."""
        self._rows, self._numbers = None, {}

    def fold(self) -> None:
        """Keep the columns as one run of bytes until one is asked for: of most transcripts none
        ever is, and empty columns would take more than what is in them."""
        if self._folded is None:
            self.rest()
            self._last = self.last
            self._folded = b"".join(column.tobytes() for column in self._columns())
            for name in _FOLDED:
                delattr(self, name)

    def _unfold(self) -> None:
        raw = self._raw()
        self._folded = None
        self._start_columns()
        for column, data in zip(self._columns(), raw, strict=True):
            column.frombytes(data)

    def _start_columns(self) -> None:
        self.ats = array("d")
        self.kinds = array("I")
        """Index into `terms`."""
        self.makers = array("I")
        """Index into `owners`."""
        self.proofs = array("B")
        self.searches = array("I")
        self.counts = tuple(array("I") for _ in _COUNTS)

    def _columns(self) -> tuple[array[Any], ...]:
        """All that may be folded: not the keys, by which copies are told."""
        return (self.ats, self.kinds, self.makers, self.proofs, self.searches, *self.counts)

    def _raw(self) -> list[bytes]:
        """The columns as bytes, which does not unfold them."""
        if self._folded is None:
            return [column.tobytes() for column in self._columns()]
        raw: list[bytes] = []
        begin = 0
        for size in _SIZES:
            end = begin + size * len(self.keys)
            raw.append(self._folded[begin:end])
            begin = end
        return raw

    def defer(self, key: int) -> None:
        """Its row is booked nowhere until it is told whose it is."""
        if not isinstance(self.deferred, set):
            self.deferred = set()
        self.deferred.add(key)

    def decide(self, key: int) -> None:
        """It is told."""
        if isinstance(self.deferred, set):
            self.deferred.discard(key)

    def note(
        self,
        key: int,
        at: float | None,
        terms: Kind,
        owner: str,
        proof: int,
        counts: Counts,
        searches: int = 0,
    ) -> None:
        """Take in one sighting of a response: its first row, or a fuller one of the same.

        Whose it is and how well that is proven stays what the first sighting said.
        """
        if self._rows is None:
            self._index_rows()
        assert self._rows is not None
        known = self._rows.get(key)
        if known is not None:
            self._note_again(known, at, terms, counts, searches)
            return
        self._rows[key] = len(self.keys)
        self.keys.append(key)
        self.ats.append(UNKNOWN if at is None else at)
        kind = self._numbers.get(terms)
        self.kinds.append(self._new(self.terms, Terms(*terms)) if kind is None else kind)
        maker = self._numbers.get(owner)
        self.makers.append(self._new(self.owners, owner) if maker is None else maker)
        self.proofs.append(proof)
        self.searches.append(searches)
        for column, count in zip(self.counts, counts, strict=True):
            column.append(count)

    def _note_again(
        self, row: int, at: float | None, terms: Kind, counts: Counts, searches: int
    ) -> None:
        known = self._counts(row)
        rank, before = (counts[4], sum(counts[:4])), (known[4], sum(known[:4]))
        if rank < before:
            return
        if rank == before:
            is_later = at is not None and at >= self.ats[row] > UNKNOWN
            if is_later and terms == self.terms[self.kinds[row]] and counts == known:
                return  # the usual case: the same answer's next row
            model, tier, fast, geo, provider = terms
            seen = self.response(row)
            other = Response(
                seen.key, at, model, Tokens(*counts), tier, fast, geo, searches, provider
            )
            if fuller(seen, other) is seen:
                return
        self._put(row, at, terms, counts, searches)

    def add(self, key: int, claim: Claim) -> None:
        """Take in a claim of a response that is not in the block."""
        response, tokens = claim.response, claim.response.tokens
        self.born_at = claim.born_at
        self.note(
            key,
            response.at,
            _terms_of(response),
            claim.owner,
            claim.proof,
            _counts_of(tokens),
            response.searches,
        )

    def replace(self, row: int, response: Response) -> None:
        """A fuller sighting of the row's response."""
        if self._rows is None:
            self._index_rows()
        counts = _counts_of(response.tokens)
        self._put(row, response.at, _terms_of(response), counts, response.searches)

    def _put(self, row: int, at: float | None, terms: Kind, counts: Counts, searches: int) -> None:
        self.ats[row] = UNKNOWN if at is None else at
        kind = self._numbers.get(terms)
        self.kinds[row] = self._new(self.terms, Terms(*terms)) if kind is None else kind
        self.searches[row] = searches
        for column, count in zip(self.counts, counts, strict=True):
            column[row] = count

    def groups(self) -> Iterator[tuple[str, Terms, list[int] | None]]:
        """(owner, terms, rows) of responses that are alike but for their moment and size.

        None stands for all rows: most transcripts are of one session and one model.
        """
        if len(self.owners) == len(self.terms) == 1:
            yield self.owners[0], self.terms[0], None
            return
        found: dict[tuple[int, int], list[int]] = {}
        for row, place in enumerate(zip(self.makers, self.kinds, strict=True)):
            rows = found.get(place)
            if rows is None:
                found[place] = [row]
            else:
                rows.append(row)
        for (maker, kind), rows in found.items():
            yield self.owners[maker], self.terms[kind], rows

    def batch(self, terms: Terms, rows: Sequence[int] | None) -> Batch | None:
        """Rows of one group added up; None where they have no common price to be expected.

        An unknown instant gets a price of its own, and so does a search.
        """
        ats, searches, counts = self.ats, self.searches, self.counts
        if rows is not None:
            ats, searches = [ats[row] for row in rows], [searches[row] for row in rows]
            counts = [[column[row] for row in rows] for column in counts]
        first = min(ats)
        searched = sum(searches)
        if first == UNKNOWN or (searched and not min(searches)):
            return None
        fresh, read, short, long, *_ = counts
        prompts = list(map(add, map(add, fresh, read), map(add, short, long)))
        return Batch(
            *terms, Tokens(*map(sum, counts)), searched, first, max(ats), min(prompts), max(prompts)
        )

    def packed(self) -> bytes:
        """The block as bytes, for `unpacked`."""
        return msgspec.msgpack.encode(
            _Packed(
                self.transcript,
                self.born_at,
                self.owners,
                list(self.terms),
                [self.keys.tobytes(), *self._raw()],
            )
        )

    @staticmethod
    def unpacked(data: bytes) -> Block:
        """A block from its bytes. Raises ValueError or msgspec.MsgspecError for others."""
        parts = msgspec.msgpack.decode(data, type=_Packed)
        block = Block(parts.transcript)
        block.born_at = parts.born_at
        block.owners, block.terms = parts.owners, parts.terms
        columns = (block.keys, *block._columns())
        if len(columns) != len(parts.columns):
            raise ValueError("the block has other columns")
        for column, raw in zip(columns, parts.columns, strict=True):
            column.frombytes(raw)
        if len({len(column) for column in columns}) != 1:
            raise ValueError("the columns of the block are not of one length")
        block.rest()
        return block

    def response(self, row: int) -> Response:
        terms = self.terms[self.kinds[row]]
        at = self.ats[row]
        return Response(
            f"{self.keys[row]:016x}",
            None if at == UNKNOWN else at,
            terms.model,
            Tokens(*self._counts(row)),
            terms.service_tier,
            terms.fast,
            terms.geo,
            self.searches[row],
            terms.provider,
        )

    def _counts(self, row: int) -> tuple[int, ...]:
        return tuple(column[row] for column in self.counts)

    def claim(self, row: int) -> Claim:
        return Claim(
            self.response(row),
            self.owners[self.makers[row]],
            self.proofs[row],
            self.born_at,
            self.transcript,
        )

    def of(self, owner: str) -> Iterator[int]:
        """The rows that `owner` made."""
        if owner in self.owners:
            maker = self.owners.index(owner)
            yield from (row for row, each in enumerate(self.makers) if each == maker)

    def _index_rows(self) -> None:
        if self._folded is not None:  # rows are looked up to be changed
            self._unfold()
        self._rows = {known: row for row, known in enumerate(self.keys)}
        self._numbers = {owner: n for n, owner in enumerate(self.owners)}
        self._numbers |= {terms: n for n, terms in enumerate(self.terms)}

    def _new(self, values: list[Any], value: object) -> int:
        number = self._numbers[value] = len(values)
        values.append(value)
        return number


def _counts_of(t: Tokens) -> Counts:
    return (t.input, t.cache_read, t.cache_write_5m, t.cache_write_1h, t.output, t.reasoning)


def fuller(one: Response, other: Response) -> Response:
    """The complete one of two sightings: most output, then most tokens.

    Rows flushed while an answer streams carry a placeholder output; copies across a compaction
    are zeroed. All numbers come from one row.
    """
    ranks = [(r.tokens.output, r.tokens.total) for r in (one, other)]
    if ranks[0] != ranks[1]:
        return one if ranks[0] > ranks[1] else other
    # Equal numbers: the same choice whatever the order. The earliest instant is the origin's.
    order = [(r.at is None, r.at or 0.0, repr(r.tokens), r.model or "") for r in (one, other)]
    return one if order[0] <= order[1] else other


def _terms_of(response: Response) -> Kind:
    r = response
    return (r.model, r.service_tier, r.fast, r.geo, r.provider)
