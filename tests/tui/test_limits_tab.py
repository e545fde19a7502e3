"""What the tab of plans says."""

from __future__ import annotations

import pytest

from agtop.model import Session, Share, Window, replace
from agtop.tui.app import Agtop
from agtop.tui.tabs.limits import LimitsTab
from tests.tui.fleet import fleet, limits, snapshot
from tests.tui.records import HOSTILE, NOW
from tests.tui.stage import seen, show

CLAUDE, OTHER = [s for s in fleet() if s.agent == "claude"][:2]


def text(*windows: Window, session: Session = CLAUDE, width: int = 119) -> str:
    tab = LimitsTab()
    tab.set_reactive(LimitsTab.snapshot, replace(snapshot(), limits=windows))
    return "\n".join(line.plain for line in tab.draw(session, NOW, width))


def line_with(words: str, shown: str) -> str:
    return " ".join(next(line for line in shown.splitlines() if words in line).split())


def test_a_window_says_how_full_it_is_and_when_it_will_be() -> None:
    first = line_with("5 h", text(limits()[0]))

    assert "▇" in first
    assert "78% full 21:06 · resets 21:36 in 1h10m" in first


def test_it_says_where_and_when_it_was_measured() -> None:
    assert "measured 1m ago in /home/ada/.claude.json" in text(limits()[0])


def test_a_window_that_began_anew_and_was_used_is_a_dash() -> None:
    shown = line_with("5 h", text(limits()[3]))

    assert "– began anew 19:36 · not measured since" in shown


def test_the_sessions_stand_with_their_shares_the_selected_one_marked() -> None:
    shown = text(*limits(), session=OTHER)

    assert line_with(CLAUDE.session_id.replace("-", "")[-8:], shown).endswith("62% 62%")
    assert line_with("▸", shown).endswith("38% 0%")
    assert line_with("claude:gone", shown).endswith("<1% 0%")
    assert line_with("together", shown) == "together $31.40 18.2M"


def test_the_selected_sessions_plan_is_told_apart_first() -> None:
    windows = limits()
    codex = replace(windows[3], shares=(Share("codex:x", 1.0),), shared_by="cost")
    other = next(s for s in fleet() if s.agent == "codex")

    shown = text(*windows[:3], codex, session=other)

    assert shown.index("who used Codex") < shown.index("who used Claude Code")


def test_a_selected_session_far_down_the_list_is_shown() -> None:
    many = tuple(Share(f"claude:{n}", 0.05) for n in range(18))
    window = replace(limits()[0], shares=(*many, Share(CLAUDE.key, 0.01)))

    shown = text(window)

    assert "▸" in shown
    assert "and 7 more" in shown


def test_without_a_plan_it_says_how_to_know_one() -> None:
    assert "agtop statusline install" in text()


def test_an_estimate_says_what_it_is() -> None:
    guess = replace(limits()[0], source="estimate", used_percent=None, full_at=None, where="")

    shown = text(guess)

    assert "estimate" in line_with("5 h", shown)
    assert "nothing was measured: only what this machine used is known" in shown


@pytest.mark.parametrize("width", [40, 79, 119, 199])
def test_hostile_words_stay_printable(width: int) -> None:
    window = replace(
        limits()[0], agent_label=HOSTILE, model=HOSTILE, plan=HOSTILE, where=HOSTILE,
        shares=(Share(HOSTILE, 1.0),),
    )  # fmt: skip

    assert "\x1b" not in text(window, width=width)


@pytest.mark.parametrize("width", [79, 119, 199])
def test_no_line_is_wider_than_the_tab(width: int) -> None:
    tab = LimitsTab()
    tab.set_reactive(LimitsTab.snapshot, replace(snapshot(), limits=limits()))
    for line in tab.draw(CLAUDE, NOW, width):
        assert line.cell_length <= width, line.plain


async def test_the_tab_follows_the_snapshots() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 50)) as pilot:
        await show(pilot, snapshot())
        await pilot.press("7")
        await pilot.pause()
        assert "No plan window is known" in seen(app)

        await show(pilot, replace(snapshot(taken_at=NOW + 2), limits=limits()))
        assert "who used Claude Code" in seen(app)
