"""Bars that show how full something is."""

from __future__ import annotations

from textual.content import Content

from agtop.tui.tones import QUIET, fill_tone


def gauge(percent: float | None, cells: int, tone: str | None = None) -> Content:
    """`▇▇▇▇────`; empty where nothing is known."""
    full = 0 if percent is None else round(cells * min(max(percent, 0.0), 100.0) / 100)
    if percent and not full:
        full = 1  # a little is not nothing
    colour = fill_tone(percent) if tone is None else tone
    return Content.assemble(("▇" * full, colour), ("─" * (cells - full), QUIET))
