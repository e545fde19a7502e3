"""Drives the full screen in a real pseudo-terminal of 200 by 50 and times what a person sees."""

from __future__ import annotations

import fcntl
import os
import re
import select
import shutil
import struct
import subprocess
import tempfile
import termios
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

import psutil

from tests.bench.commands import agtop
from tests.bench.corpus import Corpus
from tests.bench.live import Writer
from tests.bench.measure import FailedError, environment
from tests.bench.report import Screen

COLUMNS, LINES = 200, 50
ACTIVE = 20
BUSY = 40
"""Sessions at work while keys are timed."""
IDLE = 60.0
"""Seconds over which the CPU of a screen nobody touches is measured."""
_PATIENCE = 120.0
_QUIET = 0.15
_KEYS = 200
_LINES_DOWN = 20
_DOWN, _UP, _ESCAPE = b"\x1b[B", b"\x1b[A", b"\x1b"
_CODES = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-B]|[=>78])"
)
_MOVED = re.compile(rb"\x1b\[(\d+);(\d+)H((?:\x1b\[[0-9;]*m)+)")
"""Where something is drawn, and in which style."""
_HELP = b"Everywhere"
"""A word that only the help shows."""


def measure(corpus: Corpus, runs: int, say: Callable[[str], None]) -> Screen:
    """Start it cold and warm `runs` times each, then leave it alone with active sessions."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        room = _Room(Path(folder), corpus)
        cold = [room.start(fresh=True) for _ in range(runs)]
        say(f"first rows, no cache: {median(s.first_rows for s in cold):.3f} s")
        room.settle()
        warm = [room.start() for _ in range(runs)]
        say(f"first rows, warm: {median(s.first_rows for s in warm):.3f} s")
        idle, rss, children = room.idle()
        say(f"idle: {idle:.2f} % of a core")
        keys = sorted(room.keys())
        say(f"keys: {keys[len(keys) // 2]:.3f} s")
    return Screen(
        median(start.first_rows for start in cold),
        median(start.interactive for start in cold),
        median(start.first_rows for start in warm),
        median(start.interactive for start in warm),
        keys[len(keys) // 2],
        keys[int(len(keys) * 0.95)],
        idle,
        rss,
        children,
    )


class Cursor(NamedTuple):
    """How the terminal is told to draw it."""

    row: int
    column: int
    style: bytes


@dataclass(frozen=True)
class _Start:
    first_rows: float
    interactive: float


class _Room:
    """A home with the corpus and some sessions of its own."""

    def __init__(self, folder: Path, corpus: Corpus) -> None:
        self._home = folder / "home"
        self._live = folder / "live"
        self._corpus = corpus
        self._writer = Writer(self._live, ACTIVE)
        self._busy = Writer(self._live, BUSY)
        ids = (*self._writer.ids, *self._busy.ids, *corpus.truth.newest)
        # A row shows the end of the id.
        self._marks = re.compile(b"|".join(i.replace("-", "")[-8:].encode() for i in ids))

    def start(self, fresh: bool = False) -> _Start:
        """Time a start. `fresh`: without anything that earlier runs kept."""
        if fresh:
            shutil.rmtree(self._home, ignore_errors=True)
            self._home.mkdir()
            for name in (".claude", ".codex"):
                (self._home / name).symlink_to(self._corpus.home / name)
        with self._terminal() as terminal:
            first_rows = terminal.until(lambda text: self._marks.search(text) is not None, "a row")
            terminal.forget()
            terminal.press(b"?")
            interactive = terminal.until(lambda text: _HELP in text, "the help")
        return _Start(first_rows, interactive)

    def settle(self) -> None:
        """Have everything read, which on a busy machine looks like rest, and end in peace."""
        command = agtop("--json")
        environ = environment(self._home) | {"CLAUDE_CONFIG_DIR": self._roots}
        subprocess.run(
            command.argv, env=environ, cwd=command.cwd, stdout=subprocess.DEVNULL, check=True
        )
        with self._terminal() as terminal:
            self._until_idle(terminal)

    def idle(self) -> tuple[float, int, int]:
        """(% of a core when left alone, bytes in memory, processes it started)."""
        with self._writer, self._terminal() as terminal:
            self._until_idle(terminal)
            terminal.drain(5)
            before, began = terminal.cpu(), time.perf_counter()
            terminal.drain(IDLE)
            percent = 100 * (terminal.cpu() - before) / (time.perf_counter() - began)
            return percent, terminal.rss(), terminal.children()

    def keys(self) -> Sequence[float]:
        """Seconds from each key to the frame that shows what it did, while refreshes run."""
        chance = Random(0)
        # By their age the busy ones stand on top and stay in their order.
        with self._busy, self._terminal("--sort", "started") as terminal:
            self._until_idle(terminal)
            cursor = terminal.cursor()
            found: list[float] = []
            for number in range(_KEYS):
                key, step = (_DOWN, 1) if number // _LINES_DOWN % 2 == 0 else (_UP, -1)
                cursor = cursor._replace(row=cursor.row + step)
                found.append(terminal.moved(key, cursor))
                terminal.drain(chance.uniform(0.03, 0.2))  # at any moment of a round
            return found

    def _until_idle(self, terminal: _Terminal) -> None:
        terminal.until(lambda text: self._marks.search(text) is not None, "a row")
        end = time.monotonic() + _PATIENCE
        quiet = 0
        while quiet < 2 and time.monotonic() < end:
            before = terminal.cpu()
            terminal.drain(2)
            quiet = quiet + 1 if terminal.cpu() - before < 0.5 else 0

    def _terminal(self, *flags: str) -> _Terminal:
        environ = environment(self._home) | {"CLAUDE_CONFIG_DIR": self._roots}
        environ["COLORTERM"] = "truecolor"
        return _Terminal(agtop(*flags).argv, environ, agtop().cwd)

    @property
    def _roots(self) -> str:
        return f"{self._home / '.claude'},{self._live}"


class _Terminal:
    """A program in a pseudo-terminal; the time runs from its start."""

    def __init__(self, argv: Sequence[str], environ: dict[str, str], cwd: Path | None) -> None:
        self._ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self._began = time.perf_counter()
        self._process = subprocess.Popen(
            argv,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environ,
            cwd=cwd,
            start_new_session=True,
        )
        os.close(theirs)
        self._text = b""

    def __enter__(self) -> _Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        for keys in (_ESCAPE, b"q"):
            self.press(keys)
            self._drain_until_ended(1.0)
        self._drain_until_ended(10.0)
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def press(self, keys: bytes) -> None:
        try:
            os.write(self._ours, keys)
        except OSError:
            pass  # it has ended

    def forget(self) -> None:
        self._text = b""

    def until(self, shows: Callable[[bytes], bool], what: str) -> float:
        """Seconds from the start until the screen shows it. Raises FailedError."""
        end = time.perf_counter() + _PATIENCE
        while time.perf_counter() < end:
            chunk = self._read(0.5)
            if chunk is None:
                raise FailedError(f"the screen ended before it showed {what}: {self._tail()}")
            at = time.perf_counter() - self._began
            self._text += chunk
            if chunk and shows(_CODES.sub(b"", self._text)):
                return at
        raise FailedError(f"the screen never showed {what}: {self._tail()}")

    def cursor(self) -> Cursor:
        """Go to the first row and one down: the row that the cursor is in then, and its style."""
        self.press(b"g")
        self.drain(0.5)
        while self._read(_QUIET):
            pass
        self.press(_DOWN)
        text = self._read(2) or b""
        drawn = [(int(m[1]), int(m[2]), m[3]) for m in _MOVED.finditer(text)]
        rows = {row for row, _, _ in drawn}
        first = min((row for row in rows if row + 1 in rows), default=None)
        found = next((each for each in drawn if first is not None and each[0] == first + 1), None)
        if found is None:
            raise FailedError("the cursor is nowhere to be seen")
        return Cursor(*found)

    def moved(self, keys: bytes, cursor: Cursor) -> float:
        """Seconds from the key until the cursor is drawn there."""
        mark = b"\x1b[%d;%dH%s" % cursor
        pressed = time.perf_counter()
        self.press(keys)
        text = b""
        while mark not in text:
            if time.perf_counter() - pressed > _PATIENCE:
                raise FailedError("a key moved nothing")
            text += self._read(0.5) or b""
        return time.perf_counter() - pressed

    def drain(self, seconds: float) -> None:
        """Take what comes, for so long."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if self._read(left) is None:
                raise FailedError(f"the screen ended: {self._tail()}")

    def cpu(self) -> float:
        """Seconds of CPU that it and its children took so far."""
        whole = 0.0
        for process in self._family():
            try:
                used = process.cpu_times()
            except psutil.Error:
                continue
            whole += used.user + used.system + used.children_user + used.children_system
        return whole

    def rss(self) -> int:
        whole = 0
        for process in self._family():
            try:
                whole += process.memory_info().rss
            except psutil.Error:
                continue
        return whole

    def children(self) -> int:
        return len(self._family()) - 1

    def _family(self) -> Sequence[psutil.Process]:
        try:
            process = psutil.Process(self._process.pid)
            return [process, *process.children(recursive=True)]
        except psutil.Error:
            return []

    def _drain_until_ended(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        while self._process.poll() is None and time.perf_counter() < end:
            if self._read(0.05) is None:
                return

    def _read(self, seconds: float) -> bytes | None:
        """What comes within `seconds`; None once it has ended."""
        ready, _, _ = select.select([self._ours], [], [], max(0.0, seconds))
        if not ready:
            return b""
        try:
            return os.read(self._ours, 1 << 16) or None
        except OSError:  # Linux's way to say that the other end is closed
            return None

    def _tail(self) -> str:
        return _CODES.sub(b"", self._text)[-300:].decode(errors="replace")
