"""The acceptance vectors of rates, unknown prices and states, from real files to what is shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agtop.columns import find
from agtop.export import document, encode
from agtop.model import Session, Snapshot
from tests.claude_rows import answer, prompt, usage
from tests.claude_rows import encode as row_of
from tests.histories import claude_file, stamp
from tests.worlds import NOW, World, process

SONNET = "claude-sonnet-4-5"


def asked(at: float, session: str, **more: Any) -> bytes:
    return row_of(prompt("go", 0, sessionId=session, timestamp=stamp(at), **more))


def answered(at: float, session: str, model: str = SONNET, output: int = 20) -> bytes:
    used = usage(300, output)
    return row_of(answer("m1", 0, used, session=session, timestamp=stamp(at), model=model))


def told(snapshot: Snapshot) -> dict[str, Any]:
    """The only session, as a script sees it."""
    (session,) = json.loads(encode(document(snapshot)))["sessions"]
    return session


def only(snapshot: Snapshot) -> Session:
    (session,) = snapshot.sessions
    return session


def test_v7_v8_rates_are_of_the_last_minute_then_zero_and_unknown_where_never_seen(
    home: Path,
) -> None:
    path = claude_file(home, 1)
    path.write_bytes(asked(NOW - 2, path.stem) + answered(NOW - 1, path.stem))
    world = World(home)

    now = told(world.collect())
    later = told(world.collect(later=61.0))

    assert (now["tokens_per_min"], now["cost_per_hour"]) == (320, pytest.approx(0.072))
    assert (later["tokens_per_min"], later["cost_per_hour"]) == (0, 0)


def test_v8_what_was_never_seen_is_unknown_on_every_face(home: Path) -> None:
    path = claude_file(home, 1)
    path.write_bytes(asked(NOW - 2, path.stem))
    snapshot = World(home).collect()

    assert (told(snapshot)["tokens_per_min"], told(snapshot)["cost_per_hour"]) == (None, None)
    assert find("tokens_per_min").text(only(snapshot), NOW) == "–"


def test_v9_a_model_without_a_price_costs_an_unknown_amount(home: Path) -> None:
    path = claude_file(home, 1)
    path.write_bytes(asked(NOW - 2, path.stem))
    with path.open("ab") as file:
        file.write(answered(NOW - 1, path.stem, model="claude-sonnet-4-5-ultra"))
    found = told(World(home).collect())

    assert found["tokens"]["total"] == 320
    assert found["cost"] is None
    assert found["models"][0]["cost"] is None


@pytest.mark.parametrize(("silent", "state"), [(299.0, "working"), (300.0, "stalled")])
def test_v10_work_of_a_live_process_is_stalled_after_five_minutes_of_silence(
    home: Path, tmp_path: Path, silent: float, state: str
) -> None:
    path = claude_file(home, 1)
    path.write_bytes(asked(NOW, path.stem, cwd=str(tmp_path)))
    world, runs = World(home), process(7, cwd=tmp_path, started_at=NOW - 60)

    found = told(world.collect(runs, later=silent))

    assert (found["state"], found["pid"]) == (state, 7)
    assert found["state_evidence"]


@pytest.mark.parametrize(("silent", "state"), [(29.0, "working"), (30.0, "ended")])
def test_v11_work_without_a_process_has_ended_after_thirty_seconds(
    home: Path, silent: float, state: str
) -> None:
    path = claude_file(home, 1)
    path.write_bytes(asked(NOW, path.stem))

    assert told(World(home).collect(later=silent))["state"] == state


@pytest.mark.parametrize(("silent", "state"), [(299.0, "idle"), (300.0, "ended")])
def test_v12_rest_without_a_process_has_ended_after_five_minutes(
    home: Path, silent: float, state: str
) -> None:
    path = claude_file(home, 1)
    path.write_bytes(asked(NOW - 1, path.stem) + answered(NOW, path.stem))

    assert told(World(home).collect(later=silent))["state"] == state
