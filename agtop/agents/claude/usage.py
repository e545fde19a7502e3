"""From an assistant row to the ledger's claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agtop.agents.claude.records import Message, Row, Usage, UsageMessage, UsageRow
from agtop.agents.decode import count
from agtop.block import Counts
from agtop.model import MOST, Response, Tokens

Part = tuple[str, str | None, Usage]
"""(response id, model, what it used)."""

SYNTHETIC = "<synthetic>"
IMPORTED = "claude-export-import"
_BITS = MOST.bit_length()


def is_metered(row: Row | UsageRow) -> bool:
    """Whether the row reports tokens that were billed."""
    message = row.message
    return (
        message is not None
        and message.usage is not None
        and message.model != SYNTHETIC
        and not row.is_unmetered
        and not row.is_api_error_message
        and row.version != IMPORTED
    )


def responses(
    row: Row | UsageRow, message: Message | UsageMessage, at: float | None
) -> Iterator[Response]:
    """The response of a metered row, and those hidden in it: paused parts and advisors.

    One response stands on several rows, one per content block; all share the message id. The
    request id is no part of the key: it is missing behind proxies, and side questions replay
    messages under another one.
    """
    for key, model, used in parts(row, message):
        yield Response(key, at, model, Tokens(*counts(used)), *tier(used), searches=searches(used))


def parts(row: Row | UsageRow, message: Message | UsageMessage) -> Sequence[Part]:
    """The usage of a metered row, and those hidden in it."""
    key, used = message.id or row.request_id or row.uuid, message.usage
    if key is None or used is None:
        return ()
    own = (key, message.model, used)
    if not message.pausedResponses and not used.iterations:
        return (own,)
    return (own, *_hidden(key, message, used))


def _hidden(key: str, message: Message | UsageMessage, spent: Usage) -> Iterator[Part]:
    for n, paused in enumerate(message.pausedResponses or ()):
        if paused.usage is not None:
            yield f"{key}/paused{n}", message.model, paused.usage
    for n, step in enumerate(spent.iterations or ()):
        if step.type == "advisor_message":
            yield f"{key}/advisor{n}", step.model or message.model, step


def counts(usage: Usage) -> Counts:
    """Disjoint buckets of tokens.

    Copies across a compaction keep their `cache_creation` split while the four top-level counts
    are zeroed: the top level wins.
    """
    split, details = usage.cache_creation, usage.output_tokens_details
    fresh, read = usage.input_tokens or 0, usage.cache_read_input_tokens or 0
    short, long = 0, 0
    if split is not None:
        short, long = split.ephemeral_5m_input_tokens or 0, split.ephemeral_1h_input_tokens or 0
    written = usage.cache_creation_input_tokens
    if written is None:
        written = count(short) + count(long)
    output, thought = usage.output_tokens or 0, (details.thinking_tokens or 0) if details else 0
    if (fresh | read | long | written | output | thought) >> _BITS:  # negative, or more than MOST
        fresh, read, long, written = count(fresh), count(read), count(long), count(written)
        output, thought = count(output), count(thought)
    long = min(written, long)
    return fresh, read, written - long, long, output, min(output, thought)


def tells_reasoning(usage: Usage | None) -> bool:
    """Releases before 2026 did not say how much of the output was thinking."""
    details = usage.output_tokens_details if usage is not None else None
    return details is not None and details.thinking_tokens is not None


def context(usage: Usage) -> int:
    """Tokens in the context after a response: its last own step where the server looped."""
    for step in reversed(usage.iterations or ()):
        if step.type == "message":
            return sum(counts(step)[:5])
    return sum(counts(usage)[:5])


def tier(usage: Usage) -> tuple[str, bool, str]:
    """Service tier, whether it was fast, and where: what chooses the price besides the model."""
    tier = usage.service_tier or ""
    return (
        "" if tier == "standard" else tier,
        usage.speed == "fast",
        usage.inference_geo if usage.inference_geo in ("us", "eu") else "",
    )


def searches(usage: Usage) -> int:
    """Web searches, which are billed by the piece."""
    return count(usage.server_tool_use.web_search_requests) if usage.server_tool_use else 0
