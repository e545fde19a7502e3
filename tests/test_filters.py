"""What people type to see only some sessions."""

from __future__ import annotations

import re

import pytest

from agtop.filters import parse, readable
from agtop.model import Context, Cost, Reading, Session, State, Tokens, replace


def session(**facts: object) -> Session:
    read = Reading(
        "8f14e45f-2b91aa",
        "/tmp/t.jsonl",
        title="Fix the Flaky login",
        cwd="/home/ada/work/agtop",
        branch="fix/login",
        model="claude-opus-4-5",
        context=Context(160_000, 200_000, 160_000),
    )
    plain = Session(
        "claude",
        "Claude Code",
        read.session_id,
        read,
        project="agtop",
        state=State("waiting", "permission"),
        tokens=Tokens(1_000_000),
        cost=Cost(input=3.0),
    )
    return replace(plain, **facts)  # pyright: ignore[reportArgumentType]


UNKNOWN = session(tokens=None, cost=None, reading=Reading("x", "y"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "LOGIN",
        "flaky agtop",
        '"flaky login"',
        "agent:claude",
        'agent:"claude code"',
        "agent:codex|claude",
        "codex|claude",
        "state:waiting",
        "state:wait",
        "state:permission",
        "state:ended|waiting",
        "project:agtop repo:agt",
        "model:OPUS",
        "id:2b91aa",
        "branch:fix/",
        "cost>1",
        "cost>$2.50",
        "cost=3",
        "ctx>=80",
        "ctx>=80%",
        "tokens>0.9m",
        "tokens<=1000k",
        "!state:ended",
        "!codex",
        "agent:",
    ],
)
def test_a_filter_finds_what_it_names(text: str) -> None:
    assert parse(text).matches(session())


@pytest.mark.parametrize(
    "text",
    [
        "codex",
        "login codex",
        '"login flaky"',
        "agent:codex",
        "state:idle",
        "project:login",
        "cost>3",
        "cost<3",
        "ctx>80",
        "!login",
        "!cost>1",
    ],
)
def test_a_filter_leaves_out_what_it_does_not_name(text: str) -> None:
    assert not parse(text).matches(session())


@pytest.mark.parametrize("text", ["cost>=0", "cost<100", "ctx<100", "tokens=0", "cpu<1", "pid>0"])
def test_an_unknown_figure_is_neither_more_nor_less(text: str) -> None:
    assert not parse(text).matches(UNKNOWN)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("cots>1", 'no field is called "cots"; did you mean "cost"?'),
        ("cost>", '"cost>" needs a number'),
        ("cost>cheap", '"cost>" needs a number'),
        ("tokens>1q", '"tokens>" needs a number'),
        ("cost:1", '"cost" is a number; compare it'),
        ("modl:opus", 'did you mean "model"?'),
        ("state:sleeping", 'no state is called "sleeping"; there are waiting'),
        ("!state:sleeping", 'no state is called "sleeping"'),
    ],
)
def test_what_cannot_be_read_is_answered_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        parse(text)


def test_while_it_is_typed_the_readable_part_already_works() -> None:
    found, error = readable("agent:codex cost>")

    assert not found.matches(session())
    assert found.matches(session(agent="codex", agent_label="Codex"))
    assert "needs a number" in error


@pytest.mark.parametrize(
    "text", ['"', "!", "::", "|", ">", '"open', "a:b:c" * 3, "\x1b[31m", "((("]
)
def test_no_text_breaks_the_reader(text: str) -> None:
    found, error = readable(text)

    assert isinstance(error, str)
    found.matches(session())


def test_a_negation_that_is_about_to_be_typed_hides_nothing() -> None:
    found, error = readable("!")

    assert found.matches(session())
    assert error == ""


def test_only_a_filter_with_terms_counts_as_one() -> None:
    assert parse("x")
    assert not parse(" ")
