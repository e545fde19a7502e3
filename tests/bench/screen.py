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
from statistics import median

import psutil

from tests.bench.commands import agtop
from tests.bench.corpus import Corpus
from tests.bench.live import Writer
from tests.bench.measure import FailedError, environment
from tests.bench.report import Screen

COLUMNS, LINES = 200, 50
ACTIVE = 20
IDLE = 60.0
"""Seconds over which the CPU of a screen nobody touches is measured."""
_PATIENCE = 120.0
_QUIET = 0.15
_KEYS = 20
_DOWN, _ESCAPE = b"\x1b[B", b"\x1b"
_CODES = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-B]|[=>78])"
)
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
        key, idle, rss = room.idle()
        say(f"idle: {idle:.2f} % of a core")
    return Screen(
        median(start.first_rows for start in cold),
        median(start.interactive for start in cold),
        median(start.first_rows for start in warm),
        median(start.interactive for start in warm),
        key,
        idle,
        rss,
    )


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
        ids = (*self._writer.ids, *corpus.truth.newest)
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
        """Run until everything was read, and end in peace."""
        with self._terminal() as terminal:
            self._until_idle(terminal)

    def idle(self) -> tuple[float, float, int]:
        """(seconds from a key to a change, % of a core when left alone, bytes in memory)."""
        with self._writer, self._terminal() as terminal:
            self._until_idle(terminal)
            key = median(terminal.answer(_DOWN) for _ in range(_KEYS))
            terminal.drain(5)
            before, began = terminal.cpu(), time.perf_counter()
            terminal.drain(IDLE)
            percent = 100 * (terminal.cpu() - before) / (time.perf_counter() - began)
            return key, percent, terminal.rss()

    def _until_idle(self, terminal: _Terminal) -> None:
        terminal.until(lambda text: self._marks.search(text) is not None, "a row")
        end = time.monotonic() + _PATIENCE
        quiet = 0
        while quiet < 2 and time.monotonic() < end:
            before = terminal.cpu()
            terminal.drain(2)
            quiet = quiet + 1 if terminal.cpu() - before < 0.5 else 0

    def _terminal(self) -> _Terminal:
        roots = f"{self._home / '.claude'},{self._live}"
        environ = environment(self._home) | {"CLAUDE_CONFIG_DIR": roots, "COLORTERM": "truecolor"}
        return _Terminal(agtop().argv, environ, agtop().cwd)


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

    def answer(self, keys: bytes) -> float:
        """Seconds from a key to the next output, begun in a moment of quiet."""
        while self._read(_QUIET):
            pass
        pressed = time.perf_counter()
        self.press(keys)
        self._read(2)
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
