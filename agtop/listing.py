"""`--list`: the sessions as one plain table, once or again and again."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from operator import le
from types import FrameType
from typing import TextIO

from agtop.columns import BY_NAME, DEFAULT, Column, visible, widths
from agtop.columns.windows import sentences, whose
from agtop.model import Record, Session, Snapshot, StateName, Totals, replace
from agtop.text import are_neat, cut, fit, line, width
from agtop.units import UNKNOWN, compact, dollars

PIPE_CELLS = 200
"""Wide enough for every column of the default set: a pipe has no edge to stop at."""
GAP = 1
MOST_PROBLEMS = 10

STYLES: dict[StateName, str] = {
    "working": "32",
    "waiting": "1;33",
    "stalled": "31",
    "looping": "31",
    "error": "1;31",
    "limited": "35",
    "ended": "2",
}
"""SGR codes of the terminal's own sixteen colours, so that every theme can be read."""
HEADER_STYLE = "1"

HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
NO_WRAP, WRAP = "\x1b[?7l", "\x1b[?7h"
HOME, CLEAR_LINE, CLEAR_BELOW = "\x1b[H", "\x1b[K", "\x1b[J"


class Page(Record):
    """What the table is written on."""

    cells: int = PIPE_CELLS
    rows: int | None = None
    """None where there is no bottom edge."""
    colour: bool = False
    redraws: bool = False
    """It is a screen whose cursor can be moved back."""


def page(stream: TextIO, environ: Mapping[str, str], colour: bool = True) -> Page:
    """The page that `stream` is, now: a terminal may be resized at any time."""
    if not stream.isatty():
        return Page()
    import shutil

    size = shutil.get_terminal_size()
    dumb = environ.get("TERM") == "dumb"
    painted = colour and not dumb and not environ.get("NO_COLOR")
    return Page(size.columns, size.lines, painted, redraws=not dumb)


def chosen(names: tuple[str, ...] = DEFAULT) -> tuple[Column, ...]:
    """The columns called `names`. Raises KeyError."""
    return tuple(BY_NAME[name] for name in names)


def table(
    snapshot: Snapshot, on: Page, columns: tuple[Column, ...], limit: int | None = None
) -> list[str]:
    """Header, one line for each session, a blank line and the totals."""
    shown = snapshot.sessions if limit is None else snapshot.sessions[:limit]
    fitting = visible(columns, on.cells, GAP)
    cells = widths(fitting, on.cells, GAP)
    lines = [_header(fitting, cells, on)]
    lines += _rows(shown, fitting, cells, snapshot.taken_at, on)
    hidden = len(snapshot.sessions) - len(shown)
    return [*lines, "", *footer(snapshot, on.cells, hidden)]


def _header(columns: tuple[Column, ...], cells: tuple[int, ...], on: Page) -> str:
    titles = [fit(c.title, n, c.right) for c, n in zip(columns, cells, strict=True)]
    return _painted(cut(" ".join(titles).rstrip(), on.cells), HEADER_STYLE, on.colour)


def _rows(
    sessions: Iterable[Session],
    columns: tuple[Column, ...],
    cells: tuple[int, ...],
    now: float,
    on: Page,
) -> Iterator[str]:
    """One line for each session. Nearly all hold nothing but short plain texts: those are only
    padded."""
    shows = [column.text for column in columns]
    padded = " ".join(
        f"%{n}s" if c.right else f"%-{n}s" for c, n in zip(columns, cells, strict=True)
    )
    is_bare = not on.colour and len(padded % tuple("" for _ in columns)) <= on.cells
    for session in sessions:
        texts = tuple([show(session, now) for show in shows])
        if is_bare and all(map(le, map(len, texts), cells)) and are_neat(texts):
            yield (padded % texts).rstrip()
        else:
            yield _row(session, texts, columns, cells, on)


