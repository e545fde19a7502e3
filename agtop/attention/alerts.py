"""Episodes: what needs the user is told once, when it begins, and not again while it lasts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Literal

from msgspec import Struct

from agtop.attention.needs import all_needy, needs_you
from agtop.model import Record, Session, Snapshot
from agtop.model.difference import changes

Kind = Literal["waiting", "error", "stalled", "looping", "limited", "window", "budget", "conflict"]
ALERT_KINDS: tuple[Kind, ...] = (
    "waiting",
    "error",
    "stalled",
    "looping",
    "limited",
    "window",
    "budget",
    "conflict",
)
SETTLE = 2.0
"""Seconds a session has to need the user: many a question is answered by a rule at once."""
COOL_DOWN = 60.0
"""Seconds after which the same need of the same session is worth telling again."""


class Alert(Record):
    """Something began to need the user."""

    kind: Kind
    subject: str
    """What it is about: a session's key, a plan window, a budget, a file."""
    headline: str
    """`claude in shop waits for a permission`."""
    detail: str = ""
    reason: str | None = None
    agent: str | None = None
    session_id: str | None = None
    cwd: str | None = None
    since: float | None = None


class _Episode(Struct):
    began: float
    seen: float
    since: float | None
    told: bool


class Alerts:
    """Tells beginnings from what goes on."""

    def __init__(
        self,
        kinds: Collection[str] = ALERT_KINDS,
        cool_down: float = COOL_DOWN,
        began: float | None = None,
    ) -> None:
        """
        Args:
            kinds: those that are told.
            cool_down: seconds.
            began: when the user could see something; by default with the first look.
        """
        self._kinds = frozenset(kinds)
        self._cool_down = cool_down
        self._episodes: dict[tuple[str, str], _Episode] = {}
        self._primed = False
        self._seen: tuple[Session, ...] = ()
        self._needing: dict[str, Session] = {}
        """By key, of those seen."""
        self._first = began
        """What begins later is news."""

    def look(self, snapshot: Snapshot, others: Iterable[Alert] = ()) -> list[Alert]:
        """What began since the last look.

        Until the first complete look only what began since the start is told: what needed the
        user before agtop started stands on the screen already. An episode that ends and begins
        again within the cool-down is one and the same.

        Args:
            snapshot: what is known now.
            others: what else needs the user now, for as long as it does.
        """
        now = snapshot.taken_at
        self._first = now if self._first is None else min(self._first, now)
        self._set_back(now)
        began: list[Alert] = []
        for alert in (*map(_alert, self._needy(snapshot.sessions)), *others):
            episode = self._episode(alert, now)
            # Where the clock was set back, `since` lies ahead: then it counts from the first look.
            since = episode.began if alert.since is None else min(alert.since, episode.began)
            settled = alert.since is None or now - since >= SETTLE
            if settled and not episode.told:
                episode.told = True
                began.append(alert)
        self._primed = self._primed or snapshot.complete
        self._forget(now)
        return [alert for alert in began if alert.kind in self._kinds]

    def _needy(self, sessions: tuple[Session, ...]) -> Iterator[Session]:
        """Those that need the user, of thousands; only those that changed are looked at."""
        gone, new = changes(self._seen, sessions)
        self._seen = sessions
        for session in gone:
            self._needing.pop(session.key, None)
        self._needing.update((each.key, each) for each in new if needs_you(each))
        newest = sorted(self._needing.values(), key=lambda s: (-(s.last_active or 0.0), s.key))
        return all_needy(newest)

    def _episode(self, alert: Alert, now: float) -> _Episode:
        """The one it belongs to; a pause of agtop's own does not make it a new one."""
        key = (alert.kind, alert.subject)
        episode = self._episodes.get(key)
        if episode is None:
            is_old = not self._primed and not self._began_here(alert)
            episode = self._episodes[key] = _Episode(now, now, alert.since, told=is_old)
        elif now > episode.seen + self._cool_down and alert.since != episode.since:
            episode.told = False
        if alert.since != episode.since:
            episode.began = now
        episode.seen, episode.since = now, alert.since
        return episode

    def _began_here(self, alert: Alert) -> bool:
        """Since the user looks: then it is news, however much is still to be read."""
        return alert.since is not None and self._first is not None and alert.since > self._first

    def _set_back(self, now: float) -> None:
        """After the clock was set back nothing was seen later than now."""
        for episode in self._episodes.values():
            if episode.seen > now:
                episode.seen, episode.began = now, min(episode.began, now)

    def _forget(self, now: float) -> None:
        over = [
            key for key, episode in self._episodes.items() if now > episode.seen + self._cool_down
        ]
        for key in over:
            del self._episodes[key]


def _alert(session: Session) -> Alert:
    state, where = session.state, session.project or session.reading.cwd
    who = session.agent if where is None else f"{session.agent} in {where}"
    return Alert(
        state.name,  # pyright: ignore[reportArgumentType]  # one of NEEDY
        session.key,
        f"{who} {_does(session)}",
        session.reading.title or state.evidence,
        state.reason,
        session.agent,
        session.session_id,
        session.reading.cwd,
        state.since,
    )


def _does(session: Session) -> str:
    reasons = {"permission": "waits for a permission", "question": "asks a question"}
    match session.state.name:
        case "waiting":
            return reasons.get(session.state.reason or "", "waits for you")
        case "error":
            return "stopped with an error"
        case "stalled":
            return "is silent and does nothing"
        case "looping":
            return "repeats itself"
        case _:
            return "has reached its limit"
