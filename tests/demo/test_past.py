"""The finished sessions of the demo are real in form and true in number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agtop.demo import history
from tests.demo.reading import (
    claude_files,
    claude_responses,
    codex_files,
    moments,
    records,
    told,
    totals,
)

NOW = 1_795_200_000.0


@pytest.fixture
def truth(home: Path) -> dict[str, dict[str, Any]]:
    return history(home, NOW)


def _tree(home: Path) -> dict[str, bytes]:
    files = [path for path in home.rglob("*") if path.is_file()]
    return {str(path.relative_to(home)): path.read_bytes() for path in files}


def _rows(paths: list[Path], kind: str) -> list[dict[str, Any]]:
    return [row for path in paths for row in records(path) if row["type"] == kind]


def test_every_line_is_one_compact_object(home: Path, truth: object) -> None:
    for path in (*claude_files(home), *codex_files(home)):
        data = path.read_bytes()
        assert data.endswith(b"\n")
        for line in data.splitlines():
            again = json.dumps(json.loads(line), separators=(",", ":"), ensure_ascii=False)
            assert again.encode() == line


def test_the_past_is_the_same_for_the_same_seed(home: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    trees: list[object] = []
    for number in range(2):
        truth = history(place, NOW)
        trees.append((truth, _tree(place)))
        place.rename(tmp_path / f"done{number}")

    assert trees[0] == trees[1]


def test_another_seed_writes_another_past(home: Path, tmp_path: Path) -> None:
    assert history(tmp_path / "a", NOW, 1).keys() != history(tmp_path / "a", NOW, 2).keys()


def test_nothing_lies_in_the_future_and_time_never_runs_back(
    home: Path, truth: dict[str, dict[str, Any]]
) -> None:
    forked = {entry["session"] for entry in truth.values() if entry["forked_from"]}
    for path in (*claude_files(home), *codex_files(home)):
        if path.stem in forked:
            continue  # holds older rows
        seen = moments(path)
        assert seen == sorted(seen)
        assert NOW - seen[0] < 5 * 86_400
        assert seen[-1] < NOW


def test_files_look_as_old_as_their_last_record(home: Path, truth: object) -> None:
    for path in (*claude_files(home), *codex_files(home)):
        assert path.stat().st_mtime == pytest.approx(moments(path)[-1], abs=1.0)


def test_the_transcripts_hold_what_the_truth_says(
    home: Path, truth: dict[str, dict[str, Any]]
) -> None:
    assert totals(home) == told(truth)


def test_adding_up_lines_would_be_wrong(home: Path, truth: dict[str, dict[str, Any]]) -> None:
    naive = sum(counts["output"] for _, _, counts in claude_responses(home))

    true = sum(e["tokens"]["output"] for e in truth.values() if e["agent"] == "claude")
    assert naive > 1.3 * true


def test_the_models_of_a_session_add_up_to_its_tokens(truth: dict[str, dict[str, Any]]) -> None:
    for entry in truth.values():
        for bucket, count in entry["tokens"].items():
            assert count == sum(spend[bucket] for spend in entry["models"].values())


def test_there_are_several_models_and_one_without_a_price(
    truth: dict[str, dict[str, Any]],
) -> None:
    models = {model for entry in truth.values() for model in entry["models"]}

    assert models == {
        "claude-opus-5-5",
        "claude-sonnet-5",
        "claude-haiku-5-5",
        "gpt-5.5",
        "acme-coder-1",
    }


def test_web_searches_are_counted(truth: dict[str, dict[str, Any]]) -> None:
    searches = {entry["agent"]: 0 for entry in truth.values()}
    for entry in truth.values():
        searches[entry["agent"]] += entry["tokens"]["searches"]

    assert searches == {"claude": 3, "codex": 2}


def test_a_claude_fork_holds_a_copy_without_usage(
    home: Path, truth: dict[str, dict[str, Any]]
) -> None:
    fork = next(e for e in truth.values() if e["agent"] == "claude" and e["forked_from"])
    path = next(p for p in claude_files(home) if p.stem == fork["session"])

    copies = [r for r in records(path) if "requestSessionId" in r]
    assert {r["requestSessionId"] for r in copies} == {fork["forked_from"].partition(":")[2]}
    assert {r["sessionId"] for r in copies} == {fork["session"]}
    emptied = [r["message"]["usage"] for r in copies if not r["message"]["usage"]["output_tokens"]]
    assert emptied
    assert all(usage["cache_creation"]["ephemeral_1h_input_tokens"] for usage in emptied)


def test_a_codex_fork_goes_on_where_its_parent_ended(
    home: Path, truth: dict[str, dict[str, Any]]
) -> None:
    fork = next(e for e in truth.values() if e["agent"] == "codex" and e["forked_from"])
    path = next(p for p in codex_files(home) if p.stem.endswith(fork["session"]))
    meta = records(path)[0]
    base = meta["payload"]["history_base"]
    parent = next(p for p in codex_files(home) if p.stem.endswith(base["thread_id"]))

    assert meta["ordinal"] == len(records(parent)) == base["end_ordinal_exclusive"]
    assert base["end_byte_offset"] == parent.stat().st_size
    total = _rows([path], "event_msg")[-2]["payload"]["info"]["total_token_usage"]
    assert total["output_tokens"] > fork["tokens"]["output"]


def test_the_totals_of_a_compacted_thread_repeat_and_then_estimate(
    home: Path, truth: object
) -> None:
    counts = [
        row["payload"]["info"]
        for row in _rows(codex_files(home), "event_msg")
        if row["payload"]["type"] == "token_count"
    ]
    vectors = [json.dumps(info["total_token_usage"]) for info in counts]

    assert len(set(vectors)) < len(vectors)
    assert any(i["last_token_usage"]["output_tokens"] == 0 for i in counts)


def test_only_a_compaction_costs_more_than_the_transcript_shows(
    home: Path, truth: dict[str, dict[str, Any]]
) -> None:
    unrecorded: dict[str, int] = {}
    for path in claude_files(home):
        states = _rows([path], "cost-state")
        if not states:
            continue
        session = states[-1]["sessionId"]
        billed = sum(usage["outputTokens"] for usage in states[-1]["modelUsage"].values())
        key = f"claude:{session}"
        shown = sum(e["tokens"]["output"] for k, e in truth.items() if key in (k, e["parent"]))
        unrecorded[session] = billed - shown

    assert sorted(unrecorded.values()) == [0, 0, 0, 900]


def test_subagents_lie_beside_their_parents(home: Path, truth: dict[str, dict[str, Any]]) -> None:
    children = [e for e in truth.values() if e["agent"] == "claude" and e["parent"]]

    assert len(children) == 2
    for child in children:
        folder = home.glob(f".claude/projects/*/{child['parent'].partition(':')[2]}/subagents")
        path = next(folder) / f"agent-{child['session']}.jsonl"
        assert all(row["isSidechain"] for row in records(path) if "isSidechain" in row)
        meta = json.loads(path.with_suffix(".meta.json").read_text())
        assert meta["finished"] is True
        assert meta["model"] in child["models"]


def _shape(row: dict[str, Any]) -> tuple[str, frozenset[str]]:
    """What kind of record it is, and the names in it and in its message or payload."""
    inner = row.get("payload") or row.get("message") or {}
    item = inner.get("item") or {}
    kind = f"{row['type']} {row.get('subtype')} {row.get('payload', {}).get('type')}"
    kind += f" {item.get('type')}"
    names = set(row) | {f"{name}." for name in inner} | {f"item.{name}" for name in item}
    return kind, frozenset(names)


@pytest.mark.parametrize(
    ("agent", "real"), [("claude", "claude-2.1.329"), ("codex", "codex-0.169.0")]
)
def test_records_have_no_field_that_real_ones_lack(
    agent: str, real: str, home: Path, truth: object, corpus: Path
) -> None:
    find = claude_files if agent == "claude" else codex_files
    known: dict[str, set[str]] = {}
    for path in find(corpus / real / "home"):
        for row in records(path):
            kind, names = _shape(row)
            known.setdefault(kind, set()).update(names)

    for path in find(home):
        for row in records(path):
            kind, names = _shape(row)
            if "WebSearch" not in kind and "web_search_call" not in kind:
                assert names <= known[kind]
