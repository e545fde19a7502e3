"""What Codex is set up with is counted and named, and never told."""

from __future__ import annotations

from pathlib import Path

import pytest

from agtop.inventory import risks
from tests.inventory.homes import facts, found, one, put

CONFIG = """
model = "gpt-5.5"
model_reasoning_effort = "high"
approval_policy = "on-request"
sandbox_mode = "workspace-write"
web_search = "live"
[mcp_servers.docs]
command = "npx"
env = { API_KEY = "x" }
[mcp_servers.off]
url = "https://example.com"
enabled = false
[model_providers.mine]
base_url = "https://example.com"
[projects."/srv/a"]
trust_level = "trusted"
[projects."/srv/b"]
trust_level = "untrusted"
[profiles.wild]
approval_policy = "never"
sandbox_mode = "danger-full-access"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    put(tmp_path / ".codex/config.toml", CONFIG)
    return tmp_path


def test_the_policy_is_told_in_words_that_codex_knows(home: Path) -> None:
    known = facts(one(found(home, "config"), "user config", "codex"))

    assert (known["model"], known["reasoning"]) == ("gpt-5.5", "high")
    assert (known["approval"], known["sandbox"]) == ("on-request", "workspace-write")
    assert (known["webSearch"], known["trusted"], known["untrusted"]) == ("live", 1, 1)


def test_a_word_that_codex_does_not_know_is_not_told(tmp_path: Path) -> None:
    put(tmp_path / ".codex/config.toml", 'sandbox_mode = "my secret plan"')

    known = facts(one(found(tmp_path, "config"), "user config", "codex"))

    assert known["sandbox"] == "other"


def test_a_profile_that_takes_the_guards_away_is_a_risk(home: Path) -> None:
    (risk,) = [each for each in found(home, "config") if each.kind == "policy"]

    assert risk.label == risks.UNGUARDED
    assert facts(risk)["scope"] == "user profile"


@pytest.mark.parametrize(
    ("text", "risk"),
    [
        ('approval_policy = "never"', risks.NEVER_ASKS),
        ('sandbox_mode = "danger-full-access"', risks.FULL_ACCESS),
        ("[sandbox_workspace_write]\nnetwork_access = true", risks.NETWORK),
        ("[shell_environment_policy]\nignore_default_excludes = true", risks.SECRETS),
        ('notify = ["say"]', risks.NOTIFIES),
    ],
)
def test_risky_policies_are_named(tmp_path: Path, text: str, risk: str) -> None:
    put(tmp_path / ".codex/config.toml", text)

    assert [e.label for e in found(tmp_path, "config") if e.kind == "policy"] == [risk]


def test_servers_and_providers_are_told_by_name_alone(home: Path) -> None:
    rows = found(home, "integration")

    assert facts(one(rows, "docs", "codex"))["transport"] == "stdio"
    assert facts(one(rows, "docs", "codex"))["variables"] == 1
    assert facts(one(rows, "off", "codex"))["enabled"] is False
    assert one(rows, "mine", "codex").kind == "model-provider"


def test_codex_home_moves_all_of_it(tmp_path: Path) -> None:
    from agtop.inventory import Where, take

    put(tmp_path / "moved/config.toml", CONFIG)

    rows = take(Where(tmp_path, {"CODEX_HOME": str(tmp_path / "moved")}), 0.0)["config"]

    assert one(rows, "user config", "codex").status == "ready"


def test_memories_and_instructions_are_counted(home: Path) -> None:
    put(home / ".codex/AGENTS.md", "x")
    put(home / ".codex/memories/a.md", "x")
    put(home / ".codex/memories/deep/b.md", "x")

    rows = found(home, "memory")

    assert one(rows, "user AGENTS.md", "codex").status == "ready"
    memories = one(rows, "memories", "codex")
    assert (memories.count, facts(memories)["folders"]) == (2, 1)


def test_an_automation_tells_when_it_runs_next(home: Path) -> None:
    put(
        home / ".codex/automations/a/automation.toml",
        'name = "nightly"\nstatus = "ACTIVE"\nrrule = "FREQ=DAILY;BYHOUR=7;BYMINUTE=30"\n'
        'model = "gpt-5.5"\nprompt = "do secret things"\n',
    )

    known = facts(one(found(home, "automation"), "nightly", "codex"))

    assert (known["cadence"], known["outcome"]) == ("Daily at 07:30", "pending")
    assert known["nextRun"] is not None
    assert "prompt" not in known


def test_an_automation_that_pauses_has_no_next_run(home: Path) -> None:
    text = 'name = "nightly"\nstatus = "PAUSED"\nrrule = "FREQ=DAILY;BYHOUR=7"\n'
    put(home / ".codex/automations/a/automation.toml", text)

    known = facts(one(found(home, "automation"), "nightly", "codex"))

    assert (known["enabled"], known["nextRun"]) == (False, None)


def test_an_automation_that_cannot_be_read_is_a_failed_row(home: Path) -> None:
    put(home / ".codex/automations/broken/automation.toml", "name = ")

    row = one(found(home, "automation"), "broken", "codex")

    assert (row.status, facts(row)["outcome"]) == ("degraded", "failed")


def test_tasks_of_claude_s_clock_are_told(tmp_path: Path) -> None:
    tasks = [
        {"id": "sweep", "cronExpression": "0 9 * * 1-5", "lastRunAt": "2026-09-20T07:00:00Z"},
        {"id": "off", "cronExpression": "0 9 * * *", "enabled": False},
        {"id": "odd", "cronExpression": "whenever"},
        "x",
    ]
    put(tmp_path / ".claude/scheduled-tasks.json", {"scheduledTasks": tasks})

    rows = found(tmp_path, "automation")

    assert facts(one(rows, "sweep"))["cadence"] == "Weekdays at 09:00"
    assert facts(one(rows, "sweep"))["lastRun"] == "2026-09-20T07:00:00.000Z"
    assert facts(one(rows, "off"))["nextRun"] is None
    assert one(rows, "odd").status == "degraded"
