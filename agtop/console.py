"""How the faces of one shot speak with a person: narration, progress and endings."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from agtop.collector import Collector
    from agtop.flags import Flags
    from agtop.model import Progress, Snapshot

OK = 0
PATIENCE = 0.2
"""Seconds of reading after which a person is shown how far it is."""


def patience(flags: Flags) -> float | None:
    """Nobody watches a pipe: there everything is read in one go."""
    is_watched = sys.stdout.isatty() or sys.stderr.isatty()
    return PATIENCE if is_watched or not flags.one_shot else None


def until_interrupted(repeat: Callable[[], None]) -> int:
    """Ctrl+C is how a watch is meant to end."""
    try:
        repeat()
    except KeyboardInterrupt:
        pass
    return OK


def complete(collector: Collector) -> Snapshot:
    """A snapshot of everything; on a terminal the progress is told meanwhile."""
    snapshot = collector.collect()
    told = False
    try:
        while not snapshot.complete:
            told = _tell(snapshot.progress)
            snapshot = collector.collect()
    finally:
        if told:
            sys.stderr.write("\r\x1b[K")
    return snapshot


def _tell(progress: Progress) -> bool:
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return False
    sys.stderr.write(f"\r\x1b[Kreading transcripts: {progress.read} of {progress.total}")
    sys.stderr.flush()
    return True


def never_fail_to_encode(stream: TextIO) -> None:
    """A Latin-1 terminal shows `?` where it has no glyph."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")


def say(sentence: str) -> None:
    """To the person, on stderr: stdout is for data."""
    from agtop.text import line

    try:
        print(f"agtop: {line(sentence)}", file=sys.stderr)
    except OSError:
        pass  # nobody listens
