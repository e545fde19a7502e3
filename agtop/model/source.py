"""What each agent's files are like: the facts behind `agtop sources`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from agtop.model.record import Record

Extent = Literal["exact", "partial", "none"]


class Capabilities(Record):
    """What this agent's files can tell."""

    tokens: Extent
    cost: Extent = "none"
    """The agent's own record of money; agtop prices tokens itself."""
    state: Extent = "none"
    context: Extent = "none"
    writes: Extent = "none"
    limits: Extent = "none"


Readiness = Literal["ready", "degraded", "missing", "empty", "pending", "unknown"]
"""Usable; partly unreadable; nothing there; there, with nothing in it; not looked at yet; it cannot
be told."""

WarningCode = Literal[
    "session_file_limit",
    "directory_depth_limit",
    "file_byte_limit",
    "file_line_limit",
    "emitted_session_limit",
    "emitted_workspace_limit",
    "history_row_limit",
    "malformed_row",
    "unsupported_row",
    "unreadable_path",
    "unexpected_file_kind",
    "clock_skew",
    "unknown_price",
]
"""What may be wrong with a source, for scripts."""

StrayReason = Literal["unwritten", "ambiguous", "elsewhere"]
"""It has written nothing yet; it may serve several sessions, or one that others may serve too; it
keeps its files in another place."""


class Root(Record):
    """A folder an agent's files are looked for in."""

    path: str
    exists: bool | None
    """None where that cannot be told."""
    files: int
    """Transcripts found below it."""


class Stray(Record):
    """A live process of an agent without a session."""

    pid: int
    reason: StrayReason


class Unread(Record):
    """A session that could not be read, or only in part."""

    session_id: str
    transcript: str
    code: WarningCode
    reason: str
    lines: int = 0
    """How many lines of it were skipped."""


class SourceReport(Record):
    """What was found of one agent, as of the last round."""

    agent: str
    label: str
    capabilities: Capabilities
    meter_version: str
    roots: tuple[Root, ...] = ()
    looked: bool = True
    """False before its files were looked for."""
    files: int = 0
    waiting: int = 0
    """Files that were found and not read yet."""
    is_first_reading: bool = False
    """Those files were never read before: the figures are of a part only."""
    sessions: int = 0
    subagents: int = 0
    records: int = 0
    skipped: int = 0
    """Lines that could not be read."""
    partial: int = 0
    """Transcripts of which only the usage was read, to save time."""
    retention: float | None = None
    """Days after which the agent deletes transcripts itself; None where it does not, or that
    cannot be told."""
    expiring: int = 0
    """Transcripts that it is about to delete."""
    newest: float | None = None
    """When the newest record was made."""
    versions: tuple[tuple[str, int], ...] = ()
    """(version of the agent that wrote it, transcripts), the newest first."""
    formats: tuple[tuple[str, int], ...] = ()
    """(kind of file, transcripts): an agent's formats have differed in it."""
    strangers: tuple[str, ...] = ()
    """Files that may hold sessions, where nothing was found that agtop can read."""
    problems: tuple[tuple[WarningCode, str, str], ...] = ()
    """(code, path, what is wrong) of folders and files that are no session's."""
    unread: tuple[Unread, ...] = ()
    processes: int = 0
    """Live processes that are there to serve a session."""
    strays: tuple[Stray, ...] = ()


InventoryKind = Literal["config", "integration", "memory", "skill", "automation"]
INVENTORY_KINDS: tuple[InventoryKind, ...] = (
    "config",
    "integration",
    "memory",
    "skill",
    "automation",
)

Scalar = str | int | float | bool | None


class SourceRow(Record):
    """One thing an agent is set up with: counts, labels and states, never contents."""

    id: str
    agent: str
    kind: str
    label: str
    status: Readiness
    count: int | None = None
    last_updated_at: float | None = None
    metadata: Mapping[str, Scalar] | None = None
