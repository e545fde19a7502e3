"""A snapshot as the `--json` document, schema 1: every key always there, null for unknown."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from agtop import __version__
from agtop.attention import needed_since, needs_you
from agtop.model import (
    Allowance,
    Context,
    Cost,
    Host,
    Match,
    Problem,
    Process,
    Rates,
    Session,
    Snapshot,
    Spend,
    Tokens,
    Totals,
    Usage,
    Weight,
    Window,
)
from agtop.model.hour import last_hour
from agtop.units import iso

if TYPE_CHECKING:
    from agtop.export import shape

SCHEMA_VERSION = 1


def document(snapshot: Snapshot) -> shape.Document:
    """Everything in `snapshot`; sessions keep its order.

    Raises:
        ValueError: the snapshot's own instant is not one.
    """
    now = snapshot.taken_at
    generated_at = iso(now)
    if generated_at is None:
        raise ValueError(f"no calendar holds the instant {now}")
    return {
        "schema_version": SCHEMA_VERSION,
        "generated_at": generated_at,
        "agtop": _weight(snapshot.weight),
        "host": _host(snapshot.host),
        "plan": snapshot.plan,
        "complete": snapshot.complete,
        "sessions": [session_document(session, now) for session in snapshot.sessions],
        "totals": _totals(snapshot.totals),
        "limits": [_limit(window, now) for window in snapshot.limits],
        "problems": [_problem(problem) for problem in snapshot.problems],
    }


def _number(value: float | None, digits: int = 4) -> float | None:
    """`value` rounded to what it can mean; None for what JSON cannot hold."""
    return None if value is None or not math.isfinite(value) else round(value, digits)


def _money(value: float | None) -> float | None:
    """Dollars to a millionth of a millionth: one token of the cheapest model still counts."""
    return _number(value, 12)


def _weight(weight: Weight) -> shape.Agtop:
    return {
        "version": __version__,
        "pid": weight.pid or os.getpid(),
        "cpu_percent": _number(weight.cpu_percent),
        "rss": weight.rss,
    }


def _host(host: Host) -> shape.Host:
    return {
        "name": host.name,
        "os": host.os,
        "cpus": host.cpus,
        "cpu_percent": _number(host.cpu_percent),
        "memory_used": host.memory_used,
        "memory_total": host.memory_total,
        "load_1m": _number(host.load_1m),
    }


def _problem(problem: Problem) -> shape.Problem:
    return {"source": problem.source, "message": problem.message, "at": iso(problem.at)}


def _limit(window: Window, now: float) -> shape.Limit:
    return {
        "provider": window.provider,
        "agent": window.agent,
        "account": window.account,
        "limit_id": window.limit_id,
        "window": window.label.replace(" ", ""),
        "minutes": window.minutes,
        "model": window.model,
        "plan": window.plan,
        "used_percent": _number(window.used_percent),
        "resets_at": iso(window.resets_at),
        "is_over": window.is_over,
        "source": window.source,
        "as_of": iso(window.as_of),
        "is_stale": window.is_stale(now),
        "where": window.where or None,
        "full_at": iso(window.full_at),
        "full_before_reset": window.full_before_reset,
        "tokens": window.tokens,
        "cost": _money(window.cost),
        "shared_by": window.shared_by,
        "by_session": [{"key": part.key, "share": round(part.share, 6)} for part in window.shares],
    }


def _totals(totals: Totals) -> shape.Totals:
    return {
        "sessions": totals.sessions,
        "live": totals.live,
        "waiting": totals.waiting,
        "tokens": _counts(totals.tokens, totals.reasoning_sessions > 0 or not totals.sessions),
        "cost": _money(totals.cost),
        "unmetered_sessions": totals.unmetered_sessions,
        "unpriced_sessions": totals.unpriced_sessions,
        "unpriced_tokens": totals.unpriced_tokens,
        "included_sessions": totals.included_sessions,
        "estimated_sessions": totals.estimated_sessions,
        "tokens_per_min": _number(totals.tokens_per_min),
        "cost_per_hour": _money(totals.cost_per_hour),
        "cost_today": _money(totals.cost_today),
        "cost_last_hour": _money(totals.cost_last_hour),
    }


def _counts(tokens: Tokens, reasoned: bool) -> shape.Tokens:
    return {
        "input": tokens.input,
        "cache_read": tokens.cache_read,
        "cache_write_5m": tokens.cache_write_5m,
        "cache_write_1h": tokens.cache_write_1h,
        "output": tokens.output,
        "reasoning": tokens.reasoning if reasoned or tokens.reasoning else None,
        "total": tokens.total,
    }


def _tokens(tokens: Tokens | None, reasoned: bool) -> shape.Tokens | None:
    return None if tokens is None else _counts(tokens, reasoned)


@lru_cache(maxsize=8)
def _cost(cost: Cost | None) -> shape.Cost | None:
    """In a session of one model the same cost stands three times."""
    if cost is None or not math.isfinite(cost.notional):
        return None
    return {
        "input": round(cost.input, 12),
        "cache_read": round(cost.cache_read, 12),
        "cache_write_5m": round(cost.cache_write_5m, 12),
        "cache_write_1h": round(cost.cache_write_1h, 12),
        "output": round(cost.output, 12),
        "fees": round(cost.fees, 12),
        "total": round(cost.total, 12),
        "included": cost.included,
        "notional": round(cost.notional, 12),
        "unpriced_tokens": cost.unpriced_tokens,
    }


def _spend(spend: Spend, reasoned: bool) -> shape.Spend:
    return {"tokens": _tokens(spend.tokens, reasoned), "cost": _cost(spend.cost)}


def _model(usage: Usage, reasoned: bool) -> shape.Model:
    price = usage.price
    return {
        "model": usage.model,
        "provider": usage.provider,
        "tokens": _counts(usage.tokens, reasoned),
        "cost": _cost(usage.cost),
        "price": None if price is None else {"source": price.source, "date": price.date},
    }


def _last_hour(rates: Rates, now: float) -> shape.LastHour:
    is_known = rates.hour_tokens is not None
    return {
        "tokens": rates.hour_tokens,
        "cost": _money(rates.hour_cost),
        "slots": (last_hour(rates.slots, now) if rates.slots else []) if is_known else None,
    }


def session_document(session: Session, now: float) -> shape.Session:
    """One session, its subagents included, as `--json` tells it."""
    reading, state, lines = session.reading, session.state, session.reading.lines
    reasoned = session.tells_reasoning
    return {
        "key": session.key,
        "agent": session.agent,
        "agent_label": session.agent_label,
        "session_id": session.session_id,
        "title": reading.title,
        "cwd": reading.cwd,
        "project": session.project,
        "branch": reading.branch,
        "transcript": reading.transcript or None,
        "subscription": reading.subscription,
        "started_at": iso(session.started_at),
        "last_active": iso(session.last_active),
        "duration_secs": _duration(session),
        "state": state.name,
        "state_reason": state.reason,
        "state_since": iso(state.since),
        "state_evidence": state.evidence or None,
        "needs_you": needs_you(session),
        "needs_you_since": iso(needed_since(session)),
        "model": session.model,
        "effort": reading.effort,
        "models": [_model(usage, reasoned) for usage in session.usage],
        "tokens": _tokens(session.tokens, reasoned),
        "cost": _cost(session.cost),
        "reported_cost": _money(session.reported_cost),
        "tokens_estimated": session.is_estimated,
        "own": _spend(session.own, reading.reasoned),
        "subagents": [_subagent(child, parent) for child, parent in _descendants(session)],
        "tokens_per_min": _number(session.rates.tokens_per_min),
        "cost_per_hour": _money(session.rates.cost_per_hour),
        "last_hour": _last_hour(session.rates, now),
        "cost_today": _money(session.rates.today_cost),
        "context": _context(reading.context, now),
        "turns": {"user": reading.user_turns, "agent": session.agent_turns},
        "tool_calls": reading.tool_calls,
        "tool_errors": reading.tool_errors,
        "current_action": reading.action,
        "lines": None if lines is None else {"added": lines.added, "removed": lines.removed},
        "files_written": None
        if reading.partial
        else [
            {"path": w.path, "writes": w.writes, "last_at": iso(w.last_at)} for w in reading.writes
        ],
        "pid": None if session.process is None else session.process.pid,
        "liveness": session.liveness,
        "match": _match(session.match),
        "process": _process(session.process),
        "budget": _budget(session.allowance),
        "skipped_records": reading.skipped,
        "problems": list(dict.fromkeys((*session.problems, *reading.problems))),
    }


def is_lasting(session: Session, now: float) -> bool:
    """Whether its document will always say the same: nothing in it runs down any more."""
    context = session.reading.context
    return not session.rates.slots and (
        context is None or not (context.warm_for(now) or context.is_thrashing(now))
    )


def _budget(allowance: Allowance | None) -> shape.Budget | None:
    if allowance is None:
        return None
    is_money = allowance.kind == "dollars"
    return {
        "limit_usd": _money(allowance.limit) if is_money else None,
        "limit_tokens": None if is_money else int(allowance.limit),
        "used_fraction": None if allowance.used is None else allowance.used / allowance.limit,
        "action": allowance.action,
    }


def _duration(session: Session) -> float | None:
    if session.started_at is None or session.last_active is None:
        return None
    return _number(max(0.0, session.last_active - session.started_at), 3)


def _descendants(session: Session) -> Iterator[tuple[Session, Session]]:
    """(subagent, its parent), each parent before its children."""
    for child in session.subagents:
        yield child, session
        yield from _descendants(child)


def _subagent(session: Session, parent: Session) -> shape.Subagent:
    return {
        "key": session.key,
        "parent": parent.key,
        "session_id": session.session_id,
        "title": session.reading.title,
        "model": session.model,
        "state": session.state.name,
        "state_reason": session.state.reason,
        "state_since": iso(session.state.since),
        "state_evidence": session.state.evidence or None,
        "tokens": _tokens(session.tokens, session.tells_reasoning),
        "cost": _cost(session.cost),
        "started_at": iso(session.started_at),
        "last_active": iso(session.last_active),
    }


def _context(context: Context | None, now: float) -> shape.Context | None:
    if context is None:
        return None
    return {
        "used": context.used,
        "window": context.window,
        "percent": _number(context.percent),
        "peak": context.peak,
        "percent_to_full": _number(context.to_full),
        "percent_to_compaction": _number(context.to_compaction),
        "compactions": context.compactions,
        "is_thrashing": context.is_thrashing(now),
        "cache": _cache(context, now),
        "wake_cost": _money(context.wake_cost),
    }


def _cache(context: Context, now: float) -> shape.Cache | None:
    left = context.warm_for(now)
    if left is None:
        return None
    return {
        "is_warm": left > 0,
        "seconds_left": _number(left, 0),
        "lifetime_secs": _number(context.cache_lasts, 0),
        "cold_at": iso(context.cold_at),
    }


def _match(match: Match) -> shape.Match:
    return {
        "confidence": match.confidence,
        "evidence": list(match.evidence),
        "candidates": list(match.candidates),
    }


def _process(process: Process | None) -> shape.Process | None:
    if process is None:
        return None
    tree = process.tree
    return {
        "pid": process.pid,
        "started_at": iso(process.started_at),
        "name": process.name,
        "status": process.status,
        "cpu_percent": _number(process.cpu_percent),
        "rss": process.rss,
        "vsz": process.vsz,
        "disk_read": process.disk_read,
        "disk_written": process.disk_written,
        "disk_read_rate": _number(process.disk_read_rate),
        "disk_write_rate": _number(process.disk_write_rate),
        "threads": process.threads,
        "fds": process.fds,
        "tree": None
        if tree is None
        else {
            "processes": tree.processes,
            "cpu_percent": _number(tree.cpu_percent),
            "rss": tree.rss,
        },
    }
