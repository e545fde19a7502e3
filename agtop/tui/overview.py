"""The dashboard, over the screen of an app."""

from __future__ import annotations

from textual.app import App
from textual.reactive import var

from agtop.model import Snapshot
from agtop.tui.messages import NOTHING
from agtop.tui.screens.sheet import Sheet


class Overview(App[None]):
    """Opens it, from the first frame on when asked to, and keeps it up to date."""

    snapshot: var[Snapshot] = var(NOTHING)
    opens_dashboard = False
    _dashboard: Sheet | None = None

    def on_mount(self) -> None:
        if self.opens_dashboard:
            self.action_dashboard()

    def watch_snapshot(self) -> None:
        if self._dashboard is not None:
            self._dashboard.redraw()

    def action_dashboard(self) -> None:
        from agtop.tui.screens.dashboard import DashboardScreen  # not wanted at the start

        def closed(_: object) -> None:
            self._dashboard = None

        self._dashboard = DashboardScreen(lambda: self.snapshot)
        self.push_screen(self._dashboard, closed)
