"""Going round in circles, and what only looks like it."""

from __future__ import annotations

import pytest

from agtop.agents.repeats import Repeats


def repeats(*calls: str) -> Repeats:
    made = Repeats()
    for call in calls:
        made.add(call[0], call.encode())
    return made


@pytest.mark.parametrize(
    ("calls", "loops"),
    [
        ("a a a", False),
        ("a a a a", True),
        ("a b a c a d a", True),
        ("a a a a b", False),  # it has gone on to something new
        ("a b c d e f", False),
        ("a b a b a b", True),
        ("a b a b a c", False),
        ("a b c d e f a b c d e f a b c d e f", True),
        ("a b c d e f g a b c d e f g a b c d e f", False),
        ("a1 a2 a3 a4 a5", False),  # other arguments
        ("", False),
    ],
)
def test_only_the_same_calls_again_are_a_loop(calls: str, loops: bool) -> None:
    assert (repeats(*calls.split()).found() is not None) == loops


def test_calls_of_long_ago_are_forgotten() -> None:
    calls = ["a", "a", "a", *(f"b{n}" for n in range(17)), "a"]
    assert repeats(*calls).found() is None


def test_waiting_for_a_command_is_no_loop() -> None:
    made = Repeats()
    for _ in range(9):
        made.add("BashOutput", b'{"id":1}')
    assert made.found() is None


def test_the_sentence_names_the_call() -> None:
    made = Repeats()
    for _ in range(4):
        made.add("Bash", b"make", "Bash: make")
    assert made.found() == "the call Bash: make came 4 times in the last 4"
    made.clear()
    assert made.found() is None
