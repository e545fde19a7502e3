"""Sessions of the releases that kept a file for everything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agtop.agents.opencode import AGENT
from agtop.model import Tokens
from tests.agents.opencode.writing import AT, Store, counts, spent
from tests.homes import everyone
from tests.worlds import World

LATER = AT / 1000 + 3600


class Files:
    """`storage` under an agent's pen."""

    def __init__(self, home: Path) -> None:
        self.storage = home / ".local/share/opencode/storage"

    def write(self, path: str, data: dict[str, Any]) -> Path:
        file = self.storage / f"{path}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(data))
        return file

    def session(self, key: str, at: int = AT, **more: Any) -> Path:
        time = {"created": at, "updated": at}
        data = {"id": key, "directory": "/work/shop", "title": key, "version": "1.0.152"}
        return self.write(f"session/global/{key}", {**data, "time": time, **more})

    def answer(self, session: str, key: str, at: int, **more: Any) -> Path:
        data: dict[str, Any] = {
            "id": key,
            "role": "assistant",
            "modelID": "claude-sonnet-4-5",
            "providerID": "anthropic",
            "time": {"created": at, "completed": at + 500},
            "tokens": counts(),
            "finish": "stop",
        }
        return self.write(f"message/{session}/{key}", {**data, **more})

    def part(self, message: str, key: str, **data: Any) -> Path:
        return self.write(f"part/{message}/{key}", {"id": key, **data})


@pytest.fixture
def files(home: Path) -> Files:
    return Files(home)


def test_a_session_of_files_is_read(files: Files, home: Path) -> None:
    files.session("ses_a")
    files.answer("ses_a", "msg_1", AT + 1000)
    files.part("msg_1", "prt_1", type="step-finish", tokens=counts(1, 2))
    files.part("msg_1", "prt_2", type="step-finish", tokens=counts(10, 20, 5))
    (session,) = World(home, now=LATER).collect().sessions
    assert session.tokens == Tokens(input=11, output=27, reasoning=5)
    assert (session.reading.cwd, session.reading.replies) == ("/work/shop", 2)


def test_a_file_rewritten_in_place_is_seen(files: Files, home: Path) -> None:
    session = files.session("ses_a")
    files.answer("ses_a", "msg_1", AT + 1000, time={"created": AT + 1000})
    state = {"status": "running", "input": {"command": "make"}}
    files.part("msg_1", "prt_1", type="tool", tool="bash", callID="c", state=state)
    world = World(home, now=AT / 1000 + 2)
    assert world.collect().sessions[0].reading.activity.phase == "tool"
    files.part("msg_1", "prt_1", type="tool", tool="bash", callID="c",
               state={**state, "status": "completed"})  # fmt: skip
    files.part("msg_1", "prt_2", type="step-finish", tokens=counts(1, 2))
    files.answer("ses_a", "msg_1", AT + 1000)
    found = world.collect(later=2).sessions[0]
    assert (found.reading.activity.phase, found.tokens) == ("done", Tokens(input=1, output=2))
    meter = AGENT.meter(str(session))
    assert meter.read() is meter.read()
    assert not meter.changed()


def test_a_torn_file_waits_for_its_rest(files: Files, home: Path) -> None:
    session = files.session("ses_a")
    files.answer("ses_a", "msg_1", AT + 1000)
    part = files.part("msg_1", "prt_1", type="step-finish", tokens=counts(1, 2))
    whole = part.read_bytes()
    part.write_bytes(whole[:-20])
    meter = AGENT.meter(str(session))
    (torn,) = meter.read()
    assert torn.skipped == 1
    part.write_bytes(whole)
    (mended,) = meter.read()
    assert (mended.skipped, spent(meter.claims())) == (0, Tokens(input=1, output=2))
    files.write("message/ses_a/msg_2", {}).write_text("")
    session.write_text("{")
    assert meter.read()[0].title == "ses_a"


def test_only_new_files_are_read(files: Files) -> None:
    session = files.session("ses_a")
    for n in range(50):
        files.answer("ses_a", f"msg_{n:02}", AT + n * 1000)
        files.part(f"msg_{n:02}", f"prt_{n:02}", type="text", text="word " * 100)
    meter = AGENT.meter(str(session))
    meter.read()
    taken = meter.bytes_read
    files.answer("ses_a", "msg_99", AT + 99_000, tokens=counts(1, 1))
    meter.read()
    assert 0 < meter.bytes_read - taken < 1000


def test_a_session_in_files_and_in_the_database_counts_once(files: Files, home: Path) -> None:
    files.session("ses_a")
    files.answer("ses_a", "msg_1", AT + 2000)
    files.part("msg_1", "prt_1", type="step-finish", tokens=counts(5, 5))
    store = Store(home / ".local/share/opencode/opencode.db")
    store.session("ses_a", title="Moved", time_created=AT)
    store.answer("ses_a", counts(5, 5), key="msg_1",
                 time={"created": AT + 2000, "completed": AT + 2500})  # fmt: skip
    world = World(home, now=LATER)
    (session,) = world.collect().sessions
    assert session.tokens == Tokens(input=5, output=5)
    assert (session.reading.title, session.reading.transcript) == ("Moved", str(store.path))
    store.answer("ses_a", counts(7, 7))
    (session,) = world.collect(later=10).sessions
    assert session.tokens == Tokens(input=12, output=12)


def test_a_fork_in_files_leaves_its_copies_to_the_older_session(files: Files, home: Path) -> None:
    files.session("ses_b")
    files.session("ses_a", at=AT + 9000)  # newer, though its id sorts first
    for session, key in (("ses_b", "msg_1"), ("ses_a", "msg_2")):
        files.answer(session, key, AT + 1000)
        files.part(key, f"prt_{key}", type="step-finish", tokens=counts(5, 5))
    found = everyone(World(home, now=LATER).collect())
    assert found["ses_b"].own.tokens == Tokens(input=5, output=5)
    assert found["ses_a"].own.tokens in (None, Tokens())


def test_a_subagent_of_files_is_a_child(files: Files, home: Path) -> None:
    files.session("ses_a")
    files.session("ses_b", at=AT + 10, parentID="ses_a")
    (session,) = World(home, now=LATER).collect().sessions
    assert [child.session_id for child in session.subagents] == ["ses_b"]
