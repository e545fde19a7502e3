"""The tab Bus: what agents say is drawn as text, as a hint, and one can join in."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from agtop.bus import Message
from agtop.bus.feed import Feed
from agtop.errors import BusError
from agtop.model import Snapshot
from agtop.tui.app import Agtop
from agtop.tui.tabs.bus import BusTab, typed
from tests.bus.plain import Plain, raw
from tests.tui.records import HOSTILE, NOW
from tests.tui.stage import seen, show

AT = "2026-07-18T10:00:00Z"


class Told(Feed):
    """A feed that hears what the test puts in, and opens no socket."""

    def __init__(self) -> None:
        super().__init__(Path("/nowhere"))
        self.said: list[Message] = []
        self.coming: list[Message] = []
        self.is_started = False

    def start(self) -> None:
        self.is_started = True

    def take(self) -> list[Message]:
        came, self.coming = self.coming, []
        return came

    def publish(self, message: Message) -> int:
        self.said.append(message)
        return 1


@pytest.fixture
def feed() -> Told:
    return Told()


@pytest.fixture
def app(feed: Told) -> Agtop:
    return Agtop(None, feed=feed)


async def heard(pilot: Pilot[None], *messages: Message) -> None:
    """Look at the tab, and have the feed hear something."""
    await pilot.press("5", "enter")
    tab = pilot.app.query_one(BusTab)
    assert isinstance(tab._feed, Told)
    tab._feed.coming += messages
    tab.listen()
    await pilot.pause()
    await pilot.pause()


async def typed_in(pilot: Pilot[None], key: str, text: str, last: str = "enter") -> None:
    names = {" ": "space", "@": "at", ".": "full_stop", ":": "colon"}
    await pilot.press(key, *(names.get(letter, letter) for letter in text), last)
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def said(summary: str, topic: str = "claim", **more: object) -> Message:
    return Message("claude:8421", topic, summary, timestamp=AT, **more)  # type: ignore[arg-type]


async def test_messages_show_without_any_session_and_findings_as_hints(
    app: Agtop, feed: Told
) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await heard(pilot, said("I take it"), said("it leaks", "finding", path="cart.py:42"))
        rows = seen(app).splitlines()

        assert feed.is_started
        assert any("claude:8421" in row and "I take it" in row for row in rows)
        finding = next(row for row in rows if "it leaks" in row)
        assert "unverified? cart.py:42 — it leaks" in finding
        assert "unverified" not in next(row for row in rows if "I take it" in row)
        assert "following · 2 messages · all topics · joined" in seen(app)


async def test_a_message_unfolds_to_its_data(app: Agtop) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await heard(pilot, said("it leaks", "finding", source="ci", data={"line": 42}))
        await pilot.press("space")
        await pilot.pause()

        assert "a hint that nobody has checked" in seen(app)
        assert '"line": 42' in seen(app)
        assert "source   ci" in seen(app)


async def test_only_messages_with_a_text_or_of_a_topic_show(app: Agtop) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await heard(pilot, said("apples"), said("pears", "finding"), said("plums", "finding"))
        await typed_in(pilot, "slash", "pear")
        by_text = ["apples" in seen(app), "pears" in seen(app)]
        await typed_in(pilot, "slash", "", "escape")
        everything = "apples" in seen(app)
        await pilot.press("t", "t")
        await pilot.pause()

        assert by_text == [False, True]
        assert everything
        assert ["apples" in seen(app), "plums" in seen(app)] == [False, True]


async def test_a_search_stops_at_the_newest_and_goes_on_upwards(app: Agtop) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await heard(pilot, *(said(f"message {n}.") for n in range(12)))
        await typed_in(pilot, "f3", "message 1")
        first = "paused at 12" in seen(app)
        await pilot.press("n")
        await pilot.pause()
        second = "paused at 11" in seen(app)
        await pilot.press("n")
        await pilot.pause()

        assert [first, second, "paused at 2 " in seen(app)] == [True, True, True]


async def test_what_is_typed_is_published(app: Agtop, feed: Told) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await heard(pilot)
        await typed_in(pilot, "p", "finding @cart.py:42 it leaks")

        assert [(m.topic, m.path, m.summary) for m in feed.said] == [
            ("finding", "cart.py:42", "it leaks")
        ]
        assert app.focused is app.query_one(BusTab)


async def test_what_is_not_a_message_is_not_published_and_said_so(app: Agtop, feed: Told) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await heard(pilot)
        await typed_in(pilot, "p", "finding")

        assert feed.said == []
        assert any("Not published" in each.message for each in app._notifications)


@pytest.mark.parametrize("text", ["", "finding", "finding @a.py:1"])
def test_a_message_needs_a_topic_and_something_to_say(text: str) -> None:
    with pytest.raises(BusError):
        typed(text)


async def test_a_problem_of_the_bus_is_a_row_and_one_of_the_problems(
    app: Agtop, feed: Told
) -> None:
    feed.problem = "the bus cannot be opened in /x (read-only); set AGTOP_BUS"
    async with app.run_test(size=(120, 40)) as pilot:
        await heard(pilot)
        await show(pilot, Snapshot(NOW, ()))

        assert "! the bus cannot be opened" in seen(app)
        assert [problem.source for problem in app.snapshot.problems] == ["bus"]


async def test_no_message_can_steer_the_terminal_or_the_markup(app: Agtop) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        hostile = Message(
            HOSTILE, "finding", f"[red]{HOSTILE}", HOSTILE, HOSTILE, {HOSTILE: HOSTILE}, HOSTILE, AT
        )
        await heard(pilot, hostile)
        await pilot.press("space")
        await pilot.pause()

        assert "[red]" in seen(app)
        assert all(each.isprintable() or each in "\n\u200d" for each in seen(app))


async def test_the_oldest_messages_are_forgotten(
    app: Agtop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agtop.tui.tabs.bus.MOST", 3)
    async with app.run_test(size=(120, 40)) as pilot:
        await heard(pilot, said("one"))
        await heard(pilot, *(said(f"more {n}") for n in range(3)))

        assert "1 forgotten" in seen(app)
        assert "more 2" in seen(app)


@pytest.fixture
def path() -> Iterator[Path]:
    where = Path(tempfile.mkdtemp(prefix="bus-"))
    yield where / "b.sock"
    shutil.rmtree(where)


async def test_what_a_plain_socket_says_shows_on_a_screen_that_hosts(path: Path) -> None:
    feed = Feed(path)
    app = Agtop(None, feed=feed)
    try:
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.press("5")
            for _ in range(200):
                if feed.hosts:
                    break
                await pilot.pause(0.05)
            with Plain(path) as agent:
                agent.say(raw("said without agtop"))
            for _ in range(100):
                if "said without agtop" in seen(app):
                    break
                await pilot.pause(0.1)

            assert "said without agtop" in seen(app)
            assert "hosting" in seen(app)
    finally:
        feed.close()
    assert not path.exists()
