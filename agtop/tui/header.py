"""The top of the screen: who is at work, what the machine and the money do, what agtop costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from textual.content import Content
from textual.reactive import reactive, var
from textual.widget import Widget

import agtop
from agtop.attention import needy
from agtop.columns.cells import GLYPHS
from agtop.model import STATES, Session, Snapshot, StateName, Window
from agtop.model.difference import changes
from agtop.model.hour import SLOTS, last_hour
from agtop.text import cut, line
from agtop.tui.gauge import gauge
from agtop.tui.graph import graph
from agtop.tui.lines import spread
from agtop.tui.messages import NOTHING
from agtop.tui.modes import Mode
from agtop.tui.places import WIDE
from agtop.tui.tones import ACCENT, MODE_TONES, QUIET, STATE_TONES, STRONG, TITLE, WARN, fill_tone
from agtop.tui.words import toned
from agtop.units import UNKNOWN, age, clock, compact, duration, percent, size, when

_HOUR = SLOTS // 2
"""Cells of a graph of the last hour."""


class Header(Widget):
    """Two lines, or three on a narrow screen."""

    DEFAULT_CSS = """
    Header { height: 2; text-wrap: nowrap; }
    """

    snapshot: var[Snapshot] = var(NOTHING)
    delay: var[float] = var(2.0)
    mode: reactive[Mode] = reactive[Mode]("observe")
    enforces: reactive[bool] = reactive[bool](False)

    def __init__(self) -> None:
        super().__init__()
        self._counts: Counter[StateName] = Counter()
        self._counted: tuple[Session, ...] = ()

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        if snapshot is not NOTHING:
            gone, new = changes(self._counted, snapshot.sessions)
            self._counts.subtract(_counted(gone))
            self._counts.update(_counted(new))
            self._counted = snapshot.sessions
        self.refresh()

    def render(self) -> Content:
        width = self.size.width
        rows = self._wide(width) if width >= WIDE else self._narrow(width)
        return Content("\n").join([row.truncate(width) for row in rows])

    def _wide(self, width: int) -> Sequence[Content]:
        left, right = self._who(), self._when()
        room = width - left.cell_length - right.cell_length - 8
        agents = self._agents(words=True)
        if agents.cell_length > room:
            agents = self._agents(words=False)
        first = Content.assemble(left, "    ", agents)
        now, past, today = self._money()
        parts = [*self._machine(8), self._speed(8), now, today]
        spare = width - 1 - sum(part.cell_length + 3 for part in parts)
        limits = self._limits(spare)
        for limit, place in ((limits[:1], 5), ([past], 4), *(([each], 9) for each in limits[1:])):
            taken = sum(part.cell_length + 3 for part in limit)
            if taken <= spare:
                parts[place:place] = limit
                spare -= taken
        parts[2] = self._speed(8 + min(max(spare, 0), _HOUR - 8))
        return (spread(width, first, right), spread(width, self._row(parts, 3)))

    def _narrow(self, width: int) -> Sequence[Content]:
        agents = self._agents(words=False)
        speed = self._speed(6)
        now, past, today = self._money()
        spare = width - agents.cell_length - speed.cell_length - past.cell_length - 6
        who = [agents, past] if spare >= 0 else [agents]
        return (
            spread(width, self._who(), self._when()),
            spread(width, self._row(who, 3), self._speed(6 + min(max(spare, 0), _HOUR - 6))),
            self._full_row([*self._machine(8), now, today], width),
        )

    def _full_row(self, parts: list[Content], width: int) -> Content:
        """The last line of a narrow screen, with a plan's window where one fits."""
        spare = width - 1 - sum(part.cell_length + 2 for part in parts)
        limits = [self._limit(window, spare) for window in pressed(self.snapshot)[:1]]
        return self._row([*parts, *(limit for limit in limits if limit is not None)], 2)

    def _row(self, parts: Sequence[Content], gap: int) -> Content:
        return Content.assemble(" ", Content(" " * gap).join(parts))

    def _who(self) -> Content:
        version = ".".join(agtop.__version__.split(".")[:2])
        host = cut(line(self.snapshot.host.name), 24)
        plan = self.snapshot.plan
        return Content.assemble(
            (" agtop", TITLE),
            (f" {version}", QUIET),
            (f" · {host}" if host else "", ""),
            (f" · {cut(line(plan), 16)}" if plan != "retail" else "", QUIET),
            (" · ", QUIET),
            (self.mode, MODE_TONES[self.mode]),
            (", budgets act" if self.enforces else "", WARN),
        )

    def _agents(self, words: bool) -> Content:
        """How many are alive, and how many sessions are in each state."""
        counts = self._counts
        parts = [Content.assemble(("agents ", QUIET), (str(self.snapshot.totals.live), STRONG))]
        parts += [
            _count(name, counts[name], words) for name in STATES if counts[name] and name != "ended"
        ]
        return Content("  ").join(parts)

    def _when(self) -> Content:
        weight = self.snapshot.weight
        taken = clock(self.snapshot.taken_at) if self.snapshot is not NOTHING else "--:--:--"
        return Content.assemble(
            ("self ", QUIET),
            f"{percent(weight.cpu_percent, 1):>5} {size(weight.rss):>4}",
            (f"   {_pause(self.delay)} ⟳ ", QUIET),
            taken + " ",
        )

    def _limits(self, spare: int) -> list[Content]:
        """The windows that press most, as far as there is room for them."""
        found: list[Content] = []
        for window in pressed(self.snapshot):
            limit = self._limit(window, spare - 3)
            if limit is None:
                break
            found.append(limit)
            spare -= limit.cell_length + 3
        return found

    def _limit(self, window: Window, room: int) -> Content | None:
        """`claude 5h ▇▇▇▇── 62% → 14:32`, with the instant it is full if that is before its reset;
        less where there is less room, nothing where the figure alone is too long."""
        now, used = self.snapshot.taken_at, window.used_percent
        model = f" {cut(line(window.model), 8)}" if window.model else ""
        account = f" {cut(line(window.account), 12)}" if window.account else ""
        name = f"{cut(line(window.agent), 12)}{account} {window.label.replace(' ', '')}{model} "
        figure = (percent(used), f"bold {fill_tone(used)}")
        end = ("", "")
        if window.is_stale(now) and not window.is_over:
            figure = (percent(used), QUIET)
            end = (f" {age(now - (window.as_of or 0.0))} ago", QUIET)
        elif window.full_before_reset and window.full_at is not None:
            is_full = (used or 0.0) >= 100
            end = (" full" if is_full else f" → {when(window.full_at, now)}", WARN)
        bar = Content.assemble(gauge(used, 6), " ")
        for parts in ((bar, figure, end), (figure, end), (figure,)):
            limit = Content.assemble((name, QUIET), *parts)
            if limit.cell_length <= room:
                return limit
        return None

    def _machine(self, cells: int) -> list[Content]:
        host = self.snapshot.host
        filled = (
            100.0 * host.memory_used / host.memory_total
            if host.memory_used is not None and host.memory_total
            else None
        )
        return [
            _meter("cpu", host.cpu_percent, cells, f"{percent(host.cpu_percent):>4}"),
            _meter("mem", filled, cells, f"{size(host.memory_used):>4}"),
        ]

    def _speed(self, cells: int) -> Content:
        """Of the last hour, by the records' own times."""
        slots = self.snapshot.totals.slots
        shape = graph([] if slots is None else last_hour(slots, self.snapshot.taken_at), cells)
        blank = len(shape) - len(shape.lstrip())
        now = compact(self.snapshot.totals.tokens_per_min)
        return Content.assemble(
            ("tok/min ", QUIET),
            ("·" * blank, QUIET),
            (shape[blank:], ACCENT),
            " ",
            (f"{now:>6}", STRONG),
        )

    def _money(self) -> list[Content]:
        totals = self.snapshot.totals
        return [
            Content.assemble(("$/h ", QUIET), (f"{_amount(totals.cost_per_hour):>6}", STRONG)),
            Content.assemble(("1h ", QUIET), (f"{_sum(totals.cost_last_hour):>7}", STRONG)),
            Content.assemble(("today ", QUIET), (f"{_sum(totals.cost_today):>8}", STRONG)),
        ]


