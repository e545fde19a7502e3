"""What the app's keys do with the table: the tree."""

from __future__ import annotations

from agtop.tui.collecting import Collecting
from agtop.tui.session_tree import SessionTree


class Arranging(Collecting):
    """An app with a table of sessions."""

    table: SessionTree

    def action_tree(self) -> None:
        self.table.action_tree()
