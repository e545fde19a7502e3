"""The document of an old session is made once, kept, and made anew when the session changes."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import pytest

from agtop.export import write_snapshot
from agtop.export.document import is_lasting
from agtop.model import Context, Rates, Session, replace
from tests.histories import DAY, append, history, reply
from tests.snapshots import session
from tests.worlds import NOW, World

LATER = NOW + 9 * DAY


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


class Counting:
    """A store that counts what was found in another one and what had to be made."""

    def __init__(self, world: World) -> None:
        self._within = world.collector.written()
        self.found = self.kept = 0

    def find(self, sessions: Iterable[Session]) -> Mapping[str, str]:
        texts = self._within.find(sessions)
        self.found += len(texts)
        return texts

    def keep(self, texts: Collection[tuple[Session, str]]) -> None:
        self._within.keep(texts)
        self.kept += len(texts)


def begun(home: Path, cache: Path | None) -> World:
    world = World(home, now=LATER, cache=cache)
    world.collect()
    return world


def export(world: World) -> tuple[str, Counting]:
    """What is written, and what it took."""
    stream, store = io.StringIO(), Counting(world)
    write_snapshot(stream, world.collect(), store=store)
    return stream.getvalue(), store


def run(home: Path, cache: Path) -> tuple[str, int, int]:
    """What one run writes; how many sessions it found written and how many it wrote itself."""
    world = begun(home, cache)
    text, store = export(world)
    world.collector.close()
    return text, store.found, store.kept


def plain(home: Path) -> str:
    stream = io.StringIO()
    write_snapshot(stream, begun(home, None).collect())
    return stream.getvalue()


def touch(cache: Path, name: str) -> None:
    """Write to the index as another program does."""
    with sqlite3.connect(cache / "index.sqlite") as base:
        base.execute("INSERT INTO meta VALUES (?, 'x')", (name,))


def test_a_session_that_sleeps_is_written_once(home: Path, cache: Path) -> None:
    history(home, 100)
    run(home, cache)

    first, second = run(home, cache), run(home, cache)

    assert first[1:] == (0, 100)
    assert second[1:] == (100, 0)
    assert first[0] == second[0] == plain(home)


def test_a_line_more_has_its_session_written_anew(home: Path, cache: Path) -> None:
    paths = history(home, 5)
    run(home, cache)
    run(home, cache)
    append(paths[0], reply("new", LATER - 3 * DAY, paths[0].stem))

    texts = [run(home, cache) for _ in range(3)]

    assert [text[1] for text in texts] == [4, 4, 5]
    assert {text[0] for text in texts} == {plain(home)}


def test_what_another_agtop_has_changed_since_is_neither_found_nor_kept(
    home: Path, cache: Path
) -> None:
    history(home, 5)
    run(home, cache)
    old = begun(home, cache)
    touch(cache, "first")

    export(old)

    assert run(home, cache)[1] == 0
    assert run(home, cache)[1] == 5
    old = begun(home, cache)
    touch(cache, "second")
    assert export(old)[1].found == 0


def test_a_text_of_other_prices_is_not_found(home: Path, cache: Path) -> None:
    history(home, 5)
    run(home, cache)
    run(home, cache)
    with sqlite3.connect(cache / "index.sqlite") as base:
        base.execute("UPDATE texts SET terms = 'others'")

    assert run(home, cache)[1] == 0


def test_a_session_that_was_changed_for_showing_is_written_as_it_is(
    home: Path, cache: Path
) -> None:
    history(home, 5)
    run(home, cache)
    run(home, cache)
    world = begun(home, cache)
    taken = world.collect()
    hidden = [replace(each, project="hidden") for each in taken.sessions]
    stream, store = io.StringIO(), Counting(world)

    write_snapshot(stream, replace(taken, sessions=tuple(hidden)), store=store)

    assert store.found == 0
    assert stream.getvalue().count('"project": "hidden"') == 5
    assert run(home, cache)[0] == plain(home)


@pytest.mark.parametrize(
    ("context", "rates", "lasts"),
    [
        (None, Rates(), True),
        (Context(1, None, 1, cached_at=NOW - 600, cache_lasts=300.0), Rates(), True),
        (Context(1, None, 1, cached_at=NOW - 200, cache_lasts=300.0), Rates(), False),
        (Context(1, None, 1, compacted_at=(NOW - 90, NOW - 60)), Rates(), False),
        (None, Rates(slots=((1, 2),)), False),
    ],
    ids=["nothing", "cold", "warm", "thrashing", "spending"],
)
def test_only_what_runs_down_no_more_lasts(
    context: Context | None, rates: Rates, lasts: bool
) -> None:
    known = session("one")
    aged = replace(known, reading=replace(known.reading, context=context), rates=rates)

    assert is_lasting(aged, NOW) is lasts
