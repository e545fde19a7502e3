"""What OpenCode's records add up to."""

from __future__ import annotations

from pathlib import Path

import pytest

from agtop.model import Tokens
from tests.agents.opencode.writing import AT, Store, counts, read, spent
from tests.homes import everyone
from tests.worlds import World

LATER = AT / 1000 + 3600


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "opencode.db")


def test_thinking_is_added_to_the_output_and_kept_as_its_part(store: Store) -> None:
    talk = store.session("talk")
    store.answer(talk, counts(10, 20, 5, read=30, write=40, total=105))
    _, claims = read(store.path)
    assert spent(claims) == Tokens(10, 30, 40, 0, 25, 5)


def test_a_total_without_the_thinking_says_that_the_output_holds_it(store: Store) -> None:
    talk = store.session("talk")
    store.answer(talk, counts(10, 20, 5, read=30, write=40, total=100))
    _, claims = read(store.path)
    assert spent(claims) == Tokens(10, 30, 40, 0, 20, 5)


def test_every_step_of_a_message_counts_not_only_its_last(store: Store) -> None:
    talk = store.session("talk")
    message = store.answer(talk, counts(1, 2), tokens=counts(100, 200), cost=0.5)
    store.step(talk, message, counts(100, 200), cost=0.5)
    readings, claims = read(store.path)
    assert spent(claims) == Tokens(input=101, output=202)
    assert readings[talk].replies == 2
    assert readings[talk].reported_cost == 0.5


def test_without_steps_the_message_itself_tells_its_tokens(store: Store) -> None:
    talk = store.session("talk")
    store.answer(talk, tokens=counts(7, 8), cost=0.25)
    readings, claims = read(store.path)
    assert spent(claims) == Tokens(input=7, output=8)
    assert readings[talk].reported_cost == 0.25


def test_the_provider_stands_in_the_record(store: Store) -> None:
    talk = store.session("talk")
    store.answer(talk, counts(1, 1), providerID="openrouter", modelID="gpt-5")
    _, (claim,) = read(store.path)
    assert (claim.response.provider, claim.response.model) == ("openrouter", "gpt-5")


def test_replies_that_record_nothing_are_not_metered(store: Store) -> None:
    talk = store.session("talk")
    store.user(talk)
    store.answer(talk, counts())
    readings, claims = read(store.path)
    assert (readings[talk].replies, readings[talk].metered, claims) == (1, False, [])
    assert not readings[talk].problems


def test_an_unknown_form_of_usage_is_said_aloud(store: Store) -> None:
    talk = store.session("talk")
    store.answer(talk, tokens=None, usage={"in": 5})
    readings, _ = read(store.path)
    assert not readings[talk].metered
    assert "update agtop" in readings[talk].problems[0]


def test_a_session_known_by_its_sums_alone_is_counted_and_said_to_be_new(store: Store) -> None:
    store.base.execute("CREATE TABLE session_message (id TEXT, session_id TEXT, data TEXT)")
    sums = {"tokens_input": 10, "tokens_output": 4, "tokens_reasoning": 1, "cost": 0.5}
    model = {"id": "gpt-5", "providerID": "openai"}
    store.session("talk", model=model, **sums)
    store.base.execute("INSERT INTO session_message VALUES ('m', 'talk', '{}')")
    store.base.commit()
    readings, (claim,) = read(store.path)
    assert claim.response.tokens == Tokens(input=10, output=5, reasoning=1)
    assert (claim.response.model, readings["talk"].reported_cost) == ("gpt-5", 0.5)
    assert "session_message" in readings["talk"].problems[0]


def test_absurd_counts_are_no_counts(store: Store) -> None:
    talk = store.session("talk")
    store.answer(talk, counts(2**40, -5, 3, read=7))
    _, claims = read(store.path)
    assert spent(claims) == Tokens(cache_read=7, output=3, reasoning=3)


# ---- forks


def fork(store: Store, origin: str, key: str) -> str:
    """A copy of all messages and parts under new ids, without a word of where it is from."""
    store.session(key, title=f"{origin} (fork #1)")
    messages = store.base.execute(
        "SELECT id, time_created, data FROM message WHERE session_id = ?", (origin,)
    ).fetchall()
    for message_id, created, data in messages:
        new = f"{message_id}-{key}"
        store.put("message", id=new, session_id=key, time_created=created,
                  time_updated=store.tick(), data=data)  # fmt: skip
        for part_id, part in store.base.execute(
            "SELECT id, data FROM part WHERE message_id = ?", (message_id,)
        ).fetchall():
            store.put("part", id=f"{part_id}-{key}", message_id=new, session_id=key,
                      time_created=store.now, time_updated=store.now, data=part)  # fmt: skip
    return key


