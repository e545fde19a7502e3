"""What the cells say that take more than a number."""

from __future__ import annotations

from agtop.model import Cost, Session, StateName
from agtop.text import line
from agtop.units import UNKNOWN, compact, dollars, percent

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


def context_text(session: Session, _now: float = 0.0) -> str:
    """The share of the window in use, or the tokens when the window is unknown."""
    context = session.reading.context
    if context is None:
        return UNKNOWN
    return percent(context.percent) if context.percent is not None else compact(context.used)


def pid_text(session: Session, _now: float = 0.0) -> str:
    if session.process is None:
        return "?" if session.match.confidence == "ambiguous" else UNKNOWN
    return f"{session.process.pid}†" if session.liveness == "stopped" else str(session.process.pid)


def doing(session: Session, _now: float = 0.0) -> str:
    """The tool call under way with its argument, or why the session waits."""
    return line(session.reading.action or "")


def project_text(session: Session, _now: float = 0.0) -> str:
    return line(session.project or "") or UNKNOWN
