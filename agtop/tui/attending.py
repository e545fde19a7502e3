"""An app that tells what needs the user, and goes there when asked."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.css.query import NoMatches

from agtop.attention import Alert, all_needy, needs_you
from agtop.attention.teller import News, Teller
from agtop.errors import AgtopError
from agtop.model import Session, Snapshot
from agtop.text import cut, line, printable
from agtop.tui.collecting import Collecting
from agtop.tui.keys import APP_KEYS, KEY_NAMES
from agtop.tui.messages import SnapshotTaken
from agtop.tui.session_table import SessionTable

Jump = Callable[[Session], None]
"""Turns the terminal to where a session runs. Raises AgtopError."""

MOST_TOASTS = 3
"""Of one round: more would cover the screen."""
_TOAST = 160


class Attending(Collecting):
    """Toasts, the bell and notifications, and the keys that lead to who needs the user."""

    teller: Teller | None = None
    """Without it nothing is told."""
    jump: Jump | None = None

    @on(SnapshotTaken)
    def tell(self, message: SnapshotTaken) -> None:
        if self.teller is not None:
            self.announce(self.teller.look(message.snapshot))

    def announce(self, news: News) -> None:
        """Show it, and send the terminal what belongs outside the screen."""
        shown = news.alerts
        if len(shown) > MOST_TOASTS:
            shown = shown[: MOST_TOASTS - 1]
        for alert in shown:
            severity = "error" if alert.kind == "error" else "warning"
            self.notify(self._toast(alert), severity=severity, markup=False)
        rest = len(news.alerts) - len(shown)
        if rest:
            text = f"{rest} more need you. {self._key('sort.attention')} sorts by it."
            self.notify(text, severity="warning", markup=False)
        for fault in news.faults:
            self.notify(f"{_said(fault)}. See [alerts] in config.toml.", markup=False)
        if news.signal:
            self.signal(news.signal)

    def signal(self, codes: str, /) -> None:
        """Send the terminal what is not drawn: the bell, a notification."""
        if self._driver is not None and not self.is_headless:
            self._driver.write(codes)
            self._driver.flush()

    def _toast(self, alert: Alert) -> str:
        what = f"{_said(alert.headline)}: {_said(alert.detail)}" if alert.detail else alert.headline
        return f"{cut(_said(what).rstrip('.'), _TOAST)}. {self._advice(alert)}"

    def _advice(self, alert: Alert) -> str:
        match alert.kind:
            case "window":
                return f"{self._key('app.limits')} shows the limits."
            case "conflict":
                return f"{self._key('app.changes')} shows who wrote what."
            case "budget":
                return "agtop budget shows it."
            case _:
                return f"{self._key('app.attention')} goes to it."

    def _key(self, name: str) -> str:
        """The key that does it now: it may be another than usual."""
        usual = next(binding.key for binding in APP_KEYS if binding.id == name)
        key = self._keymap.get(name, usual).partition(",")[0]
        return KEY_NAMES.get(key, key)

    # Where the keys lead

    def action_attend(self) -> None:
        """To the next line of a session that needs the user, round and round."""
        try:
            table = self.query_one(SessionTable)
        except NoMatches:
            return
        count = len(table.rows)
        after = [(table.cursor + step) % count for step in range(1, count + 1)]
        found = next((n for n in after if needs_you(table.rows[n])), None)
        if found is not None:
            table.move_to(found)
            table.focus()
        else:
            self.notify(_nobody(table.snapshot), markup=False)

    def action_jump(self) -> None:
        """To the terminal of the selected session."""
        session = self.query_one(SessionTable).selected
        if session is None:
            return
        if self.jump is None:
            self.notify("There is no terminal to go to from here.", markup=False)
            return
        self.run_worker(lambda: self._jump(session), thread=True, group="jump", exclusive=True)

    def _jump(self, session: Session) -> None:
        """In a thread: a stuck tmux must not hold the screen up."""
        assert self.jump is not None
        try:
            self.jump(session)
        except AgtopError as error:
            said = f"{_said(str(error))[:1].upper()}{_said(str(error))[1:]}."
            self.call_from_thread(self.notify, said, severity="warning", markup=False)


def _said(text: str) -> str:
    return line(printable(text))


def _nobody(snapshot: Snapshot) -> str:
    hidden = sum(1 for _ in all_needy(snapshot.sessions))
    if not hidden:
        return "Nobody needs you."
    them = "One needs you, but is" if hidden == 1 else f"{hidden} need you, but are"
    return f"{them} not among the sessions that are shown: Esc drops the filter."
