"""What goes wrong is a sentence, and leaves a terminal as it was."""

from __future__ import annotations

import os
import pty
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agtop import cli, log
from agtop.model import State
from tests.cli.stage import FLEET, Fake
from tests.snapshots import session, snapshot

REPOSITORY = Path(__file__).parents[2]


# ---- what goes wrong


def test_a_bug_is_a_sentence_and_its_traceback_is_in_the_log(
    tmp_path: Path, given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    given()  # popping from an empty list stands for any bug
    path = tmp_path / "logs" / "agtop.log"

    status = cli.main(["--json", "--log-file", str(path)])
    log.stop()

    captured = capsys.readouterr()
    assert (status, captured.out) == (1, "")
    assert re.fullmatch(r"agtop: met a bug, IndexError at stage\.py:\d+: .*\n", captured.err)
    assert "Traceback" in path.read_text()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_the_log_is_private_and_in_plain_ascii(tmp_path: Path):
    path = tmp_path / "agtop.log"
    path.touch(0o644)

    log.start(path, verbose=True)
    log.logging.getLogger("agtop.x").warning("title: %s", "\x1b[31m\x9b\u202e漢\udc80")
    log.stop()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text("ascii").endswith(r"title: \x1b[31m\x9b\u202e\u6f22\udc80" + "\n")


def test_a_log_nobody_writes_to_is_not_made(tmp_path: Path):
    log.start(tmp_path / "deep" / "agtop.log", verbose=False, at_once=False)
    log.stop()

    assert list(tmp_path.glob("deep/*")) == []


def test_a_log_that_cannot_be_written_is_told(
    tmp_path: Path, given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    given(FLEET)

    status = cli.main(["--json", "--log-file", str(tmp_path)])

    assert status == 1
    assert "cannot be written (is a directory)" in capsys.readouterr().err


# ---- on real streams

DRIVER = """
import sys
from agtop import cli, wiring
from tests import snapshots
class Fake:
    def collect(self):
        return snapshots.snapshot(*(snapshots.session(f"s-{n}") for n in range(2000)))
    def written(self):
        return None
    def close(self):
        pass
wiring.collector = lambda *_: Fake()
sys.exit(cli.main(sys.argv[1:]))
"""


def command(*argv: str) -> list[str]:
    return [sys.executable, "-W", "error", "-c", DRIVER, *argv]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no /dev/full")
@pytest.mark.parametrize("face", ["--list", "--json"])
def test_a_reader_that_goes_away_ends_agtop_quietly(face: str):
    process = subprocess.Popen(
        command(face), cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None

    process.stdout.read(100)
    process.stdout.close()

    assert process.stderr.read() == b""
    assert process.wait() == 0
    process.stderr.close()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
@pytest.mark.parametrize("argv", [["--list"], ["--json"], ["--version"]])
def test_a_full_disk_is_a_sentence(argv: list[str]):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            command(*argv), cwd=REPOSITORY, stdout=full, stderr=subprocess.PIPE, text=True
        )

    assert (done.returncode, done.stderr) == (1, "agtop: No space left on device\n")


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_a_closed_stdout_is_nobody_listening():
    shell = ["sh", "-c", 'exec "$@" >&-', "sh", *command("--json")]
    done = subprocess.run(shell, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_a_terminated_watch_leaves_a_terminal_with_its_cursor():
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command("--list", "--watch"),
        cwd=REPOSITORY,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "20"},
    )
    os.close(theirs)
    seen = _read_until(ours, b"Ctrl+C ends")

    process.send_signal(signal.SIGTERM)
    seen += _read_until(ours, b"\x1b[?25h")

    assert process.wait() == 128 + signal.SIGTERM
    assert b"\x1b[?25l" in seen
    assert b"\x1b[3J" not in seen
    assert b"Traceback" not in seen
    os.close(ours)


def _read_until(descriptor: int, ending: bytes) -> bytes:
    seen = b""
    while ending not in seen:
        seen += os.read(descriptor, 65536)
    return seen


def test_states_are_told_in_every_face(
    given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    given(snapshot(session(state=State("limited", None, None, "a rate limit"))))

    cli.main(["--list"])

    assert "limited" in capsys.readouterr().out
