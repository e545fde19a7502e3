"""Which sessions need the user, and for how long: the order of a sort by attention."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agtop.model import Session

NEEDY = frozenset(("waiting", "error", "stalled", "looping", "limited"))
"""The states in which a session goes on only when somebody looks after it."""
_LATER = 1e12
"""More than any instant: whoever waits for an answer comes before whoever failed."""


def needy(session: Session) -> Iterator[Session]:
    """The session itself and the subagents below it that need the user."""
    if session.state.name in NEEDY:
        yield session
    for subagent in session.subagents:
        yield from needy(subagent)


def all_needy(sessions: Iterable[Session]) -> Iterator[Session]:
    """Sessions and subagents that need somebody."""
    for session in sessions:
        # Nearly all have ended, with all they spawned: a fleet of thousands is looked through.
        if session.state.name != "ended":
            yield from needy(session)


def needs_you(session: Session) -> bool:
    """Whether it, or a subagent of it, needs the user."""
    return session.state.name != "ended" and any(True for _ in needy(session))


def needed_since(session: Session) -> float | None:
    """Since when it, or a subagent of it, has needed the user; None where it does not."""
    pressing = _most_pressing(session)
    return None if pressing is None else _since(pressing)


def urgency(session: Session) -> float | None:
    """The smaller, the sooner it should be seen to: who waits, then who failed; the longest first.

    None where nothing is needed.
    """
    pressing = _most_pressing(session)
    return None if pressing is None else _rank(pressing)


def _most_pressing(session: Session) -> Session | None:
    if session.state.name == "ended":
        return None
    return min(needy(session), key=_rank, default=None)


def _rank(session: Session) -> float:
    return _since(session) + (0.0 if session.state.name == "waiting" else _LATER)


def _since(session: Session) -> float:
    since = session.state.since
    return since if since is not None else session.last_active or 0.0
