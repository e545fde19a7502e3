"""What the cells say that take more than a number."""

from __future__ import annotations

from agtop.attention import NEEDY
from agtop.columns.graph import graph
from agtop.model import Cost, Session, StateName
from agtop.model.hour import SLOTS, last_hour, slot
from agtop.text import line
from agtop.units import UNKNOWN, compact, dollars, duration, percent

GLYPHS: dict[StateName, str] = {
    "working": "●",
    "waiting": "◆",
    "stalled": "◌",
    "looping": "↻",
    "error": "✗",
    "limited": "⊘",
    "idle": "○",
    "ended": "·",
    "unknown": "?",
}


def state_text(session: Session, _now: float = 0.0) -> str:
    """`waiting:permission`, `working`…"""
    reason = session.state.reason
    waits = session.state.name == "waiting" and reason is not None
    return f"waiting:{reason}" if waits else session.state.name


def short_id(session: Session) -> str:
    """The last eight letters of the id: the first are only the time in time-ordered ids."""
    folded = f"+{len(session.subagents)}" if session.subagents else ""
    return session.session_id.replace("-", "")[-8:] + folded


def cost_text(cost: Cost | None, decimals: int = 2) -> str:
    """`$12.40`, `incl`, `≥$3.10` when some of its tokens have no price, `–` when none has."""
    if cost is None:
        return UNKNOWN
    if cost.included:
        return "incl"
    return ("≥" if cost.unpriced_tokens else "") + dollars(cost.total, decimals)


def estimate(session: Session, text: str) -> str:
    """`~2.3k` where the agent noted estimates instead of what its provider counted."""
    if not session.is_estimated or text in (UNKNOWN, "incl"):
        return text
    return f"~{text}"


def left_text(session: Session, _now: float = 0.0) -> str:
    """`$3.10`, `120.0kt`: what the fullest budget leaves."""
    allowance = session.allowance
    if allowance is None or allowance.left is None:
        return UNKNOWN
    if allowance.kind == "tokens":
        return f"{compact(allowance.left)}t"
    return dollars(allowance.left)


def context_text(session: Session, _now: float = 0.0) -> str:
    """The share of the window in use, or the tokens when the window is unknown."""
    context = session.reading.context
    if context is None:
        return UNKNOWN
    return percent(context.percent) if context.percent is not None else compact(context.used)


def free_text(session: Session, _now: float = 0.0) -> str:
    """How far the context is from full: `79%`."""
    context = session.reading.context
    return percent(None if context is None else context.to_full)


def compaction_text(session: Session, _now: float = 0.0) -> str:
    """`~21%`: where an agent sums up is known only roughly."""
    context = session.reading.context
    left = None if context is None else context.to_compaction
    return UNKNOWN if left is None else f"~{percent(left)}"


def compactions_text(session: Session, now: float) -> str:
    """`4`, or `4!` where they came close together."""
    context = session.reading.context
    if context is None or context.compactions is None:
        return UNKNOWN
    return f"{context.compactions}{'!' if context.is_thrashing(now) else ''}"


def warm_text(session: Session, now: float) -> str:
    """`4m10s` until the prompt cache is cold, or `cold`."""
    context = session.reading.context
    left = None if context is None else context.warm_for(now)
    return UNKNOWN if left is None else duration(left) if left > 0 else "cold"


def activity_text(session: Session, now: float) -> str:
    """The last hour as a graph; blank before the session began."""
    if session.rates.hour_tokens is None:
        return UNKNOWN
    begun = 0 if session.started_at is None else slot(session.started_at)
    values = enumerate(last_hour(session.rates.slots, now), slot(now) - SLOTS + 1)
    return graph([tokens if tokens or n >= begun else None for n, tokens in values], SLOTS // 2)


def pid_text(session: Session, _now: float = 0.0) -> str:
    """`8421`, `8421†` where it has just ended, `?` where several could be meant."""
    if session.process is None:
        return "?" if session.match.confidence == "ambiguous" else UNKNOWN
    return f"{session.process.pid}†" if session.liveness == "stopped" else str(session.process.pid)


def doing(session: Session, _now: float = 0.0) -> str:
    """The tool call under way with its argument, or why the session does not go on."""
    if session.reading.action:
        return line(session.reading.action)
    if session.state.name not in NEEDY:
        return ""
    question = session.reading.activity.asked if session.state.name == "waiting" else None
    return line(question or session.state.evidence)


def project_text(session: Session, _now: float = 0.0) -> str:
    return line(session.project or "") or UNKNOWN
