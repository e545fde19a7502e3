"""What the command palette offers besides Textual's own: pages, and every column to sort by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from textual.app import SystemCommand

from agtop.columns import COLUMNS
from agtop.text import cut


def page_commands(
    sources: Callable[[], None], spend: Callable[[], None]
) -> Iterator[SystemCommand]:
    yield SystemCommand("Sources", "What each agent's files are like, and what is wrong", sources)
    yield SystemCommand("Spend", "Where the money went, day by day and by whatever cut", spend)


def sort_commands(sort: Callable[[str], None]) -> Iterator[SystemCommand]:
    for column in COLUMNS:
        title = column.title.strip() or "state sign"
        yield SystemCommand(
            f"Sort by {title}", cut(column.about, 90), partial(sort, column.name), discover=False
        )
