"""Text from outside, made safe and cut to fit.

Every string that came from a file, process or socket passes `printable` where it is drawn:
transcripts, titles, paths and branch names are written by strangers.
"""

from __future__ import annotations

import re

from rich.cells import cell_len, set_cell_size

# C0, DEL, C1, line and paragraph separators, bidi controls, zero-width no-break space, soft
# hyphen, surrogates and tag characters. Zero-width joiners stay: emoji need them.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def printable(text: str) -> str:
    """`text` without anything a terminal could take for a command; whitespace becomes a space."""
    if text.isprintable():
        return text
    return _UNPRINTABLE.sub(_harmless, text)


def _harmless(match: re.Match[str]) -> str:
    return " " if match[0] in "\t\n\r\v\f\u2028\u2029" else "\ufffd"


def line(text: str) -> str:
    """`text` as one printable line: runs of blanks and newlines become one space."""
    return printable(" ".join(text.split()))


def width(text: str) -> int:
    """Terminal cells `text` takes."""
    return cell_len(text)


def cut(text: str, cells: int, ellipsis: str = "…") -> str:
    """`text` in at most `cells` cells, ending in an ellipsis when something is missing."""
    if cell_len(text) <= cells:
        return text
    if cells <= cell_len(ellipsis):
        return set_cell_size(text, max(cells, 0))
    return set_cell_size(text, cells - cell_len(ellipsis)).rstrip() + ellipsis


def cut_start(text: str, cells: int, ellipsis: str = "…") -> str:
    """`text` in at most `cells` cells, keeping its end: for paths."""
    if cell_len(text) <= cells:
        return text
    kept = text
    while kept and cell_len(kept) > cells - cell_len(ellipsis):
        kept = kept[max(1, cell_len(kept) - cells) :] if cell_len(kept) == len(kept) else kept[1:]
    return (ellipsis + kept) if cells > 0 else ""


def fit(text: str, cells: int, right: bool = False) -> str:
    """`text` in exactly `cells` cells."""
    shown = cut(text, cells)
    blank = " " * (cells - cell_len(shown))
    return blank + shown if right else shown + blank
