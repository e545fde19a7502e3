"""Dashboard: the fleet at a glance, from further away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content

from agtop.columns.cells import GLYPHS, state_text
from agtop.columns.windows import forecast, measured, reset, used, whose
from agtop.model import Session, Snapshot, Window
from agtop.model.hour import SLOT, SLOTS, Slots, last_hour
from agtop.text import cut, fit, line, printable
from agtop.tui.burn import Burn, by_agent, in_need, spent_today
from agtop.tui.gauge import gauge
from agtop.tui.graph import chart
from agtop.tui.keys import bind
from agtop.tui.lines import beside
from agtop.tui.messages import NOTHING
from agtop.tui.screens.sheet import Sheet
from agtop.tui.tabs.facts import columns, heading
from agtop.tui.tones import ACCENT, GOOD, QUIET, STATE_TONES, STRONG, WARN, fill_tone
from agtop.tui.words import quiet, toned
from agtop.units import UNKNOWN, age, compact, dollars

_WIDE = 110
"""Cells from which the graphs stand beside the rest."""
_NAME = 10
_FIGURES = 24
"""Cells of what stands behind a graph."""
_MOST = 8


class DashboardScreen(Sheet):
    """Follows the snapshots of the app; draws only what is another now."""

    NAME = "Dashboard"
    DEFAULT_CSS = """
    DashboardScreen Page { width: 100%; max-width: 100%; height: 100%; max-height: 100%; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("dashboard.close", "d", "dismiss", "Close", "The whole fleet, with larger graphs"),
    ]

    def __init__(self, snapshot: Callable[[], Snapshot]) -> None:
        """
        Args:
            snapshot: the newest there is.
        """
        super().__init__()
        self._snapshot = snapshot
        self._drawn: tuple[int, list[Content]] | None = None

    def redraw(self) -> None:
        width = self.size.width
        rows = list(self.lines(max(20, width - 5)))
        if self._drawn == (width, rows):
            return
        self._drawn = (width, rows)
        self._text.update(Content("\n").join(rows))

    def lines(self, width: int, /) -> Sequence[Content]:
        return dashboard(self._snapshot(), width, self.size.height)


def dashboard(snapshot: Snapshot, width: int, height: int) -> list[Content]:
    """All of it, in one column or two."""
    if snapshot is NOTHING:
        return [quiet("reading transcripts…")]
    is_wide = width >= _WIDE
    left = width * 55 // 100 if is_wide else width
    right = width - left if is_wide else width
    room = left - 3 if is_wide else left
    burning = _burning(snapshot, room, height)
    needs, plans = _needs(snapshot, right), _plans(snapshot, right)
    spent = _spent(snapshot, right)
    if is_wide:
        return beside(burning, _blocks(needs, plans, spent), left)
    return _blocks(needs[: _MOST if height > 30 else 5], burning, plans, spent)


def _blocks(*blocks: Sequence[Content]) -> list[Content]:
    """One below the other, a blank line between them."""
    rows: list[Content] = []
    for block in filter(None, blocks):
        rows += [*([Content("")] if rows else []), *block]
    return rows


# ---- tokens of the last hour


def _burning(snapshot: Snapshot, width: int, height: int) -> list[Content]:
    totals, now = snapshot.totals, snapshot.taken_at
    cells = _cells(width - _NAME - _FIGURES)
    high = 6 if height >= 45 else 4 if height >= 34 else 2
    low = 2 if height >= 45 else 1
    whole = Burn("all", totals.slots, totals.tokens_per_min, totals.cost_last_hour)
    rows = [heading("tokens/min", f"over the last hour, in steps of {SLOT / 60:.0f} minutes")]
    rows += _graph(whole, now, cells, high)
    for burn in by_agent(snapshot.sessions)[:_MOST]:
        rows += _graph(burn, now, cells, low)
    return rows


def _cells(room: int) -> int:
    """Whole multiples of the hour's slots, so that every one is as wide as the next."""
    return SLOTS // 2 * max(1, room // (SLOTS // 2))


