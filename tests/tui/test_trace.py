"""The tab Trace: events come from a worker, and are drawn only as many as fit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from textual.pilot import Pilot

from agtop.agents.base import EventReader
from agtop.model import Author, Event, Snapshot, replace
from agtop.trace.choice import Choice
from agtop.tui.app import Agtop
from agtop.tui.tabs.trace import TraceTab
from tests.tui.records import NOW, session
from tests.tui.stage import seen, show

ONE = session("11111111-2222-4333-8444-55555555abcd")


class Silent:
    """A transcript that says nothing: the tests post what the worker would."""

    path = ""

    def changed(self) -> bool:
        return False

    def pass_over(self, _most: int, /) -> int:
        return 0

    def read(self) -> Iterator[Event]:
        return iter(())


def silent(_path: str, _author: Author, _backlog: int) -> EventReader:
    return Silent()


def event(title: str, kind: str = "text", **more: object) -> Event:
    return Event(NOW, "claude", ONE.session_id, "", kind, title, **more)  # type: ignore[arg-type]


async def traced(pilot: Pilot[None], *events: Event) -> TraceTab:
    await show(pilot, Snapshot(NOW, (ONE,)))
    await pilot.press("4", "enter")
    await pilot.pause()
    await tell(pilot, *events)
    return pilot.app.query_one(TraceTab)


async def tell(pilot: Pilot[None], *events: Event, key: str = ONE.key) -> None:
    pilot.app.query_one(TraceTab).post_message(TraceTab.Told(key, events))
    await pilot.pause()
    await pilot.pause()


@pytest.fixture
def app() -> Agtop:
    return Agtop(None, readers={"claude": silent})


async def test_events_show_as_they_come(app: Agtop) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await traced(pilot, event("Hello there"))
        await tell(pilot, event("no rule", "result", tool="Bash", failed=True, duration=2.5))

        assert "text          Hello there" in seen(app)
        assert "Bash: no rule  ✗ failed  2.5s" in seen(app)
        assert "following · 2 events · all kinds" in seen(app)


async def test_the_newest_shows_until_one_above_is_looked_at(app: Agtop) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await traced(pilot, *(event(f"event {n:03}.") for n in range(100)))
        newest = "event 099." in seen(app)
        await pilot.press("k")
        await tell(pilot, event("event 100."))

        assert newest
        assert "▸" in seen(app)
        assert "paused at 99 · 101 events" in seen(app)
        assert "event 100." not in seen(app)
        await pilot.press("G")
        assert "event 100." in seen(app)


async def test_the_first_event_can_be_gone_to(app: Agtop) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await traced(pilot, *(event(f"event {n:03}.") for n in range(100)))
        await pilot.press("g")

        assert "event 000." in seen(app)


async def test_one_kind_can_be_shown_by_itself(app: Agtop) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await traced(pilot, event("Fix it", "prompt"), event("Answer"))
        await pilot.press("t")

        assert ["Fix it" in seen(app), "Answer" in seen(app)] == [True, False]


async def test_an_event_unfolds_as_far_as_there_is_room(app: Agtop) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        body = "\n".join(f"line {n}" for n in range(200))
        await traced(pilot, event("long", body=body))
        await pilot.press("space")

        assert "line 1" in seen(app)
        assert "more lines; y copies them all" in seen(app)


async def test_an_event_is_copied(app: Agtop) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await traced(pilot, event("one", body="one\ntwo\x1b"))
        await pilot.press("y")

        assert app.clipboard == "one\ntwo\ufffd"


async def test_hostile_events_stay_text(app: Agtop) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await traced(pilot, event("[red]a[/] \x1b]0;t\x07\u202e", body="[b]\x1b[2J"))
        await pilot.press("space")

        assert "[red]a[/]" in seen(app)
        assert set("\x1b\x07\u202e").isdisjoint(seen(app))


async def test_what_another_session_did_is_not_shown(app: Agtop) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await traced(pilot)
        await tell(pilot, event("stranger"), key="claude:other")

        assert "stranger" not in seen(app)


async def test_transcripts_are_read_only_while_the_tab_shows(app: Agtop) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, Snapshot(NOW, (ONE,)))
        before = [worker.group for worker in app.workers]
        await pilot.press("4")
        await pilot.pause()
        during = [w for w in app.workers if w.group == "trace"]
        await pilot.press("1")
        await pilot.pause()

        assert "trace" not in before
        assert len(during) == 1
        assert during[0].is_cancelled


async def test_an_agent_that_is_not_told_says_so() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 40)) as pilot:
        await traced(pilot)

        assert "are not told as events yet" in seen(app)


async def test_the_work_of_all_live_sessions_shows_with_whose_it_is(app: Agtop) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await traced(pilot, event("mine"))
        await pilot.press("a")
        await tell(pilot, event("somebody's"), key="*")
        everyone = seen(app)
        await pilot.press("a")
        await pilot.pause()

        assert "all live sessions · following · 1 event" in everyone
        assert "claude 55abcd" in everyone
        assert "mine" not in everyone
        assert "somebody's" not in seen(app)


async def test_only_events_with_a_text_show_and_one_can_be_searched_for(app: Agtop) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await traced(pilot, *(event(f"{word}.") for word in ("apple", "pear", "apricot")))
        await pilot.press("slash", "a", "p", "enter")
        await pilot.pause()
        filtered = ["apple." in seen(app), "pear." in seen(app), "apricot." in seen(app)]
        await pilot.press("f3", "p", "p", "enter")
        await pilot.pause()

        assert filtered == [True, False, True]
        assert "paused at 1 · 2 events" in seen(app)


async def test_a_burst_costs_the_screen_its_own_events_and_no_others(
    app: Agtop, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Event] = []

    def matches(_choice: Choice, one: Event) -> bool:
        asked.append(one)
        return True

    body = "x" * 16_000
    async with app.run_test(size=(120, 40)) as pilot:
        await traced(pilot, *(event(f"old {n}", body=body) for n in range(400)))
        monkeypatch.setattr(Choice, "matches", matches)
        await tell(pilot, *(event(f"new {n}", body=body) for n in range(50)))

        assert len(asked) == 50
        assert "forgotten" in seen(app)
        await pilot.press("g")
        assert "old 0 " not in seen(app)
        assert "new 49" not in seen(app)


async def test_what_is_looked_at_stays_where_it_is_when_older_ones_are_forgotten(
    app: Agtop,
) -> None:
    body = "x" * 16_000
    async with app.run_test(size=(120, 40)) as pilot:
        await traced(pilot, *(event(f"event {n:03}.", body=body) for n in range(250)))
        await pilot.press("k")
        before = [text for text in seen(app).splitlines() if "▸" in text]
        await tell(pilot, *(event(f"more {n:03}.", body=body) for n in range(60)))

        assert [text for text in seen(app).splitlines() if "▸" in text] == before
        assert "event 248." in before[0]


async def test_what_was_never_read_is_told_in_its_size(app: Agtop) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        tab = await traced(pilot, event("Hello"))
        tab.post_message(TraceTab.Told(ONE.key, [], passed=46 << 20))
        await pilot.pause()
        await pilot.pause()

        assert "46M passed over" in seen(app)


async def test_the_work_of_all_is_none_where_nobody_lives(app: Agtop) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await traced(pilot)
        await show(pilot, Snapshot(NOW, (replace(ONE, liveness=None),)))
        await pilot.press("a")
        await pilot.pause()

        assert "No session is live; a goes back to the selected one." in seen(app)
