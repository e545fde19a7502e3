"""What is different between the sessions of two snapshots, without looking at all of them."""

from __future__ import annotations

from agtop.model.session import Session

Sessions = tuple[Session, ...]

_ENDS = 64
"""The newest stand first, those without a record yet last, and what changes is among them: so many
are looked at to begin with."""


def changes(before: Sessions, after: Sessions) -> tuple[list[Session], list[Session]]:
    """(those that went or were something else before, those that came or are something else).

    Tuples are compared by identity first, so the long middle that is the same costs little.
    """
    ends = _ENDS
    longer = len(after) - len(before)
    while 2 * ends < min(len(before), len(after)):
        middle = before[ends:-ends]
        # What came or went stands at the one end or the other.
        for start in {ends, ends + longer}:
            if start >= 0 and after[start : start + len(middle)] == middle:
                stop = start + len(middle)
                old = (*before[:ends], *before[-ends:])
                return _different(old, (*after[:start], *after[stop:]))
        ends *= 4
    return _different(before, after)


def _different(before: Sessions, after: Sessions) -> tuple[list[Session], list[Session]]:
    old = dict(zip(map(id, before), before, strict=True))
    new = dict(zip(map(id, after), after, strict=True))
    gone, come = old.keys() - new.keys(), new.keys() - old.keys()
    return _those(gone, old), _those(come, new)


def _those(names: set[int], rows: dict[int, Session]) -> list[Session]:
    """In their order."""
    return [session for name, session in rows.items() if name in names] if names else []