def _graph(burn: Burn, now: float, cells: int, lines: int) -> list[Content]:
    """`claude  ⣀⣤⣶  12.4k/min  peak 40k  $3.10`, several lines high."""
    name = toned(fit(line(printable(burn.agent)), _NAME - 1) + " ", STRONG)
    figures = toned(f" {compact(burn.tokens_per_min):>6}/min  {dollars(burn.hour_cost):>7} 1h")
    if burn.slots is None:
        return [Content.assemble(name, ("·" * cells, QUIET), figures)]
    rows = chart(_stretched(burn.slots, now, cells), cells, lines)
    blank = " " * _NAME
    shown = [Content.assemble(blank, (row, ACCENT)) for row in rows[:-1]]
    if shown:
        peak = max(last_hour(burn.slots, now)) * 60 / SLOT
        note = f" {compact(peak):>6}/min at most"
        shown[0] = Content.assemble(shown[0], (note, QUIET))
    return [*shown, Content.assemble(name, (rows[-1], ACCENT), figures)]


def _stretched(slots: Slots, now: float, cells: int) -> list[int]:
    return [value for value in last_hour(slots, now) for _ in range(2 * cells // SLOTS)]


# ---- who needs you, plans, money


def _needs(snapshot: Snapshot, width: int) -> list[Content]:
    found, now = in_need(snapshot.sessions), snapshot.taken_at
    rows = [heading("who needs you", str(len(found)) if found else "")]
    rows += [_need(session, now, width) for session in found[:_MOST]]
    if len(found) > _MOST:
        rows.append(quiet(f"  and {len(found) - _MOST} more"))
    return rows if found else [*rows, quiet("  nobody")]


def _need(session: Session, now: float, width: int) -> Content:
    tone = STATE_TONES[session.state.name]
    since = UNKNOWN if session.state.since is None else age(now - session.state.since)
    state = fit(f"{GLYPHS[session.state.name]} {line(state_text(session))}", 20)
    agent = fit(line(printable(session.agent)), _NAME - 1)
    about = session.project or session.reading.title or session.session_id
    said = f"{line(printable(about))}: {line(printable(session.state.evidence))}"
    return Content.assemble(
        ("  " + state, tone), f" {since:>4} ", (agent, STRONG), " ", cut(said, max(8, width - 38))
    )


def _plans(snapshot: Snapshot, width: int) -> list[Content]:
    if not snapshot.limits:
        return []
    windows = snapshot.limits[:_MOST]
    heads = columns([_head(each, width) for each in windows], (False, False, True, False))
    rows = [heading("plan windows")]
    for window, head in zip(windows, heads, strict=True):
        is_short = window.full_before_reset and not window.is_over
        said = _foretold(window, snapshot.taken_at, width - head.cell_length)
        rows.append(Content.assemble(head, toned(said, WARN if is_short else QUIET)))
    return rows


def _head(window: Window, width: int) -> list[Content]:
    return [
        toned(f"  {line(printable(window.owner))} {line(whose(window))}"),
        gauge(window.used_percent, 20 if width >= 90 else 10 if width >= 60 else 5),
        toned(used(window), f"bold {fill_tone(window.used_percent)}"),
        Content(""),
    ]


def _foretold(window: Window, now: float, room: int) -> str:
    """As wordy as there is room for: a date that is cut in two says nothing."""
    full, anew, seen = forecast(window, now), reset(window, now), measured(window, now)
    at = anew.partition(" in ")[0]
    wordings = ((full, anew, seen), (full, at, seen), (full, at), (full or at,))
    said = [" · ".join(filter(None, words)) for words in wordings]
    return next((text for text in said if len(text) <= room), cut(said[-1], max(0, room)))


def _spent(snapshot: Snapshot, width: int) -> list[Content]:
    agents, models = spent_today(snapshot.sessions)
    total = snapshot.totals.cost_today
    return [
        heading("spent today", dollars(total)),
        *_bars(agents, width),
        *([Content("")] if models else []),
        *_bars(models, width),
    ]


def _bars(spent: Mapping[str, float], width: int) -> Iterator[Content]:
    most = max(spent.values(), default=0.0)
    cells = max(6, min(60, width - 34))
    for name, amount in list(spent.items())[:_MOST]:
        bar = gauge(100 * amount / most if most > 0 else None, cells, GOOD)
        label = fit(line(printable(name)), 20)
        yield Content.assemble("  ", label, " ", bar, (f" {dollars(amount):>9}", STRONG))
