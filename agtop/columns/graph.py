"""Histories as rows of braille dots."""

from __future__ import annotations

from collections.abc import Sequence

_LEFT = (0x00, 0x40, 0x44, 0x46, 0x47)
_RIGHT = (0x00, 0x80, 0xA0, 0xB0, 0xB8)
"""Dots of a column filled from the bottom, by height."""


def graph(values: Sequence[float | None], cells: int) -> str:
    """The newest `2 × cells` values, scaled from 0 to the largest of them; gaps stay blank.

    Zero keeps the lowest dot, so that an idle minute differs from an unknown one.
    """
    shown = list(values)[-2 * cells :]
    padded: list[float | None] = [None] * (2 * cells - len(shown)) + shown
    top = max((v for v in shown if v is not None), default=0.0)
    heights = [_height(value, top) for value in padded]
    pairs = zip(heights[::2], heights[1::2], strict=True)
    return "".join(dots(left, right) for left, right in pairs)


def dots(left: int, right: int) -> str:
    """An empty pattern is drawn as a blank: fonts disagree about its width."""
    return chr(0x2800 + _LEFT[left] + _RIGHT[right]) if left or right else " "


def _height(value: float | None, top: float) -> int:
    if value is None:
        return 0
    if value <= 0 or top <= 0:
        return 1
    return max(1, round(4 * value / top))
