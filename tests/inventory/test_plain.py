"""Agents with one simple settings file are counted too."""

from __future__ import annotations

from pathlib import Path

from agtop.inventory import risks
from tests.inventory.homes import facts, found, one, put


def test_servers_of_gemini_are_told_and_one_that_needs_no_approval_is_a_risk(
    tmp_path: Path,
) -> None:
    servers = {"docs": {"httpUrl": "https://example.com", "trust": True}}
    put(tmp_path / ".gemini/settings.json", {"mcpServers": servers, "model": {"name": "pro"}})

    assert facts(one(found(tmp_path, "integration"), "docs", "gemini"))["transport"] == "http"
    rows = found(tmp_path, "config")
    assert facts(one(rows, "user settings", "gemini"))["model"] == "pro"
    assert one(rows, risks.TRUSTED_SERVER, "gemini")


def test_opencode_s_comments_are_read_over(tmp_path: Path) -> None:
    text = """{
      // "mcp": {"not": {}}, /* nor */
      "mcp": {"docs": {"type": "local", "environment": {"A": "http://x//y"}}, "b": {"enabled": false}},
      "permission": "allow",
    }"""
    put(tmp_path / ".config/opencode/opencode.jsonc", text)

    rows = found(tmp_path, "integration")

    assert facts(one(rows, "docs", "opencode"))["variables"] == 1
    assert facts(one(rows, "b", "opencode"))["enabled"] is False
    assert one(found(tmp_path, "config"), risks.YOLO, "opencode")


def test_copilot_s_servers_lie_in_a_file_of_their_own(tmp_path: Path) -> None:
    put(tmp_path / ".copilot/config.json", {"model": "gpt-5"})
    put(tmp_path / ".copilot/mcp-config.json", {"mcpServers": {"docs": {"type": "local"}}})

    assert one(found(tmp_path, "integration"), "docs", "copilot").status == "ready"


def test_an_agent_that_is_not_there_has_one_missing_row(tmp_path: Path) -> None:
    rows = [each for each in found(tmp_path, "config") if each.agent == "gemini"]

    assert [each.status for each in rows] == ["missing"]
