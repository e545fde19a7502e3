"""Sessions of real releases, exact per session."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.homes import everyone
from tests.test_corpus import LATER, tokens, worth
from tests.worlds import World


def lumped(buckets: dict[str, int]) -> dict[str, int]:
    """OpenCode notes what was written to the cache, not for how long."""
    written = buckets["cache_write_5m"] + buckets["cache_write_1h"]
    return {**buckets, "cache_write_5m": written, "cache_write_1h": 0}


def truth(corpus: Path, name: str) -> dict[str, Any]:
    return json.loads((corpus / name / "truth.json").read_bytes())


def test_every_session_comes_to_what_the_server_sent(corpus: Path) -> None:
    known = truth(corpus, "opencode-1.18.33")
    snapshot = World(corpus / "opencode-1.18.33" / "home", now=LATER).collect()
    found = everyone(snapshot)
    assert found.keys() == known["sessions"].keys()
    for session_id, fact in known["sessions"].items():
        session = found[session_id]
        assert session.own.tokens == tokens(lumped(fact["recorded"])), session_id
        assert session.reading.user_turns == fact["user_turns"], session_id
        assert {usage.model for usage in session.usage} == set(fact["models"])
        assert session.reading.reported_cost is not None
        assert session.state.name == "ended"
    assert snapshot.totals.tokens == tokens(lumped(known["totals"]["recorded"]))
    for session in snapshot.sessions:
        assert session.cost is not None
        assert session.cost.total == pytest.approx(worth(session), abs=1e-9)


@pytest.mark.parametrize("name", ["opencode-1.0.152", "opencode-1.14.41"])
def test_older_releases_add_up_to_their_truth(corpus: Path, name: str) -> None:
    known = truth(corpus, name)
    parsed = known["parsed_from_transcript"]
    (session,) = World(corpus / name / "home", now=LATER).collect().sessions
    total = session.tokens
    assert total is not None
    assert (total.input, total.cache_read) == (parsed["input"], parsed["cache_read"])
    assert total.cache_write_5m == parsed["cache_write"]
    assert total.output == parsed["output_incl_reasoning"]
    assert session.reading.cwd == known["cwd"]
    assert [Path(write.path).name for write in session.reading.writes] == known["files_touched"]
    assert session.cost is not None
    assert session.reading.reported_cost == pytest.approx(session.cost.total, abs=1e-9)
