"""The screen before Textual is there: the rows of the last time, or the first that were read.

To load Textual takes longer than all else at the start. Until it takes over, the same rows stand
in the same places and tones, written as plain codes; its first frame only refines them. Of the
last time nothing is shown that changes by itself (states, processes, rates, ages): those cells
are blank until they are known again.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import FrameType, MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TextIO

from agtop import __version__
from agtop.themes import THEMES, Theme
from agtop.tui.palette import WORDS, sgr
from agtop.tui.places import header_lines, table_lines
from agtop.tui.tones import QUIET, STRONG, TITLE

if TYPE_CHECKING:
    from agtop.model import Snapshot
    from agtop.tui.layout import Layout, Part

LASTING = frozenset(
    {
        *("agent", "session", "title", "project", "branch", "cwd", "model", "effort"),
        *("subscription", "context", "cost", "tokens", "input", "output", "cache", "tools"),
        *("turns", "subagents", "started", "last_active", "duration"),
    }
)
"""The columns that stay true while agtop does not look."""
SCROLLBAR = 1
"""Cells the table leaves free at its right edge."""
SURROUNDINGS = (
    *("CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"),
    *("AMP_DATA_DIR", "CLINE_DATA_DIR", "CLINE_DIR", "CLINE_SESSION_DATA_DIR"),
    *("CONTINUE_GLOBAL_DIR", "COPILOT_HOME", "CRUSH_GLOBAL_DATA", "CURSOR_CONFIG_DIR"),
    *("FACTORY_HOME_OVERRIDE", "GEMINI_CLI_HOME", "GOOSE_PATH_ROOT", "KILO_DATA_DIR", "KILO_DB"),
    *("KIMI_CODE_HOME", "KIMI_SHARE_DIR", "OPENCLAW_STATE_DIR", "OPENCODE_DATA_DIR", "OPENCODE_DB"),
    *("PI_CODING_AGENT_DIR", "PI_CODING_AGENT_SESSION_DIR", "QWEN_HOME", "QWEN_RUNTIME_DIR"),
)
"""What in the environment decides whose sessions these are; not asked of the agents, as to load
them takes longer than to show the rows."""

_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J", "\x1b[?1049l\x1b[?25h"


class Glimpse(NamedTuple):
    """The lines of the table, its titles first, as they were on a terminal of that width."""

    cells: int
    taken_at: float
    sessions: int
    lines: Sequence[Sequence[Part]]


class Look(NamedTuple):
    """What the table looks like, besides its order."""

    columns: tuple[str, ...]
    widths: Mapping[str, int] = MappingProxyType({})
    reverse: bool = False


class Opening:
    """Keeps the last glimpse and shows it until somebody else takes the screen over."""

    def __init__(
        self, folder: Path | None, asked: str, out: TextIO | None, colour: bool = True
    ) -> None:
        """
        Args:
            folder: agtop's cache directory; None keeps nothing.
            asked: what decides which rows are shown; another one's glimpse is not for this time.
            out: where Textual writes.
        """
        self._path = None if folder is None else folder / "screen.json"
        self._asked = asked
        self._out = out
        self._colour = colour
        self._theme: Theme = "dark"
        self._ascii = False
        self._is_on = False
        self.glimpse: Glimpse | None = None
        """What is to be shown until something is known."""

    def __enter__(self) -> Opening:
        size = self._size()
        if size is not None:
            _leave_when_told()
        glimpse = None if size is None else self._kept()
        if glimpse is not None and size is not None and glimpse.cells == size.columns:
            self.glimpse = glimpse
            self._show(glimpse, remembered(glimpse), size)
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_on:
            self.hand_over()
            self._write(_LEAVE)

    def dress(self, theme: Theme, ascii: bool) -> None:  # noqa: A002
        """Look as the screen will: known when config.toml has been read, and the next time."""
        self._theme, self._ascii = theme, ascii

    def show_rows(self, snapshot: Snapshot, sort: str, note: str, look: Look | None = None) -> None:
        """Write the first rows of a snapshot to the terminal."""
        size = self._size()
        if size is not None and snapshot.sessions:
            self._show(glimpse_of(snapshot, sort, size.columns, size.lines, look=look), note, size)

    def _show(self, glimpse: Glimpse, note: str, size: os.terminal_size) -> None:
        self._is_on = True
        look = (self._colour, self._theme, self._ascii)
        self._write("".join(frame(glimpse, note, size.lines, *look)))

    def hand_over(self) -> None:
        """The terminal is somebody else's now, to restore too."""
        self._is_on = False

    def keep(self, snapshot: Snapshot, sort: str, look: Look | None = None) -> None:
        """Keep the first rows for the next time; where that cannot be, it starts without."""
        from agtop.paths import write_atomically

        size = self._size()
        if self._path is None or size is None:
            return
        glimpse = glimpse_of(snapshot, sort, size.columns, size.lines, lasting=True, look=look)
        worn = [self._theme, self._ascii]
        kept = {"asked": self._asked, "look": worn, "glimpse": glimpse}
        try:
            write_atomically(self._path, json.dumps(kept).encode())
        except (OSError, ValueError):
            pass

    def _kept(self) -> Glimpse | None:
        if self._path is None:
            return None
        try:
            kept = json.loads(self._path.read_bytes())
            if kept["asked"] != self._asked:
                return None
            theme, ascii_ = kept["look"]
            if theme not in THEMES:
                return None
            self.dress(theme, bool(ascii_))
            cells, taken_at, sessions, lines = kept["glimpse"]
            drawable = [[_drawable(text, tone) for text, tone in line] for line in lines]
            return Glimpse(int(cells), float(taken_at), int(sessions), drawable)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None

    def _size(self) -> os.terminal_size | None:
        """None where nothing can be shown."""
        if os.name != "posix" or self._out is None:
            return None
        try:
            return os.get_terminal_size(self._out.fileno())
        except (OSError, ValueError):
            return None

    def _write(self, text: str) -> None:
        if self._out is not None:
            self._out.write(text)
            self._out.flush()


