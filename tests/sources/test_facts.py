"""An examination reads the same wherever it is shown."""

from __future__ import annotations

import pytest

from agtop.model import Tokens
from agtop.sources import AppServer, Diagnosis, ModelUse, diagnose
from agtop.sources.facts import COLUMNS, RIGHT, SHOWN, facts, findings, row, server, unpriced
from tests.sources.reports import (
    BARE,
    BROKEN,
    CLOSED,
    FOUND,
    GONE,
    NOW,
    REPORTS,
    SERVER,
    bare,
    report,
)


def judged(found: object) -> Diagnosis:
    return diagnose(found, (), NOW)  # pyright: ignore[reportArgumentType]


def told(found: object) -> dict[str, str]:
    return {name: said for name, said in facts(judged(found)) if name}


@pytest.mark.parametrize("each", REPORTS, ids=lambda each: each.agent)
def test_every_row_fills_every_column(each: object) -> None:
    assert len(row(judged(each), NOW)) == len(COLUMNS) == len(RIGHT)


def test_a_row_has_its_figures() -> None:
    assert row(judged(report()), NOW) == (
        *("Claude Code", "ready", "120", "45", "12.3k", "0", "5m", "2"),
    )


def test_what_was_not_found_is_unknown_and_not_zero() -> None:
    assert row(judged(bare()), NOW)[2:] == ("0", "0", "–", "–", "–", "0")
    assert row(judged(bare(looked=False)), NOW)[2:] == ("–",) * 6
    assert row(judged(bare(root=CLOSED)), NOW)[2:4] == ("–", "0")


def test_records_are_a_lower_bound_while_some_were_passed_over() -> None:
    assert row(judged(report(partial=30)), NOW)[4] == "≥ 12.3k"
    assert "30 read for their usage only" in told(report(partial=30))["sessions"]


def test_where_it_looked_and_what_is_there() -> None:
    found = judged(report(roots=(FOUND, GONE, CLOSED, BARE)))

    said = [said for name, said in facts(found) if name in ("looked in", "")]
    assert said == [
        "/srv/agents/.claude: 120 files",
        "/srv/agents/.gone: not there",
        "/srv/agents/.closed: cannot be looked into",
        "/srv/agents/.bare: 0 files",
    ]


def test_versions_formats_meter_and_capabilities_are_told() -> None:
    found = told(report())

    assert found["written by"] == "2.1.9 (80), 2.0.1 (40)"
    assert found["files"] == "118 jsonl, 2 jsonl.zst"
    assert found["meter"] == "version 3"
    assert found["sessions"] == "45, with 12 subagents"
    assert found["tells"] == (
        "tokens exact · cost – · context exact · state exact · writes partial · limits exact"
    )


def test_an_agent_without_files_tells_only_what_it_could() -> None:
    assert set(told(bare())) == {"why", "looked in", "tells"}


def test_many_versions_are_cut_and_counted() -> None:
    versions = tuple((f"1.{n}", 1) for n in range(SHOWN + 3))

    assert told(report(versions=versions))["written by"].endswith(", 3 other versions")


def test_many_details_are_cut_and_counted() -> None:
    many = tuple(
        BROKEN[0].__class__(f"s{n}", f"/{n}", "malformed_row", "1 line was skipped", 1)
        for n in range(SHOWN + 2)
    )

    ((sentence, details),) = findings(judged(report(skipped=7, unread=many)))

    assert sentence.startswith("7 lines of 7 sessions could not be read: the rest of them counts")
    assert len(details) == SHOWN + 1
    assert details[-1] == "and 2 more"


def test_models_without_a_price_are_listed_with_tokens_and_answers() -> None:
    used = [
        ModelUse("claude", "mystery-9", None, Tokens(1_500), 3, None, None),
        ModelUse("codex", None, None, Tokens(5), 1, None, None),
        ModelUse("claude", "known", None, Tokens(9), 1, 0.0, 0.0),
    ]

    assert unpriced(used) == (
        "1.5k tokens in 2 models without a known price are in no cost",
        "claude mystery-9: 1.5k tokens, 3 answers",
        "codex no model named: 5 tokens, 1 answer",
    )
    assert unpriced(used[2:]) == ()


def test_a_server_is_told_with_what_to_do_its_counts_and_warnings() -> None:
    assert list(server(SERVER)) == [
        ("status", "degraded: look at the warnings; the figures that are known hold"),
        ("counts", "2 threads loaded, 5 models, 3 MCP servers, 41 MCP tools"),
        ("warnings", "app/list needs a login"),
    ]
    assert list(server(AppServer("ready"))) == [("status", "ready")]