def test_what_a_fork_copied_belongs_to_the_session_created_first(
    store: Store, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    own = Store(home / ".local/share/opencode/opencode.db")
    origin = own.session("origin")
    own.user(origin)
    own.answer(origin, counts(100, 10), cost=0.5)
    fork(own, origin, "a-fork")  # its id sorts before its origin's
    fork(own, "a-fork", "b-fork")
    own.user("a-fork")
    own.answer("a-fork", counts(7, 1), cost=0.25)
    found = everyone(World(home, now=LATER).collect())
    assert found["origin"].own.tokens == Tokens(input=100, output=10)
    assert found["a-fork"].own.tokens == Tokens(input=7, output=1)
    assert found["b-fork"].own.tokens in (None, Tokens())
    reading = found["a-fork"].reading
    assert (reading.forked_from, reading.user_turns, reading.replies) == ("origin", 1, 1)
    assert reading.reported_cost == 0.25
    assert found["b-fork"].reading.forked_from == "origin"


def test_a_fork_whose_origin_is_gone_counts_its_copies_once(store: Store) -> None:
    origin = store.session("origin")
    store.answer(origin, counts(100, 10))
    fork(store, origin, "one")
    fork(store, origin, "two")
    store.base.executescript("DELETE FROM part WHERE session_id = 'origin';"
                             "DELETE FROM message WHERE session_id = 'origin';"
                             "DELETE FROM session WHERE id = 'origin'")  # fmt: skip
    _, claims = read(store.path)
    assert len(claims) == 2
    assert spent(claims) == Tokens(input=100, output=10)


def test_two_sessions_that_answer_alike_in_the_same_millisecond_both_count(store: Store) -> None:
    for key in ("one", "two"):
        store.session(key)
    at = store.tick()
    for key in ("one", "two"):
        store.answer(key, counts(100, 10), time={"created": at, "completed": at + 5})
    _, claims = read(store.path)
    assert spent(claims) == Tokens(input=200, output=20)


def test_a_running_message_keeps_its_key_when_it_is_complete(store: Store) -> None:
    talk = store.session("talk")
    at = store.tick()
    message = store.answer(talk, counts(5, 5), time={"created": at})
    (running,) = read(store.path)[1]
    store.answer(talk, key=message, tokens=counts(5, 5), time={"created": at, "completed": at + 9})
    (complete,) = read(store.path)[1]
    assert running.response == complete.response


def test_subagents_are_children_and_keep_their_own_cost(store: Store) -> None:
    parent = store.session("parent")
    store.user(parent)
    child = store.session("child", parent_id=parent)
    store.user(child, "You are to count")
    store.answer(child, counts(3, 3), cost=0.125)
    readings, _ = read(store.path)
    assert (readings[child].parent_id, readings[child].user_turns) == (parent, 0)
    assert readings[child].reported_cost == 0.125
    assert readings[parent].reported_cost is None


# ---- context


def test_the_context_is_what_the_last_request_held(store: Store) -> None:
    talk = store.session("talk")
    store.answer(talk, counts(100, 10, 5, read=1000, write=50))
    store.answer(talk, counts(10, 10, read=200))
    readings, _ = read(store.path)
    context = readings[talk].context
    assert context is not None
    assert (context.used, context.peak, context.compactions) == (220, 1165, 0)


def test_a_compaction_is_recorded_and_counted(store: Store) -> None:
    talk = store.session("talk")
    store.user(talk, "Begin")
    store.answer(talk, counts(100, 10))
    request = store.user(talk, "")
    store.part(talk, request, {"type": "compaction", "auto": True})
    store.answer(talk, counts(90, 9), mode="compaction", summary=True)
    after = store.user(talk, "")
    store.part(talk, after, {"type": "text", "text": "Go on.", "synthetic": True})
    readings, claims = read(store.path)
    reading = readings[talk]
    assert reading.context is not None
    assert (reading.context.compactions, reading.context.used) == (1, 110)
    assert (reading.user_turns, reading.activity.phase) == (1, "requested")
    assert spent(claims) == Tokens(input=190, output=19)
