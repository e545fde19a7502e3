"""The Changes tab: what a session wrote, who else did, and what git says, asked only while seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.app import App, ComposeResult

from agtop.changes import Diff
from agtop.model import Conflict, FileWrite, Lines, Session, Writer, replace
from agtop.tui.messages import Selection
from agtop.tui.panel import Panel
from agtop.tui.tabs.changes import ChangesTab
from agtop.tui.tabs.info import Info
from tests.tui.fleet import busy
from tests.tui.records import HOSTILE, NOW

PATCH = "diff --git a/cart.py b/cart.py\n--- a/cart.py\n+++ b/cart.py\n@@ -1 +1 @@\n-old\n+new\n"


def writing(path: str = "/home/ada/work/shop/cart.py", writes: int = 2) -> Session:
    base = busy()
    write = FileWrite(path, writes, NOW - 30, "create", 9, 4, (NOW - 60, NOW - 30))
    unknown = FileWrite("/home/ada/work/shop/b.py", 1, None)
    reading = replace(
        base.reading, cwd="/home/ada/work/shop", writes=(unknown, write), lines=Lines(9, 4)
    )
    return replace(base, reading=reading, started_at=NOW - 600)


def met(session: Session, path: str = "/home/ada/work/shop/cart.py") -> Conflict:
    writers = (
        Writer("codex:77c0ffee", NOW - 35, NOW - 35, 1),
        Writer(session.key, NOW - 30, NOW - 30, 1),
    )
    return Conflict("writes", "high", path, NOW - 35, NOW - 30, writers, "claude wrote after codex")


def text(tab: ChangesTab, session: Session, width: int = 119) -> str:
    return "\n".join(line.plain for line in tab.draw(session, NOW, width))


def test_files_show_their_kind_lines_and_age_newest_first() -> None:
    rows = text(ChangesTab(), writing()).splitlines()

    assert rows[0] == "files written  2 files   +9 −4 lines"
    assert rows[1].split() == ["cart.py", "new", "+9", "−4", "×2", "30s"]
    assert rows[2].split() == ["b.py", "–", "–", "×1", "–"]


def test_a_conflict_names_the_others_and_who_was_first() -> None:
    session = writing()
    other = replace(met(session), writers=(Writer("codex:1", NOW, NOW, 1),))

    shown = text(ChangesTab(lambda: (met(session), other)), session)

    assert "conflicts  1\n" in shown
    assert "codex 77c0ffee first" in shown
    assert "claude wrote after codex" in shown


def test_a_session_that_wrote_nothing_says_so() -> None:
    shown = text(ChangesTab(), replace(writing(), reading=replace(writing().reading, writes=())))

    assert "none that its transcript tells of" in shown


def test_a_session_without_a_directory_says_why_there_is_no_diff() -> None:
    nowhere = replace(writing(), reading=replace(writing().reading, cwd=None))

    assert "where or when it began is not known" in text(ChangesTab(), nowhere)


@pytest.mark.parametrize("width", [40, 79, 199])
def test_hostile_paths_and_evidence_are_harmless(width: int) -> None:
    session = writing(f"/home/ada/work/shop/{HOSTILE}")
    conflict = replace(met(session, f"/tmp/{HOSTILE}"), evidence=HOSTILE)

    shown = text(ChangesTab(lambda: (conflict,)), session, width)

    assert all(each.isprintable() or each in "\n\u200d" for each in shown)


class Seen(App[None]):
    """The panel with a tab before this one."""

    def __init__(self, ask: Callable[[str, float, Callable[[], bool]], Diff]) -> None:
        super().__init__()
        self.panel = Panel((Info(), ChangesTab(ask=ask)))

    def compose(self) -> ComposeResult:
        yield self.panel

    @property
    def drawn(self) -> str:
        strips = self.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)


class Git:
    """Answers at once, and remembers what it was asked."""

    def __init__(self, diff: Diff) -> None:
        self.diff = diff
        self.asked: list[tuple[str, float]] = []

    def __call__(self, cwd: str, since: float, _is_cancelled: Callable[[], bool]) -> Diff:
        self.asked.append((cwd, since))
        return self.diff


async def test_git_is_asked_only_while_the_tab_is_seen_and_not_each_round() -> None:
    git = Git(Diff(PATCH, "1a2b3c4d5e6f"))
    app = Seen(git)
    async with app.run_test(size=(120, 40)) as pilot:
        app.panel.styles.height = 40
        app.panel.styles.max_height = 40
        app.panel.selection = Selection(writing(), NOW)
        await pilot.pause()
        assert git.asked == []

        app.panel.active = "changes"
        await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert git.asked == [("/home/ada/work/shop", NOW - 600)]
        assert "against 1a2b3c4d" in app.drawn
        assert "-old" in app.drawn

        app.panel.selection = Selection(writing(), NOW + 2)
        await pilot.pause()
        assert len(git.asked) == 1
        app.panel.selection = Selection(writing(), NOW + 12)
        await pilot.pause()
        await app.workers.wait_for_complete()
        assert len(git.asked) == 2


async def test_a_hostile_diff_is_drawn_as_text_and_a_long_one_cut() -> None:
    app = Seen(Git(Diff(f"+{HOSTILE}\n" + "+x\n" * 2000, None, is_cut=True)))
    async with app.run_test(size=(120, 40)) as pilot:
        app.panel.active = "changes"
        app.panel.selection = Selection(writing(), NOW)
        await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.pause()
        tab = app.query_one(ChangesTab)

        lines = [line.plain for line in tab.draw(writing(), NOW, 119)]

    assert lines[-1] == "and at least 1,401 more lines; git diff has it all"
    assert all(each.isprintable() or each == "\u200d" for line in lines for each in line)


async def test_why_git_says_nothing_is_said() -> None:
    app = Seen(Git(Diff(problem="its directory is gone")))
    async with app.run_test(size=(120, 40)) as pilot:
        app.panel.active = "changes"
        app.panel.selection = Selection(writing(), NOW)
        await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.pause()

        assert "its directory is gone" in app.drawn
