"""Goose's rows and lines; any column may be missing or of another type."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from agtop.agents.decode import count
from agtop.agents.loose import fields, number, objects, text, whole
from agtop.model import Tokens


class Session(NamedTuple):
    """A row of `sessions`."""

    id: object
    name: object
    description: object
    session_type: object
    working_dir: object
    created_at: object
    updated_at: object
    total_tokens: object
    input_tokens: object
    output_tokens: object
    accumulated_total_tokens: object
    accumulated_input_tokens: object
    accumulated_output_tokens: object
    accumulated_cache_read_tokens: object
    accumulated_cache_write_tokens: object
    accumulated_cost: object
    provider_name: object
    model_config_json: object
    parent_session_id: object


class Request(NamedTuple):
    """A row of `usage_ledger`."""

    id: object
    session_id: object
    created_timestamp: object
    model: object
    input_tokens: object
    output_tokens: object
    total_tokens: object
    cache_read_tokens: object
    cache_write_tokens: object
    cost: object
    is_compaction: object


class Message(NamedTuple):
    order: int
    role: str
    at: float | None
    is_typed: bool
    """It is shown to the user, not told the model behind their back."""
    contents: list[dict[str, object]]


def message(order: int, role: object, at: object, contents: object, metadata: object) -> Message:
    told = fields(metadata)
    return Message(
        order,
        str(role),
        seconds(at),
        told.get("userVisible") is not False,
        objects(contents),
    )


def tokens(
    fresh: object, output: object, total: object, read: object = None, written: object = None
) -> Tokens | None:
    """The buckets of one request, or of many; None where nothing was counted.

    What was cached is part of the input, unless the total says that it comes on top.
    """
    counts = [count(whole(each)) for each in (fresh, read, written)]
    (sent, cached, stored), made = counts, count(whole(output))
    comes_on_top = total == sum(counts) + made and cached + stored > 0
    if not comes_on_top and sent >= cached + stored:
        sent -= cached + stored
    found = Tokens(sent, cached, stored, 0, made)
    return found if found.total else None


def model(config: object) -> tuple[str | None, int | None]:
    """The name in `model_config_json`, and the size of its window."""
    told = fields(config.encode()) if isinstance(config, str) else {}
    limit = number(told.get("context_limit"))
    return text(told.get("model_name")), int(limit) if limit else None


def seconds(value: object) -> float | None:
    """An instant: seconds, milliseconds or the text that SQLite writes, which is UTC."""
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            return None
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    found = number(value)
    if found is None or found <= 0:
        return None
    return found / 1000 if found > 1e11 else found
