"""The benchmark's corpus: its truth is what a slow reading finds, and what agtop finds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agtop.model import Session, Tokens
from tests.bench.author import NOW
from tests.bench.commands import Command, Count, differences
from tests.bench.corpus import Corpus, Size, make, take
from tests.bench.measure import Result, Sample
from tests.bench.report import Measured, holds, markdown
from tests.bench.truth import Spent, Tally, Truth
from tests.worlds import World

TINY = Size("tiny", 200, 12_000_000)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return make(tmp_path_factory.mktemp("corpus") / "tiny", TINY)


def rows(path: str) -> Iterator[dict[str, Any]]:
    """Every whole line, decoded."""
    for line in Path(path).read_bytes().split(b"\n")[:-1]:
        yield json.loads(line)


def claude(paths: list[str]) -> Spent:
    """Each message once, with the numbers of its fullest row."""
    best: dict[str, Spent] = {}
    for path in paths:
        for row in rows(path):
            if row["type"] != "assistant" or row["message"]["model"] == "<synthetic>":
                continue
            usage = row["message"]["usage"]
            split = usage["cache_creation"]
            spent = Spent(
                usage["input_tokens"],
                usage["cache_read_input_tokens"],
                split["ephemeral_5m_input_tokens"],
                split["ephemeral_1h_input_tokens"],
                usage["output_tokens"],
                usage.get("output_tokens_details", {}).get("thinking_tokens", 0),
            )
            assert (
                spent.cache_write_5m + spent.cache_write_1h == usage["cache_creation_input_tokens"]
            )
            key = row["message"]["id"]
            best[key] = max(best.get(key, spent), spent, key=lambda s: s.output)
    return Spent(*map(sum, zip(*best.values(), strict=True)))


def codex(paths: list[str]) -> Spent:
    """The rise of each thread's totals; a fork begins at its parent's."""
    whole = Spent(0, 0, 0, 0, 0, 0)
    for path in paths:
        lines = list(rows(path))
        own = lines[0]["payload"]
        copied = sum(line["timestamp"] == lines[0]["timestamp"] for line in lines)
        infos = [
            (n >= copied, line["payload"]["info"])
            for n, line in enumerate(lines)
            if line["payload"].get("type") == "token_count" and line["payload"]["info"]
        ]
        if not infos:
            continue
        start = [info["total_token_usage"] for is_own, info in infos if not is_own][-1:]
        if "history_base" in own:
            first = infos[0][1]
            start = [minus(first["total_token_usage"], first["last_token_usage"])]
        risen = infos[-1][1]["total_token_usage"]
        if start:
            risen = minus(risen, start[0])
        cached = risen["cached_input_tokens"]
        part = Spent(
            risen["input_tokens"] - cached,
            cached,
            0,
            0,
            risen["output_tokens"],
            risen["reasoning_output_tokens"],
        )
        whole = Spent(*map(sum, zip(whole, part, strict=True)))
    return whole


def minus(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {key: value - other[key] for key, value in one.items()}


def test_a_slow_count_finds_the_truth(tiny: Corpus) -> None:
    files = tiny.files()

    assert (
        claude([f for f in files if ".claude" in Path(f).parts])
        == tiny.truth.agents["claude"].tokens
    )
    assert (
        codex([f for f in files if ".codex" in Path(f).parts]) == tiny.truth.agents["codex"].tokens
    )


def test_agtop_finds_the_truth(tiny: Corpus) -> None:
    snapshot = World(tiny.home, now=NOW).collect()

    for agent, tally in tiny.truth.agents.items():
        found: list[Session] = [s for s in snapshot.sessions if s.agent == agent]
        tokens = sum((s.tokens for s in found if s.tokens is not None), Tokens())
        assert tokens == Tokens(*tally.tokens)
        cost = sum(s.cost.total for s in found if s.cost is not None)
        assert cost == pytest.approx(tally.cost, rel=1e-12)
        assert len(found) == tally.sessions
    newest = [s.session_id for s in snapshot.sessions][: len(tiny.truth.newest)]
    assert set(newest) == set(tiny.truth.newest)


def test_the_corpus_holds_what_makes_counting_hard(tiny: Corpus) -> None:
    whole = [Path(path).read_bytes() for path in tiny.files()]

    assert sum(map(len, whole)) == tiny.truth.bytes
    assert len(whole) == tiny.truth.files == TINY.files
    assert any(data and not data.endswith(b"\n") for data in whole)
    for trap in (
        b'"requestSessionId"',  # a fork
        b'"version":"1.0.128"',
        b'"agent_progress"',
        b'"isSidechain":true',
        b'"<synthetic>"',
        b'"forked_from_id"',
        b'"history_base"',
        b'"info":null',
        b'"token_usage_record"',
        rb"\"usage\":{\"input_tokens\"",
        b'"totalTokens":63940,',  # a subagent's result
    ):
        assert any(trap in data for data in whole), trap


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    size = Size("tinier", 8, 300_000)

    one, other = make(tmp_path / "one", size, 7), make(tmp_path / "other", size, 7)

    assert [Path(f).read_bytes() for f in one.files()] == [
        Path(f).read_bytes() for f in other.files()
    ]
    assert take(tmp_path / "one", size, 7) is not None
    assert take(tmp_path / "one", size, 8) is None


def test_only_a_corpus_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("dear")

    with pytest.raises(FileExistsError, match="no corpus"):
        make(tmp_path, Size("tinier", 2, 10_000))

    assert (tmp_path / "letter").exists()


def test_wrong_totals_are_named(tiny: Corpus) -> None:
    truth = Truth({}, agents={"codex": Tally(1, 1, Spent(100, 50, 0, 0, 20, 10), 10**12)})
    right = {"codex": Count(100, 50, 0, 20, 1.0)}
    wrong = {"codex": Count(100, 50, 0, 10, 1.0)}

    assert differences(Command("a", (), counts=lambda _: right), b"", truth) == []
    assert differences(Command("a", (), counts=lambda _: wrong), b"", truth) == [
        "codex output -50.00%"
    ]


def test_the_report_judges_what_was_measured(tiny: Corpus) -> None:
    def took(wall: float) -> Result:
        return Result([Sample(wall, wall, 1 << 20)], b"")

    measured = Measured(Size("m", 1, 1), tiny, 1)
    measured.groups["cold"] = {"agtop --json": took(1.0), "ccusage session": took(4.0)}
    measured.wrong = {"agtop --json": [], "ccusage session": ["codex output -50.00%"]}

    assert "| cold: wall, of ccusage session | 0.25× | 0.5× | ✓ |" in markdown(
        measured, ["agtop 1"]
    )
    assert holds(measured)
    measured.groups["cold"] = {"agtop --json": took(3.0), "ccusage session": took(4.0)}
    assert not holds(measured)
