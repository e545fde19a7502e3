"""Which columns of the table stand where, and what a line says in which tone.

Knows nothing of Textual: a line can be drawn before that is loaded.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from agtop.columns import Column, find, visible
from agtop.columns import widths as fitted
from agtop.model import Session, replace
from agtop.text import fit, printable
from agtop.tui.tones import NEWS, STRONG, TAGGED, TITLE, cell_tone

MARGIN = 1
"""Blank cells in front of the first column and behind the last."""

Part = tuple[str, str]
"""Text, and the tone it is drawn in."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns stand where."""

    columns: tuple[Column, ...] = ()
    widths: tuple[int, ...] = ()

    @staticmethod
    def of(columns: tuple[Column, ...], cells: int) -> Layout:
        shown = visible(columns, cells - 2 * MARGIN)
        return Layout(shown, fitted(shown, cells - 2 * MARGIN))

    @property
    def width(self) -> int:
        return MARGIN + sum(self.widths) + max(0, len(self.widths) - 1)


def chosen(names: Iterable[str], widths: Mapping[str, int]) -> tuple[Column, ...]:
    """The columns of those names, as wide as is wished. Raises KeyError."""
    return tuple(
        replace(column, width=widths[column.name]) if column.name in widths else column
        for column in map(find, names)
    )


def cells(session: Session, now: float, layout: Layout) -> tuple[str, ...]:
    """What the columns say, safe to draw."""
    return tuple(printable(column.text(session, now)) for column in layout.columns)


def parts(
    session: Session,
    texts: tuple[str, ...],
    layout: Layout,
    mark: str = "",
    news: Container[int] = (),
) -> Iterator[Part]:
    """A line cell by cell, each with what stands in front of it.

    Args:
        mark: What stands in the margin.
        news: The cells that say something new.
    """
    yield fit(mark, MARGIN), TAGGED if mark else cell_tone("", session, " ")
    for n, (column, width, text) in enumerate(
        zip(layout.columns, layout.widths, texts, strict=True)
    ):
        if n:
            yield " ", cell_tone("", session, " ")
        tone = NEWS if n in news else cell_tone(column.name, session, text)
        yield fit(text, width, column.right), tone


def title_parts(layout: Layout, sort: str, reverse: bool) -> Iterator[Part]:
    """The titles, one for each column; the arrow shows the order."""
    for column, width in zip(layout.columns, layout.widths, strict=True):
        chosen = column.name == sort
        title = _arrowed(column, reverse) if chosen else column.title
        yield fit(title, width, column.right), TITLE if chosen else STRONG


def _arrowed(column: Column, reverse: bool) -> str:
    """The arrow stands where it moves no letter of the title."""
    arrow = "▾" if column.descending != reverse else "▴"
    title = column.title.strip()
    if len(title) >= column.width:
        title = title[: column.width - 1]
    return arrow + title if column.right else title + arrow
