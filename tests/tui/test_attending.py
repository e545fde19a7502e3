"""The screen tells what begins to need the user, and leads there."""

from __future__ import annotations

import asyncio

import pytest
from textual.pilot import Pilot

from agtop.attention import Alert, AlertWish, Kind
from agtop.attention.teller import News, Teller
from agtop.errors import AgtopError
from agtop.model import Session, Snapshot, State, StateName, replace
from agtop.tui.app import Agtop
from tests.snapshots import NOW, session, snapshot
from tests.tui.stage import keys, seen, selected, show


def one(
    session_id: str, name: StateName, since: float = NOW, below: tuple[Session, ...] = ()
) -> Session:
    return session(
        session_id=session_id,
        project=f"shop-{session_id}",
        state=State(name, "permission" if name == "waiting" else None, since, "it asks"),
        last_active=NOW,
        subagents=below,
    )


def fleet(at: float = NOW, *sessions: Session) -> Snapshot:
    return snapshot(*sessions, taken_at=at)


def nobody(_: Session) -> bool:
    return False


def toasts(app: Agtop) -> list[str]:
    return [toast.message for toast in app._notifications]


def attended() -> tuple[Agtop, list[str]]:
    """An app that notes what it sends its terminal."""
    app, sent = Agtop(None), list[str]()
    app.teller = Teller(AlertWish())
    app.signal = sent.append
    return app, sent


async def begins_to_wait(pilot: Pilot[None], count: int = 1) -> None:
    await show(pilot, fleet(NOW, *(one(f"s{n}", "working") for n in range(count))))
    waiting = (one(f"s{n}", "waiting", NOW + 1) for n in range(count))
    await show(pilot, fleet(NOW + 5, *waiting))


async def test_a_session_that_begins_to_wait_is_told_with_what_to_do_and_the_bell_rings() -> None:
    app, sent = attended()
    async with app.run_test(size=(120, 36)) as pilot:
        await begins_to_wait(pilot)
        await show(pilot, fleet(NOW + 9, one("s0", "waiting", NOW + 1)))

        (told,) = toasts(app)
        assert told.startswith("claude in shop-s0 waits for a permission")
        assert told.endswith("a goes to it.")
        assert sent == ["\a"]


async def test_a_key_that_was_remapped_is_told_as_it_is() -> None:
    app = Agtop(None, keymap={"app.attention": "f9"})
    app.teller = Teller(AlertWish())
    async with app.run_test(size=(120, 36)) as pilot:
        await begins_to_wait(pilot)

        assert toasts(app)[0].endswith("F9 goes to it.")


async def test_a_fleet_that_waits_together_covers_the_screen_with_few_toasts() -> None:
    app, sent = attended()
    async with app.run_test(size=(120, 36)) as pilot:
        await begins_to_wait(pilot, 12)

        assert len(toasts(app)) == 3
        assert toasts(app)[-1] == "10 more need you. W sorts by it."
        assert sent == ["\a"]


async def test_without_a_teller_nothing_is_told() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await begins_to_wait(pilot)

        assert toasts(app) == []


@pytest.mark.parametrize(
    ("kind", "advice"),
    [("window", "7 shows the limits."), ("conflict", "6 shows who wrote what."),
     ("budget", "agtop budget shows it."), ("error", "a goes to it.")],
)  # fmt: skip
async def test_every_kind_says_what_to_do(kind: Kind, advice: str) -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        app.announce(News((Alert(kind, "x", "it \x1b[31mhappened", "so"),)))
        await pilot.pause()

        (told,) = toasts(app)
        assert told.endswith(advice)
        assert "\x1b" not in told


async def test_the_key_goes_round_those_that_need_you() -> None:
    asking = one("child", "waiting")
    rows = (
        one("a", "working"),
        one("b", "waiting"),
        one("c", "idle", below=(asking,)),
        one("d", "ended"),
        one("e", "error"),
    )
    app = Agtop(None, sort="session")
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, fleet(NOW, *rows))
        assert keys(app) == ["a", "b", "c", "d", "e"]

        found: list[str | None] = []
        for _ in range(4):
            await pilot.press("a")
            await pilot.pause()
            found.append(selected(app))

        assert found == ["b", "c", "e", "b"]


async def test_the_key_says_when_nobody_needs_you_or_the_filter_hides_them() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, fleet(NOW, one("a", "working")))
        await pilot.press("a")
        await show(pilot, fleet(NOW, one("a", "waiting")))
        app.filter = replace(app.filter, tests=(nobody,))
        await pilot.press("a")

        assert toasts(app)[0] == "Nobody needs you."
        assert toasts(app)[1].startswith("One needs you, but is not among")


async def test_sorted_by_attention_the_longest_waiting_stands_first() -> None:
    rows = (one("a", "working"), one("b", "waiting", NOW - 5), one("c", "waiting", NOW - 500))
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, fleet(NOW, *rows))
        await pilot.press("W")
        await pilot.pause()

        assert keys(app) == ["c", "b", "a"]


async def test_the_key_to_the_terminal_asks_for_the_selected_session() -> None:
    asked: list[str] = []
    app = Agtop(None)
    app.jump = lambda session: asked.append(session.session_id)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, fleet(NOW, one("a", "working")))
        await pilot.press("o")
        await app.workers.wait_for_complete()

        assert asked == ["a"]
        assert toasts(app) == []


async def test_why_a_terminal_cannot_be_shown_is_a_sentence() -> None:
    def refuse(_: Session) -> None:
        raise AgtopError("its process 7 does not run in tmux")

    app = Agtop(None)
    app.jump = refuse
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, fleet(NOW, one("a", "working")))
        await pilot.press("o")
        await app.workers.wait_for_complete()
        await asyncio.sleep(0)

        assert toasts(app) == ["Its process 7 does not run in tmux."]


async def test_invented_sessions_have_no_terminal() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, fleet(NOW, one("a", "working")))
        await pilot.press("o")

        assert "no terminal" in toasts(app)[0]


async def test_subagents_that_wait_are_counted_on_top() -> None:
    app = Agtop(None)
    async with app.run_test(size=(160, 36)) as pilot:
        await show(pilot, fleet(NOW, one("a", "working", below=(one("c", "waiting"),))))

        assert "◆ 1 waiting" in seen(app)
        await show(pilot, fleet(NOW + 2, one("a", "working", below=(one("c", "ended"),))))
        assert "waiting" not in seen(app).splitlines()[0]
