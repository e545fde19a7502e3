"""Histories as rows of braille dots, one line high or several."""

from __future__ import annotations

from collections.abc import Sequence

from agtop.columns.graph import dots, graph

__all__ = ["chart", "graph"]


def chart(values: Sequence[float], cells: int, lines: int) -> list[str]:
    """The newest `2 × cells` values as `lines` rows, scaled from 0 to the largest of them."""
    shown = list(values)[-2 * cells :]
    shown = [0.0] * (2 * cells - len(shown)) + shown
    top = max(shown, default=0.0)
    heights = [max(1, round(4 * lines * value / top)) if top > 0 else 1 for value in shown]
    return [
        "".join(
            dots(_part(left, floor), _part(right, floor))
            for left, right in zip(heights[::2], heights[1::2], strict=True)
        )
        for floor in range(4 * (lines - 1), -1, -4)
    ]


def _part(height: int, floor: int) -> int:
    """How much of a column of `height` dots is in the row that begins at `floor`."""
    return min(4, max(0, height - floor))
