"""The page of what was spent: down to the sessions, back, and in any order."""

from __future__ import annotations

import time

from textual.pilot import Pilot

from agtop.config import BudgetWish, Config
from agtop.model import QUARTER, Bucket, Expenses, Snapshot, Spender, Tokens, replace
from agtop.tui.app import Agtop
from agtop.tui.screens.spend import SpendScreen
from tests.tui.fleet import snapshot
from tests.tui.records import HOSTILE, NOW
from tests.tui.stage import seen, show

WIDE = (150, 120)
"""Tall enough for all of it."""


def bucket(session: str, dollars: float, model: str = "opus", ago: float = 0.0) -> Bucket:
    moment = int((NOW - ago) // QUARTER)
    pico = round(dollars * 10**12)
    return Bucket(session, model, moment, (100, 900, 0, 0, 50, 0), 1, pico, 0, 10**12)


def expenses(first: str = "s1", repo: str = "api") -> tuple[Expenses, ...]:
    spenders = {
        first: Spender(first, repo=repo, prompts=3),
        "s2": Spender("s2", repo="web", archived=True),
        "s3": Spender("s3", repo="web"),
    }
    buckets = (
        bucket(first, 5.0), bucket("s2", 2.0), bucket("s3", 1.0, "sonnet"),
        bucket("s3", 40.0, ago=800 * 86400.0),
    )  # fmt: skip
    return (Expenses("claude", "Claude Code", False, buckets, spenders),)


async def opened(pilot: Pilot[None]) -> None:
    await show(pilot, snapshot())
    await pilot.press("S")
    await settled(pilot)
    assert isinstance(pilot.app.screen, SpendScreen)
    await pressed(pilot, "a")


async def settled(pilot: Pilot[None]) -> None:
    for _ in range(3):
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


async def pressed(pilot: Pilot[None], *keys: str) -> str:
    for key in keys:
        await pilot.press(key)
        await settled(pilot)
    assert isinstance(pilot.app, Agtop)
    return seen(pilot.app)


def lines_with(text: str, *words: str) -> list[str]:
    return [line for line in text.splitlines() if any(word in line for word in words)]


def clean(app: Agtop) -> bool:
    drawn = seen(app).replace("\n", "").replace("\u200d", "")
    return drawn.isprintable()


async def test_it_tells_what_every_repository_cost() -> None:
    app = Agtop(None, spent=(expenses, Config()))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)

        text = seen(app)
        assert "all times · by repo" in text
        assert " web " in lines_with(text, "$43.00")[0]
        assert "$48.00 at list price" in text


async def test_enter_goes_to_the_sessions_and_escape_back_and_out() -> None:
    app = Agtop(None, spent=(expenses, Config()))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)

        inside = await pressed(pilot, "enter")
        assert "by session · web" in inside
        assert lines_with(inside, "claude:s2 †")
        assert not lines_with(inside, "claude:s1")

        assert "by session" not in await pressed(pilot, "escape")
        assert isinstance(app.screen, SpendScreen)
        await pressed(pilot, "escape")
        assert not isinstance(app.screen, SpendScreen)


async def test_a_session_that_is_there_is_selected_in_the_table() -> None:
    session = snapshot().sessions[2]
    told = expenses(session.session_id)
    told = (Expenses(session.agent, "x", False, told[0].buckets, told[0].spenders),)
    app = Agtop(None, spent=(lambda: told, Config()))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)
        await pressed(pilot, "down", "enter", "enter")

        assert not isinstance(app.screen, SpendScreen)
        assert app.table.selected is not None
        assert app.table.selected.session_id == session.session_id


async def test_a_session_that_is_gone_leaves_the_page_where_it_is() -> None:
    app = Agtop(None, spent=(expenses, Config()))
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await opened(pilot)

        assert "not in the table" in await pressed(pilot, "enter", "enter")
        assert isinstance(app.screen, SpendScreen)


async def test_space_shows_the_sessions_below_their_row() -> None:
    app = Agtop(None, spent=(expenses, Config()))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)

        assert lines_with(await pressed(pilot, "space"), "claude:s2", "claude:s3")
        assert not lines_with(await pressed(pilot, "space"), "claude:s2", "claude:s3")


async def test_the_order_can_be_chosen_and_turned_round() -> None:
    app = Agtop(None, spent=(expenses, Config()))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)

        def order(text: str) -> list[str]:
            return [line.split()[1] for line in lines_with(text, " api ", " web ")]

        assert order(seen(app)) == ["web", "api"]
        assert order(await pressed(pilot, "I")) == ["api", "web"]
        assert order(await pressed(pilot, "less_than_sign")) == ["api", "web"]
        assert order(await pressed(pilot, "I")) == ["web", "api"]


