"""What the screen's tests share: post a snapshot, look at the screen, count what is repainted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot
from textual.strip import Strip

from agtop.model import Snapshot
from agtop.tui.app import Agtop
from agtop.tui.messages import SnapshotTaken
from agtop.tui.session_table import SessionTable


async def show(pilot: Pilot[None], snapshot: Snapshot) -> None:
    """Post what the collector's thread would post, and wait until it is drawn."""
    pilot.app.post_message(SnapshotTaken(snapshot))
    await pilot.pause()
    await pilot.pause()


def screen(app: Agtop) -> list[str]:
    """The lines on the terminal."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


def seen(app: Agtop) -> str:
    return "\n".join(screen(app))


def keys(app: Agtop) -> list[str]:
    """The ids of the sessions in the order of the table."""
    return [session.session_id for session in app.table.rows]


def selected(app: Agtop) -> str | None:
    session = app.selection.session
    return None if session is None else session.session_id


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lines of the table that were drawn since the list was last cleared."""
    lines: list[int] = []
    draw: Callable[[SessionTable, int], Strip] = SessionTable.render_line

    def counted(table: SessionTable, y: int) -> Strip:
        lines.append(y)
        return draw(table, y)

    monkeypatch.setattr(SessionTable, "render_line", counted)
    return lines
