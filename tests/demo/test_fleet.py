"""The fleet consists of real processes, shows every state, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import select
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

import agtop.demo.fleet
from agtop.demo import running
from agtop.demo.fleet import DemoError, Fleet
from tests.demo.reading import claude_files, codex_files, moments, records, told, totals

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fleet needs POSIX")
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")

SOON = 10.0

HOLDER = """\
import json, sys
from agtop.demo import running
with running() as fleet:
    print(json.dumps([str(fleet.root), fleet.actors()]), flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def still() -> Iterator[Fleet]:
    """A fleet whose actors stay in their opening scenes."""
    with running(lively=False) as fleet:
        yield fleet


def _until(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + SOON
    while not true() and time.monotonic() < deadline:
        select.select([], [], [], 0.02)
    return true()


def _processes(fleet: Fleet) -> list[psutil.Process]:
    """The actors, and the director above them."""
    actors = [psutil.Process(pid) for pid in fleet.actors().values()]
    director = actors[0].parent()
    assert director is not None
    return [director, *actors]


def _registration(fleet: Fleet, name: str) -> dict[str, Any]:
    pid = fleet.actors()[name]
    return json.loads((fleet.home / f".claude/sessions/{pid}.json").read_text())


def _transcript(fleet: Fleet, name: str) -> list[dict[str, Any]]:
    session = _registration(fleet, name)["sessionId"]
    return records(next(p for p in claude_files(fleet.home) if p.stem == session))


def _open_tools(rows: list[dict[str, Any]]) -> list[str]:
    """Names of the tools called without a result."""
    calls: dict[str, str] = {}
    for row in rows:
        content = row.get("message", {}).get("content")
        for block in content if isinstance(content, list) else []:
            if block["type"] == "tool_use":
                calls[block["id"]] = block["name"]
            if block["type"] == "tool_result":
                del calls[block["tool_use_id"]]
    return list(calls.values())


def test_actors_look_like_agents(still: Fleet) -> None:
    actors = still.actors()
    assert len(actors) == 9
    for name, pid in actors.items():
        process = psutil.Process(pid)
        program = Path(process.cmdline()[2])
        assert program == still.root / "bin" / name.partition("_")[0]
        assert Path(process.cwd()).parent == still.home / "acme"
        assert (Path(process.cwd()) / ".git" / "HEAD").exists()


@linux
def test_actors_bear_their_agents_names(still: Fleet) -> None:
    assert {psutil.Process(pid).name() for pid in still.actors().values()} == {"claude", "codex"}


@linux
def test_a_registration_names_its_process_beyond_doubt(still: Fleet) -> None:
    for path in (still.home / ".claude" / "sessions").iterdir():
        record = json.loads(path.read_text())
        fields = Path(f"/proc/{path.stem}/stat").read_text().rpartition(")")[2].split()
        assert record["pid"] == int(path.stem)
        assert record["procStart"] == fields[19]
        assert record["cwd"] == psutil.Process(record["pid"]).cwd()


@pytest.mark.parametrize(
    ("name", "status", "waiting_for"),
    [
        ("claude_works", "busy", None),
        ("claude_leads", "busy", None),
        ("claude_waits", "waiting", "permission prompt"),
        ("claude_asks", "waiting", "question"),
        ("claude_idles", "idle", None),
        ("claude_fails", "idle", None),
        ("claude_limited", "idle", None),
    ],
)
def test_every_state_is_shown(
    name: str, status: str, waiting_for: str | None, still: Fleet
) -> None:
    record = _registration(still, name)

    assert (record["status"], record.get("waitingFor")) == (status, waiting_for)


def test_who_waits_has_an_open_tool_call(still: Fleet) -> None:
    assert _open_tools(_transcript(still, "claude_waits")) == ["Bash"]
    assert _open_tools(_transcript(still, "claude_asks")) == ["AskUserQuestion"]
    assert _open_tools(_transcript(still, "claude_leads")) == ["Agent"]
    assert _open_tools(_transcript(still, "claude_idles")) == []


def test_who_works_runs_its_command(still: Fleet) -> None:
    (shell,) = psutil.Process(still.actors()["claude_works"]).children()

    assert "pytest" in shell.cmdline()[2]


@pytest.mark.parametrize(("name", "status"), [("claude_fails", 529), ("claude_limited", 429)])
def test_a_refusal_is_a_row_without_usage(name: str, status: int, still: Fleet) -> None:
    (row,) = [r for r in _transcript(still, name) if r.get("isApiErrorMessage")]

    assert row["apiErrorStatus"] == status
    assert row["message"]["model"] == "<synthetic>"
    assert row["message"]["usage"]["output_tokens"] == 0


def test_codex_holds_its_rollout_and_its_lock(still: Fleet) -> None:
    for name in ("codex_works", "codex_idles"):
        paths = {Path(f.path) for f in psutil.Process(still.actors()[name]).open_files()}
        (rollout,) = paths & set(codex_files(still.home))
        lock = still.home / ".codex" / "thread-writer-locks" / f"{rollout.stem[-36:]}.lock"
        assert lock in paths


def test_the_transcripts_hold_what_the_truth_says(still: Fleet) -> None:
    assert totals(still.home) == told(still.truth())


def test_nothing_lies_in_the_future_and_time_never_runs_back(still: Fleet) -> None:
    truth = still.truth()
    forked = {entry["session"] for entry in truth.values() if entry["forked_from"]}
    for path in (*claude_files(still.home), *codex_files(still.home)):
        if path.stem in forked:
            continue  # holds older rows
        seen = moments(path)
        assert seen == sorted(seen)
        assert seen[-1] < time.time()


def test_the_folder_is_private(still: Fleet) -> None:
    assert stat.S_IMODE(still.root.stat().st_mode) == 0o700


def test_no_real_agent_is_found_through_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", "/elsewhere")
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    with running(lively=False) as fleet:
        environ = fleet.environ

    assert environ["HOME"] == str(fleet.home)
    assert not {"CLAUDE_CONFIG_DIR", "OPENAI_API_KEY", "XDG_CONFIG_HOME"} & environ.keys()


def test_a_lively_fleet_goes_on_working() -> None:
    with running() as fleet:
        before = fleet.truth()
        actors = fleet.actors()

        assert _until(lambda: fleet.truth() != before)

    assert len(actors) == 10


def test_nothing_is_left_after_the_end() -> None:
    with running() as fleet:
        processes = _processes(fleet)

    assert not [p for p in processes if p.is_running()]
    assert not fleet.root.exists()


def test_nothing_is_left_after_a_failure() -> None:
    demo = running(lively=False)
    fleet = demo.__enter__()
    processes = _processes(fleet)
    failure = ZeroDivisionError()

    assert not demo.__exit__(ZeroDivisionError, failure, None)

    assert not [p for p in processes if p.is_running()]
    assert not fleet.root.exists()


def test_nothing_is_left_when_agtop_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as agtop:
        assert agtop.stdout is not None
        root, actors = json.loads(agtop.stdout.readline())
        processes = [psutil.Process(pid) for pid in actors.values()]
        director = processes[0].parent()
        assert director is not None
        agtop.kill()

    _, alive = psutil.wait_procs([director, *processes], SOON)
    assert alive == []
    assert not Path(root).exists()


def test_nothing_is_left_when_the_director_is_killed() -> None:
    with running() as fleet:
        director, *actors = _processes(fleet)
        director.kill()

        _, alive = psutil.wait_procs(actors, SOON)
        assert alive == []

    assert not fleet.root.exists()


def test_a_stopped_actor_does_not_outlive_the_fleet() -> None:
    with running(lively=False) as fleet:
        process = psutil.Process(fleet.actors()["claude_works"])
        children = process.children(recursive=True)
        process.suspend()

    _, alive = psutil.wait_procs([process, *children], SOON)
    assert alive == []
    assert not fleet.root.exists()


def test_an_actor_asked_to_go_takes_its_notes_along() -> None:
    with running() as fleet:
        claude, codex = fleet.actors()["claude_idles"], fleet.actors()["codex_idles"]
        registration = fleet.home / f".claude/sessions/{claude}.json"
        locks = fleet.home / ".codex" / "thread-writer-locks"
        assert registration.exists()
        assert len(list(locks.iterdir())) == 2
        processes = [psutil.Process(claude), psutil.Process(codex)]
        for process in processes:
            os.kill(process.pid, signal.SIGTERM)

        _, alive = psutil.wait_procs(processes, SOON)
        assert alive == []
        assert not registration.exists()
        assert len(list(locks.iterdir())) == 1


def test_a_fleet_that_cannot_start_says_so_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    monkeypatch.setattr(agtop.demo.fleet.tempfile, "tempdir", str(tmp_path / "demo"))
    (tmp_path / "demo").mkdir()

    with pytest.raises(DemoError, match="did not start"), running():
        pass

    assert list((tmp_path / "demo").iterdir()) == []


def test_actors_load_little() -> None:
    packages = str(Path(agtop.__file__).parents[1])
    program = f"import sys; sys.path.append({packages!r})\n"
    program += "import agtop.demo.actor; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-IS", "-c", program],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    heavy = {"typing", "dataclasses", "pathlib", "subprocess", "random", "psutil", "textual"}
    assert not heavy & set(loaded)
