"""The inventory screen tells what agents are set up with, and waits for nobody."""

from __future__ import annotations

import threading

import pytest
from textual.pilot import Pilot

from agtop.model import INVENTORY_KINDS, SourceRow
from agtop.sources import Inventory
from agtop.text import width
from agtop.tui.app import Agtop
from agtop.tui.screens.inventory import InventoryScreen
from tests.tui.fleet import snapshot
from tests.tui.records import HOSTILE, NOW
from tests.tui.stage import screen, seen, show

WIDE = (150, 60)
FOUND: Inventory = {
    "config": [
        SourceRow("a", "claude", "settings", "user settings", "ready", 3, NOW, {"scope": "user"}),
        SourceRow(
            "b", "claude", "policy", "any shell command", "ready", None, 1.0, {"scope": "user"}
        ),
        SourceRow("c", "codex", "settings", "user config", "missing"),
    ],
    "integration": [
        SourceRow("d", "codex", "mcp-server", "docs", "ready", 0, NOW, {"transport": "stdio"})
    ],
}


async def opened(pilot: Pilot[None]) -> None:
    await show(pilot, snapshot())
    await pilot.press("v")
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    await pilot.pause()


async def test_it_tells_each_thing_below_its_heading() -> None:
    app = Agtop(None, inventory=lambda: FOUND)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)

        text = seen(app)
        assert "MCP servers, plugins and providers" in text
        assert "stdio" in text
        assert "user: every shell command is allowed beforehand" in text
        assert "Not there: codex user config." in text


async def test_without_a_home_it_says_so() -> None:
    app = Agtop(None)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)

        assert "not at hand here" in seen(app)


async def test_it_is_waited_for_by_nobody() -> None:
    answer = threading.Event()

    def take() -> Inventory:
        assert answer.wait(30)
        return FOUND

    app = Agtop(None, inventory=take)
    async with app.run_test(size=WIDE) as pilot:
        await show(pilot, snapshot())
        await pilot.press("v")
        await pilot.pause()
        assert "looking…" in seen(app)

        await pilot.press("escape")
        answer.set()
        await app.workers.wait_for_complete()
        await pilot.pause()

        assert not isinstance(app.screen, InventoryScreen)


async def test_a_bug_in_the_thread_is_told_on_the_page() -> None:
    def take() -> Inventory:
        raise RuntimeError("boom")

    app = Agtop(None, inventory=take)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await show(pilot, snapshot())
        await pilot.press("v")
        for _ in range(300):
            if "could not be read; the details" in seen(app):
                break
            await pilot.pause(0.01)

        assert "could not be read; the details" in seen(app)
        assert app.is_running


async def test_the_palette_knows_it() -> None:
    app = Agtop(None)
    async with app.run_test(size=WIDE) as pilot:
        await show(pilot, snapshot())

        assert "Inventory" in [each.title for each in app.get_system_commands(app.screen)]


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50)])
async def test_hostile_words_are_drawn_harmlessly(size: tuple[int, int]) -> None:
    evil = SourceRow(HOSTILE, HOSTILE, HOSTILE, HOSTILE, "ready", 1, 1.0, {"scope": HOSTILE})
    gone = SourceRow(HOSTILE, HOSTILE, HOSTILE, HOSTILE, "missing")
    app = Agtop(None, inventory=lambda: {kind: [evil, gone] for kind in INVENTORY_KINDS})
    async with app.run_test(size=size) as pilot:
        await opened(pilot)

        lines = screen(app)
        assert isinstance(app.screen, InventoryScreen)
        assert all(letter.isprintable() or letter == "\u200d" for line in lines for letter in line)
        assert all(width(line) == size[0] for line in lines)
