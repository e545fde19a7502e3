"""Limits: how full each plan window is, when it will be, and which sessions used it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from textual.content import Content
from textual.reactive import var

from agtop.columns.cells import GLYPHS, short_id
from agtop.columns.windows import forecast, measured, reset, used, whose
from agtop.model import Session, Snapshot, Window
from agtop.paths import short
from agtop.text import cut, cut_start, line, printable
from agtop.tui.gauge import gauge
from agtop.tui.messages import NOTHING
from agtop.tui.tabs.base import Tab
from agtop.tui.tabs.facts import columns, heading, wrapped
from agtop.tui.tones import QUIET, STATE_TONES, STRONG, TITLE, WARN, fill_tone
from agtop.tui.words import quiet, toned
from agtop.units import UNKNOWN, age, compact, dollars, percent

_MOST = 12
"""Sessions shown of those that used a plan."""
_NOTHING = (
    "No plan window is known. Codex writes its windows into its transcripts; Claude Code keeps"
    " them when it is logged in to a plan, and `agtop statusline install` keeps them up to date."
)


class LimitsTab(Tab):
    TITLE = "Limits"

    snapshot: var[Snapshot] = var(NOTHING)

    def watch_snapshot(self) -> None:
        self.redraw()

    def draw(self, session: Session, now: float, width: int, /) -> Sequence[Content]:
        limits = self.snapshot.limits
        if not limits:
            return [quiet(text.plain) for text in wrapped(_NOTHING, width)]
        plans = [list(windows) for _, windows in groupby(limits, key=lambda each: each.owner)]
        rows = [row for windows in plans for row in _plan(windows, now, width)]
        known = {each.key: each for each in self.snapshot.sessions}
        plans.sort(key=lambda windows: windows[0].agent != session.agent)
        for windows in plans:
            rows += _shares(windows, session, known, width)
        return rows


def _plan(windows: list[Window], now: float, width: int) -> Iterator[Content]:
    """One agent's windows."""
    plan = next((window.plan for window in windows if window.plan), None)
    note = f"plan {line(printable(plan))}" if plan else ""
    yield heading(line(printable(windows[0].owner_label)), note)
    rest = max(row.cell_length for row in _table(windows, now, 0))
    yield from _table(windows, now, max(4, min(24, width - rest)))
    yield from _sources(windows, now, width)


def _table(windows: list[Window], now: float, cells: int) -> list[Content]:
    flush = (False, False, True, False)
    return columns([_window(each, now, cells) for each in windows], flush)


def _window(window: Window, now: float, cells: int) -> list[Content]:
    is_short = window.full_before_reset and not window.is_over
    said = (forecast(window, now), reset(window, now), measured(window, now))
    parts = [
        toned(text, WARN if n == 0 and is_short else "") for n, text in enumerate(said) if text
    ]
    return [
        toned(f"  {line(whose(window))}"),
        gauge(window.used_percent, cells),
        toned(used(window), f"bold {fill_tone(window.used_percent)}"),
        Content.styled(" · ", QUIET).join(parts),
    ]


def _sources(windows: list[Window], now: float, width: int) -> Iterator[Content]:
    """When and where it was measured, each file once."""
    told: dict[str, Window] = {}
    for window in windows:
        told.setdefault(window.where, window)
    for where, window in told.items():
        if window.source == "estimate":
            said = "  nothing was measured: only what this machine used is known"
        else:
            seen = UNKNOWN if window.as_of is None else age(now - window.as_of)
            said = f"  measured {seen} ago in "
        path = cut_start(printable(line(short(where))), max(10, width - len(said)))
        yield quiet(said + (path if where else ""))


def _shares(
    windows: list[Window], session: Session, known: dict[str, Session], width: int
) -> list[Content]:
    """Sessions × windows: whose part of what this machine used is how large."""
    shown = [window for window in windows if window.shared_by is not None]
    parts = [{share.key: share.share for share in window.shares} for window in shown]
    keys = list(dict.fromkeys(key for part in parts for key in part))
    keys.sort(key=lambda key: [-part.get(key, 0.0) for part in parts])
    if not keys:
        return []
    listed = keys[:_MOST]
    if session.key in keys[_MOST:]:
        listed[-1] = session.key
    room = max(10, width - 12 - 8 * len(shown))
    title = f"who used {line(printable(windows[0].owner_label))}"
    head = [toned(title, "bold"), *(quiet(line(whose(window))) for window in shown)]
    rows = [head]
    for key in listed:
        name = _named(key, known.get(key), key == session.key, room)
        rows.append([name, *(_share(part.get(key)) for part in parts)])
    rows.append([quiet("  together"), *(_together(window) for window in shown)])
    flush = (False, *(True for _ in shown))
    rest = len(keys) - len(listed)
    more = [quiet(f"  and {rest} more")] if rest else []
    return [Content(""), *columns(rows, flush), *more]


def _named(key: str, session: Session | None, is_selected: bool, room: int) -> Content:
    mark = "▸ " if is_selected else "  "
    if session is None:
        return Content.assemble((mark, TITLE), toned(cut(line(printable(key)), room), QUIET))
    title = line(printable(session.reading.title or session.project or ""))
    state = session.state.name
    return Content.assemble(
        (mark, TITLE),
        (GLYPHS[state], STATE_TONES[state]),
        " ",
        toned(line(short_id(session)), QUIET),
        " ",
        toned(cut(title, max(4, room - 16)), STRONG if is_selected else ""),
    )


def _share(share: float | None) -> Content:
    if share is None:
        return quiet("0%")
    return toned("<1%" if share < 0.005 else percent(100 * share))


def _together(window: Window) -> Content:
    """What this machine used in it: dollars where all of it has a price."""
    if window.cost is not None:
        return quiet(dollars(window.cost))
    return quiet(compact(window.tokens))
