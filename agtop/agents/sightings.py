"""The responses that one read of a transcript meets, until they fill a block.

One response stands on several rows. As plain tuples, told apart by their own ids, they cost a
fraction of what a growing block does; only what is left of them is numbered.
"""

from __future__ import annotations

from array import array

from agtop.block import UNKNOWN, Block, Counts, Terms, fuller, number
from agtop.model import Response, Tokens

Kind = tuple[str | None, str, bool, str, str]
"""What `Terms` holds."""
_Sighting = tuple[float, Kind, str, int, int, int, int, int, int, int, int]
"""Instant, kind, owner, proof, searches, and the six counts of tokens."""


class Sightings:
    """By response id, in the order in which they were met first."""

    def __init__(self) -> None:
        self._met: dict[str, _Sighting] = {}

    def __len__(self) -> int:
        return len(self._met)

    def note(
        self,
        key: str,
        at: float | None,
        kind: Kind,
        owner: str,
        proof: int,
        counts: Counts,
        searches: int = 0,
    ) -> None:
        """Take in one sighting of a response: its first row, or a fuller one of the same.

        Whose it is and how well that is proven stays what the first sighting said.
        """
        seen = (UNKNOWN if at is None else at, kind, owner, proof, searches, *counts)
        known = self._met.setdefault(key, seen)
        if known is not seen and _is_fuller(seen, known):
            self._met[key] = (*seen[:2], *known[2:4], *seen[4:])

    def fill(self, block: Block) -> None:
        """Put them into an empty block."""
        if not self._met:
            return
        ats, kinds, owners, proofs, searches, *counts = zip(*self._met.values(), strict=True)
        terms = {kind: n for n, kind in enumerate(dict.fromkeys(kinds))}
        makers = {owner: n for n, owner in enumerate(dict.fromkeys(owners))}
        block.terms, block.owners = [Terms(*kind) for kind in terms], list(makers)
        block.keys = array("q", map(number, self._met))
        block.ats, block.proofs = array("d", ats), array("B", proofs)
        block.kinds = array("I", map(terms.__getitem__, kinds))
        block.makers = array("I", map(makers.__getitem__, owners))
        block.searches = array("I", searches)
        block.counts = tuple(array("I", column) for column in counts)
        block.rest()


def _is_fuller(new: _Sighting, old: _Sighting) -> bool:
    if new[5:] == old[5:] and new[:2] == old[:2]:
        return False
    rank, before = (new[9], sum(new[5:9])), (old[9], sum(old[5:9]))
    if rank != before:
        return rank > before
    first = _response(old)
    return fuller(first, _response(new)) is not first


def _response(seen: _Sighting) -> Response:
    at, (model, tier, fast, geo, provider), searches = seen[0], seen[1], seen[4]
    tokens = Tokens(*seen[5:])
    instant = None if at == UNKNOWN else at
    return Response("", instant, model, tokens, tier, fast, geo, searches, provider)
