"""In a real terminal: driven through tmux, left as it was found."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from select import select
from time import monotonic

import pytest

from tests.claude_rows import OTHER, SESSION, answer, prompt, usage, write

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
PATIENCE = 40.0
"""Seconds in which anything must have happened; mostly it takes a tenth of one."""
AGTOP = f"{sys.executable} -m agtop"


class Tmux:
    """One window, with a shell in a home of its own."""

    def __init__(self, home: Path, folder: Path) -> None:
        self._name = str(folder / "tmux")
        conf = folder / "tmux.conf"
        conf.write_text("set -g remain-on-exit on\nset -g escape-time 0\nset -g status off\n")
        self._environ = {
            "HOME": str(home),
            "PATH": os.environ.get("PATH", ""),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(Path(__file__).parents[1]),
        }
        shell = "bash --norc --noprofile -i"
        self.run("-f", str(conf), "new-session", "-d", "-x", "200", "-y", "50", shell)
        self.wait_for(lambda: bool(self.seen.strip()))

    def run(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", self._name, *words],
            env=self._environ,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    @property
    def seen(self) -> str:
        return self.run("capture-pane", "-p")

    def told(self, name: str) -> str:
        """What tmux knows of the pane: `alternate_on`, `cursor_flag`…"""
        return self.run("display-message", "-p", f"#{{{name}}}").strip()

    def type(self, text: str) -> None:
        self.run("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        self.run("send-keys", *keys)

    def resize(self, cells: int, lines: int) -> None:
        self.run("resize-window", "-x", str(cells), "-y", str(lines))

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        end = monotonic() + PATIENCE
        while not is_so():
            assert monotonic() < end, self.seen
            select([], [], [], 0.05)

    def see(self, *texts: str) -> None:
        self.wait_for(lambda: all(text in self.seen for text in texts))

    def close(self) -> None:
        self.run("kill-server")

    def assert_clean(self) -> None:
        """Whatever agtop turned on is off again."""
        found = {name: self.told(name) for name in CLEAN}
        assert found == CLEAN, self.seen


BOTH = (SESSION[:8], OTHER[:8])
"""What the table shows of the two; others may really run on the machine."""
CLEAN = {"alternate_on": "0", "cursor_flag": "1", "mouse_any_flag": "0", "mouse_sgr_flag": "0"}


@pytest.fixture
def tmux(home: Path, tmp_path: Path) -> Iterator[Tmux]:
    used = usage(input=1000, output=100)
    write(home, SESSION, prompt("Mend the login", 1), answer("a", 2, used))
    write(home, OTHER, prompt("Write the docs", 3), answer("b", 4, used, model="claude-opus-4-5"))
    made = Tmux(home, tmp_path)
    yield made
    made.close()


def log_of(home: Path) -> str:
    return "".join(path.read_text() for path in home.rglob("agtop.log"))


def test_a_session_at_the_keys_from_start_to_end(tmux: Tmux, home: Path) -> None:
    tmux.type(f"{AGTOP} --fresh\n")
    tmux.see(*BOTH, "▾AGE", "F1 Help")

    tmux.type("$")
    tmux.see("▾COST")
    tmux.type("/opus")
    tmux.wait_for(lambda: "Filter: opus" in tmux.seen and BOTH[0] not in tmux.seen)
    tmux.press("Escape")
    tmux.see(*BOTH, "▾COST")
    tmux.press("Down")
    tmux.type("3")
    tmux.see("3 Cost", "input")
    tmux.type(":sort context\r")
    tmux.see("▾CTX")

    tmux.resize(60, 15)
    tmux.wait_for(lambda: len(tmux.seen.rstrip("\n").splitlines()) <= 15)
    tmux.see("agtop", "STATE")
    tmux.resize(200, 50)
    tmux.see("F10 Quit", "F9 Signal", "▾CTX")

    tmux.press("C-z")
    tmux.see("Stopped")
    tmux.assert_clean()
    tmux.type("fg\n")
    tmux.see("▾CTX", "F10 Quit")

    tmux.type("q")
    tmux.wait_for(lambda: tmux.told("alternate_on") == "0")
    tmux.type("echo ended with $?\n")
    tmux.see("ended with 0")
    tmux.assert_clean()
    assert "Traceback" not in tmux.seen + log_of(home)


def test_without_the_mouse_text_can_be_selected_as_anywhere(tmux: Tmux) -> None:
    tmux.type(f"{AGTOP} --fresh\n")
    tmux.see(*BOTH, "F1 Help")
    assert tmux.told("mouse_any_flag") == "1"
    tmux.type("q")
    tmux.wait_for(lambda: tmux.told("alternate_on") == "0")

    tmux.type(f"{AGTOP} --fresh -M\n")
    tmux.see(*BOTH, "F1 Help")

    assert tmux.told("mouse_any_flag") == "0"


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("", signal.SIGTERM),
        ("alternate_on", signal.SIGTERM),
        ("F1 Help", signal.SIGTERM),
        ("alternate_on", signal.SIGHUP),
        ("F1 Help", signal.SIGHUP),
    ],
)
def test_whoever_ends_it_from_outside_gets_the_terminal_back(
    tmux: Tmux, home: Path, moment: str, number: signal.Signals
) -> None:
    pid = home / "pid"
    tmux.type(f"{AGTOP} & echo $! > {pid}; fg; echo ended with $?\n")
    tmux.wait_for(lambda: pid.exists() and pid.read_text().strip().isdecimal())
    if moment == "alternate_on":
        tmux.wait_for(lambda: tmux.told("alternate_on") == "1")
    elif moment:
        tmux.see(moment)

    os.kill(int(pid.read_text()), number)

    tmux.see(f"ended with {128 + number}")
    tmux.assert_clean()
