"""Puts it together: what began to need the user, and what leaves agtop because of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from agtop.attention.alerts import Alert, Alerts
from agtop.attention.conflicts import conflict_alerts
from agtop.attention.ways import Command, notification
from agtop.attention.windows import window_alerts
from agtop.attention.wish import AlertWish
from agtop.model import Record, Snapshot

Others = Callable[[Snapshot], Iterable[Alert]]
"""What else needs the user now, for as long as it does."""

MOST_AT_ONCE = 3
"""Notifications of one look; a fleet that fails together would fill the desktop."""
BELL = "\a"


class News(Record):
    """What a look at a snapshot came to."""

    alerts: tuple[Alert, ...] = ()
    """What began, to be shown on the screen."""
    signal: str = ""
    """What the terminal is to be sent."""
    faults: tuple[str, ...] = ()
    """Sentences: why the user's command was not run. Each is told once."""


class Teller:
    """Watches snapshots and tells each need once, in the ways the user chose."""

    def __init__(
        self,
        wish: AlertWish,
        in_tmux: bool = False,
        others: Others | None = None,
        runs_commands: bool = True,
        began: float | None = None,
    ) -> None:
        """
        Args:
            wish: Checked already.
            in_tmux: Whether the terminal is tmux, which passes on only what is wrapped for it.
            others: Budgets and whatever else has alerts of its own.
            runs_commands: False where the sessions are invented.
            began: When the user could see something, which may be before the first look.
        """
        self._wish = wish
        self._quiet = wish.quiet_hours
        self._in_tmux = in_tmux
        self._others = others
        self._alerts = Alerts(wish.on, wish.cooldown, began)
        has_command = wish.command is not None and runs_commands
        self._command = Command(wish.command or "") if has_command else None
        self._told_faults: set[str] = set()

    def look(self, snapshot: Snapshot) -> News:
        """What is new in `snapshot`. In quiet hours it is shown, and nothing else happens."""
        if self._command is not None:
            self._command.reap()
        more = () if self._others is None else self._others(snapshot)
        others = (*conflict_alerts(snapshot), *window_alerts(snapshot), *more)
        began = tuple(self._alerts.look(snapshot, others))
        if not began or (self._quiet is not None and self._quiet.holds(snapshot.taken_at)):
            return News(began)
        return News(began, self._signal(began), tuple(self._run(began)))

    def _signal(self, began: tuple[Alert, ...]) -> str:
        if self._wish.way == "off":
            return ""
        if self._wish.way == "bell":
            return BELL
        shown = began
        if len(began) > MOST_AT_ONCE:
            rest = len(began) - MOST_AT_ONCE + 1
            shown = (*began[: MOST_AT_ONCE - 1], Alert(began[-1].kind, "", f"{rest} more need you"))
        return "".join(notification(alert, self._in_tmux) for alert in shown)

    def _run(self, began: tuple[Alert, ...]) -> Iterable[str]:
        if self._command is None:
            return
        for alert in began:
            fault = self._command.tell(alert)
            if fault is not None and fault not in self._told_faults:
                self._told_faults.add(fault)
                yield fault
