"""The records of a Claude Code transcript, with the fields that agtop reads.

Format: one JSON object a line; fields named as Claude Code 1.0 to 2.1 writes them.
"""

from __future__ import annotations

import msgspec

NOTHING = msgspec.Raw(b"null")

KINDS = frozenset(
    [
        "user",
        "assistant",
        "system",
        "attachment",
        "progress",
        "summary",
        "tag",
        "task-summary",
        "custom-title",
        "ai-title",
        "agent-name",
        "agent-color",
        "agent-setting",
        "last-prompt",
        "mode",
        "permission-mode",
        "repl-mode",
        "memory-mode",
        "dev-mods",
        "tools-used",
        "cost-state",
        "queue-operation",
        "api-request",
        "api-request-shape",
        "api-request-blob",
        "api-request-resumed",
        "file-history-snapshot",
        "file-history-delta",
        "attribution-snapshot",
        "content-replacement",
        "atis-latch",
        "isolation-latch",
        "hybrid-organization",
        "observer-ref",
        "frame-link",
        "history-suppression",
        "session-owner",
        "bridge-session",
        "fork-context-ref",
        "derived-from",
        "continued-in",
        "relocated",
        "worktree-state",
        "pr-link",
        "speculation-accept",
    ]
)
"""Of rows; most say nothing that is counted or shown."""


class CacheCreation(msgspec.Struct):
    ephemeral_5m_input_tokens: int | None = None
    ephemeral_1h_input_tokens: int | None = None


class ServerToolUse(msgspec.Struct):
    web_search_requests: int | None = None


class OutputDetails(msgspec.Struct):
    thinking_tokens: int | None = None


class Usage(msgspec.Struct):
    """What one request used; the four token fields are disjoint."""

    input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_creation: CacheCreation | None = None
    output_tokens: int | None = None
    output_tokens_details: OutputDetails | None = None
    server_tool_use: ServerToolUse | None = None
    service_tier: str | None = None
    speed: str | None = None
    inference_geo: str | None = None
    iterations: list[Iteration] | None = None


class Iteration(Usage):
    """One step of a server-side loop. Steps of type `advisor_message` are not in the totals."""

    type: str | None = None
    model: str | None = None


class Paused(msgspec.Struct):
    """A response the server paused in mid-turn; its usage is not in the final one."""

    usage: Usage | None = None


class Block(msgspec.Struct):
    """One content block of a message."""

    type: str | None = None
    text: str | None = None
    id: str | None = None
    name: str | None = None
    input: msgspec.Raw = NOTHING
    tool_use_id: str | None = None
    is_error: bool | None = None
    thinking: msgspec.Raw = NOTHING
    content: msgspec.Raw = NOTHING
    """What a tool answered."""


class Message(msgspec.Struct):
    id: str | None = None
    model: str | None = None
    content: list[Block] | str | None = None
    stop_reason: str | None = None
    usage: Usage | None = None
    pausedResponses: list[Paused] | None = None  # noqa: N815


class Origin(msgspec.Struct):
    """`forkedFrom` of a row copied by /branch."""

    sessionId: str | None = None  # noqa: N815


class CompactMetadata(msgspec.Struct):
    preTokens: int | None = None  # noqa: N815
    postTokens: int | None = None  # noqa: N815


class OutputConfig(msgspec.Struct):
    effort: str | None = None


class Params(msgspec.Struct):
    model: str | None = None
    output_config: OutputConfig | None = None


