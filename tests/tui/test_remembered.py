"""state.toml: what is kept of the screen, and what happens when it cannot be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agtop.columns import DEFAULT
from agtop.errors import AgtopError
from agtop.filters import parse
from agtop.tui.app import Agtop
from agtop.tui.remembered import FILE_NAME, Memory, Remembered, keep, recall
from tests.tui.fleet import snapshot
from tests.tui.stage import keys, seen, selected, show
from tests.tui.test_tree import family

FULL = Remembered(
    sort="cost",
    reverse=True,
    filter='agent:claude "fix [login]"',
    show_ended=False,
    columns=("glyph", "state", "project", "cost"),
    widths={"project": 30},
    tab="cost",
    panel=False,
    tree=True,
    unfolds=False,
    exceptions=("claude:one",),
    tagged=("claude:two",),
    selected="claude:three",
    theme="nord",
)


def test_what_is_kept_comes_back_the_same(tmp_path: Path) -> None:
    keep(tmp_path / "new", FULL)

    assert recall(tmp_path / "new") == (FULL, None)
    assert all(getattr(FULL, n) != getattr(Remembered(), n) for n in FULL.__struct_fields__)


@pytest.mark.skipif(os.name != "posix", reason="modes are a matter of POSIX")
def test_the_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    keep(tmp_path / "new", FULL)

    assert (tmp_path / "new" / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path / "new") == [FILE_NAME]


def test_without_a_file_everything_is_new(tmp_path: Path) -> None:
    assert recall(tmp_path) == (Remembered(), None)
    assert recall(None) == (Remembered(), None)


@pytest.mark.parametrize(
    "data", [b"sort = ", b"\xff\xfe", b'widths = "wide"', b"tagged = [1]", b"[" * 9_000]
)
def test_a_broken_file_is_set_aside_and_told_of(tmp_path: Path, data: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(data)

    found, problem = recall(tmp_path)

    assert found == Remembered()
    assert problem is not None
    assert problem.source.endswith(FILE_NAME)
    assert "set aside as state.toml.broken" in problem.message
    assert (tmp_path / "state.toml.broken").read_bytes() == data
    assert not (tmp_path / FILE_NAME).exists()


def test_a_folder_in_its_place_is_told_of(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()

    found, problem = recall(tmp_path)

    assert found == Remembered()
    assert problem is not None
    assert "cannot be read" in problem.message


def test_what_another_version_knew_is_left_out(tmp_path: Path) -> None:
    text = 'sort = "mood"\nfilter = "mood:1"\ncolumns = ["mood", "cost", "cost"]\nmood = 7\n'
    (tmp_path / FILE_NAME).write_text(f"{text}[widths]\nmood = 3\ncost = 900\n", "utf-8")

    found, problem = recall(tmp_path)

    assert problem is None
    assert found == Remembered(columns=("cost",), widths={"cost": 80})


def test_where_it_cannot_be_written_that_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(AgtopError, match=r"state\.toml cannot be written"):
        keep(tmp_path / "file", FULL)


def test_flags_go_above_what_was_kept_and_that_above_the_rest(tmp_path: Path) -> None:
    keep(tmp_path, FULL)

    plain = Memory(tmp_path, usual_sort="age").start
    flagged = Memory(tmp_path, usual_sort="age", sort="cpu", text="login").start
    new = Memory(tmp_path / "none", usual_sort="age").start

    assert (plain.sort, plain.reverse, plain.filter) == ("cost", True, FULL.filter)
    assert (flagged.sort, flagged.reverse, flagged.filter) == ("cpu", False, "login")
    assert (new.sort, new.reverse, new.filter) == ("age", False, "")


def test_what_only_a_flag_asked_for_is_not_kept(tmp_path: Path) -> None:
    keep(tmp_path, FULL)
    memory = Memory(tmp_path, sort="cpu", text="login")

    memory.keep(memory.start)

    assert recall(tmp_path)[0] == FULL


# On the screen


async def test_the_screen_is_found_as_it_was_left(tmp_path: Path) -> None:
    app = Agtop(None, memory=Memory(tmp_path))
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(family()))
        await pilot.press("plus", "down", "space", "P", "I", "3", "H", "f4", *"claude", "enter")
        app.table.move_to(3)
        app.table.column_names = ("glyph", "state", "project", "cpu")
        app.table.column_widths = {"project": 31}
        await pilot.pause()
        before = (keys(app), selected(app), app.filter.text)
        await pilot.press("q")

    again = Agtop(None, memory=Memory(tmp_path))
    async with again.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(family()))

        assert (keys(again), selected(again), again.filter.text) == before
        assert len(before[0]) == 5
        assert (again.sort, again.reverse, again.tab, again.show_ended) == (
            "cpu",
            True,
            "cost",
            False,
        )
        assert again.table.tagged == {"claude:asks"}
        assert again.table.shown_columns == ("glyph", "state", "project", "cpu")
        assert "1 tagged" in seen(again)


async def test_the_selection_waits_for_its_session_to_be_read(tmp_path: Path) -> None:
    keep(tmp_path, Remembered(selected="claude:three"))
    one, two, three = family()
    app = Agtop(None, memory=Memory(tmp_path))
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot((one, two), complete=False))
        await show(pilot, snapshot((one, two, three)))

        assert selected(app) == "three"


async def test_columns_of_the_configuration_are_those_of_the_screen(tmp_path: Path) -> None:
    app = Agtop(None, memory=Memory(tmp_path, ("state", "title", "age")))
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(family()))
        shown = app.table.shown_columns
        await pilot.press("q")

    assert shown == ("state", "title", "age")
    assert recall(tmp_path)[0].columns == ()


async def test_a_broken_file_has_its_line_among_the_problems(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("sort = ", "utf-8")
    app = Agtop(None, memory=Memory(tmp_path))
    async with app.run_test(size=(160, 36)) as pilot:
        await show(pilot, snapshot(family()))
        await pilot.press("exclamation_mark")
        await pilot.pause()

        assert "set aside as state.toml.broken" in seen(app).replace("\n", " ")


async def test_without_a_folder_nothing_is_written() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(family()))
        await pilot.press("q")

    assert app.table.column_names == DEFAULT
    assert parse(app.filter.text).text == ""
