"""The columns: one list for the table, `--list`, sorting, the setup screen and the palette."""

from __future__ import annotations

from collections.abc import Iterator

from agtop.columns.catalogue import COLUMNS
from agtop.columns.column import Column
from agtop.model import Session

BY_NAME: dict[str, Column] = {column.name: column for column in COLUMNS}

DEFAULT: tuple[str, ...] = (
    "glyph",
    "state",
    "agent",
    "session",
    "project",
    "model",
    "context",
    "tokens_per_min",
    "cost_per_hour",
    "cost",
    "tokens",
    "cpu",
    "memory",
    "pid",
    "age",
    "doing",
)
"""The default set, in order."""

DEFAULT_SORT = "age"


def visible(columns: tuple[Column, ...], cells: int, gap: int = 1) -> tuple[Column, ...]:
    """The columns that fit `cells`, after dropping the least needed ones."""
    kept = list(columns)
    while sum(c.width + gap for c in kept) - gap > cells:
        droppable = [c for c in kept if c.drop]
        if not droppable:
            break
        kept.remove(max(droppable, key=lambda c: c.drop))
    return tuple(_widened(kept, cells - sum(c.width + gap for c in kept) + gap))


def _widened(kept: list[Column], spare: int) -> Iterator[Column]:
    """Those that have a wider form take it while as much room again is left for the others."""
    for column in kept:
        extra = 0 if column.wide is None else column.wide.width - column.width
        if column.wide is not None and spare >= 2 * extra:
            spare -= extra
            yield column.wide
        else:
            yield column


def widths(columns: tuple[Column, ...], cells: int, gap: int = 1) -> tuple[int, ...]:
    """How wide each column is in `cells`: what is left over goes to the last that grows."""
    spare = max(0, cells - sum(c.width + gap for c in columns) + gap)
    last = next((c for c in reversed(columns) if c.grows), None)
    return tuple(c.width + (spare if c is last else 0) for c in columns)


def find(name: str) -> Column:
    """The column called `name`. Raises KeyError."""
    return BY_NAME[name]


def order(sessions: tuple[Session, ...], column: Column, reverse: bool) -> tuple[Session, ...]:
    """Sessions by `column` in its preferred order (`reverse` turns it); unknowns last, always.

    Equal ones follow their last activity, then their key, so that rows never swap for nothing.
    """

    def stable(session: Session) -> tuple[float, str]:
        return (-(session.last_active or 0.0), session.key)

    rows = sorted(sessions, key=stable)
    known = [s for s in rows if column.sort_key(s) is not None]
    unknown = [s for s in rows if column.sort_key(s) is None]
    known.sort(key=column.sort_key, reverse=column.descending != reverse)  # pyright: ignore[reportArgumentType, reportCallIssue]
    return (*known, *unknown)
