"""What the index keeps of a transcript and of a session."""

from __future__ import annotations

from agtop.books import Subtotal
from agtop.model import Reading, Record, Session

Stamp = tuple[int, int, int, int]
"""What a transcript must still be for what was read of it to hold: (device, inode, size, mtime in
nanoseconds), the last two with its companions."""


Sharing = dict[str, tuple[str, ...]]
"""Transcript → all that hold some of the same responses, directly or by way of others."""


Buckets = dict[int, tuple[int, int, int]]
"""Some minutes → tokens, pico-dollars, tokens without a price."""


class Spent(Record):
    """What a session used when."""

    since: float
    """The instant from which on it is told."""
    buckets: Buckets


class Kept(Record):
    """A session that only its transcripts can change any more."""

    session: Session
    files: tuple[tuple[str, Stamp], ...]
    """Its transcripts, its subagents' and those that share with them, and what they were."""
    spent: Spent | None = None
    """None where nobody asked when it used what."""
    together: int = 1
    """How many sessions these transcripts tell of: all are kept, or none."""


class Remembered(Record):
    """What an earlier run knew of one transcript."""

    path: str
    stamp: Stamp
    readings: tuple[Reading, ...]
    subtotals: tuple[Subtotal, ...] | None
    """None where they were priced by another list, or where other transcripts hold some of the
    responses too: then the responses themselves are to be looked at."""
    is_stale: bool = False
    """Priced by another list, so worth writing anew."""
    block: bytes | None = None
    """The responses, fetched along where there are no subtotals."""
    sharing: tuple[str, ...] = ()
    """When saved: the transcripts with which it shares responses, itself among them."""
