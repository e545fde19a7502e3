"""What a version of an agent that agtop has never seen writes is degraded, never a silent zero."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest

from agtop.agents import AGENTS
from agtop.agents.base import Agent
from agtop.agents.walk import Walk
from agtop.sources import Diagnosis, diagnose
from tests.claude_rows import SESSION, answer, prompt, usage, write
from tests.homes import build
from tests.worlds import World

LATER = 1795200000.0
"""An instant after every record."""
OF_ROWS = (
    "claude",
    "codex",
    "gemini",
    "qwen",
    "kimi",
    "kimi-code",
    "pi",
    "cursor",
    "copilot",
    "droid",
)
OF_DOCUMENTS = ("amp", "continue", "cline")
OF_DATABASES = ("opencode", "kilo", "crush", "goose")

Rewrite = Callable[[Path], None]


def found(agent: Agent, home: Path, rewrite: Rewrite, kind: str) -> tuple[Diagnosis, World]:
    """What is said of the agent's small home after all its files of a kind were rewritten."""
    build(agent.name, home)
    paths = [path for root in agent.roots(home, {}) for path in agent.transcripts(root, Walk([]))]
    for path in paths:
        if path.endswith(kind):
            rewrite(Path(path))
        else:
            Path(path).unlink()
    world = World(home, now=LATER)
    world.collect()
    (report,) = (each for each in world.collector.sources() if each.agent == agent.name)
    return diagnose(report, (), LATER), world


def named(names: tuple[str, ...]) -> pytest.MarkDecorator:
    agents = [agent for agent in AGENTS if agent.name in names]
    assert len(agents) == len(names)
    return pytest.mark.parametrize("agent", agents, ids=[agent.name for agent in agents])


def renamed(value: Any) -> Any:
    """The same under other names, whatever it is."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {f"new_{key}": renamed(each) for key, each in fields.items()}
    return (
        [renamed(each) for each in cast("list[Any]", value)] if isinstance(value, list) else value
    )


def retyped(value: Any) -> Any:
    """Records of other kinds, with all that they held."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {key: _retyped(key, each) for key, each in fields.items()}
    return (
        [retyped(each) for each in cast("list[Any]", value)] if isinstance(value, list) else value
    )


def _retyped(key: str, value: Any) -> Any:
    is_kind = key in ("type", "role") and isinstance(value, str)
    return f"new_{value}" if is_kind else retyped(value)


def rows(change: Callable[[Any], Any]) -> Rewrite:
    def rewrite(path: Path) -> None:
        lines = [json.dumps(change(json.loads(line))) for line in path.read_text().splitlines()]
        path.write_text("".join(f"{line}\n" for line in lines))

    return rewrite


def document(path: Path) -> None:
    path.write_text(json.dumps(renamed(json.loads(path.read_text()))))


def tables(path: Path) -> None:
    with closing(sqlite3.connect(path)) as base:
        for table in _tables(base):
            base.execute(f'ALTER TABLE "{table}" RENAME TO "new_{table}"')


def columns(path: Path) -> None:
    """All but the keys are called otherwise."""
    with closing(sqlite3.connect(path)) as base:
        for table in _tables(base):
            for _, column, *_ in base.execute(f'PRAGMA table_info("{table}")').fetchall():
                if not column.endswith("id"):
                    base.execute(f'ALTER TABLE "{table}" RENAME "{column}" TO "new_{column}"')


def _tables(base: sqlite3.Connection) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    return [name for (name,) in base.execute(query)]


def moved(path: Path) -> None:
    path.rename(path.with_name(f"history-v9{path.suffix}"))


def check(diagnosis: Diagnosis, world: World) -> None:
    assert diagnosis.readiness == "degraded"
    assert diagnosis.reason
    assert any("update agtop" in finding.advice for finding in diagnosis.findings)
    sessions = [s for s in world.collect().sessions if s.agent == diagnosis.report.agent]
    assert all(session.tokens is None or session.reading.metered for session in sessions)