async def test_every_cut_and_every_span_is_a_key_away() -> None:
    app = Agtop(None, spent=(expenses, Config()))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)

        for cut in ("session", "command", "hour", "agent", "model", "repo"):
            assert f"by {cut}" in await pressed(pilot, "b")
        for key in ("d", "w", "m", "left_square_bracket", "right_square_bracket"):
            assert "by repo" in await pressed(pilot, key)


def many(count: int) -> tuple[Expenses, ...]:
    """So many sessions of one repository, and one of another that cost less."""
    names = [f"n{number:02}" for number in range(count)]
    spenders = {name: Spender(name, repo="api") for name in names} | {"x": Spender("x", repo="web")}
    buckets = (*(bucket(name, 2.0) for name in names), bucket("x", 1.0))
    return (Expenses("claude", "Claude Code", False, buckets, spenders),)


async def test_a_row_with_many_sessions_tells_how_many_more_there_are_and_shows_them() -> None:
    app = Agtop(None, spent=(lambda: many(15), Config()))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)

        text = await pressed(pilot, "space")
        assert lines_with(text, "… 3 more")
        assert not lines_with(text, "claude:n14")
        text = await pressed(pilot, *["down"] * 13, "enter")
        assert lines_with(text, "claude:n14")
        assert not lines_with(text, "… 3 more")


async def test_going_back_finds_the_row_again_with_what_was_unfolded() -> None:
    app = Agtop(None, spent=(lambda: many(4), Config()))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)
        await pressed(pilot, "space", *["down"] * 5)  # on the other repository
        assert lines_with(await pressed(pilot, "enter"), "claude:x")

        text = await pressed(pilot, "escape")

        assert lines_with(text, "claude:n03")
        assert lines_with(await pressed(pilot, "enter"), "claude:x")


async def test_a_click_on_a_title_sorts_and_another_turns_the_order_round() -> None:
    app = Agtop(None, spent=(expenses, Config()))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)
        rows = [seen(app)[at : at + WIDE[0]] for at in range(0, len(seen(app)), WIDE[0])]
        rows = seen(app).splitlines() if "\n" in seen(app) else rows
        y = next(n for n, row in enumerate(rows) if " SHARE " in row and "REPO" in row)

        await pilot.click(offset=(rows[y].index("SHARE") + 2, y))
        await settled(pilot)
        assert "SHARE ▼" in seen(app)
        await pilot.click(offset=(rows[y].index("SHARE") + 2, y))
        await settled(pilot)
        assert "SHARE ▲" in seen(app)


async def test_the_proxy_can_be_asked_by_the_command() -> None:
    app = Agtop(None, spent=(expenses, Config()))
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await show(pilot, snapshot())
        app.act("spend week --proxy")
        await settled(pilot)

        assert "no LiteLLM proxy to ask" in seen(app)


async def test_a_days_bar_leads_to_that_day() -> None:
    app = Agtop(None, spent=(expenses, Config()))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)

        text = await pressed(pilot, "down", "down", "enter")
        assert "$8.00 at list price" in text
        assert "all times" in await pressed(pilot, "escape")


async def test_without_a_collector_it_says_so() -> None:
    app = Agtop(None)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await show(pilot, snapshot())
        await pilot.press("S")
        await pilot.pause()

        assert "not at hand" in seen(app)


async def test_nothing_used_is_a_page_too() -> None:
    app = Agtop(None, spent=(lambda: (), Config()))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)

        assert "$0.00" in await pressed(pilot, "enter", "space", "down")


async def test_what_comes_from_outside_is_made_harmless() -> None:
    app = Agtop(None, spent=(lambda: expenses(HOSTILE, HOSTILE), Config()))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)
        await pressed(pilot, "down", "space", "enter")

        assert clean(app)


async def test_it_fits_a_narrow_terminal() -> None:
    app = Agtop(None, spent=(expenses, Config()))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)

        assert "web" in seen(app)
        assert "$43.00" in seen(app)


class Purse:
    """What was used, which grows."""

    def __init__(self) -> None:
        self.told = expenses()
        self.asked = 0

    def __call__(self) -> tuple[Expenses, ...]:
        self.asked += 1
        return self.told

    def use(self, session: str, dollars: float) -> None:
        [first] = self.told
        self.told = (replace(first, buckets=(*first.buckets, bucket(session, dollars))),)


