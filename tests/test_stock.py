"""`agtop inventory` reads well, at any width, and cannot steer the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from agtop import cli, stock
from agtop.export import encode, inventory_schema
from agtop.export.contract import inventory
from agtop.inventory import AGENTS, take
from agtop.listing import Page
from agtop.model import INVENTORY_KINDS, SourceRow, replace
from agtop.text import width
from tests.inventory.homes import NOW, put, where
from tests.snapshots import HOSTILE

TERMINAL = Page(80, 24)
RISK = SourceRow("c:policy:u:x", "claude", "policy", "any shell command", "ready", None, NOW - 60)


@pytest.fixture
def filled(home: Path) -> Path:
    put(home / ".claude/settings.json", {"permissions": {"allow": ["Bash(*)"]}, "model": "opus"})
    put(home / ".claude.json", {"mcpServers": {"docs": {"command": "x", "env": {"KEY": "v"}}}})
    put(home / ".claude/skills/pdf/SKILL.md", "x")
    return home


def lines(home: Path, on: Page = TERMINAL) -> list[str]:
    return stock.text(take(where(home), NOW), NOW, on)


def test_there_is_a_table_for_each_kind_and_what_is_missing_is_told(filled: Path) -> None:
    told = lines(filled, Page())

    assert told[0] == "Settings, hooks and policies"
    assert "MCP servers, plugins and providers" in told
    assert any(line.startswith("claude  mcp-server") and "stdio" in line for line in told)
    assert any("risk" in line and "every shell command" in line for line in told)
    assert told[-1].startswith("Not there: ")


def test_nothing_is_wider_than_the_terminal(filled: Path) -> None:
    for cells in (20, 40, 80, 120):
        assert all(width(line) <= cells for line in lines(filled, Page(cells, 24)))


def test_colours_stand_only_where_they_are_wanted(filled: Path) -> None:
    assert not any("\x1b" in line for line in lines(filled))
    painted = lines(filled, replace(TERMINAL, colour=True))
    assert any(line.startswith("\x1b[1;33mclaude") for line in painted)


def test_hostile_rows_cannot_steer_the_terminal() -> None:
    evil = SourceRow(HOSTILE, HOSTILE, HOSTILE, HOSTILE, "ready", 1, 1.0, {"scope": HOSTILE})

    told = stock.text({kind: [evil, RISK] for kind in INVENTORY_KINDS}, NOW, TERMINAL)

    assert all(each.isprintable() or each == "\u200d" for line in told for each in line)


def test_the_document_follows_its_schema(filled: Path) -> None:
    schema = inventory_schema()

    document = json.loads(encode(inventory(take(where(filled), NOW), NOW)))

    jsonschema.Draft202012Validator(schema).validate(document)
    assert document["skillSources"][0]["label"] == "pdf"


def test_the_verb_prints_both(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["inventory", "--agent", "claude"]) == 0
    assert "user settings" in capsys.readouterr().out

    assert cli.main(["inventory", "--json"]) == 0
    document: Any = json.loads(capsys.readouterr().out)
    assert [row["label"] for row in document["integrationSources"]] == ["docs"]
    assert {row["providerId"] for row in document["configSources"]} == {*AGENTS}

    assert cli.main(["inventory", "--json-schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "agtop inventory --json"


def test_the_contract_holds_the_same_rows(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sources", "--json"]) == 0

    document: Any = json.loads(capsys.readouterr().out)
    assert [row["label"] for row in document["integrationSources"]] == ["docs"]
    assert document["providers"]["claude"]["sources"]["integration"] == "ready"
    assert document["providers"]["aider"]["sources"]["config"] == "unknown"


def test_the_repository_one_stands_in_is_looked_at(
    filled: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = filled / "work" / "shop"
    put(repository / ".git/HEAD", "x")
    put(repository / ".claude/settings.json", {"model": "haiku"})
    (repository / "deep").mkdir()
    monkeypatch.chdir(repository / "deep")

    cli.main(["inventory"])

    assert "project settings" in capsys.readouterr().out


def test_a_demo_tells_nothing_of_this_machine(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["inventory", "--demo"])

    assert "docs" not in capsys.readouterr().out
