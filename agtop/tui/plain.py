"""The screen in ASCII: each glyph stands for one of ours, cell for cell.

For terminals and locales that cannot draw the others. What is drawn passes through here last, so
that no part of the screen needs to know.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import TextIO

from agtop.columns.cells import GLYPHS
from agtop.model import StateName
from agtop.text import width

STATE_SIGNS: dict[StateName, str] = {
    "working": "*",
    "waiting": "!",
    "stalled": "%",
    "looping": "@",
    "error": "x",
    "limited": "#",
    "idle": "o",
    "ended": ".",
    "unknown": "?",
}
"""No two alike: the sign alone tells the state."""

_SIGNS: dict[str, str] = {
    **{GLYPHS[state]: sign for state, sign in STATE_SIGNS.items()},
    **dict.fromkeys("─━╌┄–—−‐‑", "-"),
    **dict.fromkeys("│┃╎┆", "|"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯", "+"),
    **dict.fromkeys("█▇▆", "#"),
    **dict.fromkeys("▅▄", "="),
    **dict.fromkeys("▃▂▁", "_"),
    **dict.fromkeys("▊▉▋▌▍▎▏▐", "|"),
    **dict.fromkeys("→▸▶⤷≥", ">"),
    **dict.fromkeys("←◂◀≤", "<"),
    **dict.fromkeys("↑▴▲", "^"),
    **dict.fromkeys("↓▾▼", "v"),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("“”", '"'),
    "…": "~",
    "×": "x",
    "†": "+",
    "⟳": "@",
    "•": "*",
    "✓": "v",
    "≈": "~",
    "©": "c",
}
_BRAILLE = range(0x2800, 0x2900)
_HEIGHTS = " _-=#"
"""How high the dots of a graph's cell stand."""
_ROWS = (0x40 | 0x80, 0x04 | 0x20, 0x02 | 0x10, 0x01 | 0x08)
"""The dots of a braille cell, row by row from the bottom."""


def needs_ascii(out: TextIO | None) -> bool:
    """Whether `out` has an encoding that some glyph of the screen is missing from."""
    encoding = getattr(out, "encoding", None)
    if encoding is None:
        return False
    try:
        "".join([*_SIGNS, "⣿"]).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return True
    return False


@lru_cache(4096)
def plain(text: str) -> str:
    """`text` in ASCII that takes as many cells."""
    if text.isascii():
        return text
    shown = "".join(_plainly(text))
    missing = width(text) - len(shown)
    return shown[:missing] if missing < 0 else shown + "?" * missing


def _plainly(text: str) -> Iterator[str]:
    for char in text:
        yield char if char.isascii() else _SIGNS.get(char) or _nearest(char)


def _nearest(char: str) -> str:
    """A letter without its accents, or as many question marks as it takes cells."""
    if ord(char) in _BRAILLE:
        return _height(ord(char) - _BRAILLE.start)
    base = unicodedata.normalize("NFKD", char)[0]
    return base if base.isascii() else "?" * width(char)


def _height(dots: int) -> str:
    return _HEIGHTS[max((n for n, row in enumerate(_ROWS, 1) if dots & row), default=0)]
