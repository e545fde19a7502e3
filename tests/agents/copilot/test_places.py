"""Copilot CLI: where its sessions and its database are, and who has them open."""

from __future__ import annotations

import json
import os
from pathlib import Path

from agtop.agents.copilot import AGENT
from agtop.agents.copilot.meter import CopilotMeter
from agtop.agents.copilot.places import registrations, session_of_file
from agtop.agents.copilot.store import Store
from agtop.model import Problem
from tests.agents.copilot.events import OTHER, SID, prompt, row, start, table, write
from tests.agents.sums import Sums
from tests.homes import build
from tests.worlds import NOW, World, find, process


def test_a_lock_file_tells_which_process_has_the_session(home: Path) -> None:
    cwd = home / "work"
    cwd.mkdir()
    begun = start()
    begun["data"]["context"]["cwd"] = str(cwd)
    path = write(home, [begun, prompt(1)])
    lock = path.parent / "inuse.77.lock"
    lock.write_text("77\n")
    os.utime(lock, (NOW - 50, NOW - 50))
    world = World(home)
    session = find(world.collect(process(77, "copilot", started_at=NOW - 4000)), SID)
    assert session.process is not None
    assert session.process.pid == 77
    assert session.match.confidence == "high"


def test_a_process_younger_than_the_lock_did_not_make_it(home: Path) -> None:
    path = write(home, [start(), prompt(1)])
    lock = path.parent / "inuse.77.lock"
    lock.write_text("77\n")
    os.utime(lock, (NOW - 5000, NOW - 5000))
    session = find(World(home).collect(process(77, "copilot", started_at=NOW - 100)), SID)
    assert session.process is None


def test_after_clear_the_newest_of_a_process_s_locks_counts(home: Path) -> None:
    for session_id, at in ((SID, NOW - 900), (OTHER, NOW - 30)):
        lock = write(home, [start(0, session_id)], session_id).parent / "inuse.77.lock"
        lock.write_text("77\n")
        os.utime(lock, (at, at))
    snapshot = World(home).collect(process(77, "copilot", started_at=NOW - 1000))
    live = [s.session_id for s in snapshot.sessions if s.process is not None]
    assert live == [OTHER]


def test_locks_that_come_and_go_are_noticed(home: Path) -> None:
    folder = write(home, [start()]).parent
    problems: list[Problem] = []
    (folder / "inuse.x.lock").touch()
    (folder / "inuse.5.hold").touch()
    assert list(registrations(home / ".copilot", problems)) == []
    (folder / "inuse.5.lock").touch()
    assert [r.pid for r in registrations(home / ".copilot", problems)] == [5]
    (folder / "inuse.5.lock").unlink()
    assert list(registrations(home / ".copilot", problems)) == []
    assert problems == []


def test_sessions_are_named_by_their_folder_and_early_ones_by_their_file() -> None:
    assert session_of_file(f"/h/.copilot/session-state/{SID}/events.jsonl") == SID
    assert session_of_file(f"/h/.copilot/session-state/{SID}.jsonl") == SID
    assert session_of_file("/h/.copilot/logs/x.jsonl") is None


def test_the_home_can_be_moved(home: Path) -> None:
    assert AGENT.roots(home, {}) == (home / ".copilot",)
    assert AGENT.roots(home, {"COPILOT_HOME": "/srv/cp"}) == (Path("/srv/cp"),)


def test_a_meter_gives_the_same_objects_for_what_did_not_change(home: Path) -> None:
    build("copilot", home)
    folder = home / ".copilot" / "session-state" / "0a1b2c3d-0000-4000-8000-0000000000a1"
    meter = CopilotMeter(str(folder / "events.jsonl"))
    sums = Sums(meter)
    main, sub = sums.read().meters[0].read()
    with (folder / "events.jsonl").open("a") as file:
        file.write(json.dumps(prompt(3000)) + "\n")
    main_after, sub_after = meter.read()
    assert main_after is not main
    assert sub_after is sub


def test_new_rows_alone_are_fetched_and_a_new_database_is_read_anew(home: Path) -> None:
    (home / ".copilot").mkdir()
    path = home / ".copilot" / "session-store.db"
    store = Store(str(path), patience=0.0)
    assert store.rows(SID) == ()
    table(home, row(2))
    assert len(store.rows(SID)) == 1
    table(home, row(3))
    assert len(store.rows(SID)) == 2
    path.unlink()
    table(home, row(4), row(5), row(6))
    assert len(store.rows(SID)) == 3
