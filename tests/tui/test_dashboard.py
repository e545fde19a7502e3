"""The dashboard shows the whole fleet at any size, and draws only what changed."""

from __future__ import annotations

import pytest

from agtop.errors import UsageError
from agtop.flags import parse
from agtop.model import Rates, Snapshot, Totals, Usage, replace
from agtop.model.hour import slot
from agtop.tui.app import Agtop
from agtop.tui.burn import SEVERAL, by_agent, in_need, spent_today
from agtop.tui.graph import chart
from agtop.tui.screens.dashboard import DashboardScreen, dashboard
from tests.snapshots import COST, TOKENS, bare, session
from tests.tui.fleet import fleet, limits, snapshot
from tests.tui.records import NOW
from tests.tui.stage import screen, seen, show


def busy() -> Snapshot:
    """The fleet with a last hour that has a shape."""
    some = ((slot(NOW) - 20, 4_000), (slot(NOW) - 3, 90_000), (slot(NOW), 20_000))
    rows = tuple(
        replace(each, rates=replace(each.rates, slots=some)) if each.rates.hour_tokens else each
        for each in fleet()
    )
    return replace(snapshot(sessions=rows), totals=Totals.of(rows), limits=limits())


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50), (30, 8)])
async def test_it_lives_at_every_size(size: tuple[int, int]) -> None:
    app = Agtop(None)
    async with app.run_test(size=size) as pilot:
        await show(pilot, busy())
        await pilot.press("d")
        await pilot.pause()
        text = seen(app)

        assert isinstance(app.screen, DashboardScreen)
        assert all(len(row) <= size[0] for row in screen(app))
        if size[0] >= 80:
            for word in ("who needs you", "tokens/min", "claude", "⣀⣀⣀"):
                assert word in text
        await pilot.press("d")
        assert not isinstance(app.screen, DashboardScreen)


async def test_it_can_be_the_first_thing_shown_and_follows_the_snapshots() -> None:
    app = Agtop(None)
    app.opens_dashboard = True
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.pause()
        before = seen(app)
        await show(pilot, busy())
        await pilot.pause()

        assert "reading transcripts" in before
        assert "spent today" in seen(app)
        assert "claude 5 h" in seen(app)


async def test_what_is_the_same_is_not_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, busy())
        await pilot.press("d")
        await pilot.pause()
        page = app.screen
        assert isinstance(page, DashboardScreen)
        drawn: list[object] = []
        monkeypatch.setattr(page._text, "update", drawn.append)

        await show(pilot, replace(busy(), taken_at=NOW + 0.001))
        same = len(drawn)
        await show(pilot, replace(busy(), sessions=(), totals=Totals()))

        assert (same, len(drawn)) == (0, 1)


@pytest.mark.parametrize("width", [55, 75, 115, 190])
def test_what_is_said_of_a_plan_window_is_never_cut(width: int) -> None:
    rows = [line.plain.rstrip() for line in dashboard(busy(), width, 40)]
    windows = [row for row in rows if "full 21:06" in row]

    assert windows
    assert all(len(row) <= width for row in rows)
    assert not any(row.endswith("…") for row in windows)
    assert any("resets 21:36 in 1h10m" in row for row in windows) == (width != 55 and width != 115)


def test_a_plan_window_says_that_nothing_was_measured_or_not_of_late() -> None:
    fresh, *_ = limits()
    estimate = replace(fresh, used_percent=None, full_at=None, resets_at=None, source="estimate")
    stale = replace(fresh, as_of=NOW - 4 * 3600)
    taken = replace(busy(), limits=(estimate, stale))

    told = [line.plain for line in dashboard(taken, 80, 40) if "claude 5 h" in line.plain]

    assert [row.split(" · ")[-1].split("  ")[-1].strip() for row in told] == [
        "estimate",
        "as of 4h ago",
    ]


def test_asked_for_together_with_what_prints_is_refused() -> None:
    assert parse(["--dashboard"]).dashboard
    with pytest.raises(UsageError, match="--dashboard"):
        parse(["--dashboard", "--json"])


def test_a_chart_grows_over_its_lines() -> None:
    assert chart([0, 4, 8, 8], 2, 2) == [" ⣿", "⣸⣿"]


def test_agents_nobody_can_observe_have_no_graph() -> None:
    rows = dashboard(
        replace(busy(), sessions=(replace(bare(), liveness="live"),), totals=Totals()), 100, 40
    )
    text = "\n".join(row.plain for row in rows)

    assert "····" in text
    assert "–/min" in text
    assert "$0" not in text


def test_the_busiest_agent_stands_first() -> None:
    few = session("few", agent="codex", rates=Rates(1.0, 0.0, 5, 0.1, 0.1, ((9, 5),)))
    many = session("many", rates=Rates(2.0, 0.0, 50, 0.2, 0.2, ((9, 50),)))
    past = session("past", agent="gemini", rates=Rates(0.0, 0.0, 0, 0.0, 0.0), liveness=None)

    burning = by_agent([few, many, few, past])

    assert [(b.agent, b.slots, b.tokens_per_min) for b in burning] == [
        ("claude", ((9, 50),), 2.0),
        ("codex", ((9, 10),), 2.0),
    ]


def test_the_money_of_today_is_told_by_agent_and_by_model_and_both_sums_agree() -> None:
    def used(model: str) -> Usage:
        return Usage(model, None, TOKENS, COST, None, 1)

    def spent(dollars: float) -> Rates:
        return Rates(0.0, 0.0, 1, 0.0, dollars)

    child = session("child", usage=(used("haiku"),), rates=spent(1.0))
    parent = session(
        "parent", usage=(used("opus"), used("haiku")), rates=spent(4.0), subagents=(child,)
    )
    mixed = session("mixed", usage=(used("opus"), used("haiku")), rates=spent(2.0))

    agents, models = spent_today([parent, mixed, bare()])

    assert agents == {"claude": 6.0}
    assert models == {"opus": 3.0, SEVERAL: 2.0, "haiku": 1.0}


def test_who_has_waited_longest_stands_first() -> None:
    waits = [s.state.name for s in in_need(fleet())]

    assert waits[:2] == ["waiting", "waiting"]
    assert "working" not in waits
    since = [s.state.since or 0.0 for s in in_need(fleet())[:2]]
    assert since == sorted(since)