@named(OF_ROWS)
@pytest.mark.parametrize("change", [renamed, retyped])
def test_records_of_unknown_kinds(agent: Agent, home: Path, change: Callable[[Any], Any]) -> None:
    diagnosis, world = found(agent, home, rows(change), ".jsonl")
    check(diagnosis, world)
    assert {each.code for each in diagnosis.report.unread} == {"unsupported_row"}


@named(OF_DOCUMENTS)
def test_documents_of_an_unknown_shape(agent: Agent, home: Path) -> None:
    check(*found(agent, home, document, ".json"))


@named(OF_DATABASES)
@pytest.mark.parametrize("change", [tables, columns])
def test_databases_of_an_unknown_schema(agent: Agent, home: Path, change: Rewrite) -> None:
    diagnosis, world = found(agent, home, change, ".db")
    check(diagnosis, world)
    (unread,) = diagnosis.report.unread
    assert unread.reason.startswith("cannot be read (it has no ")


@named(OF_DATABASES)
def test_a_database_that_was_moved(agent: Agent, home: Path) -> None:
    diagnosis, world = found(agent, home, moved, ".db")
    check(diagnosis, world)
    assert [Path(path).name for path in diagnosis.report.strangers] == ["history-v9.db"]


@named(("amp", "cline"))
def test_documents_that_were_moved(agent: Agent, home: Path) -> None:
    build(agent.name, home)
    paths = [path for root in agent.roots(home, {}) for path in agent.transcripts(root, Walk([]))]
    for number, path in enumerate(paths):
        Path(path).rename(Path(path).with_name(f"history-{number}.json"))
    world = World(home, now=LATER)
    world.collect()
    (report,) = (each for each in world.collector.sources() if each.agent == agent.name)
    assert len(report.strangers) == len(paths)
    check(diagnose(report, (), LATER), world)


def test_transcripts_under_another_name(home: Path) -> None:
    (codex,) = (agent for agent in AGENTS if agent.name == "codex")
    build("codex", home)
    for number, path in enumerate(sorted((home / ".codex").rglob("rollout-*.jsonl"))):
        path.rename(path.with_name(f"thread-{number}.jsonl"))
    world = World(home, now=LATER)
    world.collect()
    (report,) = (each for each in world.collector.sources() if each.agent == codex.name)
    check(diagnose(report, (), LATER), world)


def test_files_beside_transcripts_that_can_be_read_are_no_matter(home: Path) -> None:
    diagnosis, _ = found(*_goose(home), lambda _path: None, ".db")
    assert (diagnosis.readiness, diagnosis.report.strangers) == ("ready", ())


def _goose(home: Path) -> tuple[Agent, Path]:
    folder = home / ".local/share/goose/sessions"
    folder.mkdir(parents=True)
    (folder / "cache.db").write_bytes(b"")
    return next(agent for agent in AGENTS if agent.name == "goose"), home


def test_one_new_kind_of_row_is_named_and_the_rest_still_counts(home: Path) -> None:
    write(home, SESSION, prompt("hello", 1), answer("m1", 2, usage(10, 5)), {"type": "hologram"})
    world = World(home)
    (session,) = world.collect().sessions
    diagnosis = diagnose(world.collector.sources()[0], (), world.now)
    assert diagnosis.readiness == "degraded"
    assert "hologram" in diagnosis.findings[0].details[0]
    assert session.tokens is not None
    assert session.tokens.total > 0


def test_answers_without_counts_are_told(home: Path) -> None:
    row = answer("m1", 2, usage(10, 5))
    del row["message"]["usage"]
    write(home, SESSION, prompt("hello", 1), row)
    world = World(home)
    (session,) = world.collect().sessions
    assert session.tokens is None
    assert "no token counts" in session.reading.problems[0]
    assert diagnose(world.collector.sources()[0], (), world.now).readiness == "degraded"
