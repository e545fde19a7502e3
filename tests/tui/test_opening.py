"""Before Textual is there the rows stand where it will draw them, and the terminal is given back."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import termios
from collections import UserDict
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest

from agtop.agents import AGENTS
from agtop.columns import DEFAULT_SORT, find, order
from agtop.model import Snapshot
from agtop.themes import THEMES, Theme
from agtop.tui.app import Agtop
from agtop.tui.opening import SURROUNDINGS, Opening, frame, glimpse_of, opening
from agtop.tui.palette import PALETTES, sgr
from agtop.tui.tones import (
    ACCENT,
    ALARM,
    CURSOR,
    GOOD,
    MARKED,
    QUIET,
    STATE_TONES,
    STRONG,
    TITLE,
    WARN,
)
from tests.tui.fleet import snapshot
from tests.tui.stage import screen, show

LEAVES = "\x1b[?1049l"


class Terminal:
    """A pseudo-terminal of which one end is read here."""

    def __init__(self, cells: int, lines: int) -> None:
        self._ours, theirs = pty.openpty()
        size = struct.pack("HHHH", lines, cells, 0, 0)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, size)
        os.set_blocking(self._ours, False)
        self.stream: TextIO = open(theirs, "w", encoding="utf-8", newline="")  # noqa: SIM115

    def shown(self) -> str:
        text = b""
        while True:
            try:
                text += os.read(self._ours, 1 << 16)
            except BlockingIOError:
                return text.decode()

    def close(self) -> None:
        self.stream.close()
        os.close(self._ours)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal(120, 36)
    yield made
    made.close()


def arranged() -> Snapshot:
    full = snapshot()
    rows = order(full.sessions, find(DEFAULT_SORT), reverse=False)
    return Snapshot(full.taken_at, sessions=rows)


def kept(folder: Path, terminal: Terminal, asked: str = "same") -> None:
    Opening(folder, asked, terminal.stream).keep(arranged(), DEFAULT_SORT)


def test_the_rows_of_the_last_time_are_shown_at_once(tmp_path: Path, terminal: Terminal) -> None:
    kept(tmp_path, terminal)
    with Opening(tmp_path, "same", terminal.stream):
        shown = terminal.shown()

    assert shown.startswith("\x1b[?1049h")
    assert "sessions " in shown
    assert "PROJECT" in shown
    assert "payments-api" in shown


def test_of_the_last_time_nothing_is_shown_that_changes_by_itself() -> None:
    full = arranged()
    live = next(s for s in full.sessions if s.state.name == "working" and s.process)
    assert live.process is not None
    now = glimpse_of(full, DEFAULT_SORT, 200, 50)
    then = glimpse_of(full, DEFAULT_SORT, 200, 50, lasting=True)

    said = ["".join(text for line in g.lines[1:] for text, _ in line) for g in (now, then)]

    assert "working" in said[0]
    assert str(live.process.pid) in said[0]
    assert "working" not in said[1]
    assert str(live.process.pid) not in said[1]
    assert [sum(len(t) for t, _ in line) for line in now.lines] == [
        sum(len(t) for t, _ in line) for line in then.lines
    ]


def test_what_was_kept_for_another_question_is_not_shown(
    tmp_path: Path, terminal: Terminal
) -> None:
    kept(tmp_path, terminal, asked="another")
    with Opening(tmp_path, "same", terminal.stream) as first:
        assert first.glimpse is None

    assert terminal.shown() == ""


def test_what_was_kept_for_another_width_is_not_shown(tmp_path: Path, terminal: Terminal) -> None:
    kept(tmp_path, terminal)
    other = Terminal(119, 36)
    with Opening(tmp_path, "same", other.stream) as first:
        assert first.glimpse is None

    assert other.shown() == ""
    other.close()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"asked":"same","page":1}', "[" * 100_000, '{"asked":"same"}', "\0"],
)
def test_a_file_that_is_not_right_is_not_shown(
    tmp_path: Path, terminal: Terminal, text: str
) -> None:
    (tmp_path / "screen.json").write_text(text)
    with Opening(tmp_path, "same", terminal.stream):
        pass

    assert terminal.shown() == ""


def test_no_code_reaches_the_terminal_from_the_file(tmp_path: Path, terminal: Terminal) -> None:
    kept(tmp_path, terminal)
    path = tmp_path / "screen.json"
    path.write_text(path.read_text().replace("payments-api", "payments\\u001bapi"))
    with Opening(tmp_path, "same", terminal.stream):
        pass

    assert terminal.shown() == ""


def test_what_is_kept_is_for_its_owner_only(tmp_path: Path, terminal: Terminal) -> None:
    kept(tmp_path, terminal)

    assert (tmp_path / "screen.json").stat().st_mode & 0o777 == 0o600


def test_the_terminal_is_given_back_when_nobody_takes_it_over(
    tmp_path: Path, terminal: Terminal
) -> None:
    kept(tmp_path, terminal)
    with pytest.raises(ZeroDivisionError), Opening(tmp_path, "same", terminal.stream):
        raise ZeroDivisionError

    assert terminal.shown().endswith("\x1b[?1049l\x1b[?25h")


def test_who_takes_the_terminal_over_gives_it_back(tmp_path: Path, terminal: Terminal) -> None:
    kept(tmp_path, terminal)
    with Opening(tmp_path, "same", terminal.stream) as first:
        first.hand_over()

    assert LEAVES not in terminal.shown()


def test_without_a_terminal_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "errors"
    with path.open("w") as stream:
        first = Opening(tmp_path, "same", stream)
        first.keep(arranged(), DEFAULT_SORT)
        with first:
            first.show_rows(arranged(), DEFAULT_SORT, "reading")

    assert path.read_text() == ""
    assert not (tmp_path / "screen.json").exists()


def test_the_demo_keeps_nothing(home: Path, terminal: Terminal) -> None:
    first = opening({"demo": True}, {})
    first.keep(arranged(), DEFAULT_SORT)

    assert not list(home.rglob("screen.json"))


@pytest.mark.parametrize("size", [(80, 24), (99, 30), (100, 29), (120, 36), (200, 50), (250, 80)])
async def test_textuals_first_frame_has_the_same_rows_in_the_same_places(
    size: tuple[int, int],
) -> None:
    full = arranged()
    codes = "".join(frame(glimpse_of(full, DEFAULT_SORT, *size), "", size[1], True))
    before = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", codes).split("\r\n")
    app = Agtop(None)
    async with app.run_test(size=size) as pilot:
        await show(pilot, full)
        after = screen(app)
        top, height = app.table.region.y, app.table.size.height

    rows = slice(top, top + height)
    assert [line.rstrip() for line in before[rows]] == [
        line[:-1].rstrip() for line in after[rows] if line.strip()
    ]
    assert len(before) <= top + height


async def test_the_rows_of_the_last_time_stay_until_the_first_snapshot() -> None:
    full = arranged()
    glimpse = glimpse_of(full, DEFAULT_SORT, 120, 36, lasting=True)
    app = Agtop(None, glimpse=glimpse)
    async with app.run_test(size=(120, 36)) as pilot:
        before = screen(app)
        await show(pilot, full)
        after = screen(app)

    assert "looking again" in before[2]
    assert "payments-api" in "\n".join(before)
    assert "working" not in "\n".join(before)
    assert "looking" not in "\n".join(after)
    assert "working" in "\n".join(after)


@pytest.mark.parametrize("theme", THEMES)
async def test_codes_are_what_the_theme_makes_of_a_tone(theme: Theme) -> None:
    tones = {ACCENT, ALARM, CURSOR, GOOD, MARKED, QUIET, STRONG, TITLE, WARN, *STATE_TONES.values()}
    app = Agtop(None, theme=theme)
    async with app.run_test():
        for tone in tones:
            drawn = app.table.paint(tone).render("x")
            codes = drawn.removeprefix("\x1b[").partition("m")[0]
            faint = [] if PALETTES[theme].dims or tone != QUIET else ["2"]
            own = ";".join([*faint, *[sgr(tone, colour=True, theme=theme)]]).strip(";")
            grounds = (["39", "49"], ["49"], ["39"], [])

            assert codes in {";".join([own, *ground]).strip(";") for ground in grounds}


def test_without_colour_only_the_weight_is_left() -> None:
    assert sgr(ALARM, colour=False) == "1"
    assert sgr(GOOD, colour=False) == ""


def test_nothing_else_in_the_environment_decides_whose_sessions_these_are(home: Path) -> None:
    asked: set[str] = set()

    class Watched(UserDict[str, str]):
        def __getitem__(self, key: str) -> str:
            asked.add(key)
            raise KeyError(key)

    for agent in AGENTS:
        list(agent.roots(home, Watched()))

    assert asked <= set(SURROUNDINGS)
