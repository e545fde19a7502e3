"""A file of the user's own is changed in one place and nowhere else."""

from __future__ import annotations

import tomllib

import pytest

from agtop.edits import CannotEditError, with_value

DAY = ("budgets", "day")
CONFIG = """\
# mine
plan = "max"   # yes

[budgets.day]  # be careful
dollars = 20   # was 15
action = "stop"

[roots]
claude = ["~/work"]  # dollars = 5
"""


def test_a_value_is_replaced_and_its_comment_stays():
    edited = with_value(CONFIG, DAY, "dollars", 25)

    assert edited == CONFIG.replace("dollars = 20   # was 15", "dollars = 25   # was 15")


def test_a_new_value_goes_below_its_header():
    edited = with_value(CONFIG, DAY, "tokens", 5000)

    assert edited == CONFIG.replace("careful\n", "careful\ntokens = 5000\n")


def test_a_new_table_goes_to_the_end():
    edited = with_value(CONFIG, ("budgets", "agent:claude/day"), "dollars", 2.5)

    assert edited == CONFIG + '\n[budgets."agent:claude/day"]\ndollars = 2.5\n'


def test_an_empty_file_gets_its_first_table():
    assert with_value("", DAY, "dollars", 1) == "[budgets.day]\ndollars = 1\n"


def test_a_file_without_a_last_newline_is_gone_on_with():
    assert with_value("plan='max'", DAY, "dollars", 1) == (
        "plan='max'\n\n[budgets.day]\ndollars = 1\n"
    )
    assert with_value("[budgets.day]", DAY, "dollars", 1) == "[budgets.day]\ndollars = 1\n"


def test_line_endings_stay_what_they_were():
    text = CONFIG.replace("\n", "\r\n")

    edited = with_value(text, ("budgets", "week"), "dollars", 9)

    assert edited == text + "\r\n[budgets.week]\r\ndollars = 9\r\n"
    assert with_value(text, DAY, "dollars", 25) == text.replace("= 20", "= 25")


@pytest.mark.parametrize(
    "header", ["[budgets.day]", '["budgets"."day"]', "[ budgets . 'day' ]", "  [budgets.day] # x"]
)
def test_a_header_is_known_however_it_is_quoted(header: str):
    assert with_value(f"{header}\ndollars=1\n", DAY, "dollars", 2) == f"{header}\ndollars=2\n"


def test_a_value_is_taken_out():
    assert with_value(CONFIG, DAY, "dollars", None) == CONFIG.replace(
        "dollars = 20   # was 15\n", ""
    )


def test_an_empty_table_goes_with_its_last_value():
    text = "[budgets.day]\ndollars = 1\n\n[roots]\n"

    assert with_value(text, DAY, "dollars", None) == "[roots]\n"


@pytest.mark.parametrize(
    "text", ["[budgets.day] # mine\ndollars = 1\n", "[budgets.day]\n# mine\ndollars = 1\n"]
)
def test_a_table_with_a_comment_stays_for_its_sake(text: str):
    assert with_value(text, DAY, "dollars", None) == text.replace("dollars = 1\n", "")


def test_taking_out_what_is_not_there_changes_nothing():
    assert with_value(CONFIG, ("budgets", "week"), "dollars", None) == CONFIG


@pytest.mark.parametrize(
    "text",
    [
        "[budgets]\nday = { dollars = 20 }\n",
        "budgets.day.dollars = 20\n",
        "[budgets]\nday.dollars = 20\n",
        "budgets = 3\n",
        'note = """\n[budgets.day]\ndollars = 20\n"""\n\n[budgets]\nday = { dollars = 1 }\n',
    ],
)
def test_what_only_a_person_can_change_is_left_alone(text: str):
    tomllib.loads(text)

    with pytest.raises(CannotEditError):
        with_value(text, DAY, "dollars", 25)


def test_text_that_looks_like_a_table_is_never_edited():
    text = 'note = """\n[budgets.day]\ndollars = 20\n"""\n'

    with pytest.raises(CannotEditError):
        with_value(text, DAY, "dollars", 25)


def test_a_value_over_two_lines_is_left_alone():
    with pytest.raises(CannotEditError):
        with_value('[budgets.day]\naction = """\nstop"""\n', DAY, "action", "warn")


def test_broken_toml_is_never_edited():
    with pytest.raises(tomllib.TOMLDecodeError):
        with_value("plan = \n", DAY, "dollars", 25)


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a.b", "日本", "a\nb", "\x7f", "#x"])
def test_any_name_of_a_table_comes_back_as_it_was(name: str):
    edited = with_value("", ("budgets", name), "dollars", 1)

    assert tomllib.loads(edited) == {"budgets": {name: {"dollars": 1}}}
    assert tomllib.loads(with_value(edited, ("budgets", name), "dollars", 2)) == {
        "budgets": {name: {"dollars": 2}}
    }
