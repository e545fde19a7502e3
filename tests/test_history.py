"""What was used stays known when the transcripts are gone."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

from agtop.agents import AGENTS
from agtop.collector import Collector, Wishes
from agtop.history import History
from agtop.index import Index
from agtop.model import QUARTER, Expenses
from agtop.pricing import Override, Prices
from agtop.projects import Projects
from tests.claude_rows import OTHER, SESSION, answer, project, prompt, usage, write
from tests.test_accuracy import claude, codex
from tests.worlds import NOW, FakeMachine

LATER = NOW + 3 * 86400


class Run:
    """One run of agtop over a home, with an index and a history."""

    def __init__(self, home: Path, kept: Path | None, prices: Prices | None = None) -> None:
        prices = prices or Prices()
        self.index = None
        if kept is not None:
            history = History(kept / "state", Projects().name)
            self.index = Index(kept / "cache", prices.fingerprint, history)
        self.collector = Collector(
            AGENTS, home, {}, prices, FakeMachine(), Wishes(), lambda: LATER, self.index
        )

    def expenses(self) -> tuple[Expenses, ...]:
        self.collector.collect()
        return self.collector.expenses()


def once(home: Path, kept: Path | None, prices: Prices | None = None) -> tuple[Expenses, ...]:
    run = Run(home, kept, prices)
    try:
        return run.expenses()
    finally:
        run.collector.close()


def figures(expenses: tuple[Expenses, ...]) -> Counter[tuple[object, ...]]:
    """Everything but which bucket it was counted in together with what."""
    found: Counter[tuple[object, ...]] = Counter()
    for each in expenses:
        for b in each.buckets:
            repo = None
            if b.session_id in each.spenders:
                repo = each.spenders[b.session_id].repo
            place = (each.agent, b.session_id, b.model, b.moment, repo)
            for name, count in zip(
                "icwWorrpus", (*b.tokens, b.requests, b.pico, b.unpriced, b.saved), strict=True
            ):
                found[(*place, name)] += count
    return Counter({place: count for place, count in found.items() if count})


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "kept"


def test_buckets_come_to_what_the_sessions_come_to(home: Path, kept: Path) -> None:
    claude(home)
    codex(home)
    run = Run(home, kept)
    snapshot = run.collector.collect()

    expenses = run.collector.expenses()

    tokens = sum(b.total for each in expenses for b in each.buckets)
    dollars = sum(b.pico for each in expenses for b in each.buckets) / 1e12
    known = [s for s in snapshot.sessions if s.tokens is not None]
    assert tokens == sum(s.tokens.total for s in known if s.tokens is not None) > 0
    assert dollars == pytest.approx(sum(s.cost.total for s in known if s.cost is not None))
    run.collector.close()


def test_a_warm_start_knows_the_same_from_what_it_kept(home: Path, kept: Path) -> None:
    claude(home)
    codex(home)
    cold = once(home, kept)

    run = Run(home, kept)
    warm = run.expenses()

    assert figures(warm) == figures(cold)
    assert run.collector.work.bytes_read == 0
    run.collector.close()


def test_a_history_too_long_to_be_added_up_at_once_is_added_up_with_later_saves(
    home: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agtop.collector.memory.SPREAD_MOST", 1)
    for number in range(3):
        session = f"0000000{number}-0000-4000-8000-000000000000"
        write(home, session, prompt("go", 0), answer(f"m{number}", 1, usage(100, 50)))
    run = Run(home, kept)
    assert run.index is not None

    run.collector.collect()
    told: list[int] = []
    for _ in range(3):
        for source in run.collector._sources:  # pyright: ignore[reportPrivateUsage]
            source.save(LATER)
        told.append(len(run.index.uses("claude")))

    assert told == [1, 2, 3]
    run.collector.close()


def test_deleting_transcripts_changes_no_past_figure(home: Path, kept: Path) -> None:
    claude(home)
    codex(home)
    before = figures(once(home, kept))

    for path in [*home.rglob("*.jsonl")]:
        path.unlink()
        assert figures(once(home, kept)) == before
    after = once(home, kept)

    assert figures(after) == before
    assert all(spender.archived for each in after for spender in each.spenders.values())


def test_deleting_them_under_a_running_agtop_changes_none_either(home: Path, kept: Path) -> None:
    claude(home)
    run = Run(home, kept)
    before = figures(run.expenses())

    for path in home.rglob("*.jsonl"):
        path.unlink()

    assert figures(run.expenses()) == before
    run.collector.close()
    assert figures(once(home, kept)) == before


def test_a_transcript_that_comes_back_counts_once(home: Path, kept: Path, tmp_path: Path) -> None:
    claude(home)
    before = figures(once(home, kept))
    shutil.copytree(home / ".claude", tmp_path / "backup")
    shutil.rmtree(home / ".claude/projects")
    once(home, kept)

    shutil.copytree(tmp_path / "backup", home / ".claude", dirs_exist_ok=True)

    assert figures(once(home, kept)) == before
    assert figures(once(home, kept)) == before


def test_a_copy_made_of_a_transcript_that_is_gone_counts_once(home: Path, kept: Path) -> None:
    folder = project(home)
    write(home, SESSION, prompt("go", 0), answer("m1", 1, usage(100, 50)))
    before = figures(once(home, kept))
    (folder / f"{SESSION}.jsonl").rename(folder / f"{OTHER}.jsonl")

    assert figures(once(home, kept)) == before


def test_new_prices_reach_what_is_gone(home: Path, kept: Path) -> None:
    claude(home)
    once(home, kept)
    for path in home.rglob("*.jsonl"):
        path.unlink()
    model = next(b.model for e in once(home, kept) for b in e.buckets if b.model and b.pico)

    dearer = Prices({model: Override(input=1000.0, output=1000.0)})

    old = sum(b.pico for e in once(home, kept) for b in e.buckets if b.model == model)
    new = sum(b.pico for e in once(home, kept, dearer) for b in e.buckets if b.model == model)
    assert new > old


def test_forgetting_leaves_no_byte_of_a_session(home: Path, kept: Path) -> None:
    claude(home)
    once(home, kept)
    for path in home.rglob("*.jsonl"):
        path.unlink()
    once(home, kept)
    file = kept / "state/history.sqlite"
    assert SESSION.encode() in file.read_bytes()

    count = History(kept / "state", Projects().name).forget(["claude"])

    assert count
    assert SESSION.encode() not in file.read_bytes()
    assert not any(each.buckets for each in once(home, kept))


def test_forgetting_what_is_old_leaves_what_is_newer(home: Path, kept: Path) -> None:
    claude(home)
    before = once(home, kept)
    for path in home.rglob("*.jsonl"):
        path.unlink()
    once(home, kept)
    moments = sorted({b.moment or 0 for each in before for b in each.buckets})
    middle = moments[len(moments) // 2]

    History(kept / "state", Projects().name).forget(["claude"], before=float(middle * QUARTER))

    left = {b.moment for each in once(home, kept) for b in each.buckets}
    assert left == {moment for moment in moments if moment >= middle}


def test_forgetting_another_repository_forgets_nothing(home: Path, kept: Path) -> None:
    claude(home)
    before = figures(once(home, kept))
    for path in home.rglob("*.jsonl"):
        path.unlink()
    once(home, kept)

    assert History(kept / "state", Projects().name).forget(["claude"], repo="another") == 0
    assert figures(once(home, kept)) == before


def test_no_word_of_a_conversation_is_kept(home: Path, kept: Path) -> None:
    folder = project(home)
    write(home, SESSION, prompt("a secret wish", 0), answer("m1", 1, usage(1, 1)))
    once(home, kept)
    (folder / f"{SESSION}.jsonl").unlink()
    once(home, kept)

    data = (kept / "state/history.sqlite").read_bytes()

    assert SESSION.encode() in data
    assert b"secret" not in data
    assert os.fsencode(folder) not in data


def test_the_history_is_private(home: Path, kept: Path) -> None:
    claude(home)
    once(home, kept)
    shutil.rmtree(home / ".claude")
    once(home, kept)

    assert (kept / "state/history.sqlite").stat().st_mode & 0o777 == 0o600
