"""The same said in another dress counts the same: no meter leans on how a file looks."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, cast

import pytest

from agtop.agents import AGENTS
from agtop.agents.base import Agent
from tests.homes import build, expected, facts
from tests.worlds import World

LATER = 1795200000.0
"""An instant after every record."""
MADE_BY = ".settings.json"

Dress = Callable[[bytes], bytes]

agents = pytest.mark.parametrize("agent", AGENTS, ids=[agent.name for agent in AGENTS])


def texts(home: Path) -> list[Path]:
    """The files that agents write as text."""
    return [p for p in home.rglob("*") if p.is_file() and p.suffix in (".jsonl", ".json", ".md")]


def values(change: Callable[[Any], Any], **style: Any) -> Dress:
    """Every JSON value of a file changed and written anew, in lines where it was in lines."""

    def dress(data: bytes) -> bytes:
        lines = data.split(b"\n")
        try:
            json.loads(lines[0])
        except ValueError:  # a document that is spread over lines
            return _again(data, change, style)
        return b"\n".join(_again(line, change, style) for line in lines)

    return dress


def _again(line: bytes, change: Callable[[Any], Any], style: dict[str, Any]) -> bytes:
    if not line.strip():
        return line
    try:
        return json.dumps(change(json.loads(line)), **style).encode()
    except ValueError:
        return line


def everywhere(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Any], Any]:
    """A change of every object in a value."""

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            return change({key: walk(each) for key, each in fields.items()})
        if isinstance(value, list):
            return [walk(each) for each in cast("list[Any]", value)]
        return value

    return walk


def backwards(fields: dict[str, Any]) -> dict[str, Any]:
    return dict(reversed(fields.items()))


def enriched(value: Any) -> Any:
    """With a field nobody knows at the top, before all others."""
    return {"aaa_new": {"type": "x", "id": "y"}, **value} if isinstance(value, dict) else value


def fractions(fields: dict[str, Any]) -> dict[str, Any]:
    """Counts as some JSON writers print them: 12.0."""
    return {key: _fraction(key, value) for key, value in fields.items()}


def _fraction(key: str, value: Any) -> Any:
    is_count = isinstance(value, int) and not isinstance(value, bool)
    return float(value) if is_count and "oken" in key else value


_ZULU = re.compile(rb'"(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)Z"')


def elsewhere(data: bytes) -> bytes:
    """Instants as a writer in another time zone tells them."""

    def moved(found: re.Match[bytes]) -> bytes:
        there = datetime.fromisoformat(found[1].decode() + "+00:00").astimezone(
            timezone(timedelta(hours=5, minutes=30))
        )
        return f'"{there.isoformat(timespec="microseconds")}"'.encode()

    return _ZULU.sub(moved, data)


DRESSES: dict[str, Dress] = {
    "CRLF": lambda data: data.replace(b"\n", b"\r\n"),
    "BOM": lambda data: b"\xef\xbb\xbf" + data,
    "blank lines": lambda data: data.replace(b"\n", b"\n\n"),
    "fields backwards": values(everywhere(backwards)),
    "a new field first": values(enriched),
    "tight": values(lambda value: value, separators=(",", ":")),
    "raw characters": values(lambda value: value, ensure_ascii=False),
    "counts with a fraction": values(everywhere(fractions)),
    "another time zone": elsewhere,
}


@agents
@pytest.mark.parametrize("dress", DRESSES.values(), ids=DRESSES)
def test_the_same_in_another_dress_is_the_same(agent: Agent, home: Path, dress: Dress) -> None:
    build(agent.name, home)
    for path in texts(home):
        status = path.stat()
        path.write_bytes(dress(path.read_bytes()))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert facts(World(home, now=LATER).collect()) == expected(agent.name, home)


@agents
def test_a_home_behind_a_link_is_the_same(agent: Agent, home: Path, tmp_path: Path) -> None:
    build(agent.name, home)
    for entry in list(home.iterdir()):
        there = tmp_path / "elsewhere" / entry.name
        there.parent.mkdir(exist_ok=True)
        entry.rename(there)
        entry.symlink_to(there)
    assert facts(World(home, now=LATER).collect()) == expected(agent.name, home)


@agents
def test_a_second_name_for_a_file_counts_nothing_twice(agent: Agent, home: Path) -> None:
    build(agent.name, home)
    for path in texts(home):
        if path.suffix == ".jsonl":
            path.with_name(f"again-{path.name}").symlink_to(path)
            with suppress(FileExistsError):
                (path.parent / "loop").symlink_to(path.parent)
    assert facts(World(home, now=LATER).collect()) == expected(agent.name, home)


@agents
def test_a_database_with_its_rows_in_the_log_is_the_same(agent: Agent, home: Path) -> None:
    build(agent.name, home)
    held: list[sqlite3.Connection] = []
    for path in home.rglob("*.db"):
        with closing(sqlite3.connect(path)) as old:
            script = "".join(old.iterdump())
        path.unlink()
        base = sqlite3.connect(path)
        base.execute("PRAGMA journal_mode=WAL")
        base.execute("PRAGMA wal_autocheckpoint=0")
        base.executescript(script)
        held.append(base)
    found = facts(World(home, now=LATER).collect())
    for base in held:
        base.close()
    assert found == expected(agent.name, home)
