"""The responses of one transcript, in columns.

A history holds hundreds of thousands of responses. As objects each takes 700 bytes; as a row of
a block it takes 67, and a block goes to disk and back as plain bytes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from agtop.model import Claim, Response, Tokens

_UNKNOWN = float("-inf")
_COUNTS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")


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


class Block:
    """Rows are added and replaced, never removed."""

    __slots__ = (
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
        self.ats = array("d")
        self.kinds = array("I")
        """Index into `terms`."""
        self.makers = array("I")
        """Index into `owners`."""
        self.proofs = array("B")
        self.searches = array("I")
        self.counts = tuple(array("I") for _ in _COUNTS)
        self.deferred: set[int] = set()
        """Keys first seen in another block, whose rows here are booked nowhere yet."""
        self._rows: dict[int, int] | None = {}
        self._numbers: dict[object, int] | None = {}
        """Owners and terms → their index."""

    def __len__(self) -> int:
        return len(self.keys)

    def row(self, key: int) -> int | None:
        if self._rows is None:
            self._rows = {known: row for row, known in enumerate(self.keys)}
        return self._rows.get(key)

    def rest(self) -> None:
        """Let go of what only a growing block needs; it comes back when asked for."""
        self._rows = self._numbers = None

    def add(self, key: int, claim: Claim) -> None:
        if self._rows is not None:
            self._rows[key] = len(self.keys)
        response = claim.response
        self.born_at = claim.born_at
        self.keys.append(key)
        self.ats.append(_UNKNOWN if response.at is None else response.at)
        self.kinds.append(self._kind(response))
        self.makers.append(self._index(self.owners, claim.owner))
        self.proofs.append(claim.proof)
        self.searches.append(response.searches)
        tokens = response.tokens
        columns = self.counts
        columns[0].append(tokens.input)
        columns[1].append(tokens.cache_read)
        columns[2].append(tokens.cache_write_5m)
        columns[3].append(tokens.cache_write_1h)
        columns[4].append(tokens.output)
        columns[5].append(tokens.reasoning)

    def replace(self, row: int, response: Response) -> None:
        """A fuller sighting of the row's response."""
        self.ats[row] = _UNKNOWN if response.at is None else response.at
        self.kinds[row] = self._kind(response)
        self.searches[row] = response.searches
        for column, name in zip(self.counts, _COUNTS, strict=True):
            column[row] = getattr(response.tokens, name)

    def packed(self) -> bytes:
        """The block as bytes, for `unpacked`."""
        columns = (
            self.keys,
            self.ats,
            self.kinds,
            self.makers,
            self.proofs,
            self.searches,
            *self.counts,
        )
        return msgspec.msgpack.encode(
            _Packed(
                self.transcript,
                self.born_at,
                self.owners,
                list(self.terms),
                [column.tobytes() for column in columns],
            )
        )

    @staticmethod
    def unpacked(data: bytes) -> Block:
        """A block from its bytes. Raises ValueError or msgspec.MsgspecError for others."""
        parts = msgspec.msgpack.decode(data, type=_Packed)
        block = Block(parts.transcript)
        block.born_at = parts.born_at
        block.owners, block.terms = parts.owners, parts.terms
        columns = (
            block.keys,
            block.ats,
            block.kinds,
            block.makers,
            block.proofs,
            block.searches,
            *block.counts,
        )
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
            None if at == _UNKNOWN else at,
            terms.model,
            Tokens(*(column[row] for column in self.counts)),
            terms.service_tier,
            terms.fast,
            terms.geo,
            self.searches[row],
            terms.provider,
        )

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

    def _kind(self, response: Response) -> int:
        terms = Terms(
            response.model,
            response.service_tier,
            response.fast,
            response.geo,
            response.provider,
        )
        return self._index(self.terms, terms)

    def _index(self, values: list[Any], value: object) -> int:
        if self._numbers is None:
            self._numbers = {owner: n for n, owner in enumerate(self.owners)}
            self._numbers |= {terms: n for n, terms in enumerate(self.terms)}
        known = self._numbers.get(value)
        if known is None:
            known = self._numbers[value] = len(values)
            values.append(value)
        return known
