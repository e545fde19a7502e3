"""The columns of what budgets allow."""

from __future__ import annotations

from agtop.columns.cells import left_text
from agtop.columns.column import Column
from agtop.model import Session
from agtop.units import UNKNOWN, percent


def _used(session: Session) -> float | None:
    return None if session.allowance is None else session.allowance.percent


def _used_text(session: Session, _now: float) -> str:
    used = _used(session)
    return UNKNOWN if used is None else percent(used)


BUDGET = Column(
    "budget",
    "BUDGET",
    7,
    _used_text,
    _used,
    "How much of the fullest budget over it is used; Info names that budget.",
    True,
    True,
)

LEFT = Column(
    "budget_left",
    "LEFT",
    8,
    left_text,
    lambda s: None if s.allowance is None else s.allowance.left,
    "What that budget leaves, in dollars or tokens (t).",
    True,
)
