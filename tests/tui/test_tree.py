"""The tree: what unfolds, where the cursor goes, and how little is judged anew."""

from __future__ import annotations

import pytest

from agtop.columns import COLUMNS, order
from agtop.model import Session, replace
from agtop.tui.app import Agtop
from agtop.tui.tree import Folding, Tree
from tests.tui.fleet import crowd, snapshot
from tests.tui.records import reading, session
from tests.tui.stage import keys, painted, screen, seen, selected, show

__all__ = ["painted"]


def child(name: str, title: str, seen: float, state: str = "working", action: str = "") -> Session:
    return session(
        name,
        state=state,  # pyright: ignore[reportArgumentType]
        seen=seen,
        reading=reading(name, title=title, action=action or None),
    )


def family() -> tuple[Session, ...]:
    deep = replace(child("deep", "Read one file", 8.0), subagents=())
    older = replace(child("older", "Read the logs", 7.0, action="Grep(login)"), subagents=(deep,))
    asks = child("asks", "Fix the test", 6.0, "waiting")
    return (
        session("one", seen=5.0, project="alpha", subagents=(older, asks)),
        session("two", seen=20.0, project="beta"),
        session("three", seen=30.0, project="gamma", subagents=(child("last", "Look", 31.0),)),
    )


async def test_subagents_are_folded_and_counted_until_the_tree_is_opened() -> None:
    app = Agtop(None)
    async with app.run_test(size=(140, 36)) as pilot:
        await show(pilot, snapshot(family()))
        folded = (keys(app), seen(app))
        await pilot.press("t")
        await pilot.pause()

        assert folded[0] == ["one", "two", "three"]
        assert "one+2◆" in folded[1]
        assert keys(app) == ["one", "asks", "older", "deep", "two", "three", "last"]
        assert "one+2" not in screen(app)[4]


async def test_lines_join_children_to_their_parents_and_tell_what_each_does() -> None:
    app = Agtop(None)
    async with app.run_test(size=(200, 36)) as pilot:
        await show(pilot, snapshot(family()))
        await pilot.press("f5")
        await pilot.pause()
        lines = screen(app)[4:11]

        assert "▾ alpha" in lines[0]
        assert "◆ waiting" in lines[1]
        assert "├─ Fix the" in lines[1]
        assert "└─▾ Read" in lines[2]
        assert "Grep(login)" in lines[2]
        assert "  └─ Read" in lines[3]
        assert "  beta" in lines[4]


async def test_folding_one_hides_what_is_below_it_only() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(family()))
        await pilot.press("t", "minus")
        await pilot.pause()
        folded = keys(app)
        await pilot.press("right")
        await pilot.pause()

        assert folded == ["one", "two", "three", "last"]
        assert keys(app)[:4] == ["one", "asks", "older", "deep"]


async def test_plus_unfolds_one_session_without_the_tree() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(family()))
        await pilot.press("G", "plus")
        await pilot.pause()

        assert keys(app) == ["one", "two", "three", "last"]
        assert selected(app) == "three"


async def test_folding_from_a_child_puts_the_cursor_on_its_parent() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(family()))
        await pilot.press("t", "down", "down", "down")
        await pilot.pause()
        deepest = selected(app)
        await pilot.press("left")
        await pilot.pause()
        parent = selected(app)
        await pilot.press("t")
        await pilot.pause()

        assert (deepest, parent, selected(app)) == ("deep", "older", "one")


async def test_an_asterisk_folds_all_and_unfolds_all() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(family()))
        counts: list[int] = []
        for _ in range(3):
            await pilot.press("asterisk")
            await pilot.pause()
            counts.append(len(keys(app)))

        assert counts == [7, 3, 7]


async def test_the_cursor_stays_on_a_child_while_others_come_and_go() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(family()))
        await pilot.press("t", "down")
        one, two, three = family()
        more = replace(one, subagents=(child("new", "Newest", 1.0), *one.subagents))
        await show(pilot, snapshot((session("top", seen=0.0), more, two, three)))

        assert keys(app)[:4] == ["top", "one", "new", "asks"]
        assert selected(app) == "asks"
        assert app.table.cursor == 3


async def test_ended_subagents_go_with_the_ended_sessions() -> None:
    one = session("one", subagents=(child("gone", "Done", 9.0, "ended"), child("here", "x", 3.0)))
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot((one,)))
        await pilot.press("t", "H")
        await pilot.pause()

        assert keys(app) == ["one", "here"]


async def test_the_count_of_sessions_does_not_count_what_is_unfolded() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(family()))
        await pilot.press("t")
        await pilot.pause()

        assert "sessions 3 ─" in seen(app)


async def test_a_changed_child_repaints_its_parent_and_itself(painted: list[int]) -> None:
    app = Agtop(None)
    one, two, three = family()
    async with app.run_test(size=(200, 36)) as pilot:
        await show(pilot, snapshot((one, two, three)))
        await pilot.press("t", "G")
        await pilot.pause()
        painted.clear()
        asks = replace(one.subagents[1], project="other", state=one.state)
        await show(pilot, snapshot((replace(one, subagents=(one.subagents[0], asks)), two, three)))

        assert painted == [1, 2]


def test_only_the_family_that_changed_is_put_in_order_anew() -> None:
    judged: list[str] = []

    def ordered(children: tuple[Session, ...]) -> tuple[Session, ...]:
        judged.append(children[0].session_id)
        return order(children, COLUMNS[0], reverse=False)

    rows = tuple(
        replace(row, subagents=(child(f"c{n}", "x", 1.0),)) for n, row in enumerate(crowd(10_000))
    )
    tree, all_open = Tree(ordered), Folding(is_on=True)
    tree.lines(rows, all_open)
    judged.clear()
    changed = replace(rows[7], subagents=(child("fresh", "x", 1.0),))
    lines = tree.lines((*rows[:7], changed, *rows[8:]), all_open)

    assert judged == ["fresh"]
    assert len(lines) == 20_000


def test_without_the_tree_the_lines_are_the_very_same_rows() -> None:
    rows = crowd(10)

    assert Tree(lambda s: s).lines(rows, Folding()) is rows


@pytest.mark.parametrize("steps", [("turned", "turned"), ("with_all_turned", "with_all_turned")])
def test_turning_twice_shows_nothing_unfolded(steps: tuple[str, str]) -> None:
    folding = Folding()
    for step in steps:
        folding = getattr(folding, step)()

    assert not folding.is_open("claude:one")