def _row(
    session: Session,
    raw: tuple[str, ...],
    columns: tuple[Column, ...],
    cells: tuple[int, ...],
    on: Page,
) -> str:
    """One session; every cell is made printable here, whatever its column did."""
    texts = [fit(line(t), n, c.right) for t, n, c in zip(raw, cells, columns, strict=True)]
    style = STYLES.get(session.state.name, "")
    whole = " ".join(texts).rstrip()
    if width(whole) > on.cells or not on.colour or not style:
        return cut(whole, on.cells)
    if session.state.name == "ended":
        return _painted(whole, style, True)
    painted = [
        _painted(text, style, c.name in ("glyph", "state"))
        for c, text in zip(columns, texts, strict=True)
    ]
    return " ".join(painted).rstrip()


def _painted(text: str, style: str, colour: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if colour else text


def footer(snapshot: Snapshot, cells: int, hidden: int = 0) -> list[str]:
    """The totals, in as many lines as they need."""
    parts = [*totals_parts(snapshot.totals)]
    if hidden:
        parts.insert(0, f"{_many(hidden, 'more session')} not shown")
    if not snapshot.complete:
        progress = snapshot.progress
        parts.append(f"still reading: {progress.read} of {progress.total} transcripts")
    return [*_wrapped(parts, cells), *_limits(snapshot, cells)]


def _limits(snapshot: Snapshot, cells: int) -> Iterator[str]:
    """A line for each agent whose plan was measured, in as many pieces as it needs."""
    by_agent: dict[str, list[str]] = {}
    for window in snapshot.limits:
        if window.source == "measured":
            said = f"{whose(window)} {sentences(window, snapshot.taken_at)}"
            by_agent.setdefault(line(window.owner_label), []).append(line(said))
    for agent, parts in by_agent.items():
        yield from _wrapped([f"{agent} {parts[0]}", *parts[1:]], cells)


def totals_parts(totals: Totals) -> tuple[str, ...]:
    """`7 sessions, 3 live, 1 waiting`, tokens, cost, today: gaps in a sum are told beside it."""
    counts = f"{_many(totals.sessions, 'session')}, {totals.live} live, {totals.waiting} waiting"
    if not totals.sessions:
        return ("no sessions",)
    return (counts, _tokens_part(totals), _cost_part(totals), _today_part(totals))


def _tokens_part(totals: Totals) -> str:
    if totals.unmetered_sessions == totals.sessions:
        return "tokens unknown"
    tokens = totals.tokens
    detail = (
        f"in {compact(tokens.input)} out {compact(tokens.output)} cache {compact(tokens.cache)}"
    )
    gap = totals.unmetered_sessions
    sign, missing = ("≥ ", f", {_many(gap, 'session')} without counts") if gap else ("", "")
    if totals.estimated_sessions:
        sign, missing = f"{sign}~", f"{missing}, {totals.estimated_sessions} estimated"
    return f"{sign}{compact(tokens.total)} tokens ({detail}){missing}"


def _cost_part(totals: Totals) -> str:
    gap, included = totals.unpriced_sessions, totals.included_sessions
    sign = _bound(totals)
    nothing_known = not totals.cost and (gap or totals.unmetered_sessions == totals.sessions)
    parts = ["cost unknown" if nothing_known and not included else sign + dollars(totals.cost)]
    if gap:
        parts.append(f"{_many(gap, 'session')} unpriced")
    if included:
        parts.append(f"{_many(included, 'session')} in the plan")
    return ", ".join(parts)


def _today_part(totals: Totals) -> str:
    if totals.cost_today is None:
        return f"today {UNKNOWN}"
    return f"today {_bound(totals)}{dollars(totals.cost_today)}"


def _bound(totals: Totals) -> str:
    """A sum is a lower bound while some sessions' prices or very tokens are unknown."""
    bound = "≥ " if totals.unpriced_sessions or totals.unmetered_sessions else ""
    return f"{bound}~" if totals.estimated_sessions else bound


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _wrapped(parts: list[str], cells: int) -> list[str]:
    """`parts` joined by dots, broken between them where a line would be too long."""
    lines: list[str] = []
    for part in parts:
        joined = f"{lines[-1]} · {part}" if lines else part
        if lines and width(joined) <= cells:
            lines[-1] = joined
        else:
            lines.append(cut(part, cells))
    return lines


def problem_lines(snapshot: Snapshot, most: int = MOST_PROBLEMS) -> list[str]:
    """A sentence for each problem of the snapshot and its sessions, `most` of them.

    What several sessions of an agent have in common is told once.
    """
    found = [line(f"{p.source}: {p.message}") for p in snapshot.problems]
    keys: dict[tuple[str, str], list[str]] = {}
    for session in snapshot.sessions:
        for message in dict.fromkeys((*session.problems, *session.reading.problems)):
            keys.setdefault((session.agent, message), []).append(session.key)
    for (agent, message), each in keys.items():
        whose = each[0] if len(each) == 1 else f"{agent}, {len(each):,} sessions"
        found.append(line(f"{whose}: {message}"))
    if len(found) <= most:
        return found
    return [*found[:most], f"{_many(len(found) - most, 'more problem')}: agtop --json has them all"]


def watch(
    stream: TextIO,
    take: Callable[[], Snapshot],
    delay: float,
    look: Callable[[], Page],
    columns: tuple[Column, ...],
    wait: Callable[[float], None],
    limit: int | None = None,
) -> None:
    """The table again every `delay` seconds, until interrupted.

    On a terminal each one takes the place of the last; elsewhere a blank line parts them.
    """
    if not look().redraws:
        _append(stream, take, delay, look, columns, wait, limit)
    stream.write("\n" * ((look().rows or 1) - 1))  # what is on the screen goes to the scrollback
    with cursor_hidden(stream):
        while True:
            snapshot = take()
            stream.write(frame(snapshot, look(), columns, delay, limit))
            stream.flush()
            wait(delay if snapshot.complete else 0.0)


def _append(
    stream: TextIO,
    take: Callable[[], Snapshot],
    delay: float,
    look: Callable[[], Page],
    columns: tuple[Column, ...],
    wait: Callable[[float], None],
    limit: int | None,
) -> None:
    parting = ""
    while True:
        lines = table(take(), look(), columns, limit)
        stream.write(parting + "\n".join(lines) + "\n")
        stream.flush()
        parting = "\n"
        wait(delay)


def frame(
    snapshot: Snapshot,
    on: Page,
    columns: tuple[Column, ...],
    delay: float,
    limit: int | None = None,
) -> str:
    """One screen of `--watch`: drawn over the last one, wiping only what is left over."""
    on = replace(on, cells=max(1, on.cells - 1))  # a full last cell would be wiped with the rest
    below = [*problem_lines(snapshot, 3), f"every {delay:g}s, Ctrl+C ends"]
    rows = on.rows or 24
    header_and_blank = 2
    room = rows - header_and_blank - len(footer(snapshot, on.cells, hidden=1)) - len(below)
    most = max(1, room) if limit is None else max(1, min(room, limit))
    lines = [*table(snapshot, on, columns, most), *(cut(text, on.cells) for text in below)]
    drawn = "\r\n".join(text + CLEAR_LINE for text in lines[:rows])
    return NO_WRAP + HOME + drawn + CLEAR_BELOW + WRAP


@contextmanager
def cursor_hidden(stream: TextIO) -> Generator[None]:
    """No cursor while the table is drawn; it is back however the program ends or is suspended."""

    def leave(number: int, _frame: FrameType | None) -> None:
        sys.exit(128 + number)

    def suspend(number: int, _frame: FrameType | None) -> None:
        # Straight to the descriptor: the signal may have come in the middle of a buffered write.
        os.write(stream.fileno(), SHOW_CURSOR.encode())
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)  # stops here until the shell continues us
        signal.signal(number, suspend)
        os.write(stream.fileno(), HIDE_CURSOR.encode())

    with _answering({"SIGTERM": leave, "SIGHUP": leave, "SIGTSTP": suspend}):
        try:
            stream.write(HIDE_CURSOR)
            yield
        finally:
            stream.write(SHOW_CURSOR + "\n")
            stream.flush()


@contextmanager
def _answering(answers: Mapping[str, Callable[[int, FrameType | None], None]]) -> Generator[None]:
    """Signals answered for a while; Windows knows only some of them, threads none."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = {getattr(signal, name): a for name, a in answers.items() if hasattr(signal, name)}
    before = {number: signal.signal(number, answer) for number, answer in numbers.items()}
    try:
        yield
    finally:
        for number, answer in before.items():
            signal.signal(number, answer)
