"""Nothing a session says reaches the terminal as a command."""

from __future__ import annotations

import pytest

from agtop.model import Host, Problem, Snapshot, Totals, replace
from agtop.text import width
from agtop.tui.app import Agtop
from tests.tui.fleet import responses, snapshot
from tests.tui.hostile import hostile
from tests.tui.records import HOSTILE, OPUS, priced
from tests.tui.stage import screen, show


def crafted() -> Snapshot:
    plain = snapshot((hostile(),), problems=(Problem(HOSTILE, HOSTILE),))
    return replace(plain, host=Host(HOSTILE, HOSTILE), plan=HOSTILE, totals=Totals(sessions=1))


def harmless(lines: list[str]) -> bool:
    return all(letter.isprintable() or letter == "\u200d" for line in lines for letter in line)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50)])
@pytest.mark.parametrize(
    "keys", [["1"], ["2"], ["3"], ["4"], ["exclamation_mark"], ["f1"], ["f6"], ["w"], ["y"]]
)
async def test_only_printable_characters_are_drawn(size: tuple[int, int], keys: list[str]) -> None:
    answers = tuple(replace(r, model=HOSTILE, service_tier=HOSTILE) for r in responses(3))
    app = Agtop(
        None,
        why=lambda _key: answers,
        price=lambda _session, response: priced(response.tokens, OPUS),
        resume=lambda _session: HOSTILE,
    )
    async with app.run_test(size=size, notifications=True) as pilot:
        await show(pilot, crafted())
        await pilot.press(*keys)
        await app.workers.wait_for_complete()
        await pilot.pause()

        lines = screen(app)
        assert harmless(lines)
        assert all(width(line) == size[0] for line in lines)
        assert app.is_running


@pytest.mark.parametrize("tab", ["1", "2", "3"])
async def test_markup_in_a_transcript_stays_text(tab: str) -> None:
    app = Agtop(None)
    async with app.run_test(size=(200, 50)) as pilot:
        await show(pilot, crafted())
        await pilot.press(tab)
        await pilot.pause()

        assert "[/][@click=app.quit]x[/]" in "\n".join(screen(app)[28:])


async def test_a_hostile_filter_stays_text() -> None:
    app = Agtop(None, filter="[/][@click=app.quit]x[/]")
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())

        assert any("filter [/][@click=app.quit]x[/]" in line for line in screen(app))


async def test_what_is_copied_holds_no_command() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, crafted())
        await pilot.press("y")

        assert harmless([app.clipboard])
