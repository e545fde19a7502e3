"""The shape of the local-agent contract: from these types comes its JSON Schema."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from agtop.export.shape import Count, Dollars, Instant, Shape, StateName

Readiness = Literal["ready", "degraded", "missing", "empty", "pending", "unknown"]
Extent = Literal["exact", "partial", "none"]
Code = Literal[
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


class SourceRow(Shape):
    """One thing a provider is set up with."""

    id: str
    providerId: str
    kind: str
    label: str
    status: Readiness
    count: Count | None
    lastUpdatedAt: Instant | None
    lastUpdatedAgo: str | None
    metadata: dict[str, str | int | float | bool | None]
    """Scalars only."""


class Warning(Shape):  # noqa: A001
    """Something that was met, and how often."""

    code: Code
    count: Count


class Stray(Shape):
    """Live processes without a session."""

    reason: Literal["unwritten", "ambiguous", "elsewhere"]
    count: Count


class Roots(Shape):
    """Places its files are looked for in."""

    known: Count
    found: Count


class Counts(Shape):
    """What was found."""

    files: Count | None
    """Null where it cannot be looked."""
    filesWaiting: Count
    """Found, and still to be read."""
    sessions: Count
    liveSessions: Count
    subagents: Count
    records: Count
    skipped: Count
    """Lines that could not be read."""
    usageOnly: Count
    """Sessions of which only the usage was read: `records` is then a lower bound."""
    processes: Count


class Named(Shape):
    """A label and how many bear it."""

    label: str
    count: Count


class Capabilities(Shape):
    """What the provider's files can tell."""

    tokens: Extent
    cost: Extent
    context: Extent
    state: Extent
    writes: Extent
    limits: Extent


class Kinds(Shape):
    """The state of each kind of source; `pending` where nobody looks yet."""

    session: Readiness
    config: Readiness
    integration: Readiness
    memory: Readiness
    skill: Readiness
    automation: Readiness


class Counters(Shape):
    """How much the app server has; null where that is not known."""

    loadedThreads: Count | None
    models: Count | None
    apps: Count | None
    plugins: Count | None
    mcpServers: Count | None
    mcpTools: Count | None
    mcpResources: Count | None


class AppServer(Shape):
    """Whether the app server that was named is ready."""

    state: Literal[
        "missing",
        "rejected",
        "unavailable",
        "timeout",
        "auth_required",
        "unsupported",
        "degraded",
        "ready",
    ]
    action: str | None
    rpc: Literal["ok", "partial", "failed"] | None
    counters: Counters
    warningCount: Count


class Provider(Shape):
    """One agent and its files."""

    id: str
    label: str
    status: Readiness
    """missing before empty before degraded before ready; pending only before the first scan."""
    statusText: str
    lastUpdatedAt: Instant | None
    lastUpdatedAgo: str | None
    roots: Roots | None
    counts: Counts | None
    """Null where nobody looked."""
    meterVersion: str | None
    versions: list[Named]
    """Of the agent, as its transcripts name them, the newest first."""
    formats: list[Named]
    """Kinds of files."""
    capabilities: Capabilities | None
    processesWithoutSession: list[Stray]
    sessionsNotRead: list[Warning]
    """Not, or only in part."""
    warnings: list[Warning]
    advice: list[str]
    sources: Kinds
    appServer: AppServer | None
    """Of Codex only."""


class Session(Shape):
    """One conversation."""

    id: str
    """Its own id where that is random, else a digest of it."""
    providerId: str
    status: StateName
    live: bool
    workspaceId: str | None
    model: str | None
    messages: Count | None
    prompts: Count | None
    toolCalls: Count | None
    toolErrors: Count | None
    subagents: Count
    tokens: Count | None
    skipped: Count
    startedAt: Instant | None
    lastUpdatedAt: Instant | None
    lastUpdatedAgo: str | None


class Workspace(Shape):
    """A project, known by the last part of its directory alone."""

    id: str
    label: str
    providers: list[str]
    sessions: Count
    liveSessions: Count
    lastUpdatedAt: Instant | None
    lastUpdatedAgo: str | None


class Tokens(Shape):
    """Disjoint buckets."""

    input: Count
    cacheRead: Count
    cacheWrite: Count
    output: Count
    total: Count


class ModelUse(Shape):
    """What one provider used of one model."""

    providerId: str
    model: str | None
    priced: bool
    tokens: Tokens
    messages: Count
    cost: Dollars | None
    """Null without a known price."""
    notional: Dollars | None


class UnknownModel(Shape):
    """A model without a known price."""

    providerId: str
    model: str | None
    tokens: Count
    messages: Count


class UnknownPrice(Shape):
    """What no known price covers, and no cost contains."""

    tokens: Count
    messages: Count
    models: list[UnknownModel]


class Usage(Shape):
    """Tokens and dollars over all sessions."""

    plan: str
    pricedOnly: Literal[True]
    """The costs leave `unknownPrice` out."""
    cost: Dollars
    notional: Dollars
    tokens: Count
    messages: Count
    unmeteredSessions: Count
    estimatedSessions: Count
    """Their tokens are, in part, the agent's own estimate."""
    modelUsage: list[ModelUse]
    unknownPrice: UnknownPrice


class Alias(Shape):
    """A name that has moved."""

    legacy: str
    current: str
    status: Literal["active", "deprecated", "planned"]


class Totals(Shape):
    """How many there are, whatever part of them is listed."""

    sessions: Count
    workspaces: Count
    complete: bool


class Inventory(Shape):
    """What agents are set up with, safe to share: a part of the contract."""

    schemaVersion: Literal[1]
    generatedAt: Instant
    configSources: list[SourceRow]
    integrationSources: list[SourceRow]
    memorySources: list[SourceRow]
    skillSources: list[SourceRow]
    automationSources: list[SourceRow]


class Contract(Shape):
    """Local agents at one instant: counts, states, times and labels, safe to share."""

    schemaVersion: Literal[1]
    generatedAt: Instant
    providers: Annotated[
        dict[str, Provider], Field(json_schema_extra={"required": ["claude", "codex"]})
    ]
    sessions: Annotated[list[Session], Field(max_length=100)]
    workspaces: Annotated[list[Workspace], Field(max_length=100)]
    usage: Usage
    configSources: list[SourceRow]
    integrationSources: list[SourceRow]
    memorySources: list[SourceRow]
    skillSources: list[SourceRow]
    automationSources: list[SourceRow]
    compatibilityAliases: list[Alias]
    """Names that have moved: none yet."""
    totals: Totals
    warnings: list[Warning]
