"""Text from outside, made safe and cut to fit.

Every string that came from a file, process or socket passes `printable` where it is drawn:
transcripts, titles, paths and branch names are written by strangers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# C0, DEL, C1, line and paragraph separators, bidi controls, zero-width no-break space, soft
# hyphen, surrogates and tag characters. Zero-width joiners stay: emoji need them.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_PLAIN = re.compile("[ -~–·…●◆◌↻✗⊘○≥†]*")


def printable(text: str) -> str:
    """`text` without anything a terminal could take for a command; whitespace becomes a space."""
    if text.isprintable():
        return text
    return _UNPRINTABLE.sub(_harmless, text)


def _harmless(match: re.Match[str]) -> str:
    return " " if match[0] in "\t\n\r\v\f\u2028\u2029" else "\ufffd"


def line(text: str) -> str:
    """`text` as one printable line: runs of blanks and newlines become one space."""
    if text.isprintable() and " " not in text:  # which takes other blanks for unprintable
        return text
    return printable(" ".join(text.split()))


def are_neat(lines: Sequence[str]) -> bool:
    """Whether each is what `line` makes of it, of letters that take one cell each."""
    if _PLAIN.fullmatch("".join(lines)) is None:
        return False
    text = "\n" + "\n".join(lines) + "\n"
    return "  " not in text and "\n " not in text and " \n" not in text


def width(text: str) -> int:
    """Terminal cells `text` takes."""
    if _PLAIN.fullmatch(text):
        return len(text)
    from rich.cells import cell_len  # its tables take time to load, and few calls need them

    return cell_len(text)


def cut(text: str, cells: int, ellipsis: str = "…") -> str:
    """`text` in at most `cells` cells, ending in an ellipsis when something is missing."""
    if width(text) <= cells:
        return text
    if cells <= width(ellipsis):
        return _exactly(text, max(cells, 0))
    return _exactly(text, cells - width(ellipsis)).rstrip() + ellipsis


def _exactly(text: str, cells: int) -> str:
    from rich.cells import set_cell_size

    return set_cell_size(text, cells)


def cut_start(text: str, cells: int, ellipsis: str = "…") -> str:
    """`text` in at most `cells` cells, keeping its end: for paths."""
    if width(text) <= cells:
        return text
    kept = text
    while kept and width(kept) > cells - width(ellipsis):
        kept = kept[max(1, width(kept) - cells) :] if width(kept) == len(kept) else kept[1:]
    return (ellipsis + kept) if cells > 0 else ""


def fit(text: str, cells: int, right: bool = False) -> str:
    """`text` in exactly `cells` cells."""
    shown = cut(text, cells)
    blank = " " * (cells - width(shown))
    return blank + shown if right else shown + blank
