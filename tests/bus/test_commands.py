"""The bus at the command line, in its own process and within this one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agtop import cli
from agtop.bus import Message, publish, subscribe
from agtop.bus.client import condition
from agtop.bus.commands import row
from tests.bus.plain import ROOT, end, said

README_EXAMPLE = """
import json, os, socket
with socket.socket(socket.AF_UNIX) as bus:
    bus.connect(os.environ["AGTOP_BUS"])
    message = {"agent": f"mine:{os.getpid()}", "topic": "finding", "summary": "it leaks"}
    bus.sendall(json.dumps(message).encode() + b"\\n")
"""


Tailing = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def tailing(bus: Path) -> Iterator[Tailing]:
    """Starts `agtop bus tail` in a process of its own, and waits until it listens."""
    programs: list[subprocess.Popen[str]] = []

    def begin(*argv: str) -> subprocess.Popen[str]:
        before = listeners()
        programs.append(
            subprocess.Popen(
                [sys.executable, "-m", "agtop", "bus", "tail", *argv],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        pause = threading.Event()
        for _ in range(1000):
            if listeners() > before:
                return programs[-1]
            pause.wait(0.02)
        raise AssertionError("it does not listen")

    yield begin
    for program in programs:
        end(program)


def listeners() -> int:
    found = condition()
    count = found["subscribers"] if found else 0
    assert isinstance(count, int)
    return count


def test_what_is_published_is_printed_until_interrupted(bus: Path, tailing: Tailing):
    program = tailing("--topic", "finding")
    argv = [
        "bus",
        "publish",
        "--topic",
        "finding",
        "--path",
        "f.py:42",
        "--agent",
        "me:7",
        "it leaks",
    ]

    assert cli.main(argv) == 0

    assert said(program).split(" ", 1)[1] == "finding    me:7  f.py:42 — it leaks"
    program.send_signal(signal.SIGINT)
    assert program.communicate() == ("", "")
    assert program.returncode == 0
    assert not bus.exists()


def test_a_program_of_bare_sockets_is_heard(tailing: Tailing):
    program = tailing("--json")

    subprocess.run([sys.executable, "-I", "-S", "-c", README_EXAMPLE], check=True)

    told = json.loads(said(program))
    assert told["summary"] == "it leaks"
    assert set(told) == {"agent", "topic", "summary", "id", "timestamp", "schema_version"}


def test_publishing_to_nobody_says_so(bus: Path, capsys: pytest.CaptureFixture[str]):
    assert cli.main(["bus", "publish", "-t", "finding", "it leaks"]) == 0

    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "agtop: nobody listens, so nobody got it; the full screen and agtop bus tail do\n"
    )


def test_a_message_tells_everything_that_was_given(bus: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AGTOP_AGENT", "codex:9")
    with subscribe() as messages:
        cli.main(["bus", "publish", "-t", "t", "--source", "ruff", "--data", '{"n":1}', "s"])

        message = messages.receive(20)

    assert message is not None
    assert (message.agent, message.source, dict(message.data)) == ("codex:9", "ruff", {"n": 1})


def test_a_message_before_is_printed_with_last(tailing: Tailing):
    with subscribe():
        publish(Message("a:1", "t", "before"))
        program = tailing("--json", "--last", "1")

        assert json.loads(said(program))["summary"] == "before"


def test_status_tells_who_hosts(bus: Path, capsys: pytest.CaptureFixture[str]):
    assert cli.main(["bus", "status"]) == 1
    assert capsys.readouterr().out == f"{bus}: nobody hosts the bus; agtop bus tail would\n"

    with subscribe():
        publish(Message("a:1", "t", "s"))
        assert cli.main(["bus", "status"]) == 0
        told = capsys.readouterr().out.splitlines()

    assert told[0] == f"socket       {bus}"
    assert told[1].startswith(f"host         pid {os.getpid()} since 2")
    assert told[2:] == [
        "subscribers  1",
        "relayed      1",
        "left out     0 dropped, 0 malformed, 0 oversize",
    ]


def test_status_is_told_for_scripts(bus: Path, capsys: pytest.CaptureFixture[str]):
    assert cli.main(["bus", "status", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {"socket": str(bus), "host": None}

    with subscribe():
        assert cli.main(["--json", "bus", "status"]) == 0
        host = json.loads(capsys.readouterr().out)["host"]

    assert (host["pid"], host["subscribers"], host["relayed"]) == (os.getpid(), 1, 0)


def test_no_message_can_steer_the_terminal():
    evil = "\x1b]52;c;x\x07\x9b2J\r\n\u202e[red]\x7f\u2028"

    shown = row(Message(f"a{evil}", f"t{evil}", f"s{evil}", path=f"p{evil}", timestamp=evil))

    assert shown.isprintable()
    assert shown.startswith("   –     ")


@pytest.mark.parametrize(
    "timestamp", [None, "", "yesterday", "0001-01-01T00:00:00+23:59", "9" * 60_000]
)
def test_a_time_that_is_none_is_unknown(timestamp: str | None):
    assert row(Message("a:1", "t", "s", timestamp=timestamp))[:8] == "   –    "


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["bus"], "the following arguments are required: DEED"),
        (["bus", "publish", "s"], "the following arguments are required: -t/--topic"),
        (["bus", "tail", "--last", "-1"], '"-1" is not a number of messages; write 0 or more'),
        (["bus", "publish", "-t", "t", "--data", "[1]", "s"], "--data is an object such as"),
        (["bus", "publish", "-t", "t", "--data", "{", "s"], "--data is not JSON; write an object"),
        (
            ["--demo", "bus", "status"],
            "--demo cannot go with bus status; agtop bus status --help lists its",
        ),
        (["--json", "bus", "publish", "-t", "t", "s"], "--json cannot go with bus"),
    ],
)
def test_what_is_asked_wrongly_is_told(
    bus: Path, argv: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
):
    assert cli.main(argv) == 2

    assert sentence in capsys.readouterr().err


def test_a_message_without_words_is_refused(bus: Path, capsys: pytest.CaptureFixture[str]):
    assert cli.main(["bus", "publish", "-t", "t", " "]) == 1

    assert capsys.readouterr().err == ("agtop: summary of a message is empty; write one sentence\n")


def test_the_client_loads_neither_a_loop_nor_a_screen():
    code = "import sys, agtop.bus; print(*sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert set(found.stdout.split()).isdisjoint({"asyncio", "textual", "rich", "psutil", "msgspec"})
