"""Words in the tones of the screen."""

from __future__ import annotations

from textual.content import Content

from agtop.text import printable
from agtop.tui.tones import NOTHING_TO_TELL, QUIET


def toned(text: str, tone: str = "") -> Content:
    """`text`, from wherever, made printable and drawn in one tone."""
    return Content.styled(printable(text), tone) if tone else Content(printable(text))


def quiet(text: str) -> Content:
    return toned(text, QUIET)


def figure(text: str, tone: str = "") -> Content:
    """A number: quiet when there is nothing to tell."""
    return toned(text, QUIET if text.strip() in NOTHING_TO_TELL else tone)
