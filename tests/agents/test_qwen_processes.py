"""Qwen Code's notes of its processes: of this boot, whole, and never trusted by the pid alone."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from agtop.agents.qwen import AGENT, registry
from agtop.model import Problem, Registration
from tests.agents.qwen_rows import ID, LATER, Line, at, prompt, session
from tests.worlds import World, find, process

# ---- processes


def found(home: Path) -> list[Registration]:
    problems: list[Problem] = []
    notes = list(AGENT.registrations(home / ".qwen", problems))
    assert problems == []
    return notes


def note(home: Path, name: str = "42.json", **more: Any) -> None:
    path = home / ".qwen" / "sessions" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    known = {"schemaVersion": 1, "pid": 42, "sessionId": ID, "procStart": "b00:77",
             "cwd": "/work/shop", "startedAt": 5000, "kind": "tui"}  # fmt: skip
    path.write_text(json.dumps({**known, **more}))


@pytest.fixture
def boot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_boot", lambda: "b00")


@pytest.mark.usefixtures("boot")
def test_a_note_names_the_process_and_its_start(home: Path) -> None:
    note(home)
    note(home, "43-0a1b2c3d.json", pid=43, kind="headless")
    note(home, "42.json.0123456789ab.tmp")
    note(home, "44.json", pid="x")
    first, second = found(home)

    assert (first.pid, first.session_id, first.start_ticks) == (42, ID, 77)
    assert (first.started_at, first.cwd, first.interactive) == (5.0, "/work/shop", True)
    assert (second.pid, second.interactive) == (43, False)


@pytest.mark.usefixtures("boot")
@pytest.mark.parametrize("more", [{"procStart": "other:77"}, {"pidNs": 1}])
def test_a_note_of_another_boot_or_namespace_is_none_of_ours(home: Path, more: Line) -> None:
    if "pidNs" in more and not os.path.exists("/proc/self/ns/pid"):
        pytest.skip("no pid namespaces here")
    note(home, **more)

    assert found(home) == []


@pytest.mark.usefixtures("boot")
def test_a_note_without_a_start_is_never_enough(home: Path, tmp_path: Path) -> None:
    session(home, prompt())
    note(home, procStart=None, startedAt=None)
    stranger = process(42, "qwen", tmp_path, ticks=77)
    row = find(World(home, now=LATER).collect(stranger), ID)

    assert row.process is None


@pytest.mark.usefixtures("boot")
def test_a_process_with_the_noted_start_is_bound_and_another_is_not(home: Path, tmp_path: Path) -> None:  # fmt: skip
    session(home, prompt())
    note(home)
    bound = find(World(home, now=LATER).collect(process(42, "qwen", tmp_path, ticks=77)), ID)
    other = find(World(home, now=LATER).collect(process(42, "qwen", tmp_path, ticks=78)), ID)

    assert (bound.is_live, bound.match.confidence) == (True, "high")
    assert other.process is None


@pytest.mark.usefixtures("boot")
def test_a_writers_lock_names_its_process_too(home: Path) -> None:
    locks = home / ".qwen" / "tmp" / "session-writer-locks"
    locks.mkdir(parents=True)
    lock = {"schema_version": 2, "state": "active", "session_id": ID, "pid": 42,
            "process_start_identity": "linux:b00:77", "hostname": socket.gethostname(),
            "process_kind": "daemon", "acquired_at": at(5)}  # fmt: skip
    for name, more in {"a.lock": {}, "b.lock": {"state": "sealed"}, "c.lock": {"hostname": "far"},
                       "d.lock.released.x": {}, "e.lock": {"pid": None}}.items():  # fmt: skip
        (locks / name).write_text(json.dumps({**lock, **more}))
    (one,) = found(home)

    assert (one.pid, one.session_id, one.start_ticks, one.interactive) == (42, ID, 77, False)


def test_releases_without_notes_are_known_by_their_runtime_files(home: Path) -> None:
    path = session(home, prompt()).with_name(f"{ID}.runtime.json")
    known = {"pid": 42, "session_id": ID, "work_dir": "/work/shop", "started_at": 17.5,
             "hostname": socket.gethostname()}  # fmt: skip
    path.write_text(json.dumps(known))
    (one,) = found(home)
    assert (one.pid, one.started_at, one.cwd, one.start_ticks) == (42, 17.5, "/work/shop", None)

    path.write_text(json.dumps({**known, "hostname": "far"}))
    assert found(home) == []
    path.write_text(json.dumps(known))
    (home / ".qwen" / "sessions").mkdir()
    assert found(home) == []


def test_notes_that_cannot_be_listed_are_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".qwen").mkdir()

    def refuse(_folder: object) -> list[str]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(registry.os, "listdir", refuse)
    problems: list[Problem] = []

    assert list(AGENT.registrations(home / ".qwen", problems)) == []
    assert "check its permissions" in problems[0].message
