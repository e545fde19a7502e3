"""From an assistant row to the ledger's claims."""

from __future__ import annotations

from collections.abc import Iterator

from agtop.agents.claude.records import Message, Row, Usage
from agtop.agents.decode import count
from agtop.model import Response, Tokens

SYNTHETIC = "<synthetic>"
IMPORTED = "claude-export-import"


def is_metered(row: Row) -> bool:
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


def responses(row: Row, message: Message, at: float | None) -> Iterator[Response]:
    """The response of a metered row, and those hidden in it: paused parts and advisors.

    One response stands on several rows, one per content block; all share the message id. The
    request id is no part of the key: it is missing behind proxies, and side questions replay
    messages under another one.
    """
    key = message.id or row.request_id or row.uuid
    if key is None or message.usage is None:
        return
    yield _response(key, at, message.model, message.usage)
    for n, paused in enumerate(message.pausedResponses or ()):
        if paused.usage is not None:
            yield _response(f"{key}/paused{n}", at, message.model, paused.usage)
    for n, step in enumerate(message.usage.iterations or ()):
        if step.type == "advisor_message":
            yield _response(f"{key}/advisor{n}", at, step.model or message.model, step)


def tokens(usage: Usage) -> Tokens:
    """Disjoint buckets.

    Copies across a compaction keep their `cache_creation` split while the four top-level counts
    are zeroed: the top level wins.
    """
    split = usage.cache_creation
    short = count(split.ephemeral_5m_input_tokens) if split else 0
    long = count(split.ephemeral_1h_input_tokens) if split else 0
    written = usage.cache_creation_input_tokens
    written = short + long if written is None else count(written)
    if long > written:
        long = written
    output = count(usage.output_tokens)
    details = usage.output_tokens_details
    thought = count(details.thinking_tokens) if details and details.thinking_tokens else 0
    return Tokens(
        count(usage.input_tokens),
        count(usage.cache_read_input_tokens),
        written - long,
        long,
        output,
        min(output, thought),
    )


def context(usage: Usage) -> int:
    """Tokens in the context after a response: its last own step where the server looped."""
    for step in reversed(usage.iterations or ()):
        if step.type == "message":
            return tokens(step).total
    return tokens(usage).total


def _response(key: str, at: float | None, model: str | None, usage: Usage) -> Response:
    searches = usage.server_tool_use.web_search_requests if usage.server_tool_use else 0
    tier = usage.service_tier or ""
    return Response(
        key,
        at,
        model,
        tokens(usage),
        service_tier="" if tier == "standard" else tier,
        fast=usage.speed == "fast",
        geo=usage.inference_geo if usage.inference_geo in ("us", "eu") else "",
        searches=count(searches),
    )
