"""One session as one line of the table: cells, tones, segments. Knows nothing of widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from agtop.columns import Column, visible, widths
from agtop.model import Session
from agtop.text import fit, printable
from agtop.tui.tones import STRONG, TITLE, cell_tone

MARGIN = 1
"""Blank cells in front of the first column and behind the last."""

Paint = Callable[[str], Style]
"""A tone → the style the theme gives it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns stand where."""

    columns: tuple[Column, ...] = ()
    widths: tuple[int, ...] = ()

    @staticmethod
    def of(columns: tuple[Column, ...], cells: int) -> Layout:
        shown = visible(columns, cells - 2 * MARGIN)
        return Layout(shown, widths(shown, cells - 2 * MARGIN))

    @property
    def width(self) -> int:
        return MARGIN + sum(self.widths) + max(0, len(self.widths) - 1)


def cells(session: Session, now: float, layout: Layout) -> tuple[str, ...]:
    """What the columns say, safe to draw."""
    return tuple(printable(column.text(session, now)) for column in layout.columns)


def row(session: Session, texts: tuple[str, ...], layout: Layout, paint: Paint) -> Strip:
    """A line in the tones of its cells."""
    plain = paint(cell_tone("", session, " "))
    segments = [Segment(" " * MARGIN, plain)]
    for column, width, text in zip(layout.columns, layout.widths, texts, strict=True):
        style = paint(cell_tone(column.name, session, text))
        segments += [Segment(fit(text, width, column.right), style), Segment(" ", plain)]
    return Strip(segments[:-1], layout.width)


def cursor_row(texts: tuple[str, ...], layout: Layout, least: int, style: Style) -> Strip:
    """The selected line: one bar of one tone, at least `least` cells long."""
    shown = [
        fit(text, width, column.right)
        for column, width, text in zip(layout.columns, layout.widths, texts, strict=True)
    ]
    width = max(layout.width, least)
    text = " " * MARGIN + " ".join(shown) + " " * (width - layout.width)
    return Strip([Segment(text, style)], width)


def titles(layout: Layout, sort: str, reverse: bool, paint: Paint) -> Strip:
    """The head of the table; a click on a title sorts by it, the arrow shows the order."""
    segments = [Segment(" " * MARGIN, paint(STRONG))]
    for column, width in zip(layout.columns, layout.widths, strict=True):
        chosen = column.name == sort
        style = paint(TITLE if chosen else STRONG) + Style.from_meta(
            {"@click": ("sort_by", (column.name,))}
        )
        title = _arrowed(column, reverse) if chosen else column.title
        segments += [Segment(fit(title, width, column.right), style), Segment(" ", paint(STRONG))]
    return Strip(segments[:-1], layout.width)


def _arrowed(column: Column, reverse: bool) -> str:
    """The arrow stands where it moves no letter of the title."""
    arrow = "▾" if column.descending != reverse else "▴"
    title = column.title.strip()
    if len(title) >= column.width:
        title = title[: column.width - 1]
    return arrow + title if column.right else title + arrow
