"""What the command palette offers besides Textual's own: pages, and every column to sort by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SystemCommand

from agtop.columns import COLUMNS
from agtop.text import cut

if TYPE_CHECKING:
    from agtop.tui.acting import Acting


def page_commands(
    sources: Callable[[], None],
    inventory: Callable[[], None],
    dashboard: Callable[[], None],
    spend: Callable[[], None],
) -> Iterator[SystemCommand]:
    yield SystemCommand("Dashboard", "Larger graphs, money, plans and who needs you", dashboard)
    yield SystemCommand("Sources", "What each agent's files are like, and what is wrong", sources)
    yield SystemCommand("Spend", "Where the money went, day by day and by whatever cut", spend)
    yield SystemCommand("Inventory", "What agents are set up with", inventory)


def act_commands(app: Acting) -> Iterator[SystemCommand]:
    yield SystemCommand("Signal", "Send a signal, as far as the mode lets it", app.action_signal)
    yield SystemCommand("Mode", "Only observe, ask first, or trust", app.action_mode)
    yield SystemCommand("Activity", "Every effect agtop had", app.action_activity)


def sort_commands(sort: Callable[[str], None]) -> Iterator[SystemCommand]:
    for column in COLUMNS:
        title = column.title.strip() or "state sign"
        yield SystemCommand(
            f"Sort by {title}", cut(column.about, 90), partial(sort, column.name), discover=False
        )