class Row(msgspec.Struct, rename="camel"):
    """One line."""

    type: str | None = None
    subtype: str | None = None
    uuid: str | None = None
    id: str | None = None
    timestamp: str | None = None
    session_id: str | None = None
    """The session the file belongs to: rewritten in copies."""
    made_in: str | None = msgspec.field(name="session_id", default=None)
    """The session that the writing process began with; after /clear an older one."""
    request_session_id: str | None = None
    forked_from: Origin | None = None
    agent_id: str | None = None
    is_sidechain: bool | None = None
    is_meta: bool | None = None
    is_virtual: bool | None = None
    is_compact_summary: bool | None = None
    is_visible_in_transcript_only: bool | None = None
    is_unmetered: bool | None = None
    is_api_error_message: bool | None = None
    is_aborted_mid_stream: bool | None = None
    request_id: str | None = None
    request_ref: str | None = None
    requested_model: str | None = None
    query_source: str | None = None
    effort: str | None = None
    cwd: str | None = None
    git_branch: str | None = None
    version: str | None = None
    entrypoint: str | None = None
    error: msgspec.Raw = NOTHING
    quota_limits: msgspec.Raw = NOTHING
    retry_attempt: int | None = None
    message: Message | None = None
    params: Params | None = None
    tool_use_result: msgspec.Raw = NOTHING
    compact_metadata: CompactMetadata | None = None
    custom_title: str | None = None
    ai_title: str | None = None
    agent_name: str | None = None
    summary: str | None = None
    last_prompt: str | None = None
    attachment: msgspec.Raw = NOTHING


class Attachment(msgspec.Struct):
    """What Claude Code tells the model unasked; `edited_text_file`: somebody changed a file that
    the model had read."""

    type: str | None = None
    filename: str | None = None


class UsageMessage(msgspec.Struct):
    """What a message used; the rest of it is passed over."""

    id: str | None = None
    model: str | None = None
    usage: Usage | None = None
    pausedResponses: list[Paused] | None = None  # noqa: N815


class UsageRow(msgspec.Struct, rename="camel"):
    """A line that only its usage is wanted of."""

    type: str | None = None
    uuid: str | None = None
    timestamp: str | None = None
    made_in: str | None = msgspec.field(name="session_id", default=None)
    request_session_id: str | None = None
    forked_from: Origin | None = None
    is_sidechain: bool | None = None
    is_unmetered: bool | None = None
    is_api_error_message: bool | None = None
    request_id: str | None = None
    request_ref: str | None = None
    version: str | None = None
    message: UsageMessage | None = None


class RequestRow(msgspec.Struct):
    """An `api-request` that only its id is wanted of."""

    id: str | None = None


class Patch(msgspec.Struct):
    lines: list[str] | None = None


class ToolUseResult(msgspec.Struct):
    """The result of a tool that wrote a file."""

    type: str | None = None
    filePath: str | None = None  # noqa: N815
    notebook_path: str | None = None
    content: str | None = None
    structuredPatch: list[Patch] | None = None  # noqa: N815
    staged: bool | None = None
    staleRecovered: bool | None = None  # noqa: N815
    """The file was another than the one that was read, and the edit fitted all the same."""


class Question(msgspec.Struct):
    question: str = ""


class ToolInput(msgspec.Struct):
    """The argument of a tool call that says best what it works on."""

    command: str | None = None
    file_path: str | None = None
    notebook_path: str | None = None
    pattern: str | None = None
    path: str | None = None
    url: str | None = None
    query: str | None = None
    description: str | None = None
    prompt: str | None = None
    skill: str | None = None
    questions: list[Question] | None = None
    """What AskUserQuestion asks."""
    plan: str | None = None
    """What ExitPlanMode lays before the user."""

    @property
    def best(self) -> str:
        named = (
            self.command,
            self.file_path,
            self.notebook_path,
            self.pattern,
            self.path,
            self.url,
            self.query,
            self.description,
            self.prompt,
            self.skill,
            self.questions[0].question if self.questions else None,
            self.plan,
        )
        return next((value for value in named if value), "")


class AgentMeta(msgspec.Struct):
    """`agent-<id>.meta.json` beside a subagent's transcript."""

    description: str | None = None
    name: str | None = None
    agentType: str | None = None  # noqa: N815
    model: str | None = None
    parentAgentId: str | None = None  # noqa: N815


class SessionFile(msgspec.Struct, rename="camel"):
    """`sessions/<pid>.json`, kept by each running process."""

    pid: int
    session_id: str
    cwd: str | None = None
    started_at: float | None = None
    proc_start: str | int | None = None
    pid_domain: str | None = None
    kind: str | None = None
    entrypoint: str | None = None
    status: str | None = None
    waiting_for: str | None = None
    status_updated_at: float | None = None
    name: str | None = None
    tmux: str | None = None
    spare: bool | None = None
