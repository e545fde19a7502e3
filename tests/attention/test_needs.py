"""Who needs the user, and who first."""

from __future__ import annotations

import pytest

from agtop.attention import needed_since, needs_you, urgency
from agtop.columns import find, order
from agtop.model import Session, State, StateName, replace
from tests.snapshots import NOW, session


def one(
    session_id: str, name: StateName, since: float | None = NOW, last: float = NOW, *below: Session
) -> Session:
    return session(
        session_id=session_id, state=State(name, None, since, "why"), last_active=last,
        subagents=below,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["waiting", "error", "stalled", "looping", "limited"])
def test_whoever_cannot_go_on_alone_needs_you(name: StateName) -> None:
    assert needs_you(one("a", name))
    assert needed_since(one("a", name, NOW - 5)) == NOW - 5


@pytest.mark.parametrize("name", ["working", "idle", "ended", "unknown"])
def test_whoever_works_rests_or_is_gone_does_not(name: StateName) -> None:
    assert not needs_you(one("a", name))
    assert urgency(one("a", name)) is None


def test_a_session_needs_you_for_its_subagents() -> None:
    asking = one("b", "waiting", NOW - 60)

    assert needed_since(one("a", "working", NOW, NOW, asking)) == NOW - 60
    assert not needs_you(one("a", "ended", NOW, NOW, replace(asking, state=State("ended"))))


def test_the_longest_waiting_stands_first_then_who_failed_then_the_newest() -> None:
    sessions = (
        one("idle-new", "idle", NOW, NOW),
        one("error-long", "error", NOW - 9000),
        one("waits-short", "waiting", NOW - 10),
        one("ended", "ended", NOW, NOW - 50),
        one("waits-long", "waiting", NOW - 900),
        one("parent", "working", NOW, NOW, one("child", "waiting", NOW - 300)),
    )

    arranged = order(sessions, find("attention"), reverse=False)

    assert [each.session_id for each in arranged] == [
        "waits-long", "parent", "waits-short", "error-long", "idle-new", "ended",
    ]  # fmt: skip
