"""A program's output with nothing but its text and its colours.

What else a terminal obeys (moving the cursor, titles, the clipboard, links, hidden text) is left
out, also where it is cut in two by the end of a read.
"""

from __future__ import annotations

import re

from agtop.text import printable

_PENDING = 64
"""Characters of an unfinished sequence that are waited with; a longer one is no colour."""
# An escape sequence: CSI, a string that ends in BEL or ST (or, never closed, with its line), or
# ESC with one more character; and the C1 forms of the first two.
_SEQUENCE = re.compile(
    "(?:\x1b\\[|\x9b)([0-?]*)([ -/]*)([@-~])"
    "|(?:\x1b[\\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n\x18\x1a]*(?:\x07|\x1b\\\\|\x9c|(?=[\n\x1b\x18\x1a]))"
    "|\x1b[ -/]*[0-Z\\\\`-~]"
)
_UNFINISHED = re.compile("(?:\x1b\\[?|\x9b)[0-?]*[ -/]*$|\x1b[ -/]*$")
_STRING = re.compile("(?:\x1b[\\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n\x18\x1a]*$")
_PLAIN = frozenset([0, 1, 2, 3, 4, 7, 22, 23, 24, 27, 39, 49, *range(30, 38), *range(40, 48)])
_BRIGHT = frozenset([*range(90, 98), *range(100, 108)])
_ALLOWED = _PLAIN | _BRIGHT


class Colours:
    """Cleans what comes in pieces."""

    def __init__(self, keep: bool = True) -> None:
        """
        Args:
            keep: False takes the colours out too.
        """
        self._keep = keep
        self._rest = ""
        self._in_string = False

    def clean(self, text: str) -> str:
        """What can be shown of a further piece."""
        text = (self._rest + text).replace("\r\n", "\n")
        self._rest = ""
        if self._in_string:
            text = self._after_string(text)
        text = self._hold_back(text)
        shown: list[str] = []
        end = 0
        for found in _SEQUENCE.finditer(text):
            shown += (_words(text[end : found.start()]), self._colour(found))
            end = found.end()
        shown.append(_words(text[end:]))
        return "".join(shown)

    def _after_string(self, text: str) -> str:
        """The text behind a string that began in an earlier piece."""
        found = re.search("\x07|\x1b\\\\|\x9c|(?=[\n\x1b\x18\x1a])", text)
        if found is None:
            return ""
        self._in_string = False
        return text[found.end() :]

    def _hold_back(self, text: str) -> str:
        """`text` without a sequence at its end that the next piece may go on with."""
        if text.endswith("\r"):
            self._rest = "\r"
            return text[:-1]
        unfinished = _UNFINISHED.search(text)
        if unfinished is not None and len(unfinished[0]) <= _PENDING:
            self._rest = unfinished[0]
            text = text[: unfinished.start()]
        if (string := _STRING.search(text)) is not None:
            self._in_string = True
            text = text[: string.start()]
        return text

    def _colour(self, found: re.Match[str]) -> str:
        parameters, between, final = found.groups()
        if final != "m" or between or not self._keep:
            return ""
        kept = _kept(parameters or "0")
        return f"\x1b[{kept}m" if kept else ""


def _words(text: str) -> str:
    """Text between sequences: lines and blanks as they are, all else printable."""
    if text.isprintable():
        return text
    rows = text.replace("\r", "\n").split("\n")
    return "\n".join("\t".join(printable(cell) for cell in row.split("\t")) for row in rows)


def _kept(parameters: str) -> str:
    """The parameters that set a colour or weight; what hides or blinks is left out."""
    if not re.fullmatch(r"[\d;:]*", parameters):
        return ""
    kept: list[str] = []
    waiting = parameters.split(";")
    while waiting:
        first = waiting.pop(0)
        number = int(first.split(":")[0] or 0) if len(first) < 32 else -1
        if number in (38, 48):
            kept += _extended(first, waiting)
        elif number in _ALLOWED and ":" not in first:
            kept.append(str(number))
    return ";".join(kept)


def _extended(first: str, waiting: list[str]) -> list[str]:
    """A colour out of 256, or of red, green and blue."""
    if ":" in first:
        return [first]
    count = {"5": 2, "2": 4}.get(waiting[0] if waiting else "", 0)
    taken, waiting[:] = waiting[:count], waiting[count:]
    whole = count > 0 and len(taken) == count and all(each.isdecimal() for each in taken)
    return [first, *taken] if whole else []
