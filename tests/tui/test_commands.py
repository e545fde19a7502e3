"""The command line and the palette: one table, completion, and the commands of other times."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from agtop import purses
from agtop.tui.app import Agtop
from agtop.tui.command_bar import CommandBar
from agtop.tui.commands import Command, completion, find, only, table
from agtop.tui.history import MOST, History
from agtop.tui.keys import APP_KEYS
from agtop.tui.screens.help import HelpScreen
from tests.tui.fleet import snapshot
from tests.tui.stage import screen, seen, show


def typed(text: str) -> list[str]:
    names = {" ": "space", ":": "colon", ">": "greater_than_sign", "-": "minus"}
    return [names.get(char, char) for char in text]


def written(app: Agtop) -> str:
    return app.query_one("#command-input", Input).value


def nothing(_: str) -> None:
    """What a command of a test does."""


TABLE = table(
    [
        Command(
            "sort", "Sort by a column", nothing, "COLUMN", only(lambda: ("cost", "context", "age"))
        ),
        Command("sources", "Sources", nothing),
        Command("filter", "Filter", nothing, "[WORDS]"),
    ]
)

# What a line means


def test_a_command_is_found_with_what_it_is_given() -> None:
    command, text = find(TABLE, ":Sort  cost ")

    assert (command.name, text) == ("sort", "cost")
    assert find(TABLE, "fi")[0].name == "filter"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("srot cost", r'there is no command "srot"; did you mean "sort"\?'),
        ("zzz", 'no command "zzz"; Tab completes'),
        ("so", r'no command "so"; '),
        ("sort", ":sort COLUMN needs more: Sort by a column"),
        ("", 'no command ""'),
    ],
)
def test_what_is_no_command_is_told(line: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        find(TABLE, line)


@pytest.mark.parametrize(
    ("line", "whole"),
    [
        ("fi", "filter"),
        ("sort co", "sort cost"),
        ("sort con", "sort context"),
        ("sort x", None),
        ("sort ", None),
        ("", None),
        ("nope c", None),
    ],
)
def test_a_line_is_completed(line: str, whole: str | None) -> None:
    assert completion(TABLE, line) == whole


def test_the_first_of_a_name_counts() -> None:
    both = table([Command("a", "one", nothing), Command("a", "two", nothing)])

    assert [each.about for each in both.values()] == ["one"]


# On the screen


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("sort cost", "sort", "cost"),
        ("tab cost", "tab", "cost"),
        ("theme light", "worn", "light"),
        ("ended", "show_ended", False),
        ("invert", "reverse", True),
    ],
)
async def test_a_command_does_what_its_key_does(line: str, name: str, value: object) -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        await pilot.press("colon", *typed(line), "enter")
        await pilot.pause()

        assert getattr(app, name) == value
        assert app.table.has_focus
        assert not app.query_one(CommandBar).display


async def test_a_filter_that_was_typed_as_a_command_stands_in_the_filter_too() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        await pilot.press("colon", *typed("filter agent:codex"), "enter", "slash")
        await pilot.pause()

        assert {each.agent for each in app.table.rows} == {"codex"}
        assert "Filter: agent:codex" in seen(app)


async def test_what_cannot_be_done_is_told_and_can_be_mended() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        await pilot.press("colon", *typed("sort cots"), "enter")
        await pilot.pause()

        assert 'there is no column "cots"; did you mean "cost"?' in screen(app)[-2]
        assert written(app) == "sort cots"

        await pilot.press("backspace", "backspace", *"st", "enter")
        await pilot.pause()
        assert app.sort == "cost"


async def test_tab_completes_and_escape_leaves() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        await pilot.press("colon", *"the", "tab", *"tr", "tab")
        assert written(app) == "theme tritanopia"
        await pilot.press("escape")
        await pilot.pause()

        assert app.worn == "dark"
        assert app.table.has_focus


async def test_what_is_typed_in_one_go_goes_into_the_line() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        for key in ("colon", *"thm"):
            app.post_message(events.Key(key, ":" if key == "colon" else key))
        await pilot.pause()

        assert written(app) == "thm"
        assert not isinstance(app.screen, HelpScreen)


@pytest.mark.parametrize(
    ("key", "line"),
    [("slash", "#filter-input"), ("f3", "#search-input"), ("b", "#budget-input")],
)
async def test_what_is_typed_right_behind_a_key_that_opens_a_line_goes_into_it(
    key: str, line: str
) -> None:
    app = Agtop(None, purse=purses.invented())
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        for each in (key, *"qHk"):
            app.post_message(events.Key(each, "/" if each == "slash" else each))
        await pilot.pause()

        assert app.query_one(line, Input).value == "qHk"
        assert app.show_ended


async def test_a_page_can_be_opened_by_a_command() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        await pilot.press("colon", *"help", "enter")
        await pilot.pause()

        assert isinstance(app.screen, HelpScreen)


async def test_every_key_s_action_is_a_command_and_in_the_palette() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)):
        offered = {each.title for each in app.get_system_commands(app.screen)}

        for binding in APP_KEYS:
            name = str(binding.id).partition(".")[2]
            assert name in app.table_of_commands
            command = app.table_of_commands[name]
            if not command.takes or command.takes.startswith("["):
                assert command.title in offered
        assert {"Sort cost", "Tab trace", "Theme mono", "Filter"} <= offered


async def test_the_palette_runs_a_command_and_tells_what_is_against_it() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await show(pilot, snapshot())
        app.act("theme light")
        app.act("theme pink")
        await app.workers.wait_for_complete()
        await pilot.pause()

        assert app.worn == "light"
        assert 'no theme "pink"' in seen(app)


# The commands of other times


async def test_up_brings_back_what_was_typed_another_time(tmp_path: Path) -> None:
    for line in ("sort cost", "theme mono"):
        app = Agtop(None, history=History(tmp_path / "commands"))
        async with app.run_test(size=(120, 36)) as pilot:
            await pilot.press("colon", *typed(line), "enter")
            await pilot.pause()

    app = Agtop(None, history=History(tmp_path / "commands"))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("colon", "up")
        assert written(app) == "theme mono"
        await pilot.press("up", "up")
        assert written(app) == "sort cost"
        await pilot.press("down", "down")
        assert written(app) == ""


def test_the_file_is_its_owner_s_only_and_bounded(tmp_path: Path) -> None:
    path = tmp_path / "agtop" / "commands"
    history = History(path)
    for number in range(MOST + 5):
        history.add(f"sort {number}")
    history.add("sort 7")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(History(path).lines) == MOST
    assert History(path).lines[-2:] == [f"sort {MOST + 4}", "sort 7"]


def test_two_at_once_lose_nothing(tmp_path: Path) -> None:
    one, other = History(tmp_path / "commands"), History(tmp_path / "commands")
    one.add("sort cost")
    other.add("sort age")

    assert History(tmp_path / "commands").lines == ["sort cost", "sort age"]


def test_a_file_of_anything_costs_only_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "commands"
    path.write_bytes(b"\xff\xfe\n\n" + b"x" * 5000 + b"\n")

    assert [len(line) for line in History(path).lines] == [2, 1000]
    folder = History(tmp_path)
    folder.add("sort cost")
    assert folder.lines == ["sort cost"]
