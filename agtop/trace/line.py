"""An event as one line, in parts that each face paints in its own way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from agtop.model import Event, EventKind
from agtop.text import cut, fit, line, printable, width
from agtop.units import clock, duration, iso

Tone = Literal["plain", "quiet", "strong", "accent", "warn", "alarm", "good"]

_TONES: dict[EventKind, Tone] = {
    "prompt": "strong",
    "text": "plain",
    "thinking": "quiet",
    "tool call": "accent",
    "result": "quiet",
    "error": "alarm",
    "compaction": "warn",
    "limit": "alarm",
    "file written": "good",
}
KIND_CELLS = 12
_BRIEF_SCOPE = 6


class Part(NamedTuple):
    text: str
    tone: Tone


def parts(event: Event, now: float, who: bool = False) -> tuple[Part, ...]:
    """The line, with its text made printable.

    Args:
        who: name the session too, where several are told.
    """
    tone = "alarm" if event.failed else _TONES[event.kind]
    shown = [Part(clock(event.at, now).ljust(8) + "  ", "quiet")]
    if who:
        shown.append(Part(fit(f"{event.agent} {_brief(event.session)}", 17) + "  ", "accent"))
    shown.append(Part(fit(event.kind, KIND_CELLS) + "  ", tone))
    if event.scope:
        shown.append(Part(f"⤷ {_brief(event.scope)}  ", "quiet"))
    if event.kind == "result" and event.tool:
        shown.append(Part(f"{line(printable(event.tool))}: ", "quiet"))
    shown.append(Part(line(printable(event.title)), tone))
    shown.extend(_ending(event))
    return tuple(shown)


def _ending(event: Event) -> Iterator[Part]:
    if event.failed and event.kind == "result":
        yield Part("  ✗ failed", "alarm")
    if event.duration is not None:
        yield Part(f"  {took(event.duration)}", "quiet")


def took(seconds: float) -> str:
    """How long a call took: tenths matter below ten seconds."""
    return f"{seconds:.1f}s" if seconds < 9.95 else duration(seconds)


def body_lines(event: Event) -> list[str]:
    """What is behind the line, each line printable."""
    return [printable(text.expandtabs(4)).rstrip() for text in event.body.split("\n")]


def shortened(shown: tuple[Part, ...], cells: int) -> tuple[Part, ...]:
    """The parts in at most `cells` cells."""
    kept: list[Part] = []
    for part in shown:
        text = cut(part.text, cells)
        if text:
            kept.append(Part(text, part.tone))
        cells -= width(text)
        if text != part.text:
            break
    return tuple(kept)


def _brief(name: str) -> str:
    return line(printable(name.replace("-", "")[-_BRIEF_SCOPE:]))


def document(event: Event) -> dict[str, Any]:
    """The event for `--json`."""
    return {
        "at": iso(event.at),
        "agent": event.agent,
        "session": event.session,
        "scope": event.scope or None,
        "kind": event.kind.replace(" ", "_"),
        "title": event.title,
        "body": event.body or event.title,
        "call": event.call,
        "tool": event.tool,
        "duration_secs": None if event.duration is None else round(event.duration, 3),
        "failed": event.failed,
    }
