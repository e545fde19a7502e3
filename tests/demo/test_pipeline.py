"""The demo fleet, seen through the whole real pipeline, is what it says it is."""

from __future__ import annotations

import sys
import time

import pytest

from agtop.demo import running
from agtop.flags import parse
from agtop.model import Session, Tokens
from agtop.wiring import Place, collector, wants
from tests.demo.test_fleet import linux

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="the fleet needs POSIX"),
    linux,
]


def everyone(sessions: tuple[Session, ...]) -> dict[str, Session]:
    found: dict[str, Session] = {}
    for session in sessions:
        found[session.key] = session
        found |= everyone(session.subagents)
    return found


def test_every_session_of_the_fleet_has_its_tokens_state_and_process() -> None:
    from agtop.config import Config

    with running(lively=False) as fleet:
        place = Place(fleet.home, fleet.environ, Config())
        subject = collector(wants(parse(["--list"]), place), place, None)
        snapshot = subject.collect()
        found = everyone(snapshot.sessions)
        actors = fleet.actors()

        for key, fact in fleet.truth().items():
            told = fact["tokens"]
            assert isinstance(told, dict)
            tokens = found[key].own.tokens
            assert tokens == Tokens(
                told["input"], told["cache_read"], told["cache_write_5m"],
                told["cache_write_1h"], told["output"], told["reasoning"],
            ), key  # fmt: skip
        pids = set(actors.values())  # agents of this machine's own may run beside them
        processes = {s.process.pid: s for s in snapshot.sessions if s.process is not None}
        live = {pid: session for pid, session in processes.items() if pid in pids}
        assert set(live) == pids
        assert {s.state.name for s in live.values()} >= {
            "working", "waiting", "idle", "error", "limited",
        }  # fmt: skip
        reasons = {s.state.reason for s in live.values() if s.state.name == "waiting"}
        assert reasons == {"permission", "question"}
        assert all(s.match.confidence == "high" for s in live.values())
    assert time.time() > snapshot.taken_at


def test_the_fleets_plans_are_measured_and_shared() -> None:
    from agtop.config import Config

    with running(lively=False) as fleet:
        place = Place(fleet.home, fleet.environ, Config(), is_kept=False)
        snapshot = collector(wants(parse(["--list"]), place), place, None).collect()

    found = {(w.agent, w.label): w for w in snapshot.limits}
    assert list(found) == [("claude", "5 h"), ("claude", "7 d"), ("codex", "5 h"), ("codex", "7 d")]
    assert found["claude", "5 h"].used_percent == 42
    codex = found["codex", "5 h"]
    assert codex.full_before_reset is True
    assert not codex.is_stale(snapshot.taken_at)
    assert all(window.source == "measured" and window.shares for window in found.values())
