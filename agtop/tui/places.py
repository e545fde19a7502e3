"""How the screen is divided, for those who draw before Textual lays it out."""

from __future__ import annotations

WIDE = 100
"""Cells from which the header needs two lines instead of three."""

TALL = 30
"""Lines from which the tabs show from the start."""

_TABS = (6, 24)
"""Lines the tabs have at least and at most; as in the style sheet of `Panel`."""


def header_lines(cells: int) -> int:
    return 2 if cells >= WIDE else 3


def table_lines(cells: int, lines: int) -> int:
    """Lines of the table with its titles: what the header, a rule, the tabs and the keys leave."""
    least, most = _TABS
    tabs = min(most, max(least, (lines - 1) * 40 // 100)) if lines >= TALL else 0
    return max(0, lines - header_lines(cells) - tabs - 2)