def after(app: Agtop, tokens: int) -> Snapshot:
    """A snapshot of which `tokens` more have been used."""
    shown = app.snapshot
    return replace(shown, totals=replace(shown.totals, tokens=Tokens(output=tokens)))


async def shown_again(pilot: Pilot[None], app: Agtop, tokens: int) -> str:
    app._told_again_at = 0.0  # pyright: ignore[reportPrivateUsage]
    await show(pilot, after(app, tokens))
    await settled(pilot)
    return seen(app)


async def test_an_open_page_tells_what_is_used_meanwhile() -> None:
    purse = Purse()
    app = Agtop(None, spent=(purse, Config()))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)
        assert "$48.00 at list price" in await shown_again(pilot, app, 1)
        purse.use("s1", 50.0)

        text = await shown_again(pilot, app, 2)

        assert "$98.00 at list price" in text
        asked = purse.asked
        await shown_again(pilot, app, 2)
        assert purse.asked == asked, "nothing was used, so nobody needs to look"


async def test_nobody_is_asked_for_a_page_that_was_left() -> None:
    purse = Purse()
    app = Agtop(None, spent=(purse, Config()))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)
        await pressed(pilot, "escape")
        asked = purse.asked

        await shown_again(pilot, app, 3)

        assert purse.asked == asked


async def test_a_long_history_is_not_told_at_every_turn() -> None:
    purse = Purse()
    app = Agtop(None, spent=(purse, Config()))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)
        asked = purse.asked
        app._told_again_at = float("inf")  # pyright: ignore[reportPrivateUsage]

        await show(pilot, after(app, 4))
        await settled(pilot)

        assert purse.asked == asked


async def test_the_cursor_stays_with_its_row_when_others_overtake_it() -> None:
    purse = Purse()
    app = Agtop(None, spent=(purse, Config()))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)
        await pressed(pilot, "down")  # onto api, the second
        purse.use("s1", 500.0)
        await shown_again(pilot, app, 5)

        assert "by session · api" in await pressed(pilot, "enter")


async def test_a_page_gone_into_is_seen_from_its_top() -> None:
    app = Agtop(None, spent=(expenses, Config()))
    async with app.run_test(size=(80, 16)) as pilot:
        await opened(pilot)
        await pressed(pilot, "end")
        assert "all times" not in seen(app)

        assert "by session · web" in await pressed(pilot, "enter")


async def test_keys_lead_to_what_lies_below_the_last_row_and_above_the_first() -> None:
    app = Agtop(None, spent=(expenses, Config()))
    async with app.run_test(size=(80, 16)) as pilot:
        await opened(pilot)

        assert "Sun  " in await pressed(pilot, *["down"] * 30)
        assert "all times" in await pressed(pilot, *["up"] * 30)


async def test_a_narrow_terminal_shows_the_change_rather_than_counts() -> None:
    app = Agtop(None, spent=(expenses, Config()))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        text = await pressed(pilot, "m")

        [titles] = lines_with(text, "COST ")[-1:]
        assert "CHANGE" in titles
        assert "ANSWERS" not in titles
        assert "…" not in titles


async def test_a_weeks_budget_is_not_held_against_a_part() -> None:
    app = Agtop(None, spent=(expenses, Config(budgets={"week": BudgetWish(dollars=10.0)})))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)
        assert "of $10.00 this week" in seen(app)

        assert "of $10.00" not in await pressed(pilot, "enter")


async def test_the_arrow_tells_which_way_it_is_sorted() -> None:
    app = Agtop(None, spent=(expenses, Config()))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)

        assert "COST ▼" in seen(app)
        assert "name ▲" in await pressed(pilot, "less_than_sign")
        assert "name ▼" in await pressed(pilot, "I")


async def test_a_week_whose_budget_is_nearly_gone_is_loud() -> None:
    spender = {"s1": Spender("s1", repo="api")}
    now = bucket("s1", 9.5, ago=NOW - time.time())
    told = (Expenses("claude", "Claude Code", False, (now,), spender),)
    config = Config(budgets={"week": BudgetWish(dollars=10.0)})
    app = Agtop(None, spent=(lambda: told, config))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)
        assert isinstance(app.screen, SpendScreen)

        [week] = [each for each in app.screen.lines(120) if "this week" in each.plain]

        assert "(95%)" in week.plain
        assert "error" in str(week.spans)
