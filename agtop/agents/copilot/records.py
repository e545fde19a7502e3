"""The events of `events.jsonl`, as far as their fields are used."""

from __future__ import annotations

from functools import cache
from typing import TypeVar, cast

import msgspec

from agtop.agents.decode import Decoder

_NOTHING = msgspec.Raw(b"{}")

Data = TypeVar("Data", bound=msgspec.Struct)


class Event(msgspec.Struct, rename="camel"):
    type: str = ""
    data: msgspec.Raw = _NOTHING
    id: str = ""
    timestamp: str | None = None
    agent_id: str | None = None
    """The subagent it is of."""


class Place(msgspec.Struct, rename="camel"):
    """Where the session works; also the data of `session.context_changed`."""

    cwd: str | None = None
    branch: str | None = None


class Beginning(msgspec.Struct, rename="camel"):
    """`session.start` and `session.resume`."""

    copilot_version: str | None = None
    start_time: str | None = None
    selected_model: str | None = None
    reasoning_effort: str | None = None
    context: Place | None = None
    detached_from_spawning_parent_session_id: str | None = None


class ModelChange(msgspec.Struct, rename="camel"):
    new_model: str | None = None
    reasoning_effort: str | None = None


class Info(msgspec.Struct, rename="camel"):
    info_type: str = ""
    message: str = ""


class Prompt(msgspec.Struct, rename="camel"):
    content: str = ""
    source: str | None = None
    is_autopilot_continuation: bool = False


class ToolRequest(msgspec.Struct, rename="camel"):
    tool_call_id: str | None = None
    name: str = ""
    arguments: msgspec.Raw = msgspec.Raw()


class Message(msgspec.Struct, rename="camel"):
    message_id: str | None = None
    api_call_id: str | None = None
    model: str | None = None
    content: str = ""
    tool_requests: list[ToolRequest] = []
    output_tokens: int | None = None
    parent_tool_call_id: str | None = None


class ToolStart(msgspec.Struct, rename="camel"):
    tool_call_id: str | None = None
    tool_name: str = ""
    arguments: msgspec.Raw = msgspec.Raw()
    parent_tool_call_id: str | None = None


class FileEdit(msgspec.Struct):
    path: str | None = None
    kind: str | None = None


class Metrics(msgspec.Struct, rename={
    "lines_added": "linesAdded", "lines_removed": "linesRemoved",
}):  # fmt: skip
    lines_added: float | None = None
    lines_removed: float | None = None
    context_token_limit: float | None = None
    context_current_tokens: float | None = None


class Telemetry(msgspec.Struct):
    metrics: Metrics | None = None


class ToolEnd(msgspec.Struct, rename="camel"):
    tool_call_id: str | None = None
    success: bool | None = None
    file_edits: list[FileEdit] | None = None
    tool_telemetry: Telemetry | None = None
    parent_tool_call_id: str | None = None


class Arguments(msgspec.Struct):
    """Of a tool call, as far as they tell one call from another."""

    path: str | None = None
    command: str | None = None
    query: str | None = None
    pattern: str | None = None
    question: str | None = None
    message: str | None = None
    url: str | None = None
    description: str | None = None


class Permission(msgspec.Struct, rename="camel"):
    kind: str = ""
    intention: str | None = None
    full_command_text: str | None = None
    file_name: str | None = None
    tool_name: str | None = None
    url: str | None = None
    path: str | None = None


class PermissionEvent(msgspec.Struct, rename="camel"):
    """`permission.requested` and `permission.completed`."""

    request_id: str = ""
    permission_request: Permission | None = None
    resolved_by_hook: bool = False


class Question(msgspec.Struct, rename="camel"):
    """`user_input.requested`, `elicitation.requested` and `exit_plan_mode.requested`."""

    request_id: str = ""
    question: str | None = None
    message: str | None = None
    summary: str | None = None


class Failure(msgspec.Struct, rename="camel"):
    error_type: str = ""
    message: str = ""
    status_code: int | None = None


class Reason(msgspec.Struct):
    reason: str = ""


class Done(msgspec.Struct):
    summary: str | None = None


class SubagentStart(msgspec.Struct, rename="camel"):
    """`subagent.started`, `.completed` and `.failed`."""

    tool_call_id: str | None = None
    agent_name: str | None = None
    agent_display_name: str | None = None
    agent_description: str | None = None
    model: str | None = None
    parent_id: str | None = None
    error: str | None = None


# ---- usage


class Billed(msgspec.Struct, rename="camel"):
    total_nano_aiu: float | None = None


class Accounting(msgspec.Struct, rename="camel"):
    source_session_id: str | None = None
    sequence: int | None = None
    usage_id: str | None = None


class Usage(msgspec.Struct, rename="camel"):
    """Of one request; of `modelMetrics`, of many. The input holds what the cache was read for
    and written, the output the reasoning."""

    model: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    max_prompt_tokens: int | None = None
    reasoning_effort: str | None = None
    api_call_id: str | None = None
    accounting: Accounting | None = None
    copilot_usage: Billed | None = None


class UsageRecord(msgspec.Struct):
    usage: Usage | None = None


class CompactionUsage(msgspec.Struct, rename="camel"):
    model: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    # As early versions called them:
    input: int | None = None
    output: int | None = None
    cached_input: int | None = None


class Compaction(msgspec.Struct, rename="camel"):
    """`session.compaction_start` and `session.compaction_complete`."""

    success: bool | None = None
    trigger: str | None = None
    pre_compaction_tokens: int | None = None
    post_compaction_tokens: int | None = None
    compaction_tokens_used: CompactionUsage | None = None


class Requests(msgspec.Struct):
    count: int | None = None


class ModelMetric(msgspec.Struct):
    requests: Requests | None = None
    usage: Usage | None = None


class AgentMetric(msgspec.Struct, rename="camel"):
    total_nano_aiu: float | None = None


class Snapshot(msgspec.Struct, rename="camel"):
    total_nano_aiu: float | None = None
    model_metrics: dict[str, ModelMetric] | None = None
    agent_metrics: dict[str, AgentMetric] | None = None


class Shutdown(msgspec.Struct, rename="camel"):
    shutdown_type: str | None = None
    error_reason: str | None = None
    model_metrics: dict[str, ModelMetric] | None = None
    agent_metrics: dict[str, AgentMetric] | None = None
    total_nano_aiu: float | None = None
    current_tokens: int | None = None
    accounting_snapshot: Snapshot | None = None
    """Where there is one, the totals are the whole session's; before, the process's."""


@cache
def _decoder(kind: type[msgspec.Struct]) -> Decoder[msgspec.Struct]:
    return Decoder(kind)


def data_of(event: Event, kind: type[Data]) -> Data:
    """What the event says; nothing where its data is of no use."""
    return _decoded(event.data, kind) or kind()


def argument_of(raw: msgspec.Raw) -> str:
    """What best tells one call from another."""
    a = _decoded(raw, Arguments)
    if a is None:
        return ""
    named = (a.path, a.command, a.question, a.message, a.query, a.pattern, a.url, a.description)
    return next((each for each in named if each), "")


def _decoded(raw: msgspec.Raw, kind: type[Data]) -> Data | None:
    decoder = cast("Decoder[Data]", _decoder(kind))
    return decoder.decode(bytes(raw))
