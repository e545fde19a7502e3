"""An examination in plain words, the same for the terminal's scroll and for the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agtop.model import Capabilities, Root, SourceReport
from agtop.paths import short
from agtop.sources.app_server import AppServer
from agtop.sources.diagnosis import Diagnosis, many
from agtop.sources.usage import ModelUse
from agtop.units import UNKNOWN, age, compact

COLUMNS = ("AGENT", "STATUS", "FILES", "SESSIONS", "RECORDS", "SKIPPED", "NEWEST", "LIVE")
RIGHT = (False, False, True, True, True, True, True, True)

SHOWN = 5
"""Details of a finding, and versions, that are shown."""

_COUNTERS = {
    "loadedThreads": "threads loaded",
    "models": "models",
    "apps": "apps",
    "plugins": "plugins",
    "mcpServers": "MCP servers",
    "mcpTools": "MCP tools",
    "mcpResources": "MCP resources",
}


def row(diagnosis: Diagnosis, now: float) -> tuple[str, ...]:
    """One line of the table; what is not known because nothing is there is `–`."""
    report = diagnosis.report
    named = (report.label, diagnosis.readiness)
    live = str(report.processes) if report.looked else UNKNOWN
    if not report.looked or not report.files:
        files = UNKNOWN if diagnosis.readiness in ("pending", "unknown") else "0"
        sessions = f"{report.sessions:,}" if report.looked else UNKNOWN
        return (*named, files, sessions, UNKNOWN, UNKNOWN, UNKNOWN, live)
    least = "≥ " if report.partial or report.is_first_reading else ""
    return (
        *named,
        f"{report.files:,}",
        f"{report.sessions:,}",
        f"{least}{compact(report.records)}",
        f"{report.skipped:,}",
        UNKNOWN if report.newest is None else age(now - report.newest),
        live,
    )


def facts(diagnosis: Diagnosis) -> Iterator[tuple[str, str]]:
    """(name, what is known) of one agent; an empty name goes on with the fact above."""
    report = diagnosis.report
    yield "why", diagnosis.reason
    for number, root in enumerate(report.roots):
        yield ("" if number else "looked in"), _root(root)
    if report.files:
        yield "sessions", _sessions(report)
        yield "files", _listed([f"{count:,} {kind}" for kind, count in report.formats])
        yield "written by", _versions(report)
        yield "meter", f"version {report.meter_version}"
    yield "tells", _capabilities(report.capabilities)


def findings(diagnosis: Diagnosis) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(what is wrong and what to do, which ones), the most useful few of them."""
    for finding in diagnosis.findings:
        details = finding.details[:SHOWN]
        left = len(finding.details) - len(details)
        more = (f"and {left:,} more",) if left else ()
        yield f"{finding.text}: {finding.advice}", (*details, *more)


def unpriced(uses: Sequence[ModelUse]) -> tuple[str, ...]:
    """The bucket of models without a known price: a sentence, then one line for each model."""
    found = [use for use in uses if use.cost is None]
    if not found:
        return ()
    tokens = sum(use.tokens.total for use in found)
    models = many(len(found), "model")
    return (
        f"{compact(tokens)} tokens in {models} without a known price are in no cost",
        *(
            f"{use.agent} {use.model or 'no model named'}: "
            f"{compact(use.tokens.total)} tokens, {many(use.messages, 'answer')}"
            for use in found
        ),
    )


def server(found: AppServer) -> Iterator[tuple[str, str]]:
    """(name, what is known) of Codex's app server."""
    yield "status", f"{found.state}: {found.action}" if found.action else found.state
    if found.counters is not None:
        known = {n: c for n, c in found.counters.items() if c is not None}
        counts = [f"{known[name]:,} {words}" for name, words in _COUNTERS.items() if name in known]
        yield "counts", _listed(counts)
    for number, warning in enumerate(found.warnings):
        yield ("" if number else "warnings"), warning


def _root(root: Root) -> str:
    if root.exists is None:
        return f"{short(root.path)}: cannot be looked into"
    return f"{short(root.path)}: {many(root.files, 'file') if root.exists else 'not there'}"


def _sessions(report: SourceReport) -> str:
    parts = [f"{report.sessions:,}"]
    if report.subagents:
        parts.append(f"with {many(report.subagents, 'subagent')}")
    if report.partial:
        parts.append(f"{report.partial:,} read for their usage only, until you look at them")
    return ", ".join(parts)


def _versions(report: SourceReport) -> str:
    known = [f"{version} ({count:,})" for version, count in report.versions[:SHOWN]]
    left = len(report.versions) - len(known)
    return _listed([*known, f"{left:,} other versions"] if left else known)


def _capabilities(found: Capabilities) -> str:
    extents = (
        ("tokens", found.tokens),
        ("cost", found.cost),
        ("context", found.context),
        ("state", found.state),
        ("writes", found.writes),
        ("limits", found.limits),
    )
    return " · ".join(f"{name} {UNKNOWN if how == 'none' else how}" for name, how in extents)


def _listed(parts: Sequence[str]) -> str:
    return ", ".join(parts) or UNKNOWN