def pressed(snapshot: Snapshot) -> list[Window]:
    """The windows that were measured, those that fill before their reset first."""
    known = [w for w in snapshot.limits if w.source == "measured" and w.used_percent is not None]
    known.sort(key=lambda w: (not w.full_before_reset, -(w.used_percent or 0.0)))
    return known


def _counted(sessions: Iterable[Session]) -> Iterator[StateName]:
    """The state of each, and of the subagents that need the user as their parent may not."""
    for session in sessions:
        yield session.state.name
        if session.subagents and session.state.name != "ended":
            for each in needy(session):
                if each is not session:
                    yield each.state.name


def _count(state: StateName, count: int, words: bool) -> Content:
    tone = STATE_TONES[state]
    if state == "waiting":  # what the user is looked for with
        tone = f"reverse {tone}"
    if words:
        return Content.assemble((f"{GLYPHS[state]} {count}", tone), (f" {state}", QUIET))
    return toned(f"{GLYPHS[state]}{count}", tone)


def _meter(name: str, filled: float | None, cells: int, text: str) -> Content:
    return Content.assemble((f"{name} ", QUIET), gauge(filled, cells), " ", (text, STRONG))


def _amount(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:,.2f}"


def _sum(value: float | None) -> str:
    return UNKNOWN if value is None else f"${value:,.2f}"


def _pause(seconds: float) -> str:
    return duration(seconds) if seconds >= 1 and seconds == int(seconds) else f"{seconds:g}s"
