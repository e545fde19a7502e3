"""One database with every session: what changed is read, the rest stays as it is."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from agtop.agents.opencode import AGENT
from agtop.model import Claim, Reading, Tokens
from tests.agents.opencode.writing import SCHEMA, Store, counts, read, spent
from tests.homes import everyone
from tests.worlds import World


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "opencode.db")


def beside(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def plain_answer(at: int) -> str:
    """An assistant's message that is over, without parts."""
    time, spent = {"created": at, "completed": at}, {"input": 1, "output": 1}
    return json.dumps({"role": "assistant", "time": time, "finish": "stop", "tokens": spent})


def crowd(store: Store, number: int) -> None:
    """Many sessions at once, in one transaction."""
    store.base.execute("BEGIN")
    text = json.dumps({"type": "text", "text": "word " * 200})
    for n in range(number):
        at, key = store.tick(), f"s{n:04}"
        store.base.execute(
            "INSERT INTO session (id, directory, title, time_created, time_updated)"
            " VALUES (?, '/work', 't', ?, ?)",
            (key, at, at),
        )
        message = (f"m{n}", key, at, at, plain_answer(at))
        store.base.execute("INSERT INTO message VALUES (?, ?, ?, ?, ?)", message)
        part = (f"p{n}", f"m{n}", key, at, at, text)
        store.base.execute("INSERT INTO part VALUES (?, ?, ?, ?, ?, ?)", part)
    store.base.commit()


def test_of_many_sessions_only_the_one_that_changed_is_read_again(store: Store) -> None:
    crowd(store, 2000)
    meter = AGENT.meter(str(store.path))
    before = {reading.session_id: reading for reading in meter.read()}
    meter.claims()
    read_once = meter.bytes_read
    message = store.answer("s0007", counts(5, 5))
    store.tool("s0007", message, "read", "running", input={"filePath": "/a"})
    after = {reading.session_id: reading for reading in meter.read()}
    assert meter.bytes_read - read_once < 3000 < read_once
    assert [key for key in after if after[key] is not before[key]] == ["s0007"]
    assert spent(meter.claims()) == Tokens(input=6, output=6)


def test_nothing_new_is_the_same_tuple(store: Store) -> None:
    store.session("talk")
    meter = AGENT.meter(str(store.path))
    assert meter.read() is meter.read()
    assert not meter.changed()
    store.base.execute("CREATE TABLE other (id TEXT)")
    store.base.commit()
    assert meter.changed()
    first = meter.read()
    assert meter.read() is first


def step_by_step(store: Store) -> list[Callable[[], object]]:
    """How a session is written: each step is what one look may find new."""

    def begin() -> None:
        store.session("talk")
        store.user("talk", key="m1")

    def stream() -> None:
        store.answer("talk", key="m2", done=False)
        store.tool("talk", "m2", "write", "pending", key="p_2", call="c1")

    def run() -> None:
        given = {"filePath": "/work/shop/a.py", "content": "a\nb\n"}
        store.tool("talk", "m2", "write", "running", key="p_2", call="c1", input=given)

    def finish() -> None:
        given = {"filePath": "/work/shop/a.py", "content": "a\nb\n"}
        store.tool("talk", "m2", "write", "completed", key="p_2", call="c1", input=given,
                   metadata={"exists": False})  # fmt: skip

    def end() -> None:
        store.step("talk", "m2", counts(10, 10))
        row = store.base.execute("SELECT data FROM message WHERE id = 'm2'").fetchone()[0]
        data = json.loads(row)
        data["finish"], data["time"]["completed"] = "tool-calls", store.tick()
        store.put("message", id="m2", session_id="talk", time_updated=store.now, data=data)

    def answer() -> None:
        message = store.answer("talk", counts(20, 20), key="m3")
        store.part("talk", message, {"type": "text", "text": "Shall I go on?"})

    return [begin, stream, run, finish, end, answer]


def test_however_often_one_looks_it_comes_to_the_same(store: Store, tmp_path: Path) -> None:
    meter = AGENT.meter(str(store.path))
    phases: list[str] = []
    claims: list[Claim] = []
    for step in step_by_step(store):
        step()
        (reading,) = meter.read()
        claims += meter.claims()
        phases.append(reading.activity.phase)
    assert phases == ["requested", "requested", "tool", "requested", "requested", "asks"]
    whole, known = read(store.path)
    assert meter.read() == tuple(whole.values())
    assert [claim.response for claim in claims] == [claim.response for claim in known]
    assert spent(claims) == Tokens(input=30, output=30)


