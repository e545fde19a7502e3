"""What the screen looks like: pictures to compare with. After a wanted change look at the report,
then run pytest with --snapshot-update.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from agtop.model import Snapshot, State, Totals, replace
from agtop.themes import THEMES, Theme
from agtop.tui.app import Agtop
from tests.sources.reports import NOW as THEN
from tests.sources.reports import REPORTS, SERVER
from tests.tui.fleet import PROBLEMS, crowd, responses, snapshot
from tests.tui.hostile import hostile
from tests.tui.records import NOW, OPUS, priced
from tests.tui.stage import show

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50)], ids=["80", "120", "200"])

Compare = Callable[..., bool]
FOUND = tuple(
    replace(each, newest=None if each.newest is None else each.newest - THEN + NOW)
    for each in REPORTS
)


def posed(
    *snapshots: Snapshot, keys: tuple[str, ...] = ()
) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Show the snapshots one after the other, then press the keys."""

    async def pose(pilot: Pilot[None]) -> None:
        for each in snapshots:
            await show(pilot, each)
        await pilot.press(*keys)
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()

    return pose


def app(**facts: object) -> Agtop:
    return Agtop(
        None,
        why=lambda _key: responses(),
        price=lambda _session, response: priced(response.tokens, OPUS),
        resume=lambda session: f"{session.agent} --resume {session.session_id}",
        **facts,  # pyright: ignore[reportArgumentType]
    )


def fleet_over_time() -> list[Snapshot]:
    return [snapshot(taken_at=NOW - 2, problems=PROBLEMS), snapshot(problems=PROBLEMS)]


@SIZES
def test_main_view(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=posed(*fleet_over_time()))


@SIZES
@pytest.mark.parametrize("key", ["1", "2", "3"])
def test_tabs(snap_compare: Compare, size: tuple[int, int], key: str) -> None:
    pose = posed(*fleet_over_time(), keys=("down", key))

    assert snap_compare(app(), terminal_size=size, run_before=pose)


@SIZES
@pytest.mark.parametrize("key", ["1", "2", "3"])
def test_hostile_session(snap_compare: Compare, size: tuple[int, int], key: str) -> None:
    pose = posed(snapshot((hostile(),)), keys=(key,))

    assert snap_compare(app(), terminal_size=size, run_before=pose)


@SIZES
def test_no_sessions(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=posed(snapshot(())))


@SIZES
def test_two_thousand_sessions(snap_compare: Compare, size: tuple[int, int]) -> None:
    pose = posed(snapshot(crowd(2_000)), keys=("pagedown", "pagedown"))

    assert snap_compare(app(), terminal_size=size, run_before=pose)


@SIZES
def test_before_the_first_round(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size)


def test_while_transcripts_are_read(snap_compare: Compare) -> None:
    pose = posed(snapshot(complete=False))

    assert snap_compare(app(), terminal_size=(120, 36), run_before=pose)


@SIZES
@pytest.mark.parametrize("keys", [("s",), ("s", "G")], ids=["top", "end"])
def test_sources(snap_compare: Compare, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    shown = app(sources=lambda: FOUND, app_server=lambda: SERVER)

    assert snap_compare(shown, terminal_size=size, run_before=posed(snapshot(), keys=keys))


def test_filter_with_an_error(snap_compare: Compare) -> None:
    async def pose(pilot: Pilot[None]) -> None:
        await posed(*fleet_over_time(), keys=("slash", *"agent:claude cots>1"))(pilot)
        pilot.app.query_one("#filter-input").cursor_blink = False  # pyright: ignore[reportAttributeAccessIssue]

    assert snap_compare(app(), terminal_size=(120, 36), run_before=pose)


@pytest.mark.parametrize("theme", THEMES)
def test_themes(snap_compare: Compare, theme: Theme) -> None:
    pose = posed(*fleet_over_time())

    assert snap_compare(app(theme=theme), terminal_size=(120, 36), run_before=pose)


SAID = {
    ("waiting", "permission"): "exec_command has no result; nothing of it has begun",
    ("waiting", "question"): "AskUserQuestion waits for the user's answer",
    ("waiting", "input"): "the answer ends in a question",
    ("limited", None): "a rate limit was met: 429 Too Many Requests",
    ("error", None): "the API answered with an error: overloaded",
    ("stalled", None): "a request has no answer, silent for 7 min without CPU or child",
    ("stalled", "stopped"): "its process is stopped (Ctrl+Z, SIGSTOP)",
    ("looping", None): "the call Bash: make came 5 times in the last 5",
    ("working", None): "the call Bash: make has no result yet",
    ("unknown", None): "it runs, but no record tells what it does",
    ("idle", None): "the last answer is complete",
    ("ended", None): "its process has ended in the middle of its work",
}


def every_state() -> Snapshot:
    base = snapshot().sessions[0]
    rows = tuple(
        replace(
            base,
            session_id=f"{number:08x}-0000-4000-8000-000000000000",
            state=State(name, reason, NOW - 60 * number, said),  # pyright: ignore[reportArgumentType]
            subagents=(),
            liveness=None if name == "ended" else base.liveness,
        )
        for number, ((name, reason), said) in enumerate(SAID.items())
    )
    return replace(snapshot(sessions=rows), totals=Totals.of(rows))


@pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80", "200"])
def test_every_state(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=posed(every_state()))
