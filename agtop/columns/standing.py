"""The columns of what a session is doing, and for how long it has needed the user."""

from __future__ import annotations

from agtop.attention import needed_since, urgency
from agtop.columns.cells import state_text
from agtop.columns.column import Column
from agtop.model import STATES, Session, replace
from agtop.units import age


def _needs_text(session: Session, now: float) -> str:
    since = needed_since(session)
    return "" if since is None else age(max(0.0, now - since))


_STATE = Column(
    "state",
    "STATE",
    8,
    lambda s, _now: s.state.name,
    lambda s: float(STATES.index(s.state.name)),
    "What the session is doing, by the agent's own files, its records, its processes and time.",
)
STATE = replace(_STATE, wide=replace(_STATE, width=18, text=state_text))

NEEDS = Column(
    "attention",
    "NEEDS",
    5,
    _needs_text,
    urgency,
    "For how long it, or a subagent of it, has needed you. Sorted by it, whoever waits longest"
    " stands first, then who failed, then the newest.",
    True,
)