def _leave_when_told() -> None:
    """Ended from outside: on the way out the terminal is given back. Later the screen does it."""
    if threading.current_thread() is not threading.main_thread():
        return
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _leave)


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _drawable(text: str, tone: str) -> Part:
    """Raises ValueError: not what was written by `keep`."""
    if not text.isprintable() or not set(tone.split()) <= WORDS:
        raise ValueError(text)
    return text, tone


def remembered(glimpse: Glimpse) -> str:
    """What is told of a glimpse of the last time."""
    from agtop.units import clock

    return f"as of {clock(glimpse.taken_at, time.time())}, looking again"


def opening(flags: Mapping[str, object], environ: Mapping[str, str]) -> Opening:
    """The opening for what the command line asks."""
    from agtop import paths

    if flags["demo"]:
        return Opening(None, "", sys.__stderr__)
    stamp = _stamp(paths.config_dir() / "config.toml")
    surroundings = [environ.get(name) for name in SURROUNDINGS]
    asked = repr((__version__, sorted(flags.items(), key=str), stamp, surroundings))
    colour = not flags["no_color"] and "NO_COLOR" not in environ
    return Opening(paths.cache_dir(), asked, sys.__stderr__, colour)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def glimpse_of(
    snapshot: Snapshot,
    sort: str,
    cells: int,
    most: int,
    lasting: bool = False,
    look: Look | None = None,
) -> Glimpse:
    """The first sessions of a snapshot that is in order; `lasting`: only what stays true."""
    from agtop.columns import DEFAULT
    from agtop.tui.layout import Layout, chosen, parts, title_parts
    from agtop.tui.layout import cells as cells_of

    look = look or Look(DEFAULT)
    layout = Layout.of(chosen(look.columns, look.widths), cells - SCROLLBAR)
    titles = [(" ", STRONG)]
    for part in title_parts(layout, sort, look.reverse):
        titles += [part, (" ", STRONG)]
    lines: list[list[Part]] = [titles[:-1]]
    for session in snapshot.sessions[:most]:
        texts = cells_of(session, snapshot.taken_at, layout)
        line = list(parts(session, texts, layout))
        if lasting:
            line = list(_lasting(line, layout))
        lines.append(line)
    return Glimpse(cells, snapshot.taken_at, len(snapshot.sessions), lines)


def _lasting(line: Sequence[Part], layout: Layout) -> Iterator[Part]:
    """Every second part is a cell, the others stand between them."""
    yield line[0]
    for n, part in enumerate(line[1:]):
        aged = n % 2 == 0 and layout.columns[n // 2].name not in LASTING
        yield (" " * layout.widths[n // 2], "") if aged else part


def frame(
    glimpse: Glimpse,
    note: str,
    lines: int,
    colour: bool,
    theme: Theme = "dark",
    ascii: bool = False,  # noqa: A002
) -> Iterator[str]:
    """The codes that fill a terminal of so many lines with the glimpse."""
    paint = partial(_painted, colour=colour, theme=theme, in_ascii=ascii)
    yield _ENTER
    version = ".".join(__version__.split(".")[:2])
    yield from paint([(" agtop", TITLE), (f" {version}", QUIET)])
    yield "\r\n" * header_lines(glimpse.cells)
    yield from paint(_rule(glimpse, note))
    for line in glimpse.lines[: table_lines(glimpse.cells, lines)]:
        yield "\r\n"
        yield from paint(line)
    yield "\x1b[H"


def _rule(glimpse: Glimpse, note: str) -> Iterator[Part]:
    count = f"{glimpse.sessions:,}"
    room = glimpse.cells - len(f"─ sessions {count}  {note} ─") - 1
    yield "─ ", QUIET
    yield "sessions ", STRONG
    yield count, ""
    yield f" {'─' * max(1, room)} {note} ─", QUIET


def _painted(line: Iterable[Part], colour: bool, theme: Theme, in_ascii: bool) -> Iterator[str]:
    if in_ascii:
        from agtop.tui.plain import plain  # needs more than most, so not at the start

        line = [(plain(text), tone) for text, tone in line]
    for text, tone in line:
        codes = sgr(tone, colour, theme)
        yield f"\x1b[{codes}m{text}\x1b[0m" if codes else text
