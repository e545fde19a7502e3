"""An app that hears the bus, and hosts it when nobody else does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agtop.model import Problem, Snapshot, replace
from agtop.tui.collecting import Collecting

if TYPE_CHECKING:
    from agtop.bus.feed import Feed


class Listening(Collecting):
    """Starts the feed once the first frame is drawn; whoever made the feed closes it."""

    feed: Feed | None = None

    def on_mount(self) -> None:
        if self.feed is not None:
            self.call_after_refresh(self.feed.start)

    def with_bus(self, snapshot: Snapshot) -> Snapshot:
        """What is wrong with the bus is one of the problems."""
        if self.feed is None or not self.feed.problem:
            return snapshot
        problem = Problem("bus", self.feed.problem)
        return replace(snapshot, problems=(*snapshot.problems, problem))
