"""What every agent's reader of events promises, and what Pi's tells."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agtop.agents import AGENTS
from agtop.agents.base import Agent
from agtop.agents.events import LineEvents
from agtop.agents.retold import DocumentEvents
from agtop.agents.walk import Walk
from tests.agents.telling import brief, reader, told
from tests.homes import build

HOSTILE = b'{"type":"user","message":7}\n[]\n{"type":\n\xff\xfe\n{"type":"message","message":[]}\n'
TELLING = [agent for agent in AGENTS if agent.events is not None]
SILENT: dict[str, set[str]] = {
    "aider": {"prompt", "text", "file written", "error"},
    "kilo": {"prompt", "limit"},
}
"""What those tell whose transcripts hold no results, or whose small home has no tool calls."""
agents = pytest.mark.parametrize("agent", TELLING, ids=[agent.name for agent in TELLING])


def transcripts(agent: Agent, home: Path) -> list[Path]:
    build(agent.name, home)
    paths = [path for root in agent.roots(home, {}) for path in agent.transcripts(root, Walk([]))]
    return [Path(path) for path in paths if Path(path).exists()]


def growing(agent: Agent, home: Path) -> list[tuple[Path, str, str]]:
    """Of the sessions, those whose transcript grows by whole lines."""
    known = list(sessions(agent, home))
    return [each for each in known if isinstance(reader(agent.name, each[0]), LineEvents)]


def documents(agent: Agent, home: Path) -> list[Path]:
    """Those that are written anew as a whole."""
    paths = transcripts(agent, home)
    return [path for path in paths if isinstance(reader(agent.name, path), DocumentEvents)]


def sessions(agent: Agent, home: Path) -> Iterator[tuple[Path, str, str]]:
    """(transcript, session, scope) of everything in the agent's small home."""
    for path in transcripts(agent, home):
        for reading in agent.meter(str(path)).read():
            parent = reading.parent_id
            yield path, parent or reading.session_id, reading.session_id if parent else ""


@agents
def test_what_was_told_is_not_told_again(agent: Agent, home: Path) -> None:
    for path, session, scope in sessions(agent, home):
        following = reader(agent.name, path, scope, session=session)
        first = list(following.read())
        if path.suffix == ".json":
            path.write_bytes(path.read_bytes() + b"\n")
        again = list(following.read())

        assert [event for event in again if event in first] == []


@agents
def test_a_document_that_is_torn_says_nothing_until_it_is_whole(agent: Agent, home: Path) -> None:
    for path in documents(agent, home):
        whole, before = path.read_bytes(), told(agent.name, path)
        path.write_bytes(whole[: len(whole) // 2])
        following = reader(agent.name, path)
        torn = list(following.read())
        path.write_bytes(whole)

        assert torn == []
        assert list(following.read()) == before


@agents
def test_only_the_newest_of_a_long_past_is_told(agent: Agent, home: Path) -> None:
    for path in documents(agent, home):
        events = told(agent.name, path)
        newest = list(reader(agent.name, path, backlog=1).read())

        assert newest == events[-1:]


@agents
def test_lines_nobody_can_read_are_passed_over(agent: Agent, home: Path) -> None:
    for path, session, scope in growing(agent, home):
        if path.suffix == ".md":
            continue  # whatever stands in Markdown is text
        before = told(agent.name, path, scope, session)
        path.write_bytes(HOSTILE + path.read_bytes() + HOSTILE)

        assert told(agent.name, path, scope, session) == before


@agents
def test_however_a_transcript_grows_the_same_is_told(agent: Agent, home: Path) -> None:
    for path, session, scope in growing(agent, home):
        whole, before = path.read_bytes(), told(agent.name, path, scope, session)
        path.write_bytes(b"")
        following = reader(agent.name, path, scope, session=session)
        events = list(following.read())
        for n in range(0, len(whole), 997):
            with path.open("ab") as file:
                file.write(whole[n : n + 997])
            events += following.read()

        assert events == before


@agents
def test_titles_are_one_line_and_results_name_their_tool(agent: Agent, home: Path) -> None:
    events = [
        event
        for path, session, scope in sessions(agent, home)
        for event in told(agent.name, path, scope, session)
    ]

    wanted = SILENT.get(agent.name, {"prompt", "text", "tool call", "result"})
    assert wanted <= {event.kind for event in events}
    assert not [event for event in events if "\n" in event.title or not event.title]
    assert all(event.tool for event in events if event.kind == "result")


def test_a_turn_of_pi_is_told_in_order(home: Path) -> None:
    path = next(p for p in transcripts(PI, home) if p.name.endswith("00a.jsonl"))

    events = told("pi", path)

    assert brief(events)[:6] == [
        ("prompt", "write a haiku into haiku.txt"),
        ("thinking", "hm"),
        ("text", "Writing it."),
        ("tool call", "write: haiku.txt"),
        ("result", "ok"),
        ("text", "There it is."),
    ]
    failed = next(event for event in events if event.failed)
    assert (failed.tool, failed.duration) == ("bash", 2.0)


PI = next(agent for agent in AGENTS if agent.name == "pi")


def grown(agent: str, home: Path, statements: str) -> tuple[list[tuple[str, str]], ...]:
    """What a session in a database tells, before and after the statements."""
    found = next(each for each in AGENTS if each.name == agent)
    path, session, scope = next(each for each in sessions(found, home) if each[0].suffix == ".db")
    following = reader(agent, path, scope, session=session)
    before = brief(list(following.read()))
    with closing(sqlite3.connect(path)) as base:
        base.executescript(statements.replace("SESSION", session))
    return before, brief(list(following.read()))


def test_a_row_that_comes_to_opencode_s_database_is_told_once_it_is_whole(home: Path) -> None:
    part = '{"type":"text","text":"later","time":{"start":1795200000000%s}}'
    stamp = "1795200000000"
    message = '{"role":"assistant","time":{"created":1795200000000}}'
    statements = (
        "INSERT INTO message (id, session_id, time_created, time_updated, data)"
        f" VALUES ('msg_zz', 'SESSION', {stamp}, {stamp}, '{message}');"
        "INSERT INTO part (id, message_id, session_id, time_created, time_updated, data)"
        f" VALUES ('prt_zz', 'msg_zz', 'SESSION', {stamp}, {stamp}, '{part}');"
    )
    whole = statements.replace("%s", ',"end":1795200001000')

    assert grown("opencode", home, statements.replace("%s", ""))[1] == []
    assert grown("opencode", home / "other", whole)[1] == [("text", "later")]


def test_a_message_that_comes_to_goose_s_database_is_told(home: Path) -> None:
    text = '[{"type":"text","text":"later"}]'
    before, after = grown(
        "goose",
        home,
        "INSERT INTO messages (session_id, role, content_json, created_timestamp)"
        f" VALUES ('SESSION', 'assistant', '{text}', 1795200000);",
    )

    assert before
    assert after == [("text", "later")]


def test_an_answer_in_crush_s_database_is_told_when_it_is_over(home: Path) -> None:
    text = '{"type":"text","data":{"text":"later"}}'
    over = '{"type":"finish","data":{"reason":"end_turn","time":1795200000}}'
    row = (
        "INSERT INTO messages (id, session_id, role, parts, created_at, updated_at)"
        " VALUES ('zz', 'SESSION', 'assistant', '[%s]', 1795200000, 1795200000);"
    )

    assert grown("crush", home, row % text)[1] == []
    assert grown("crush", home / "other", row % f"{text},{over}")[1] == [("text", "later")]
