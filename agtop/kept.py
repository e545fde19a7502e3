"""What the index keeps of a transcript and of a session.

Ten thousand sessions repeat each other and themselves. What can be told from the rest is left out
when a session is written and put back when it is read, and equal parts become one object: that
halves the memory that sleeping sessions take, in the time that it saves to read less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from msgspec.structs import force_setattr

from agtop.books import Subtotal
from agtop.model import Activity, Match, Rates, Reading, Record, Session, Spend, State, replace

T = TypeVar("T")

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
    left_out: bytes = b""
    """When written: for the session and each subagent, each before those below it, what is."""


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


_REPEATS, _STILL = 1, 2
"""Left out: totals that its only usage says, too; rates of nothing."""
_NOTHING = Rates(0.0, 0.0, 0, 0.0, 0.0)
_UNBOUND = Match()
_NO_BUCKETS: Buckets = {}


_DOLLARS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "fees")
_INSTANTS: dict[type[Record], tuple[str, ...]] = {
    Session: ("started_at", "last_active"),
    Reading: ("started_at", "last_active"),
    State: ("since",),
    Activity: ("since",),
    Spent: ("since",),
}


class Shared:
    """Gives for equal values one object."""

    def __init__(self, values: Iterable[object] = (), is_for_long: bool = False) -> None:
        """
        Args:
            is_for_long: worth the time to look for equal numbers too.
        """
        self._known: dict[object, object] = {value: value for value in values}
        self._numbers: dict[object, object] | None = {} if is_for_long else None

    def __call__(self, value: T) -> T:
        return self._known.setdefault(value, value)  # pyright: ignore[reportReturnType]

    def numbers(self, part: Record, names: Iterable[str]) -> None:
        """The same in place for its fields of these names, all of them floats or None: 0 is not to
        stand for 0.0."""
        known = self._numbers
        if known is None:
            return
        for name in names:
            number = getattr(part, name)
            force_setattr(part, name, known.setdefault(number, number))


def lean(kept: Kept) -> Kept:
    """As it is written."""
    left_out: list[int] = []
    return replace(kept, session=_lean(kept.session, left_out), left_out=bytes(left_out))


def _lean(session: Session, left_out: list[int]) -> Session:
    usage = session.usage[0] if len(session.usage) == 1 else None
    repeats = usage is not None and all(
        (part.tokens, part.cost) == (usage.tokens, usage.cost) for part in (session, session.own)
    )
    is_still = session.rates == _NOTHING
    left_out.append(_REPEATS * repeats + _STILL * is_still)
    return replace(
        session,
        session_id="",
        tokens=None if repeats else session.tokens,
        cost=None if repeats else session.cost,
        own=Spend(None, None) if repeats else session.own,
        rates=Rates() if is_still else session.rates,
        subagents=tuple([_lean(below, left_out) for below in session.subagents]),
    )


def restored(kept: Kept, shared: Shared) -> Kept:
    """As it was; its parts, which nobody has seen yet, are changed in place."""
    _restore(kept.session, iter(kept.left_out), shared)
    files = tuple([(shared(path), shared(stamp)) for path, stamp in kept.files])
    force_setattr(kept, "files", files)
    if kept.spent is not None:
        shared.numbers(kept.spent, _INSTANTS[Spent])
        if not kept.spent.buckets:
            force_setattr(kept.spent, "buckets", _NO_BUCKETS)
    return kept


def _restore(session: Session, left_out: Iterator[int], shared: Shared) -> None:
    marks = next(left_out)
    reading = session.reading
    for usage in session.usage:
        force_setattr(usage, "model", shared(usage.model))
        force_setattr(usage, "provider", shared(usage.provider))
        force_setattr(usage, "price", shared(usage.price))
        if usage.cost is not None:
            shared.numbers(usage.cost, _DOLLARS)
    if marks & _REPEATS:
        usage = session.usage[0]
        force_setattr(session, "tokens", usage.tokens)
        force_setattr(session, "cost", usage.cost)
        force_setattr(session, "own", Spend(usage.tokens, usage.cost))
    if marks & _STILL:
        force_setattr(session, "rates", _NOTHING)
    if session.match == _UNBOUND:
        force_setattr(session, "match", _UNBOUND)
    force_setattr(session, "session_id", reading.session_id)
    force_setattr(session, "agent", shared(session.agent))
    force_setattr(session, "agent_label", shared(session.agent_label))
    force_setattr(session, "project", shared(session.project))
    force_setattr(session.state, "name", shared(session.state.name))
    force_setattr(session.state, "evidence", shared(session.state.evidence))
    for part in (session, reading, session.state, reading.activity):
        shared.numbers(part, _INSTANTS[type(part)])
    for cost in (session.cost, session.own.cost):
        if cost is not None and not marks & _REPEATS:
            shared.numbers(cost, _DOLLARS)
    activity = reading.activity
    force_setattr(activity, "phase", shared(activity.phase))
    force_setattr(activity, "evidence", shared(activity.evidence))
    for name in ("transcript", "cwd", "branch", "model", "effort", "version"):
        force_setattr(reading, name, shared(getattr(reading, name)))
    for below in session.subagents:
        _restore(below, left_out, shared)
