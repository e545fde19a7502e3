"""What each live session may still spend: the fullest of the budgets it is under."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agtop.budgets.standing import Standing
from agtop.model import Allowance, Session, Snapshot, replace


class Allowances:
    """Puts allowances on sessions, and keeps what it made as long as nothing changed."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Session, Session]] = {}
        """By key: as it came, and with its allowance."""

    def put(self, snapshot: Snapshot, standings: Sequence[Standing]) -> Snapshot:
        """Those that ended have none: they spend nothing more."""
        if not standings:
            self._made = {}
            return snapshot
        made: dict[str, tuple[Session, Session]] = {}
        sessions = tuple(
            self._with(session, standings, made) if session.is_live else session
            for session in snapshot.sessions
        )
        self._made = made
        return replace(snapshot, sessions=sessions) if made else snapshot

    def _with(
        self,
        session: Session,
        standings: Iterable[Standing],
        made: dict[str, tuple[Session, Session]],
    ) -> Session:
        fullest = max(
            (each for each in standings if _is_under(session, each)),
            key=lambda each: -1.0 if each.percent is None else each.percent,
            default=None,
        )
        if fullest is None:
            return session
        allowance = allowance_of(fullest)
        before, after = self._made.get(session.key, (None, None))
        if before is not session or after is None or after.allowance != allowance:
            after = replace(session, allowance=allowance)
        made[session.key] = (session, after)
        return after


def allowance_of(standing: Standing) -> Allowance:
    """What a session is told of the budget that it is under."""
    return Allowance(
        str(standing.budget.target),
        standing.kind,
        standing.limit,
        standing.used,
        standing.is_estimated,
        standing.is_partial,
        standing.budget.action,
    )


def _is_under(session: Session, standing: Standing) -> bool:
    if standing.subject:
        return session.key == standing.subject
    return standing.budget.target.covers(session)
