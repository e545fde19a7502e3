"""The verbs on the command line, with a process of the test's own that looks like an agent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agtop import cli, deeds, paths
from agtop.activity import Activity
from tests.control.family import PAUSE, first_line, until_ended

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="waits as Linux does")


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A Python script called `aider`."""
    script = tmp_path / "aider"
    script.write_text(PAUSE)
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as child:
        first_line(child)
        yield child
        child.kill()
        child.communicate()


def test_a_session_is_found_named_paused_resumed_and_ended(
    agent: subprocess.Popen[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    pid = str(agent.pid)
    name = f"aider-{pid}"
    monkeypatch.setattr(deeds, "_wait", until_ended(agent.pid))

    assert cli.main(["register", pid]) == 0
    assert cli.main(["scan"]) == 0
    told = capsys.readouterr().out
    assert f"registered {name}: aider, pid {pid}\n" in told
    (row,) = [line for line in told.splitlines() if line.split()[0] == pid]
    assert row.split()[1:4] == [name, "aider", "session"]

    assert cli.main(["pause", name]) == 0
    os.waitid(os.P_PID, agent.pid, os.WSTOPPED | os.WNOWAIT)
    assert cli.main(["kill", "--wait", "1m", name]) == 0
    assert agent.wait() == -signal.SIGTERM
    told = capsys.readouterr().out.splitlines()
    assert told[0] == f"sent STOP to aider (pid {pid})"
    assert told[1] == f"asked aider (pid {pid}) to end (TERM)"
    assert told[-1].startswith("it ended after ")

    effects = Activity(paths.state_dir()).entries
    assert [(each.effect, each.what) for each in effects[:3]] == [
        ("file", f"agtop register {pid}"),
        ("signal", f"agtop pause {name}"),
        ("signal", f"agtop kill --wait 1m {name}"),
    ]
    assert [each.result for each in effects[1:]] == told
    assert {each.by for each in effects} == {"the command line"}

    assert cli.main(["resume", name]) == 2
    assert len(Activity(paths.state_dir()).entries) == len(effects)
    assert f'"{name}" is no pid, no registered name and no session' in capsys.readouterr().err


def test_a_signal_of_choice_is_sent(
    agent: subprocess.Popen[str], capsys: pytest.CaptureFixture[str]
):
    assert cli.main(["kill", "-s", "SIGINT", str(agent.pid)]) == 0
    assert agent.wait() != 0
    assert capsys.readouterr().out == f"sent INT to aider (pid {agent.pid})\n"


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["kill"], "the following arguments are required: TARGET"),
        (["kill", "-s", "USR1", "1"], 'no signal is called "USR1"; there are INT, TERM'),
        (["kill", "--wait", "soon", "1"], '"soon" is not a delay'),
        (["--demo", "kill", "1"], "--demo cannot go with kill"),
        (["--agent", "claude", "scan"], "--agent cannot go with scan"),
        (["--list", "pause", "1"], "--list cannot go with pause"),
        (["scan", "--regist"], "unrecognized arguments: --regist"),
    ],
)
def test_what_is_asked_wrongly_is_a_sentence(
    argv: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
):
    assert cli.main(argv) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    "verb", ["kill", "pause", "resume", "scan", "register", "forget", "budget"]
)
def test_every_verb_explains_itself(verb: str, capsys: pytest.CaptureFixture[str]):
    assert cli.main([verb, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"usage: agtop {verb} ")
