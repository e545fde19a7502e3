"""Cursor's agent: sessions without tokens, times or models."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from agtop.agents.cursor import AGENT, CursorMeter, StoreMeter
from tests.homes import build
from tests.worlds import World, find

CHAT = "7d1f0a52-3b6c-4d8e-9f10-000000000001"


def transcript(home: Path, project: str, text: str = '{"role":"user"}\n') -> CursorMeter:
    path = home / ".cursor" / "projects" / project / "agent-transcripts" / "c" / "c.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return CursorMeter(str(path))


def store(home: Path, *statements: str) -> StoreMeter:
    path = home / ".cursor" / "chats" / "w" / "chat" / "store.db"
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as base:
        for statement in statements:
            base.execute(statement)
        base.commit()
    return StoreMeter(str(path))


def test_tokens_and_cost_are_unknown_and_not_nothing(home: Path) -> None:
    build("cursor", home)
    session = find(World(home).collect(), CHAT)
    assert (session.tokens, session.cost) == (None, None)
    assert session.subagents[0].tokens is None


def test_the_directory_is_the_only_one_its_dashes_can_stand_for(tmp_path: Path) -> None:
    (tmp_path / "my-api").mkdir()
    slug = str(tmp_path / "my-api").strip("/").replace("/", "-").replace("_", "_")
    (reading,) = transcript(tmp_path, slug).read()
    assert reading.cwd == str(tmp_path / "my-api")


def test_a_directory_that_could_be_two_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "my-api").mkdir()
    (tmp_path / "my" / "api").mkdir(parents=True)
    slug = str(tmp_path / "my-api").strip("/").replace("/", "-")
    (reading,) = transcript(tmp_path, slug).read()
    assert reading.cwd is None


def test_a_failed_edit_wrote_nothing(tmp_path: Path) -> None:
    call = (
        '{"role":"assistant","message":{"content":[{"type":"tool_use","id":"%s","name":"write",'
        '"input":{"path":"/w/%s"}}]}}\n'
    )
    result = (
        '{"role":"user","message":{"content":[{"type":"tool_result","tool_use_id":"%s",'
        '"is_error":%s}]}}\n'
    )
    text = call % ("1", "a") + result % ("1", "true") + call % ("2", "b") + result % ("2", "false")
    (reading,) = transcript(tmp_path, "x", text).read()
    assert [write.path for write in reading.writes] == ["/w/b"]


@pytest.mark.parametrize(
    "statements",
    [
        (),
        ("CREATE TABLE meta (key TEXT, value TEXT)",),
        ("CREATE TABLE meta (key TEXT, value TEXT)", "INSERT INTO meta VALUES ('0', 'zz')"),
        ("CREATE TABLE meta (key TEXT, value TEXT)", "INSERT INTO meta VALUES ('0', '5b5d')"),
    ],
)
def test_a_database_that_says_nothing_is_a_session_all_the_same(
    tmp_path: Path, statements: tuple[str, ...]
) -> None:
    (reading,) = store(tmp_path, *statements).read()
    assert (reading.session_id, reading.model, reading.user_turns) == ("chat", None, None)


def test_plain_json_is_read_like_hexadecimal(tmp_path: Path) -> None:
    meter = store(
        tmp_path,
        "CREATE TABLE meta (key TEXT, value TEXT)",
        """INSERT INTO meta VALUES ('0', '{"name": "Chat", "createdAt": 1795160000000}')""",
    )
    (reading,) = meter.read()
    assert (reading.title, reading.started_at) == ("Chat", 1795160000.0)


def test_the_chat_s_directory_stands_beside_its_database(home: Path) -> None:
    build("cursor", home)
    (path,) = home.rglob("store.db")
    assert str(path.parent / "meta.json") in AGENT.companions(str(path))
