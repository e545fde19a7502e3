"""A column: how one fact of a session is titled, shown, sorted and explained."""

from __future__ import annotations

from collections.abc import Callable

from agtop.model import Record, Session

Key = str | float | None


class Column(Record):
    """How one fact of a session is shown and sorted."""

    name: str
    title: str
    width: int
    """Cells, without the gap between columns."""
    text: Callable[[Session, float], str]
    """(session, instant of the snapshot) → what the cell shows; text from outside is not yet
    made printable."""
    sort_key: Callable[[Session], Key]
    """None sorts last in either order."""
    about: str
    """What the number means and where it comes from: the tooltip and the help."""
    right: bool = False
    descending: bool = False
    """The order people want first."""
    grows: bool = False
    """Takes the cells that are left over."""
    wide: Column | None = None
    """What it is where there is room to spare."""
    drop: int = 0
    """Which columns give way first on a narrow screen: the highest; 0 never."""
