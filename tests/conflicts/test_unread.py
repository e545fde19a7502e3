"""What was only scanned is read in full little by little."""

from __future__ import annotations

from collections.abc import Mapping

from agtop.conflicts import DAY
from agtop.conflicts.unread import LONGEST, ROUND, Unread
from agtop.model import Reading, Session

NOW = 1_795_180_000.0


def scanned(name: str, age: float, *below: Session, partial: bool = True) -> Session:
    reading = Reading(name, f"/t/{name}", partial=partial, last_active=NOW - age)
    return Session("claude", "Claude", name, reading, subagents=below, last_active=NOW - age)


def waiting(sizes: Mapping[str, int], *sessions: Session) -> Unread:
    unread = Unread(lambda path: sizes[path.removeprefix("/t/")])
    for session in sessions:
        unread.note(session.key, session, NOW)
    return unread


def test_the_newest_come_first_and_no_more_than_a_round_has_room_for() -> None:
    half = ROUND // 2
    sessions = (scanned("old", 300), scanned("new", 1), scanned("mid", 60))
    unread = waiting(dict.fromkeys(("old", "new", "mid"), half), *sessions)

    rounds = [unread.next(NOW) for _ in range(3)]

    assert rounds == [("claude:new", "claude:mid"), ("claude:old",), ()]


def test_one_that_fills_more_than_a_round_has_one_of_its_own() -> None:
    unread = waiting({"a": 2 * ROUND, "b": 1}, scanned("a", 1), scanned("b", 2))

    assert [unread.next(NOW), unread.next(NOW)] == [("claude:a",), ("claude:b",)]


def test_one_that_would_keep_everybody_waiting_is_left_for_who_looks_at_it() -> None:
    unread = waiting({"a": LONGEST + 1, "b": 1}, scanned("a", 1), scanned("b", 2))

    assert [unread.next(NOW), unread.next(NOW)] == [("claude:b",), ()]


def test_each_is_asked_for_once_whatever_comes_of_it() -> None:
    unread = waiting({"a": 1}, scanned("a", 1))
    unread.next(NOW)

    unread.note("claude:a", scanned("a", 0), NOW)

    assert unread.next(NOW) == ()


def test_what_was_read_or_is_gone_in_the_meantime_is_not_asked_for() -> None:
    unread = waiting({"a": 1, "b": 1}, scanned("a", 1), scanned("b", 1))

    unread.note("claude:a", scanned("a", 0, partial=False), NOW)
    unread.note("claude:b", None, NOW)

    assert unread.next(NOW) == ()


def test_subagents_have_writes_of_their_own() -> None:
    unread = waiting({"below": 1}, scanned("top", 1, scanned("below", 2), partial=False))

    assert unread.next(NOW) == ("claude:below",)


def test_what_is_older_than_a_day_by_now_is_left_out() -> None:
    unread = waiting({"a": 1}, scanned("a", 10))

    assert unread.next(NOW + DAY) == ()
