"""The page of the LiteLLM proxy: asked when it is opened, left at once, honest about gaps."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from agtop.config import Config
from agtop.errors import ProxyError
from agtop.model import Expenses
from agtop.spend import Clock, uses
from agtop.spend.period import Period, month_of
from agtop.spend.proxy import reading
from agtop.spend.proxy.ask import Ask, asks
from agtop.spend.proxy.bill import ACTIVITY, LOGS, Answer, Bill
from agtop.tui.app import Agtop
from agtop.tui.screens.proxy import ProxyScreen
from agtop.tui.screens.spend import SpendScreen
from tests.spend.proxy import litellm
from tests.tui.fleet import snapshot
from tests.tui.records import HOSTILE, NOW
from tests.tui.stage import seen, show
from tests.tui.test_spend import expenses, lines_with

WIDE = (150, 60)
TODAY = Clock().today(NOW)
BASE = "https://llm.example.org/litellm"


def days(count: int = 4) -> list[Any]:
    return [
        litellm.day(
            f"{TODAY - timedelta(days=number)}",
            {"claude-opus-4-6": 12.5 / (number + 1), "gpt-5.5": 2.25, "gemini-3-pro": 0.0375},
        )
        for number in range(count)
    ]


def bill(
    rows: list[Any], activity_gaps: tuple[str, ...] = (), logs_gaps: tuple[str, ...] = ()
) -> Bill:
    """What would be made of the rows, in the one book and the other."""
    page = reading.activity({"results": rows}, 1)
    logged = [
        litellm.logged(
            row["date"],
            {name: told["metrics"]["spend"] for name, told in row["breakdown"]["models"].items()},
        )
        for row in rows
    ]
    logs = reading.logs(logged)
    assert page is not None
    assert logs is not None
    return Bill(
        BASE,
        TODAY.replace(day=1),
        TODAY,
        reading.answer(ACTIVITY, iter(page.rows), activity_gaps, str),
        Answer(LOGS, gaps=logs_gaps, came=False)
        if logs_gaps
        else reading.answer(LOGS, iter(logs.rows), (), str),
    )


class Asked:
    """Answers what it was given, and remembers which days were asked for."""

    def __init__(self, answer: Bill | Exception, waits: bool = False) -> None:
        self.answer, self.days = answer, list[tuple[date, date]]()
        self.may_answer = asyncio.Event()
        self.left = False
        if not waits:
            self.may_answer.set()

    async def __call__(self, first: date, last: date, heard: Callable[[str], object]) -> Bill:
        self.days.append((first, last))
        heard("page 2")
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.left = True
            raise
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def app(ask: Ask | None) -> Agtop:
    found = Agtop(None, spent=(expenses, Config()))
    found.proxy = ask
    return found


async def settled(pilot: Pilot[None]) -> None:
    for _ in range(3):
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


async def opened(pilot: Pilot[None], *keys: str) -> str:
    await show(pilot, snapshot())
    await pilot.press("S")
    await settled(pilot)
    for key in ("p", *keys):
        await pilot.press(key)
        await settled(pilot)
    assert isinstance(pilot.app, Agtop)
    return seen(pilot.app)


async def test_nobody_is_asked_until_the_page_is_opened() -> None:
    ask = Asked(bill(days()))
    found = app(ask)
    async with found.run_test(size=WIDE) as pilot:
        await show(pilot, snapshot())
        await pilot.press("S")
        await settled(pilot)
        await pilot.press("w", "b", "down")
        await settled(pilot)
        assert ask.days == []

        await pilot.press("p")
        await settled(pilot)

        assert len(ask.days) == 1
        assert isinstance(found.screen, ProxyScreen)


async def test_it_tells_both_books_and_agtops_own_beside_them() -> None:
    async with app(Asked(bill(days()))).run_test(size=WIDE) as pilot:
        text = await opened(pilot)

        (booked,) = lines_with(text, "gpt-5.5")
        assert booked.partition("gpt-5.5")[2].split()[:2] == ["$9.00", "$9.00"]
        assert "$35.19 says /user/daily/activity; $35.19 says /spend/logs" in text
        assert "agtop counts itself on these days" in text
        assert "no part of the proxy's figures" in text.replace("│", " ")
        assert f"{TODAY:%a} {TODAY}" in text


async def test_while_it_waits_it_turns_and_says_how_far_it_is() -> None:
    ask = Asked(bill(days()), waits=True)
    found = app(ask)
    async with found.run_test(size=WIDE) as pilot:
        await show(pilot, snapshot())
        await pilot.press("S")
        await settled(pilot)
        await pilot.press("p")
        await pilot.pause()
        found.screen._turn()  # pyright: ignore[reportAttributeAccessIssue]
        await pilot.pause()
        assert "asking the proxy, page 2" in seen(found)

        ask.may_answer.set()
        await settled(pilot)

        assert "asking the proxy" not in seen(found)
        assert "gpt-5.5" in seen(found)


async def test_leaving_the_page_ends_the_question_at_once() -> None:
    ask = Asked(bill(days()), waits=True)
    found = app(ask)
    async with found.run_test(size=WIDE) as pilot:
        await show(pilot, snapshot())
        await pilot.press("S")
        await settled(pilot)
        await pilot.press("p")
        await pilot.pause()
        await pilot.press("escape")
        await settled(pilot)

        assert ask.left
        assert isinstance(found.screen, SpendScreen)


@pytest.mark.parametrize("key", ["p", "escape", "left", "backspace", "q"])
async def test_back_to_agtops_own_count(key: str) -> None:
    found = app(Asked(bill(days())))
    async with found.run_test(size=WIDE) as pilot:
        await opened(pilot, key)

        assert isinstance(found.screen, SpendScreen)


async def test_each_period_is_asked_for_and_r_asks_again() -> None:
    ask = Asked(bill(days()))
    async with app(ask).run_test(size=WIDE) as pilot:
        await opened(pilot, "d", "left_square_bracket", "a", "r")

        (_, day, before, every, again) = ask.days
        assert day[0] == day[1] == before[0] + timedelta(days=1)
        assert before[0] == before[1]
        assert every[0] == date(2023, 1, 1)
        assert again == every


async def test_what_is_missing_is_said_beside_what_came() -> None:
    parts = bill(days(), ("page 3 and all after it are missing: its answer is no JSON",), ("403",))
    async with app(Asked(parts)).run_test(size=WIDE) as pilot:
        text = await opened(pilot)

        assert "missing    /user/daily/activity: page 3 and all after it are missing" in text
        assert "missing    /spend/logs: 403" in text
        assert "≥ $35.19 says /user/daily/activity; – says /spend/logs" in text


async def test_nothing_at_all_is_a_sentence() -> None:
    ask = Asked(ProxyError("no LiteLLM proxy is named: set LITELLM_BASE_URL"))
    async with app(ask).run_test(size=WIDE) as pilot:
        assert "no LiteLLM proxy is named: set LITELLM_BASE_URL" in await opened(pilot)

        ask.answer = bill(days())
        await pilot.press("r")
        await settled(pilot)

        assert "gpt-5.5" in seen(pilot.app)  # pyright: ignore[reportArgumentType]


async def test_a_bug_is_told_and_the_page_stays(caplog: pytest.LogCaptureFixture) -> None:
    found = app(Asked(KeyError("unforeseen")))
    async with found.run_test(size=WIDE, notifications=True) as pilot:
        with caplog.at_level(logging.ERROR, "agtop.tui"):
            text = await opened(pilot)

        assert "could not be read; the details are in the log" in text
        assert "unforeseen" in caplog.text


async def test_where_there_is_none_to_ask_it_says_so() -> None:
    found = app(None)
    async with found.run_test(size=WIDE, notifications=True) as pilot:
        assert "There is no LiteLLM proxy to ask here" in await opened(pilot)
        assert isinstance(found.screen, SpendScreen)


async def test_before_agtops_own_is_known_nobody_is_asked() -> None:
    ask = Asked(bill(days()))
    found = app(ask)
    async with found.run_test(size=WIDE, notifications=True) as pilot:
        await show(pilot, snapshot())
        screen = SpendScreen(proxy=ask)
        await found.push_screen(screen)
        await pilot.press("p")
        await pilot.pause()

        assert "still being added up" in seen(found)
        assert ask.days == []


async def test_what_the_proxy_names_is_made_harmless() -> None:
    rows = [litellm.day(f"{TODAY}", {HOSTILE: 1.0, "\x1b[31m\u202e": 2.0})]
    found = app(Asked(bill(rows)))
    async with found.run_test(size=WIDE) as pilot:
        await opened(pilot)

        drawn = seen(found).replace("\n", "").replace("\u200d", "")
        assert drawn.isprintable()


async def test_a_thousand_models_are_not_all_drawn() -> None:
    rows = [litellm.day(f"{TODAY}", {f"model-{number}": 1.0 for number in range(1000)})]
    found = app(Asked(bill(rows)))
    async with found.run_test(size=(150, 250)) as pilot:
        assert "and 800 more" in await opened(pilot)


async def test_a_real_proxy_is_asked_and_the_key_is_not_on_the_screen(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with litellm.running() as proxy, caplog.at_level(logging.DEBUG):
        proxy.pages([[litellm.day("2025-11-20", {litellm.KEY: 3.0, "gpt-5.5": 1.5})]])
        proxy.at(litellm.LOGS, litellm.reply({"error": litellm.KEY}, 401))
        found = app(asks(proxy.environ("/v1")))
        async with found.run_test(size=WIDE, notifications=True) as pilot:
            text = await opened(pilot, "a")

            assert "$4.50 says /user/daily/activity" in text
            assert "does not know the key (401)" in text
            assert litellm.KEY not in text
            assert litellm.KEY not in found.export_screenshot()
    assert litellm.KEY not in caplog.text
    assert proxy.asked[0].key == f"Bearer {litellm.KEY}"


# Pictures

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50)], ids=["80", "120", "200"])


def pictured(answer: Bill | Exception) -> tuple[Agtop, Callable[[Pilot[None]], Any]]:
    """The page as it is on the day of all pictures."""

    async def pose(pilot: Pilot[None]) -> None:
        await show(pilot, snapshot())
        told: tuple[Expenses, ...] = expenses()
        wanted: Period = month_of(TODAY)
        screen = ProxyScreen(Asked(answer), wanted, uses(told, Clock()), now=lambda: NOW)
        await pilot.app.push_screen(screen)
        await settled(pilot)

    return Agtop(None), pose


@SIZES
def test_picture_of_the_page(snap_compare: Callable[..., bool], size: tuple[int, int]) -> None:
    found, pose = pictured(
        bill(days(9), ("page 3 and all after it are missing: its answer is no JSON",))
    )

    assert snap_compare(found, terminal_size=size, run_before=pose)


@SIZES
def test_picture_of_nobody_there(snap_compare: Callable[..., bool], size: tuple[int, int]) -> None:
    said = f"{BASE} tells nothing: nobody answers there; start the proxy, or check LITELLM_BASE_URL"
    found, pose = pictured(ProxyError(said))

    assert snap_compare(found, terminal_size=size, run_before=pose)
