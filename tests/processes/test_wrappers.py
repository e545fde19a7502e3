"""Launchers step back behind the agent they started; nested agents do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.processes.fake_proc import NOW, FakeProc, only, table

NODE = "/usr/bin/node"


@pytest.fixture
def proc(tmp_path: Path) -> FakeProc:
    return FakeProc(tmp_path / "proc")


def test_npm_and_its_shell_step_back_behind_the_agent(proc: FakeProc) -> None:
    proc.write(7, ["npm exec claude -p hi", "", ""], exe=NODE)
    proc.write(8, ["sh", "-c", "'claude' -p hi"], ppid=7)
    proc.write(9, "claude -p hi", ppid=8)

    process = only(table(proc).sample(NOW))

    assert (process.pid, process.wrappers) == (9, (8, 7))


def test_a_relaunch_steps_back_behind_the_process_that_works(proc: FakeProc) -> None:
    proc.write(7, "node /b/qwen --yolo", group=7)
    proc.write(8, "/b/node --expose-gc /x/@qwen-code/qwen-code/cli.js --yolo", ppid=7, group=7)
    proc.write(9, "/b/node --expose-gc /x/@qwen-code/qwen-code/cli.js --yolo", ppid=8, group=7)

    process = only(table(proc).sample(NOW))

    assert (process.pid, process.wrappers) == (9, (8, 7))


def test_a_native_program_stands_before_the_script_that_started_it(proc: FakeProc) -> None:
    proc.write(7, "node /b/copilot -i hi", group=7)
    proc.write(8, "/x/@github/copilot-linux-x64/copilot -i hi", ppid=7, group=7)

    process = only(table(proc).sample(NOW))

    assert (process.pid, process.wrappers) == (8, (7,))


def test_two_agents_below_one_shell_are_two(proc: FakeProc) -> None:
    proc.write(6, "bash")
    proc.write(7, "codex", ppid=6)
    proc.write(8, "codex", ppid=6)

    assert [p.wrappers for p in table(proc).sample(NOW)] == [(), ()]


def test_an_agent_started_by_an_agent_is_a_session_of_its_own(proc: FakeProc) -> None:
    proc.write(7, "codex exec go")
    proc.write(8, ["bash", "-c", "claude -p hi"], ppid=7)
    proc.write(9, "claude -p hi", ppid=8)
    proc.write(10, ["bash", "-c", "codex exec go"], ppid=7)
    proc.write(11, "codex exec go", ppid=10)

    found = {process.pid: process.wrappers for process in table(proc).sample(NOW)}

    assert found == {7: (), 9: (8,), 11: (10,)}


def test_a_tool_that_repeats_its_agents_command_is_not_a_relaunch(proc: FakeProc) -> None:
    proc.write(7, "node /b/gemini --yolo", group=7)
    proc.write(8, "node /b/gemini --yolo", ppid=7, group=8)

    assert [process.pid for process in table(proc).sample(NOW)] == [7, 8]


def test_the_codex_server_below_its_first_terminal_stays(proc: FakeProc) -> None:
    proc.write(7, "/x/bin/codex")
    proc.write(8, "/y/bin/codex app-server --listen unix://", ppid=7)
    proc.write(9, "/y/bin/codex app-server daemon pid-update-loop", ppid=7)

    found = table(proc).sample(NOW)

    assert [p.recognition.role for p in found if p.recognition] == ["session", "server", "helper"]


def test_a_launcher_without_an_agent_yet_is_shown_as_one(proc: FakeProc) -> None:
    proc.write(7, "npm exec claude", exe=NODE)

    process = only(table(proc).sample(NOW))

    assert process.recognition is not None
    assert process.recognition.role == "wrapper"
