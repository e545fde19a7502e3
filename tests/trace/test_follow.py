"""Following the transcripts of sessions and their subagents."""

from __future__ import annotations

from pathlib import Path

from agtop.agents import AGENTS
from agtop.model import Event
from agtop.trace.follow import Follower, transcripts
from agtop.trace.ring import Ring
from tests.claude_rows import SESSION, encode, prompt, write
from tests.trace.events import event, session

READERS = {agent.name: agent.events for agent in AGENTS if agent.events is not None}


def titles(events: list[Event]) -> list[str]:
    return [each.title for each in events]


def test_a_session_and_its_subagents_are_told_in_the_order_of_time(home: Path) -> None:
    main = write(home, SESSION, prompt("One", 1), prompt("Three", 3))
    below = write(home, "agent-a1", prompt("Two", 2))
    child = session(below, id="a1")
    follower = Follower(READERS)
    follower.watch(transcripts(session(main, subagents=(child,))))

    events = follower.poll()

    assert titles(events) == ["One", "Two", "Three"]
    assert [each.scope for each in events] == ["", "a1", ""]


def test_only_what_was_added_is_told_again(home: Path) -> None:
    path = write(home, SESSION, prompt("One", 1))
    follower = Follower(READERS)
    follower.watch(transcripts(session(path)))
    follower.poll()
    with path.open("ab") as file:
        file.write(encode(prompt("Two", 2)))
    follower.watch(transcripts(session(path)))

    assert [titles(follower.poll()), titles(follower.poll())] == [["Two"], []]


def test_a_burst_is_taken_piece_by_piece_and_nothing_is_lost(home: Path) -> None:
    path = write(home, SESSION, *(prompt(f"p{n}", n % 60) for n in range(25)))
    follower = Follower(READERS)
    follower.watch(transcripts(session(path)))

    rounds = [follower.poll(most=10)]
    while follower.is_behind:
        rounds.append(follower.poll(most=10))

    assert [len(each) for each in rounds] == [10, 10, 5]
    assert len({each.title for each in [e for events in rounds for e in events]}) == 25


def test_a_transcript_that_is_gone_is_a_problem_until_it_is_back(home: Path) -> None:
    path = write(home, SESSION, prompt("One", 1))
    path.rename(path.with_suffix(".away"))
    follower = Follower(READERS)
    follower.watch(transcripts(session(path)))
    follower.poll()
    problems = [problem.message for problem in follower.problems]
    path.with_suffix(".away").rename(path)

    assert problems == [f"{path} is gone; it is tried again"]
    assert titles(follower.poll()) == ["One"]
    assert follower.problems == ()


def test_what_is_no_longer_watched_is_no_longer_told(home: Path) -> None:
    path = write(home, SESSION, prompt("One", 1))
    follower = Follower(READERS)
    follower.watch(transcripts(session(path)))
    follower.watch(())

    assert follower.poll() == []


def test_the_ring_forgets_the_oldest_and_keeps_the_newest_whatever_its_size() -> None:
    ring = Ring(limit=3000)
    ring.add(event(str(n), body="x" * 500) for n in range(10))
    bounded = ring.size
    kept = [each.title for each in ring]
    ring.add([event("huge", body="x" * 9000)])

    assert bounded <= 3000
    assert kept == ["7", "8", "9"]
    assert [each.title for each in ring] == ["huge"]
    assert ring.dropped == 10


def test_of_a_burst_only_the_end_is_read_where_only_the_newest_are_wanted(home: Path) -> None:
    path = write(home, SESSION, prompt("One", 1))
    follower = Follower(READERS, newest=1000)
    follower.watch(transcripts(session(path)))
    follower.poll()
    burst = b"".join(encode(prompt(f"p{n}", n % 60)) for n in range(5000))
    with path.open("ab") as file:
        file.write(burst)

    rounds = [follower.poll(most=2)]
    while follower.is_behind:
        rounds.append(follower.poll(most=2))

    told = [title for events in rounds for title in titles(events)]
    assert max(len(events) for events in rounds) == 2
    assert told[-1] == "p4999"
    assert len(told) < 10
    assert len(burst) - 1000 <= follower.passed < len(burst)


def test_a_burst_while_another_is_told_puts_the_rest_of_that_one_away(home: Path) -> None:
    path = write(home, SESSION, *(prompt(f"old {n}", n % 60) for n in range(20)))
    follower = Follower(READERS, newest=1000)
    follower.watch(transcripts(session(path)))
    follower.poll(most=2)
    with path.open("ab") as file:
        file.write(b"".join(encode(prompt(f"new {n}", n % 60)) for n in range(20)))

    told = [title for _ in range(20) for title in titles(follower.poll(most=2))]

    assert told[-1] == "new 19"
    assert len(told) < 10
    assert not any(title.startswith("old") for title in told)


def test_after_a_burst_was_passed_over_what_comes_next_is_told_once(home: Path) -> None:
    path = write(home, SESSION, prompt("One", 1))
    follower = Follower(READERS, newest=1000)
    follower.watch(transcripts(session(path)))
    follower.poll()
    with path.open("ab") as file:
        file.write(b"".join(encode(prompt(f"p{n}", n % 60)) for n in range(50)))
    while follower.poll():
        pass
    with path.open("ab") as file:
        file.write(encode(prompt("Next", 59)))

    assert titles(follower.poll()) == ["Next"]
