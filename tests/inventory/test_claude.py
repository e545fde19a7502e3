"""What Claude Code is set up with is counted and named, and never told."""

from __future__ import annotations

from pathlib import Path

import pytest

from agtop.inventory import risks
from tests.inventory.homes import facts, found, one, put

HOOK = [{"matcher": "Bash", "hooks": [{"type": "command", "command": "curl evil"}]}]


def test_every_layer_of_settings_has_its_row(tmp_path: Path) -> None:
    home, repository = tmp_path / "home", tmp_path / "work" / "shop"
    put(home / ".claude/settings.json", {"model": "opus", "env": {"A": "1", "B": "2"}})
    put(repository / ".claude/settings.json", {"permissions": {"allow": ["Read"], "deny": ["x"]}})
    put(repository / ".claude/settings.local.json", {"statusLine": {}})

    rows = found(home, "config", repository)

    assert facts(one(rows, "user settings"))["model"] == "opus"
    assert facts(one(rows, "user settings"))["variables"] == 2
    assert facts(one(rows, "project settings"))["denied"] == 1
    assert facts(one(rows, "local settings"))["statusLine"] is True


def test_settings_that_are_not_there_are_missing(tmp_path: Path) -> None:
    assert one(found(tmp_path, "config"), "user settings").status == "missing"


def test_a_home_that_is_a_repository_is_told_once(tmp_path: Path) -> None:
    put(tmp_path / ".claude/settings.json", {"model": "opus"})

    rows = found(tmp_path, "config", tmp_path)

    assert [each.label for each in rows if each.agent == "claude"] == ["user settings"]


@pytest.mark.parametrize(
    ("settings", "risk"),
    [
        ({"permissions": {"defaultMode": "bypassPermissions"}}, risks.BYPASS),
        ({"skipDangerousModePermissionPrompt": True}, risks.NO_WARNING),
        ({"enableAllProjectMcpServers": True}, risks.ALL_SERVERS),
        ({"permissions": {"allow": ["Bash(*)"]}}, risks.ANY_COMMAND),
        ({"hooks": {"Stop": HOOK}}, risks.HOOKS),
        ({"apiKeyHelper": "/bin/key"}, risks.KEY_HELPER),
    ],
)
def test_risky_policies_are_named(tmp_path: Path, settings: dict[str, object], risk: str) -> None:
    put(tmp_path / ".claude/settings.json", settings)

    policies = [each.label for each in found(tmp_path, "config") if each.kind == "policy"]

    assert policies == [risk]
    assert risk in risks.MEANING


def test_harmless_settings_are_no_risk(tmp_path: Path) -> None:
    harmless = {"permissions": {"allow": ["Bash(git status)"], "defaultMode": "plan"}}
    put(tmp_path / ".claude/settings.json", harmless)

    assert not [each for each in found(tmp_path, "config") if each.kind == "policy"]


def test_hooks_are_counted_by_their_event(tmp_path: Path) -> None:
    put(tmp_path / ".claude/settings.json", {"hooks": {"PreToolUse": HOOK * 3, "Stop": []}})

    rows = found(tmp_path, "config")

    assert one(rows, "PreToolUse").count == 3
    assert one(rows, "Stop").status == "empty"


def test_servers_are_told_by_name_and_transport_alone(tmp_path: Path) -> None:
    servers = {
        "docs": {"command": "npx", "args": ["--token", "x"], "env": {"API_KEY": "x"}},
        "web": {"type": "http", "url": "https://example.com/mcp", "headers": {"X": "y"}},
    }
    put(tmp_path / ".claude.json", {"mcpServers": servers})

    rows = found(tmp_path, "integration")

    assert facts(one(rows, "docs")) == {
        "scope": "user",
        "transport": "stdio",
        "enabled": True,
        "variables": 1,
        "headers": 0,
    }
    assert facts(one(rows, "web"))["transport"] == "http"


def test_servers_of_a_repository_are_off_until_they_are_allowed(tmp_path: Path) -> None:
    home, repository = tmp_path / "home", tmp_path / "shop"
    put(repository / ".mcp.json", {"mcpServers": {"docs": {"command": "x"}, "b": {"command": "x"}}})
    put(home / ".claude/settings.json", {"enabledMcpjsonServers": ["docs"]})

    rows = found(home, "integration", repository)

    assert facts(one(rows, "docs"))["enabled"] is True
    assert facts(one(rows, "b"))["enabled"] is False


def test_of_other_projects_only_the_number_is_told(tmp_path: Path) -> None:
    projects = {
        "/srv/secret-client": {"mcpServers": {"hidden": {}}, "hasTrustDialogAccepted": True},
        "/srv/other": {},
    }
    put(tmp_path / ".claude.json", {"projects": projects})

    state = one(found(tmp_path, "config"), "user state")

    assert (facts(state)["projects"], facts(state)["trusted"]) == (2, 1)
    assert facts(state)["projectServers"] == 1
    assert not [each for each in found(tmp_path, "integration") if each.agent == "claude"]


def test_names_that_could_tell_something_are_redacted_and_still_counted(tmp_path: Path) -> None:
    secret = {"sk-ant-api03-abcdef": {"command": "x"}, "/home/ada/x": {"command": "x"}}
    put(tmp_path / ".claude.json", {"mcpServers": secret})

    rows = [each for each in found(tmp_path, "integration") if each.agent == "claude"]

    assert [each.label for each in rows] == ["redacted", "redacted"]
    assert len({each.id for each in rows}) == 2


def test_more_servers_than_anybody_reads_are_a_number(tmp_path: Path) -> None:
    put(tmp_path / ".claude.json", {"mcpServers": {f"s{n}": {"command": "x"} for n in range(500)}})

    rows = found(tmp_path, "integration")

    assert len(rows) == 201
    assert rows[-1].count == 300


def test_instructions_and_notes_are_counted(tmp_path: Path) -> None:
    home, repository = tmp_path / "home", tmp_path / "shop"
    put(home / ".claude/CLAUDE.md", "be kind")
    put(home / ".claude/projects/-srv-a/memory/MEMORY.md", "x")
    put(home / ".claude/projects/-srv-b/memory/MEMORY.md", "x")
    put(repository / "CLAUDE.md", "")

    rows = found(home, "memory", repository)

    assert (one(rows, "user CLAUDE.md").status, one(rows, "user CLAUDE.md").count) == ("ready", 1)
    assert one(rows, "project CLAUDE.md").status == "empty"
    assert one(rows, "project notes").count == 2


def test_skills_and_commands_are_found_through_links(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere/SKILL.md", "x")
    put(tmp_path / ".claude/skills/whole/SKILL.md", "x")
    put(tmp_path / ".claude/skills/.hidden/SKILL.md", "x")
    (tmp_path / ".claude/skills/hollow").mkdir()
    (tmp_path / ".claude/skills/linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / ".claude/skills/broken").symlink_to(tmp_path / "nowhere")
    put(tmp_path / ".claude/commands/ship.md", "x")

    rows = found(tmp_path, "skill")

    assert {each.label: each.status for each in rows} == {
        "whole": "ready",
        "linked": "ready",
        "hollow": "degraded",
        "ship": "ready",
    }
