"""Which responses were made, and by which session: each counted once over all transcripts.

Transcripts hold copies of each other: forks, resumes, archives, replays, the several rows of one
streamed answer. Every sighting is a `Claim`; claims of one response merge in any order to the
same result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agtop.model import Claim, Response


@dataclass(slots=True)
class Entry:
    """What is known of one response."""

    best: Response
    owner: str
    proof: int
    born_at: float
    transcript: str
    rivals: dict[str, str] | None = None
    """owner → transcript, where several sessions claim it equally well."""


@dataclass(frozen=True, slots=True)
class Booking:
    """A response that was added to a session's account, or (sign −1) taken off it."""

    owner: str
    response: Response
    sign: int


class Ledger:
    """The responses of one agent."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._by_owner: dict[str, dict[str, Response]] = {}
        self._contested: set[str] = set()

    def book(self, claims: Iterable[Claim]) -> list[Booking]:
        """Take in claims; what changed in the sessions' accounts."""
        bookings: list[Booking] = []
        for claim in claims:
            key = claim.response.key
            entry = self._entries.get(key)
            if entry is None:
                self._entries[key] = Entry(
                    claim.response, claim.owner, claim.proof, claim.born_at, claim.transcript
                )
                bookings.append(self._put(claim.owner, claim.response))
                continue
            owner, response = entry.owner, entry.best
            entry.best = _fuller(response, claim.response)
            self._weigh(key, entry, claim)
            if entry.best is not response or entry.owner != owner:
                bookings += self._move(owner, response, entry)
        return bookings

    def settle(self, ends: Mapping[str, float]) -> list[Booking]:
        """Decide between equal claims: the session that ended first was copied from.

        Args:
            ends: session → its newest record's instant.
        """
        bookings: list[Booking] = []
        for key in self._contested:
            entry = self._entries[key]
            assert entry.rivals is not None
            first = min(entry.rivals, key=lambda rival: (ends.get(rival, float("inf")), rival))
            owner = entry.owner
            entry.owner, entry.transcript = first, entry.rivals[first]
            if entry.owner != owner:
                bookings += self._move(owner, entry.best, entry)
        return bookings

    def responses(self, owner: str) -> tuple[Response, ...]:
        """The responses of one session, oldest first."""
        held = self._by_owner.get(owner, {}).values()
        return tuple(sorted(held, key=lambda r: (r.at or 0.0, r.key)))

    def owners(self) -> Iterable[str]:
        """Every session that made a request, whether or not its transcript still exists."""
        return [owner for owner, held in self._by_owner.items() if held]

    def transcripts(self, owner: str) -> tuple[str, ...]:
        """Where a session's responses were found."""
        keys = self._by_owner.get(owner, {})
        return tuple(sorted({self._entries[key].transcript for key in keys}))

    def _weigh(self, key: str, entry: Entry, claim: Claim) -> None:
        """Let the better claim own the response; an equal one makes its session a rival."""
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

    def _put(self, owner: str, response: Response) -> Booking:
        self._by_owner.setdefault(owner, {})[response.key] = response
        return Booking(owner, response, 1)

    def _move(self, owner: str, response: Response, entry: Entry) -> list[Booking]:
        del self._by_owner[owner][response.key]
        return [Booking(owner, response, -1), self._put(entry.owner, entry.best)]


def _fuller(one: Response, other: Response) -> Response:
    """The complete one of two sightings: most output, then most tokens.

    Rows flushed while an answer streams carry a placeholder output; copies across a compaction
    are zeroed. All numbers come from one row.
    """
    if one == other:
        return one
    ranks = [(r.tokens.output, r.tokens.total) for r in (one, other)]
    if ranks[0] != ranks[1]:
        return one if ranks[0] > ranks[1] else other
    # Equal numbers: the same choice whatever the order. The earliest instant is the origin's.
    return min(one, other, key=lambda r: (r.at is None, r.at or 0.0, repr(r)))
