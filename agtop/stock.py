"""`agtop inventory` for people: a table for each kind of thing agents are set up with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agtop.doctor import STYLES, painted, wrapped
from agtop.inventory.facts import COLUMNS, RIGHT, absent, cells, is_risk, sections
from agtop.listing import HEADER_STYLE, Page
from agtop.model import SourceRow
from agtop.sources import Inventory
from agtop.text import cut, fit, line, width

RISK = "1;33"


def text(inventory: Inventory, now: float, on: Page) -> list[str]:
    """All of it, line by line; nothing in it can steer a terminal."""
    found = sections(inventory)
    rows = [[line(cell) for cell in cells(row, now)] for _, each in found for row in each]
    sizes = [max(width(each[n]) for each in [list(COLUMNS), *rows]) for n in range(len(COLUMNS))]
    lines: list[str] = []
    for heading, each in found:
        lines += [*([""] if lines else []), painted(cut(heading, on.cells), HEADER_STYLE, on)]
        lines.append(painted(_row(COLUMNS, sizes, on), "2", on))
        lines += _rows(each, sizes, now, on)
    missing = absent(inventory)
    if missing:
        lines += [*([""] if lines else []), *wrapped("", "", missing, on)]
    return lines or ["Nothing is known of how these agents are set up."]


def _rows(rows: Sequence[SourceRow], sizes: Sequence[int], now: float, on: Page) -> Iterator[str]:
    for each in rows:
        style = RISK if is_risk(each) else STYLES[each.status] if each.status != "ready" else ""
        whole = _row([line(cell) for cell in cells(each, now)], sizes, on)
        yield painted(whole, style, on) if style else whole


def _row(parts: Sequence[str], sizes: Sequence[int], on: Page) -> str:
    fitted = [fit(part, n, right) for part, n, right in zip(parts, sizes, RIGHT, strict=True)]
    return (
        cut("  ".join(fitted).rstrip(), on.cells)
        if on.rows is not None
        else "  ".join(fitted).rstrip()
    )
