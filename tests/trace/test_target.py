"""What a word on the command line means."""

from __future__ import annotations

import pytest

from agtop.errors import UsageError
from agtop.trace.target import session_of
from tests.trace.events import ID, session

ONE = session(pid=8421)
TWO = session(id="99999999-2222-4333-8444-55555555abce", pid=77)
CODEX = session(id="0195f000-aaaa", agent="codex")
ALL = (ONE, TWO, CODEX)


@pytest.mark.parametrize(
    "target", ["8421", "claude-8421", ID, f"claude:{ID}", "1111", "5555abcd", "claude:55abcd"]
)
def test_a_session_goes_by_pid_id_part_and_key(target: str) -> None:
    assert session_of(target, ALL) is ONE


def test_an_agents_name_means_its_only_live_session_or_its_last() -> None:
    assert session_of("codex", ALL) is CODEX
    assert session_of("claude", (ONE, CODEX)) is ONE


def test_what_could_be_several_is_refused_with_their_keys() -> None:
    with pytest.raises(UsageError, match=f"could be claude:{ID}, claude:9999"):
        session_of("claude", ALL)


@pytest.mark.parametrize("target", ["abc", "", "gemini", "1", "gemini-8421"])
def test_what_is_none_is_refused(target: str) -> None:
    with pytest.raises(UsageError, match="no session is called"):
        session_of(target, ALL)
