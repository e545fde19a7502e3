"""`agtop conflicts`: which files two sessions wrote, for people and for scripts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TextIO

from agtop.conflicts import DAY, WINDOW
from agtop.conflicts import unread as without_writes
from agtop.listing import HEADER_STYLE, Page
from agtop.model import Conflict, Severity, Snapshot
from agtop.paths import short
from agtop.text import cut, fit, line, width
from agtop.units import clock, iso

SCHEMA_VERSION = 1
STYLES: dict[Severity, str] = {"high": "1;31", "medium": "33", "low": "2"}
"""SGR codes of the terminal's own sixteen colours."""
TITLES = ("FIRST", "LAST", "KIND", "SEVERITY", "FILE", "WHO")
_PATH_MOST = 60


def in_full(take: Callable[[], Snapshot], look_into: Callable[[str], None]) -> Snapshot:
    """A snapshot in which the writes of the last day are known.

    Args:
        look_into: has the session of that key read in full by the time of the next snapshot.
    """
    snapshot = take()
    for key in (keys := unread(snapshot)):
        look_into(key)
    return take() if keys else snapshot


def unread(snapshot: Snapshot) -> tuple[str, ...]:
    """Sessions of the last day whose writes are not known, as they were only scanned."""
    since = snapshot.taken_at - DAY
    return tuple(session.key for session in without_writes(snapshot.sessions, since))


# ---- for people


def text(conflicts: Sequence[Conflict], now: float, on: Page) -> list[str]:
    """A table, the newest first, each with how agtop knows; nothing can steer a terminal."""
    if not conflicts:
        return ["no conflicts in the last day"]
    rows = [_row(each, now) for each in conflicts]
    sizes = _sizes(rows)
    lines = [_painted(_joined(TITLES, sizes, on), HEADER_STYLE, on)]
    for each, row in zip(conflicts, rows, strict=True):
        lines += _told(each, row, sizes, on)
    return lines


def _row(conflict: Conflict, now: float) -> tuple[str, ...]:
    shown = line(short(conflict.path))
    if width(shown) > _PATH_MOST:
        shown = "…" + shown[-_PATH_MOST + 1 :]
    return (
        clock(conflict.first_at, now),
        clock(conflict.last_at, now),
        conflict.grade,
        conflict.severity,
        shown,
        line(who(conflict)),
    )


def who(conflict: Conflict) -> str:
    """`claude 2b91aa04, codex 77c0ffee`: who was first stands first."""
    return ", ".join(
        f"{w.agent} {w.key.partition(':')[2].replace('-', '')[-8:]}" for w in conflict.writers
    )


def _sizes(rows: Sequence[tuple[str, ...]]) -> list[int]:
    return [max(width(row[n]) for row in (TITLES, *rows)) for n in range(len(TITLES))]


def _joined(row: Sequence[str], sizes: Sequence[int], on: Page) -> str:
    return cut("  ".join(map(fit, row, sizes)).rstrip(), on.cells)


def _told(
    conflict: Conflict, row: tuple[str, ...], sizes: Sequence[int], on: Page
) -> tuple[str, str]:
    style = STYLES[conflict.severity]
    evidence = cut(f"  {line(conflict.evidence)}", on.cells)
    return _painted(_joined(row, sizes, on), style, on), evidence


def _painted(text: str, style: str, on: Page) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if on.colour else text


# ---- for scripts


def document(snapshot: Snapshot, window: float) -> dict[str, Any]:
    """All conflicts of the last day."""
    return {
        "schema_version": SCHEMA_VERSION,
        "generated_at": iso(snapshot.taken_at),
        "window": window,
        "complete": snapshot.complete,
        "conflicts": [entry(each) for each in snapshot.conflicts],
    }


def entry(conflict: Conflict) -> dict[str, Any]:
    """One conflict as `agtop conflicts --json` prints it."""
    return {
        "kind": conflict.grade,
        "severity": conflict.severity,
        "path": conflict.path,
        "first_seen": iso(conflict.first_at),
        "last_seen": iso(conflict.last_at),
        "writers": [
            {
                "key": each.key,
                "agent": each.agent,
                "first_at": iso(each.first_at),
                "last_at": iso(each.last_at),
                "writes": each.writes,
            }
            for each in conflict.writers
        ],
        "evidence": conflict.evidence,
    }


# ---- either way

Tell = Callable[[Sequence[Conflict], float, bool], str]
"""Some conflicts at an instant, the first of all or not → what is written of them."""


def teller(on: Page, as_json: bool) -> Tell:
    """For people the table once, then only its rows; for scripts one line of JSON for each."""
    if not as_json:
        return lambda conflicts, now, is_first: lines(conflicts, now, on, is_first)
    from agtop.export import encode

    return lambda conflicts, _now, _is_first: "".join(
        f"{encode(entry(each), None)}\n" for each in conflicts
    )


def show(
    stream: TextIO, snapshot: Snapshot, tell: Tell, as_json: bool, window: float | None
) -> None:
    """Once, and all of them."""
    if as_json:
        from agtop.export import write_json

        write_json(stream, document(snapshot, window or WINDOW))
    else:
        stream.write(tell(snapshot.conflicts, snapshot.taken_at, True))


def watch(
    stream: TextIO, take: Callable[[], Snapshot], tell: Tell, wait: Callable[[], None]
) -> None:
    """What there is, then each conflict when it begins or goes on, until interrupted."""
    known: dict[str, Conflict] = {}
    is_first = True
    while True:
        snapshot = take()
        fresh = [each for each in snapshot.conflicts if known.get(each.key) != each]
        known = {each.key: each for each in snapshot.conflicts}
        if fresh or is_first:
            stream.write(tell(fresh, snapshot.taken_at, is_first))
            stream.flush()
        is_first = False
        wait()


def lines(conflicts: Sequence[Conflict], now: float, on: Page, is_first: bool) -> str:
    """For people: the table once, then only its rows."""
    told = text(conflicts, now, on)[0 if is_first or not conflicts else 1 :]
    return "".join(f"{each}\n" for each in told)
