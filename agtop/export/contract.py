"""`agtop sources --json`: the local-agent contract, safe to be shown to anybody.

Counts, states, times and labels only: no path, no prompt, no command, no name of a variable, and no
word that another program wrote but names of models, versions and projects that look harmless.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from agtop.model import (
    InventoryKind,
    Readiness,
    Session,
    Snapshot,
    SourceRow,
    StrayReason,
    Tokens,
    WarningCode,
)
from agtop.privacy import label, leaf, opaque
from agtop.sources import Diagnosis, Examination, Inventory, ModelUse
from agtop.sources.app_server import AppServer
from agtop.units import age, iso

if TYPE_CHECKING:
    from agtop.export import contract_shape as shape

SCHEMA_VERSION = 1
SESSIONS_MOST = 100
WORKSPACES_MOST = 100
KNOWN = (("claude", "Claude Code"), ("codex", "Codex"))
"""Providers that are always told of, whether or not they were looked for."""


def contract(snapshot: Snapshot, examination: Examination) -> shape.Contract:
    """The document of what `examination` found and of the sessions in `snapshot`.

    Raises:
        ValueError: the snapshot's own instant is not one.
    """
    now = snapshot.taken_at
    sessions = sorted(snapshot.sessions, key=lambda s: -(s.last_active or 0.0))
    workspaces = list(_workspaces(sessions, now))
    rows = inventory(examination.inventory, now)
    return {
        "schemaVersion": SCHEMA_VERSION,
        "generatedAt": rows["generatedAt"],
        "providers": _providers(examination, sessions),
        "sessions": [_session(session, now) for session in sessions[:SESSIONS_MOST]],
        "workspaces": workspaces[:WORKSPACES_MOST],
        "usage": _usage(snapshot, examination.uses),
        "configSources": rows["configSources"],
        "integrationSources": rows["integrationSources"],
        "memorySources": rows["memorySources"],
        "skillSources": rows["skillSources"],
        "automationSources": rows["automationSources"],
        "compatibilityAliases": [],
        "totals": {
            "sessions": len(sessions),
            "workspaces": len(workspaces),
            "complete": snapshot.complete,
        },
        "warnings": list(_capped(len(sessions), len(workspaces))),
    }


def inventory(found: Inventory, now: float) -> shape.Inventory:
    """The document of what agents are set up with.

    Raises:
        ValueError: `now` is no instant.
    """
    generated_at = iso(now)
    if generated_at is None:
        raise ValueError(f"no calendar holds the instant {now}")

    def rows(kind: InventoryKind) -> list[shape.SourceRow]:
        return [source_row(row, now) for row in found.get(kind, ())]

    return {
        "schemaVersion": SCHEMA_VERSION,
        "generatedAt": generated_at,
        "configSources": rows("config"),
        "integrationSources": rows("integration"),
        "memorySources": rows("memory"),
        "skillSources": rows("skill"),
        "automationSources": rows("automation"),
    }


def source_row(row: SourceRow, now: float) -> shape.SourceRow:
    """A row with its nine fields."""
    return {
        "id": label(row.id) or "",
        "providerId": label(row.agent) or "",
        "kind": label(row.kind) or "",
        "label": label(row.label) or "",
        "status": row.status,
        "count": row.count,
        "lastUpdatedAt": iso(row.last_updated_at),
        "lastUpdatedAgo": _ago(row.last_updated_at, now),
        "metadata": {
            label(key) or "": label(value) if isinstance(value, str) else _number(value)
            for key, value in (row.metadata or {}).items()
        },
    }


def _number(value: float | None) -> float | None:
    return value if value is None or math.isfinite(value) else None


def _ago(at: float | None, now: float) -> str | None:
    return None if at is None or not math.isfinite(at) else f"{age(now - at)} ago"


def _warning(code: WarningCode, count: int) -> shape.Warning:
    return {"code": code, "count": count}


def _capped(sessions: int, workspaces: int) -> Iterator[shape.Warning]:
    if sessions > SESSIONS_MOST:
        yield _warning("emitted_session_limit", sessions - SESSIONS_MOST)
    if workspaces > WORKSPACES_MOST:
        yield _warning("emitted_workspace_limit", workspaces - WORKSPACES_MOST)


# ---- providers


def _providers(examination: Examination, sessions: Sequence[Session]) -> dict[str, shape.Provider]:
    live = Counter(session.agent for session in sessions if session.is_live)
    found = {
        each.report.agent: _provider(each, examination, live[each.report.agent])
        for each in examination.diagnoses
    }
    for name, text in KNOWN:
        found.setdefault(name, _unseen(name, text, examination))
    if "codex" in found:
        found["codex"]["appServer"] = _app_server(examination.app_server or AppServer("missing"))
    return found


def _provider(diagnosis: Diagnosis, examination: Examination, live: int) -> shape.Provider:
    report, can = diagnosis.report, diagnosis.report.capabilities
    strays: Counter[StrayReason] = Counter(stray.reason for stray in report.strays)
    unread: Counter[WarningCode] = Counter(each.code for each in report.unread)
    return {
        "id": report.agent,
        "label": label(report.label) or "",
        "status": diagnosis.readiness,
        "statusText": diagnosis.reason,
        "lastUpdatedAt": iso(report.newest),
        "lastUpdatedAgo": _ago(report.newest, examination.taken_at),
        "roots": {
            "known": len(report.roots),
            "found": sum(root.exists is True for root in report.roots),
        },
        "counts": _counts(diagnosis, live) if report.looked else None,
        "meterVersion": report.meter_version,
        "versions": _named(report.versions),
        "formats": _named(report.formats),
        "capabilities": {
            "tokens": can.tokens,
            "cost": can.cost,
            "context": can.context,
            "state": can.state,
            "writes": can.writes,
            "limits": can.limits,
        },
        "processesWithoutSession": [_stray(*each) for each in sorted(strays.items())],
        "sessionsNotRead": [_warning(*each) for each in sorted(unread.items())],
        "warnings": [_warning(*each) for each in _codes(diagnosis).items()],
        "advice": [f"{finding.text}: {finding.advice}" for finding in diagnosis.findings],
        "sources": _kinds(report.agent, diagnosis.readiness, examination),
        "appServer": None,
    }


def _codes(diagnosis: Diagnosis) -> dict[WarningCode, int]:
    """How often each code was met, whatever number of findings tell of it."""
    sums: dict[WarningCode, int] = {}
    for finding in diagnosis.findings:
        if finding.code is not None:
            sums[finding.code] = sums.get(finding.code, 0) + finding.count
    return sums


def _counts(diagnosis: Diagnosis, live: int) -> shape.Counts:
    report = diagnosis.report
    is_untold = diagnosis.readiness == "unknown" and not report.files
    return {
        "files": None if is_untold else report.files,
        "filesWaiting": report.waiting,
        "sessions": report.sessions,
        "liveSessions": live,
        "subagents": report.subagents,
        "records": report.records,
        "skipped": report.skipped,
        "usageOnly": report.partial,
        "processes": report.processes,
    }


def _stray(reason: StrayReason, count: int) -> shape.Stray:
    return {"reason": reason, "count": count}


def _unseen(name: str, text: str, examination: Examination) -> shape.Provider:
    """A known provider that was left out."""
    return {
        "id": name,
        "label": text,
        "status": "unknown",
        "statusText": "it was not asked for",
        "lastUpdatedAt": None,
        "lastUpdatedAgo": None,
        "roots": None,
        "counts": None,
        "meterVersion": None,
        "versions": [],
        "formats": [],
        "capabilities": None,
        "processesWithoutSession": [],
        "sessionsNotRead": [],
        "warnings": [],
        "advice": [],
        "sources": _kinds(name, "unknown", examination),
        "appServer": None,
    }


def _kinds(agent: str, sessions: Readiness, examination: Examination) -> shape.Kinds:
    kinds = examination.kinds(agent)
    return {
        "session": sessions,
        "config": kinds["config"],
        "integration": kinds["integration"],
        "memory": kinds["memory"],
        "skill": kinds["skill"],
        "automation": kinds["automation"],
    }


def _named(counts: Iterable[tuple[str, int]]) -> list[shape.Named]:
    """Labels with their counts; those that may not be told are counted together."""
    sums: Counter[str] = Counter()
    for name, count in counts:
        sums[label(name) or ""] += count
    return [{"label": name, "count": count} for name, count in sums.items()]


def _app_server(found: AppServer) -> shape.AppServer:
    known = found.counters or {}
    return {
        "state": found.state,
        "action": found.action or None,
        "rpc": found.rpc,
        "counters": {
            "loadedThreads": known.get("loadedThreads"),
            "models": known.get("models"),
            "apps": known.get("apps"),
            "plugins": known.get("plugins"),
            "mcpServers": known.get("mcpServers"),
            "mcpTools": known.get("mcpTools"),
            "mcpResources": known.get("mcpResources"),
        },
        "warningCount": len(found.warnings),
    }


# ---- sessions and workspaces


def _session(session: Session, now: float) -> shape.Session:
    reading, workspace = session.reading, _workspace(session)
    tokens = session.tokens
    return {
        "id": opaque(session.session_id),
        "providerId": session.agent,
        "status": session.state.name,
        "live": session.is_live,
        "workspaceId": None if workspace is None else _workspace_id(workspace),
        "model": label(session.model),
        "messages": session.agent_turns,
        "prompts": reading.user_turns,
        "toolCalls": reading.tool_calls,
        "toolErrors": reading.tool_errors,
        "subagents": len(session.subagents),
        "tokens": None if tokens is None else tokens.total,
        "skipped": reading.skipped,
        "startedAt": iso(session.started_at),
        "lastUpdatedAt": iso(session.last_active),
        "lastUpdatedAgo": _ago(session.last_active, now),
    }


def _workspace(session: Session) -> str | None:
    """The leaf of its directory, by which workspaces are told apart."""
    return leaf(session.reading.cwd, session.project)


def _workspace_id(name: str) -> str:
    return opaque(f"workspace {name}")


def _workspaces(sessions: Iterable[Session], now: float) -> Iterator[shape.Workspace]:
    """The newest first, as the sessions are."""
    groups: dict[str, list[Session]] = {}
    for session in sessions:
        name = _workspace(session)
        if name is not None:
            groups.setdefault(name, []).append(session)
    for name, each in groups.items():
        last = each[0].last_active
        yield {
            "id": _workspace_id(name),
            "label": name,
            "providers": sorted({session.agent for session in each}),
            "sessions": len(each),
            "liveSessions": sum(session.is_live for session in each),
            "lastUpdatedAt": iso(last),
            "lastUpdatedAgo": _ago(last, now),
        }


# ---- usage


def _usage(snapshot: Snapshot, uses: Sequence[ModelUse]) -> shape.Usage:
    priced = [use for use in uses if use.cost is not None]
    return {
        "plan": snapshot.plan,
        "pricedOnly": True,
        "cost": _money(sum(use.cost for use in priced if use.cost is not None)),
        "notional": _money(sum(use.notional for use in priced if use.notional is not None)),
        "tokens": sum(use.tokens.total for use in uses),
        "messages": sum(use.messages for use in uses),
        "unmeteredSessions": snapshot.totals.unmetered_sessions,
        "estimatedSessions": snapshot.totals.estimated_sessions,
        "modelUsage": [_model(use) for use in uses],
        "unknownPrice": _unknown([use for use in uses if use.cost is None]),
    }


def _model(use: ModelUse) -> shape.ModelUse:
    return {
        "providerId": use.agent,
        "model": label(use.model),
        "priced": use.cost is not None,
        "tokens": _tokens(use.tokens),
        "messages": use.messages,
        "cost": None if use.cost is None else _money(use.cost),
        "notional": None if use.notional is None else _money(use.notional),
    }


def _unknown(uses: Sequence[ModelUse]) -> shape.UnknownPrice:
    """The bucket of what no known price covers: never nothing, never guessed."""
    return {
        "tokens": sum(use.tokens.total for use in uses),
        "messages": sum(use.messages for use in uses),
        "models": [
            {
                "providerId": use.agent,
                "model": label(use.model),
                "tokens": use.tokens.total,
                "messages": use.messages,
            }
            for use in uses
        ],
    }


def _tokens(tokens: Tokens) -> shape.Tokens:
    return {
        "input": tokens.input,
        "cacheRead": tokens.cache_read,
        "cacheWrite": tokens.cache_write_5m + tokens.cache_write_1h,
        "output": tokens.output,
        "total": tokens.total,
    }


def _money(dollars: float) -> float:
    return round(dollars, 12)
