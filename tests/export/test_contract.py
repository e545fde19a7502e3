"""`agtop sources --json` follows the contract, and tells nothing that is private."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest

from agtop.export import contract_schema, encode
from agtop.export.contract import SESSIONS_MOST, WORKSPACES_MOST, contract, source_row
from agtop.model import INVENTORY_KINDS, Readiness, Snapshot, SourceReport, SourceRow, Tokens, Usage
from agtop.sources import AppServer, Inventory, examine
from tests.export.test_document import strict
from tests.snapshots import COST, HOSTILE, TOKENS, bare, hostile_snapshot, reading, session
from tests.snapshots import snapshot as taken
from tests.sources.reports import NOW, REPORTS, SERVER, report

KEYS = (
    "schemaVersion generatedAt providers sessions workspaces usage configSources"
    " integrationSources memorySources skillSources automationSources compatibilityAliases"
)
ROW_KEYS = "id providerId kind label status count lastUpdatedAt lastUpdatedAgo metadata"
ROW = SourceRow(
    "claude:mcp:docs", "claude", "mcp-server", "docs", "ready", 3, NOW - 7200, {"on": True, "n": 2}
)


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = strict(contract_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def made(
    snapshot: Snapshot,
    *reports: SourceReport,
    app_server: AppServer | None = None,
    inventory: Inventory | None = None,
) -> Any:
    found = contract(snapshot, examine(snapshot, reports, app_server, inventory))
    return json.loads(encode(found))


def project(name: str, number: int = 0, **fields: Any) -> Any:
    session_id = f"{name}-{number}"
    cwd = f"/home/ada/clients/{name}"
    return session(session_id, project=name, reading=reading(session_id, cwd=cwd), **fields)


# The shape


@pytest.mark.parametrize(
    "document",
    [
        made(taken()),
        made(taken(session(), bare()), *REPORTS, app_server=SERVER),
        made(hostile_snapshot(), *REPORTS),
        made(taken(session(), complete=False), report(looked=False)),
        made(taken(), inventory={kind: [ROW] for kind in INVENTORY_KINDS}),
        made(taken(), app_server=AppServer("rejected")),
    ],
    ids=["empty", "every state", "hostile", "pending", "inventory", "rejected"],
)
def test_every_document_follows_the_schema(
    validator: jsonschema.Draft202012Validator, document: Any
) -> None:
    validator.validate(document)
    assert set(document) >= set(KEYS.split())


def test_the_schema_refuses_what_the_contract_does_not_know(
    validator: jsonschema.Draft202012Validator,
) -> None:
    document = made(taken(), report())
    for change in ({"status": "fine"}, {"warnings": [{"code": "odd", "count": 1}]}):
        broken = {**document, "providers": {**document["providers"]}}
        broken["providers"]["claude"] = {**document["providers"]["claude"], **change}

        assert not validator.is_valid(broken)
    assert not validator.is_valid({**document, "providers": {}})


def test_claude_and_codex_are_always_there() -> None:
    document = made(taken(), report("gemini"))

    assert set(document["providers"]) == {"claude", "codex", "gemini"}
    assert document["providers"]["claude"]["status"] == "unknown"
    assert document["providers"]["claude"]["counts"] is None
    assert document["providers"]["gemini"]["status"] == "ready"


def test_every_state_reaches_the_document() -> None:
    document = made(taken(), *REPORTS)

    assert {name: each["status"] for name, each in document["providers"].items()} == {
        "claude": "ready",
        "codex": "degraded",
        "gemini": "missing",
        "copilot": "empty",
        "cursor": "unknown",
        "qwen": "pending",
    }


def test_what_cannot_be_looked_at_has_no_count() -> None:
    providers = made(taken(), *REPORTS, report("late", looked=False))["providers"]

    assert providers["cursor"]["counts"]["files"] is None
    assert providers["copilot"]["counts"]["files"] == 0
    assert providers["late"]["counts"] is None


def test_what_is_wrong_is_told_in_codes_and_counts() -> None:
    codex = made(taken(), *REPORTS)["providers"]["codex"]

    assert codex["warnings"] == [
        {"code": "malformed_row", "count": 4},
        {"code": "unreadable_path", "count": 1},
        {"code": "unexpected_file_kind", "count": 1},
        {"code": "clock_skew", "count": 1},
    ]
    assert codex["sessionsNotRead"] == [
        {"code": "malformed_row", "count": 2},
        {"code": "unreadable_path", "count": 1},
    ]
    assert codex["processesWithoutSession"] == [
        {"reason": "ambiguous", "count": 1},
        {"reason": "elsewhere", "count": 1},
        {"reason": "unwritten", "count": 1},
    ]
    assert len(codex["advice"]) == 7


# Sources of other kinds


def test_a_source_row_has_exactly_its_nine_fields() -> None:
    row = source_row(ROW, NOW)

    assert " ".join(row) == ROW_KEYS
    assert (row["lastUpdatedAgo"], row["metadata"]) == ("2h ago", {"on": True, "n": 2})


def test_a_row_of_which_little_is_known_has_nulls() -> None:
    row = source_row(SourceRow("x", "codex", "skill", "review", "missing"), NOW)

    assert (row["count"], row["lastUpdatedAt"], row["lastUpdatedAgo"]) == (None, None, None)
    assert row["metadata"] == {}


def test_a_row_s_words_are_redacted() -> None:
    evil = SourceRow("x", "codex", "skill", "/home/ada", "ready", metadata={"at": "sk-live-123456"})

    row = source_row(evil, NOW)

    assert (row["label"], row["metadata"]) == ("redacted", {"at": "redacted"})


def test_kinds_nobody_looked_at_are_pending_and_their_lists_empty() -> None:
    document = made(taken(), report())

    assert document["providers"]["claude"]["sources"] == {
        "session": "ready",
        **dict.fromkeys(INVENTORY_KINDS, "pending"),
    }
    assert all(document[f"{kind}Sources"] == [] for kind in INVENTORY_KINDS)


@pytest.mark.parametrize(
    ("states", "state"),
    [
        ((), "empty"),
        (("ready", "missing"), "ready"),
        (("ready", "degraded"), "degraded"),
        (("missing", "empty"), "empty"),
        (("missing",), "missing"),
        (("ready", "unknown"), "unknown"),
    ],
)
def test_the_rows_of_an_inventory_tell_the_state_of_their_kind(
    states: tuple[Readiness, ...], state: str
) -> None:
    rows = [SourceRow(str(n), "claude", "hook", "x", each) for n, each in enumerate(states)]
    others = [SourceRow("y", "codex", "hook", "y", "degraded")]

    known = SourceRow("z", "claude", "mcp-server", "z", "ready")
    inventory: Inventory = {"config": [*rows, *others], "integration": [known]}

    document = made(taken(), report(), inventory=inventory)

    assert document["providers"]["claude"]["sources"]["config"] == state
    assert document["providers"]["claude"]["sources"]["skill"] == "pending"
    assert len(document["configSources"]) == len(states) + 1


# The app server


def test_no_app_server_is_missing_and_belongs_to_codex_alone() -> None:
    providers = made(taken(), report())["providers"]

    assert providers["codex"]["appServer"]["state"] == "missing"
    assert providers["claude"]["appServer"] is None


def test_an_app_server_is_told_with_its_counters() -> None:
    found = made(taken(), report("codex"), app_server=SERVER)["providers"]["codex"]["appServer"]

    assert (found["state"], found["rpc"], found["warningCount"]) == ("degraded", "partial", 1)
    assert (found["counters"]["mcpTools"], found["counters"]["plugins"]) == (41, None)


# Sessions, workspaces, usage


def test_the_newest_hundred_are_listed_and_all_are_counted() -> None:
    rows = [project(f"p{n}", last_active=NOW - n) for n in range(SESSIONS_MOST + 20)]

    document = made(taken(*rows), report())

    assert len(document["sessions"]) == SESSIONS_MOST
    assert len(document["workspaces"]) == WORKSPACES_MOST
    assert document["workspaces"][0]["label"] == "p0"
    assert document["totals"]["sessions"] == SESSIONS_MOST + 20
    assert document["warnings"] == [
        {"code": "emitted_session_limit", "count": 20},
        {"code": "emitted_workspace_limit", "count": 20},
    ]


def test_a_workspace_has_its_leaf_its_sessions_and_their_agents() -> None:
    rows = (
        project("shop", 1, last_active=NOW - 60),
        project("shop", 2, last_active=NOW - 90, agent="codex", liveness=None),
        session("3", project="ada", reading=reading("3", cwd="/home/ada"), last_active=NOW),
        bare("4"),
    )

    document = made(taken(*rows))
    home, shop = document["workspaces"]

    assert home["label"] == "home"
    assert (shop["label"], shop["sessions"], shop["liveSessions"]) == ("shop", 2, 1)
    assert (shop["providers"], shop["lastUpdatedAgo"]) == (["claude", "codex"], "1m ago")
    assert document["sessions"][1]["workspaceId"] == shop["id"]
    assert document["sessions"][3]["workspaceId"] is None


def test_models_without_a_price_keep_their_tokens_and_messages() -> None:
    usage = (
        Usage("known", "anthropic", TOKENS, COST, None, 9),
        Usage("mystery-9", None, Tokens(1_000, output=5), None, None, 4),
    )

    found = made(taken(session(usage=usage)), report())["usage"]

    assert found["pricedOnly"] is True
    assert found["cost"] == pytest.approx(COST.total)
    assert found["tokens"] == TOKENS.total + 1_005
    assert found["unknownPrice"] == {
        "tokens": 1_005,
        "messages": 4,
        "models": [{"providerId": "claude", "model": "mystery-9", "tokens": 1_005, "messages": 4}],
    }
    assert [(each["model"], each["priced"]) for each in found["modelUsage"]] == [
        ("known", True),
        ("mystery-9", False),
    ]
    assert found["modelUsage"][1]["cost"] is None


def test_sessions_without_counts_are_told_beside_the_sums() -> None:
    assert made(taken(bare()))["usage"]["unmeteredSessions"] == 1


# What must not be told


def test_no_path_prompt_command_or_name_of_a_variable_is_told() -> None:
    text = encode(
        contract(
            taken(session(), project("shop")),
            examine(taken(session(), project("shop")), REPORTS, SERVER),
        )
    )

    for secret in (
        *("/home", "/srv", '.jsonl"', "~/", "Speed up the parser", "pytest", "main", "Bash"),
        *("HOME", "CODEX_", "CLAUDE_", "permission denied", "8421", "/ada"),
    ):
        assert secret not in text, secret


def test_hostile_words_never_reach_the_document() -> None:
    text = encode(contract(hostile_snapshot(), examine(hostile_snapshot(), REPORTS)))

    assert "owned" not in text
    assert "markup" not in text
    assert HOSTILE not in json.loads(text)["sessions"][0].values()


def test_a_planted_secret_is_nowhere() -> None:
    planted = "sk-live-0123456789abcdef ada@example.com /home/ada/x"
    row = session(
        planted,
        agent_label=planted,
        project=planted,
        reading=reading(
            planted,
            title=planted,
            cwd=planted,
            branch=planted,
            model=planted,
            effort=planted,
            version=planted,
            action=planted,
            problems=(planted,),
        ),
        problems=(planted,),
        usage=(Usage(planted, planted, TOKENS, None, None, 1),),
    )
    found = report(
        label=planted,
        versions=((planted, 1), ("1.0", 1)),
        formats=((planted, 3),),
        problems=(("unreadable_path", planted, planted),),
        unread=(REPORTS[1].unread[0].__class__(planted, planted, "unsupported_row", planted),),
    )

    text = encode(contract(taken(row), examine(taken(row), [found])))

    assert "sk-live" not in text
    assert re.search(r"\bada\b", text) is None
    assert "redacted" in text


def test_an_instant_no_calendar_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="no calendar"):
        made(taken(taken_at=1e300))