def test_a_part_that_changes_without_its_session_is_seen(store: Store) -> None:
    talk = store.session("talk")
    message = store.answer(talk, done=False)
    part = store.tool(talk, message, "bash", "running", input={"command": "make"})
    meter = AGENT.meter(str(store.path))
    (before,) = meter.read()
    assert (before.activity.phase, before.action) == ("tool", "bash: make")
    store.tool(talk, message, "bash", "completed", key=part, input={"command": "make"})
    (after,) = meter.read()
    assert (after.activity.phase, after.action) == ("requested", None)


def test_rows_that_were_taken_back_are_forgotten_but_stay_counted(store: Store) -> None:
    talk = store.session("talk")
    store.user(talk)
    store.answer(talk, counts(1, 1))
    meter = AGENT.meter(str(store.path))
    meter.read()
    undone = store.answer(talk, counts(5, 5), key="msg_undone")
    meter.read()
    store.base.execute("DELETE FROM part WHERE message_id = ?", (undone,))
    store.base.execute("DELETE FROM message WHERE id = ?", (undone,))
    store.base.commit()
    store.answer(talk, counts(7, 7), key="msg_z_instead")  # under the rowid of what is gone
    (reading,) = meter.read()
    assert reading.replies == 2
    assert spent(meter.claims()) == Tokens(input=13, output=13)


def test_a_deleted_session_is_no_more(store: Store) -> None:
    store.session("stays")
    store.session("goes")
    meter = AGENT.meter(str(store.path))
    assert len(meter.read()) == 2
    store.base.execute("DELETE FROM session WHERE id = 'goes'")
    store.base.commit()
    assert [reading.session_id for reading in meter.read()] == ["stays"]


def test_a_replaced_database_is_read_from_its_start(store: Store, tmp_path: Path) -> None:
    store.session("old")
    meter = AGENT.meter(str(store.path))
    meter.read()
    store.base.close()
    other = Store(tmp_path / "other.db")
    other.session("new")
    other.base.close()
    os.replace(tmp_path / "other.db", store.path)
    assert [reading.session_id for reading in meter.read()] == ["new"]
    assert meter.restarts == 1


def test_looking_leaves_no_trace(store: Store, tmp_path: Path) -> None:
    store.session("talk")
    before = beside(tmp_path)
    read(store.path)
    assert beside(tmp_path) == before
    store.base.close()
    before = beside(tmp_path)
    assert "opencode.db-shm" not in before
    read(store.path)
    assert beside(tmp_path) == before


def test_a_database_left_by_a_crash_is_read(store: Store, tmp_path: Path) -> None:
    talk = store.session("talk")
    store.answer(talk, counts(5, 5))
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for name in ("opencode.db", "opencode.db-wal"):
        shutil.copyfile(tmp_path / name, crashed / name)
    before = beside(crashed)
    readings, claims = read(crashed / "opencode.db")
    assert (list(readings), spent(claims)) == (["talk"], Tokens(input=5, output=5))
    assert beside(crashed) == before


def test_a_locked_database_keeps_what_was_known_and_is_tried_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    store = Store(home / ".local/share/opencode/opencode.db")
    store.answer(store.session("talk"), counts(5, 5))
    world = World(home, now=store.now / 1000)
    world.collect()
    store.base.execute("PRAGMA locking_mode = EXCLUSIVE")
    store.user("talk")
    snapshot = world.collect(later=10)
    assert everyone(snapshot)["talk"].own.tokens == Tokens(input=5, output=5)
    assert "locked" in snapshot.problems[0].message
    store.base.execute("PRAGMA locking_mode = NORMAL")
    store.user("talk")
    snapshot = world.collect(later=10)
    assert not snapshot.problems
    assert everyone(snapshot)["talk"].reading.user_turns == 2


# ---- other ages


