"""The question that an answer ends in."""

from __future__ import annotations

import re

_MARKS = ("?", "？")
_DECORATION = " \t\r\n*_`\"')"
_SENTENCE = re.compile(r"(?<=[.!?。！？…:])\s+")
_LONGEST = 160


def asked(text: str) -> str | None:
    """The last sentence of `text`, if that is a question."""
    plain = text.rstrip(_DECORATION)
    if not plain.endswith(_MARKS):
        return None
    last = plain[-2000:].rpartition("\n")[2]
    sentence = _SENTENCE.split(last)[-1].lstrip(" \t*_`\"'(-#>•")
    return " ".join(sentence.split())[:_LONGEST]
