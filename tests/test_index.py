"""The warm index: the same figures as without it, whatever happened in between."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import stat
from pathlib import Path
from typing import Any

import msgspec
import pytest

import agtop.collector.transcripts as transcripts
from agtop.agents import AGENTS
from agtop.collector import Collector, Wishes
from agtop.index import Index, Remembered
from agtop.kept import Kept, Shared, lean, restored
from agtop.ledger import Block
from agtop.model import Cost, Reading, Session, Snapshot, Tokens, Usage, replace
from agtop.pricing import Override, Prices
from tests.claude_rows import OTHER, SESSION, answer, encode, project, prompt, usage, write
from tests.test_accuracy import claude, codex
from tests.worlds import NOW, FakeMachine

LATER = NOW + 3 * 86400


class Run:
    """One run of agtop over a home with an index."""

    def __init__(
        self, home: Path, cache: Path | None, prices: Prices | None = None, now: float = LATER
    ) -> None:
        prices = prices or Prices()
        self.index = None if cache is None else Index(cache, prices.fingerprint)
        self.collector = Collector(
            AGENTS, home, {}, prices, FakeMachine(), Wishes(), lambda: now, self.index
        )

    def collect(self) -> Snapshot:
        return self.collector.collect()

    def close(self) -> None:
        self.collector.close()


def facts(snapshot: Snapshot) -> object:
    def of(session: Session) -> object:
        return (
            session.key, session.tokens, session.cost, session.own, session.usage, session.rates,
            session.agent_turns, session.started_at, session.last_active, session.state,
            session.reading.title, session.reading.cwd, session.reading.model, session.problems,
            session.reading.context,
        ), [of(below) for below in session.subagents]  # fmt: skip

    return [of(session) for session in snapshot.sessions], snapshot.totals


def once(home: Path, cache: Path | None, **more: Any) -> object:
    run = Run(home, cache, **more)
    try:
        return facts(run.collect())
    finally:
        run.close()


def read_bytes(home: Path, cache: Path) -> int:
    run = Run(home, cache)
    run.collect()
    count = run.collector.work.bytes_read
    run.close()
    return count


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_a_second_run_reads_nothing_and_knows_the_same(home: Path, cache: Path) -> None:
    claude(home)
    codex(home)
    plain = once(home, None)

    cold = once(home, cache)
    warm = once(home, cache)

    assert cold == warm == plain
    assert read_bytes(home, cache) == 0


def test_only_the_transcript_that_grew_is_read_again(home: Path, cache: Path) -> None:
    first = write(home, SESSION, answer("m1", 1, usage(1, 1)))
    write(home, OTHER, answer("m2", 1, usage(1, 1), session=OTHER))
    once(home, cache)
    with first.open("ab") as file:
        file.write(encode(answer("m3", 5, usage(7, 7))))

    assert read_bytes(home, cache) == first.stat().st_size
    assert once(home, cache) == once(home, None)


def test_a_copy_made_after_the_index_is_told_from_what_sleeps_in_it(
    home: Path, cache: Path
) -> None:
    shared = [prompt("hi", 1), answer("m1", 2, usage(5, 5000))]
    write(home, SESSION, *shared)
    once(home, cache)
    copy = [{**row, "sessionId": OTHER} for row in shared]
    write(home, OTHER, *copy, answer("m2", 600, usage(1, 1), session=OTHER))

    assert once(home, cache) == once(home, None)
    assert once(home, cache) == once(home, None)


def test_a_running_agtop_appends_to_what_it_remembered(home: Path, cache: Path) -> None:
    path = write(home, SESSION, answer("m1", 1, usage(1, 1)))
    once(home, cache)
    run = Run(home, cache)
    run.collect()
    with path.open("ab") as file:
        file.write(encode(answer("m2", 5, usage(7, 7))))

    grown = facts(run.collect())
    run.close()

    assert grown == once(home, None)
    assert once(home, cache) == once(home, None)


def test_why_wakes_what_sleeps(home: Path, cache: Path) -> None:
    write(home, SESSION, answer("m1", 1, usage(1, 1)), answer("m2", 2, usage(2, 2)))
    once(home, cache)
    run = Run(home, cache)
    run.collect()

    assert [r.tokens.input for r in run.collector.why(f"claude:{SESSION}")] == [1, 2]
    run.close()


def test_another_price_changes_every_cost_at_once(home: Path, cache: Path) -> None:
    claude(home)
    once(home, cache)
    dear = Prices({"claude-sonnet-4-5": Override(input=30, output=150)})

    assert once(home, cache, prices=dear) == once(home, None, prices=dear)
    assert once(home, cache) == once(home, None)


def test_a_deleted_transcript_is_forgotten_as_by_a_run_without_an_index(
    home: Path, cache: Path
) -> None:
    for path in claude(home)[:1]:
        once(home, cache)
        path.unlink()

    assert once(home, cache) == once(home, None)


@pytest.mark.parametrize(
    "damage", [b"", b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_damaged_index_is_made_anew(home: Path, cache: Path, damage: bytes) -> None:
    claude(home)
    plain = once(home, cache)
    for path in cache.iterdir():
        path.write_bytes(damage)

    assert once(home, cache) == plain
    assert once(home, cache) == plain


def test_rows_that_say_something_else_are_read_anew(home: Path, cache: Path) -> None:
    claude(home)
    plain = once(home, cache)
    with sqlite3.connect(cache / "index.sqlite") as base:
        base.execute("UPDATE files SET readings = x'00', sums = x'c1'")

    assert once(home, cache) == plain


def test_keys_cut_short_crash_nothing(home: Path, cache: Path) -> None:
    write(home, SESSION, answer("m1", 1, usage(1, 1)))
    once(home, cache)
    with sqlite3.connect(cache / "index.sqlite") as base:
        base.execute("UPDATE files SET keys = x'00'")
    write(home, OTHER, answer("m2", 2, usage(1, 1), session=OTHER))

    assert once(home, cache) == once(home, None)


def test_a_transcript_whose_name_is_no_text_is_read_anew(home: Path, cache: Path) -> None:
    write(home, SESSION, answer("m1", 1, usage(1, 1)))
    odd = os.fsencode(project(home)) + b"/\xff.jsonl"
    with open(odd, "wb") as file:
        file.write(encode(answer("m2", 2, usage(2, 2), session=OTHER)))
    plain = once(home, None)

    assert once(home, cache) == plain
    assert read_bytes(home, cache) == os.stat(odd).st_size


def test_a_stamp_beyond_what_the_database_counts_to_is_not_kept(cache: Path) -> None:
    index = Index(cache, "p")
    far = Remembered("/t", (1, 2**64 - 1, 5, 10**21), (), None)

    assert index.save("claude", "1", [(far, Block("/t"))], [])
    assert list(index.load("claude", "1", ["/t"])) == []
    index.close()


def test_for_a_screen_equal_numbers_of_sessions_are_one_object() -> None:
    def kept(name: str) -> Kept:
        cost = Cost(0.25, 0.0, 0.0, 0.0, 1.5, 0.0)
        usage = Usage("m", "p", Tokens(1, 0, 0, 0, 2), cost, None, 1)
        reading = Reading(name, f"/{name}", started_at=1e9 + 0.5, last_active=1e9 + 0.5)
        session = Session("claude", "Claude Code", name, reading, usage=(usage,))
        whole = Kept(replace(session, started_at=1e9 + 0.5), ((f"/{name}", (1, 2, 3, 4)),))
        return msgspec.msgpack.decode(msgspec.msgpack.encode(lean(whole)), type=Kept)

    shared = Shared(is_for_long=True)
    one, other = (restored(kept(name), shared).session for name in ("one", "other"))
    apart = restored(kept("one"), Shared()).session

    assert one == apart
    assert one.started_at is other.started_at is one.reading.last_active
    costs = [session.usage[0].cost for session in (one, other)]
    assert costs[0] is not None
    assert costs[1] is not None
    assert costs[0].output is costs[1].output
    assert isinstance(costs[0].fees, float)


def test_an_index_of_another_schema_is_made_anew(home: Path, cache: Path) -> None:
    claude(home)
    plain = once(home, cache)
    with sqlite3.connect(cache / "index.sqlite") as base:
        base.execute("UPDATE meta SET value = '999'")

    assert once(home, cache) == plain
    assert stat.S_IMODE((cache / "index.sqlite").stat().st_mode) == 0o600


def test_a_run_without_a_place_for_an_index_goes_on_without(home: Path, tmp_path: Path) -> None:
    claude(home)
    blocked = tmp_path / "file"
    blocked.write_text("")

    assert once(home, blocked / "cache") == once(home, None)


def test_the_index_is_private(home: Path, cache: Path) -> None:
    claude(home)
    once(home, cache)

    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    modes = {stat.S_IMODE(path.stat().st_mode) for path in cache.iterdir()}
    assert modes == {0o600}


def test_two_agtops_share_an_index(home: Path, cache: Path) -> None:
    path = write(home, SESSION, answer("m1", 1, usage(1, 1)))
    one, two = Run(home, cache), Run(home, cache)
    one.collect()
    two.collect()
    with path.open("ab") as file:
        file.write(encode(answer("m2", 5, usage(7, 7))))
    one.collect()
    two.collect()
    one.close()
    two.close()

    assert once(home, cache) == once(home, None)


def test_a_run_cut_off_leaves_no_wrong_index(home: Path, cache: Path) -> None:
    claude(home)
    run = Run(home, cache)
    run.collect()  # and is never closed
    write(home, OTHER, answer("m9", 9, usage(3, 3), session=OTHER))

    assert once(home, cache) == once(home, None)
    run.close()
    assert once(home, cache) == once(home, None)


@pytest.mark.parametrize("text", ["the secret plan", "Shall I tell the secret plan?"])
def test_no_text_of_a_conversation_but_titles_is_kept(home: Path, cache: Path, text: str) -> None:
    said = [{"type": "text", "text": text}]
    write(home, SESSION, prompt("a title", 1), answer("m1", 2, usage(1, 1), said))
    once(home, cache)

    assert not any(b"secret plan" in path.read_bytes() for path in cache.iterdir())


@pytest.mark.parametrize("seed", range(6))
def test_any_history_of_runs_ends_in_the_same_figures(
    home: Path, cache: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files come, grow, are copied, replaced and deleted between and during runs."""
    chance = random.Random(seed)
    if chance.random() < 0.5:  # scans from the first byte on
        monkeypatch.setattr(transcripts, "LONG_HISTORY", 0)
        monkeypatch.setattr(transcripts, "LARGE", 0)
    ids = [f"{n}" * 8 + SESSION[8:] for n in range(6)]
    written: dict[str, list[dict[str, Any]]] = {}

    def act() -> None:
        session = chance.choice(ids)
        what = chance.random()
        rows = written.get(session, [])
        if what < 0.15 and rows:
            (home / ".claude/projects/-work-api" / f"{session}.jsonl").unlink()
            del written[session]
            return
        if what < 0.35 and written:
            origin = chance.choice(sorted(written))
            rows = [*rows, *({**row, "sessionId": session} for row in written[origin])]
        n = chance.randrange(10**9)
        size = chance.choice((10, 4000))
        text = [{"type": "text", "text": "x" * size}]
        rows = [*rows, answer(f"m{n}", n % 3000, usage(n % 97, n % 89), text, session=session)]
        written[session] = rows
        write(home, session, *rows)

    for _ in range(6):
        for _ in range(chance.randrange(1, 5)):
            act()
        run = Run(home, cache)
        run.collect()
        if chance.random() < 0.4:
            act()
            run.collect()
        if chance.random() < 0.8:
            run.close()

    fresh = Run(home, None)
    warm = Run(home, cache)
    assert warm.collect().totals == fresh.collect().totals
    warm.close()
    if chance.random() < 0.5:
        shutil.rmtree(cache)
    assert once(home, cache)[1] == once(home, None)[1]  # type: ignore[index]