def test_an_older_schema_lacks_columns_and_is_read_all_the_same(tmp_path: Path) -> None:
    old = SCHEMA.replace(", permission TEXT, model TEXT, cost REAL DEFAULT 0 NOT NULL", "")
    old = old.replace(", time_updated INTEGER", "").replace("  time_updated INTEGER,", "")
    for name in ("input", "output", "reasoning", "cache_read", "cache_write"):
        old = old.replace(f"tokens_{name} INTEGER DEFAULT 0,", "")
    base = sqlite3.connect(tmp_path / "opencode.db")
    base.executescript(old)
    base.execute("INSERT INTO session (id, title, time_created) VALUES ('talk', 'Talk', 1000)")
    add(base, "m1", 2000)
    meter = AGENT.meter(str(tmp_path / "opencode.db"))
    (first,) = meter.read()
    assert (first.title, first.replies) == ("Talk", 1)
    add(base, "m2", 3000)
    (second,) = meter.read()
    assert second.replies == 2
    assert spent(meter.claims()) == Tokens(input=2, output=2)
    base.close()


def add(base: sqlite3.Connection, key: str, at: int) -> None:
    row = (key, plain_answer(at))
    base.execute("INSERT INTO message (id, session_id, data) VALUES (?, 'talk', ?)", row)
    base.commit()


def test_a_database_of_another_layout_is_a_problem_and_not_a_silence(tmp_path: Path) -> None:
    folder = tmp_path / "home/.local/share/opencode"
    folder.mkdir(parents=True)
    with sqlite3.connect(folder / "opencode.db") as base:
        base.execute("CREATE TABLE session (id TEXT)")
        base.execute("CREATE TABLE turn (id TEXT)")
    base.close()
    (problem,) = World(tmp_path / "home").collect().problems
    assert "update agtop" in problem.message


def test_a_database_just_being_made_holds_no_sessions(tmp_path: Path) -> None:
    (tmp_path / "opencode.db").touch()
    assert AGENT.meter(str(tmp_path / "opencode.db")).read() == ()


def test_damaged_and_unknown_records_are_passed_over(store: Store) -> None:
    talk = store.session("talk")
    store.user(talk)
    store.answer(talk, counts(5, 5))
    store.put("message", id="torn", session_id=talk, time_updated=store.now, data='{"role": "as')
    store.put("message", id="list", session_id=talk, time_updated=store.now, data="[1, 2]")
    store.put("message", id="odd", session_id=talk, time_updated=store.now,
              data={"role": "oracle", "time": {"created": "soon"}})  # fmt: skip
    store.put("part", id="new", message_id="msg_000001", session_id=talk, time_updated=store.now,
              data={"type": "hologram", "tokens": 5})  # fmt: skip
    store.base.execute("INSERT INTO message (id, session_id) VALUES ('null', 'talk')")
    store.base.execute("INSERT INTO message (id, session_id, data) VALUES (NULL, 'talk', '{}')")
    store.base.execute(
        "INSERT INTO part (id, message_id, session_id, data) VALUES (1, 2, 'talk', 3)"
    )
    store.base.commit()
    readings, claims = read(store.path)
    assert (readings[talk].replies, readings[talk].user_turns) == (1, 1)
    assert readings[talk].skipped >= 2
    assert spent(claims) == Tokens(input=5, output=5)


def test_columns_of_another_type_say_nothing(store: Store) -> None:
    store.put("session", id="talk", title=b"5", directory=b"\xff", version=1.5, time_created="now",
              time_updated=None, permission="[1, {", model="[]", cost="much",
              tokens_input=2**62, parent_id=b"x")  # fmt: skip
    readings, claims = read(store.path)
    reading = readings["talk"]
    assert (reading.title, reading.cwd, reading.parent_id, reading.started_at) == (None,) * 4
    assert (reading.reported_cost, claims) == (None, [])


def test_an_open_answer_of_long_ago_costs_nothing(store: Store) -> None:
    for n in range(60):
        store.answer(store.session(f"crashed{n}"), done=False)
    meter = AGENT.meter(str(store.path))
    before = meter.read()
    taken = meter.bytes_read
    store.answer(store.session("new"), counts(1, 1))
    after: tuple[Reading, ...] = meter.read()
    assert meter.bytes_read - taken < 40_000
    assert len(set(map(id, after)) - set(map(id, before))) == 1
