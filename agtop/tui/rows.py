"""Lines of the table as Textual draws them. Knows nothing of widgets."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from itertools import groupby
from operator import itemgetter

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from agtop import __version__
from agtop.model import Session
from agtop.text import fit
from agtop.tui.layout import MARGIN, Layout, Part, cells, parts, title_parts
from agtop.tui.tones import QUIET, STRONG, TITLE

__all__ = ["IDENTITY", "Layout", "banner", "cells", "cursor_row", "drawn", "row", "titles"]

Paint = Callable[[str], Style]
"""A tone → the style the theme gives it."""


def drawn(line: Iterable[Part], paint: Paint, width: int | None = None) -> Strip:
    """One segment for neighbours of one tone: all of Textual's work is by segment."""
    segments = [
        Segment("".join(text for text, _ in run), paint(tone))
        for tone, run in groupby(line, itemgetter(1))
    ]
    return Strip(segments, width)


def row(
    session: Session,
    texts: tuple[str, ...],
    layout: Layout,
    paint: Paint,
    mark: str = "",
    news: Container[int] = (),
) -> Strip:
    """A line in the tones of its cells."""
    return drawn(parts(session, texts, layout, mark, news), paint, layout.width)


def cursor_row(
    texts: tuple[str, ...], layout: Layout, least: int, style: Style, mark: str = ""
) -> Strip:
    """The selected line: one bar of one tone, at least `least` cells long."""
    shown = [
        fit(text, width, column.right)
        for column, width, text in zip(layout.columns, layout.widths, texts, strict=True)
    ]
    width = max(layout.width, least)
    text = fit(mark, MARGIN) + " ".join(shown) + " " * (width - layout.width)
    return Strip([Segment(text, style)], width)


def titles(layout: Layout, sort: str, reverse: bool, paint: Paint) -> Strip:
    """The head of the table; a click on a title sorts by it."""
    segments = [Segment(" " * MARGIN, paint(STRONG))]
    for column, (text, tone) in zip(
        layout.columns, title_parts(layout, sort, reverse), strict=True
    ):
        click = Style.from_meta({"@click": ("sort_by", (column.name,))})
        segments += [Segment(text, paint(tone) + click), Segment(" ", paint(STRONG))]
    return Strip(segments[:-1], layout.width)


IDENTITY = (
    f"agtop {__version__}: every AI coding agent on this machine",
    "It reads what they write here. No account, no network. F1 tells every key, q leaves.",
)


def banner(lines: Sequence[str], number: int) -> tuple[str, str]:
    """One of the lines that stand where no session does, with its tone."""
    if not 0 <= number < len(lines):
        return "", ""
    return f"  {lines[number]}", TITLE if number == 0 and len(lines) > 1 else QUIET
