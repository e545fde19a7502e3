"""Context truth: what is left of the window, compactions close together, the prompt cache."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agtop.columns import cells
from agtop.export import document
from agtop.model import Context, Session, replace
from tests.claude_rows import answer, encode, prompt, usage
from tests.histories import claude_file, identity, stamp
from tests.snapshots import bare, session, snapshot
from tests.worlds import NOW, World, find


def told(home: Path, *rows: dict[str, Any]) -> Session:
    """What one Claude session is, once its rows are read."""
    claude_file(home, 1).write_bytes(b"".join(encode(row) for row in rows))
    return find(World(home).collect(), identity(1))


def said(ago: float, **used: int) -> dict[str, Any]:
    at = stamp(NOW - ago)
    return answer(f"m{ago}", 0, usage(**used), session=identity(1), timestamp=at)


def boundary(ago: float) -> dict[str, Any]:
    return {
        "type": "system",
        "subtype": "compact_boundary",
        "sessionId": identity(1),
        "uuid": f"c{ago}",
        "timestamp": stamp(NOW - ago),
        "compactMetadata": {"preTokens": 160_000, "postTokens": 9_000},
    }


def context(row: Session) -> Context:
    assert row.reading.context is not None
    return row.reading.context


def test_the_cache_is_warm_for_as_long_as_what_was_written_last(home: Path) -> None:
    row = told(
        home, said(400, write_1h=5_000), said(100, cache_read=5_000, write_5m=3_000), said(60)
    )

    assert context(row).warm_for(NOW) == pytest.approx(200, abs=1)
    assert context(row).warm_for(NOW + 300) == 0


def test_reading_the_cache_begins_its_time_anew(home: Path) -> None:
    row = told(home, said(3_000, write_1h=5_000), said(10, cache_read=5_000))

    assert context(row).warm_for(NOW) == pytest.approx(3_590, abs=1)


def test_waking_costs_the_price_of_writing_the_context_again(home: Path) -> None:
    row = told(home, said(9_000, write_5m=100_000))

    # Sonnet 4.5: $3.75 a million for five minutes
    assert context(row).wake_cost == pytest.approx(0.375)


def test_an_hours_cache_costs_more_to_wake(home: Path) -> None:
    row = told(home, said(9_000, write_1h=100_000))

    assert context(row).wake_cost == pytest.approx(0.6)


def test_a_cache_that_nobody_wrote_to_is_unknown(home: Path) -> None:
    row = told(home, said(10, input=5_000))

    assert context(row).warm_for(NOW) is None
    assert context(row).wake_cost is None
    assert cells.warm_text(row, NOW) == "–"


def test_what_is_left_until_full_and_until_compaction(home: Path) -> None:
    row = told(home, said(10, cache_read=117_000))

    assert context(row).to_full == pytest.approx(41.5)
    assert context(row).to_compaction == pytest.approx(25.0)  # 167k of 200k
    assert cells.compaction_text(row) == "~25%"


def test_two_compactions_close_together_are_a_warning(home: Path) -> None:
    row = told(home, said(900, input=9), boundary(800), boundary(300), said(10, input=9_000))

    assert context(row).compactions == 2
    assert cells.compactions_text(row, NOW) == "2!"
    assert cells.compactions_text(row, NOW + 3_600) == "2"


def test_compactions_an_hour_apart_are_none(home: Path) -> None:
    row = told(home, boundary(4_000), boundary(300), said(10, input=9_000))

    assert cells.compactions_text(row, NOW) == "2"


def test_a_window_nobody_knows_leaves_nothing_to_say() -> None:
    row = session(reading=replace(session().reading, context=Context(5_000, None, 5_000)))

    assert [cells.free_text(row), cells.compaction_text(row)] == ["–", "–"]
    assert cells.free_text(bare()) == "–"


def test_scripts_are_told_the_same() -> None:
    full = Context(5_000, 10_000, 7_000, 2, (10.0, 20.0), 100.0, 300.0, 8_000, 0.25)
    row = session(reading=replace(session().reading, context=full))

    warm, cold = (
        document(replace(snapshot(row), taken_at=at))["sessions"][0]["context"]
        for at in (150.0, 9_000.0)
    )

    assert warm is not None
    assert cold is not None
    assert warm["percent_to_full"] == 50
    assert warm["percent_to_compaction"] == 30
    assert (warm["is_thrashing"], cold["is_thrashing"]) == (True, False)
    assert warm["wake_cost"] == 0.25
    assert warm["cache"] == {
        "is_warm": True,
        "seconds_left": 250,
        "lifetime_secs": 300,
        "cold_at": "1970-01-01T00:06:40.000Z",
    }
    assert cold["cache"] is not None
    assert (cold["cache"]["is_warm"], cold["cache"]["seconds_left"]) == (False, 0)


def test_a_session_before_its_first_answer_has_no_context(home: Path) -> None:
    row = told(home, prompt("go", 1, session=identity(1)))

    assert row.reading.context is None
    assert [cells.warm_text(row, NOW), cells.compactions_text(row, NOW)] == ["–", "–"]
