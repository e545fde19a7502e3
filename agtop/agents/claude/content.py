"""What stands in the messages of a Claude Code transcript."""

from __future__ import annotations

from typing import cast

import msgspec

from agtop.agents.claude.records import Block, Message, Row, ToolUseResult
from agtop.agents.decode import plain
from agtop.units import instant

_CLIENT_TEXT = ("<command-", "<local-command", "<bash-", "<task-notification", "<system-reminder")
_END_OF_TIME = 1e11
"""Unix seconds no calendar reaches."""


def blocks(message: Message) -> list[Block]:
    return message.content if isinstance(message.content, list) else []


def last_text(message: Message) -> str:
    if isinstance(message.content, str):
        return message.content
    texts = [b.text for b in blocks(message) if b.type == "text" and b.text]
    return texts[-1] if texts else ""


def is_prompt(row: Row, said: str) -> bool:
    """Whether a user row was typed (or piped) by the user rather than made by the client."""
    made_by_client = (
        row.is_meta
        or row.is_virtual
        or row.is_compact_summary
        or row.is_visible_in_transcript_only
        or said.startswith(_CLIENT_TEXT)
    )
    return not made_by_client


def line_counts(result: ToolUseResult) -> tuple[int, int]:
    if result.type == "create":
        return len((result.content or "").splitlines()), 0
    lines = [line for patch in result.structuredPatch or () for line in patch.lines or ()]
    added = sum(line.startswith("+") for line in lines)
    return added, sum(line.startswith("-") for line in lines)


def word(raw: msgspec.Raw) -> str | None:
    """`error` is a word in most versions and an object in some."""
    value = plain(raw)
    return value if isinstance(value, str) else None


def reset_time(raw: msgspec.Raw) -> float | None:
    """The latest `resets_at` (ISO or Unix seconds) anywhere in `quotaLimits`."""
    found: list[float] = []
    queue: list[object] = [plain(raw)]
    while queue:
        item = queue.pop()
        if isinstance(item, list):
            queue.extend(cast("list[object]", item))
        elif isinstance(item, dict):
            for key, inner in cast("dict[str, object]", item).items():
                moment = _moment(inner) if key in ("resets_at", "resetsAt") else None
                if moment is None:
                    queue.append(inner)
                else:
                    found.append(moment)
    return max(found, default=None)


def _moment(value: object) -> float | None:
    if isinstance(value, int | float):
        return float(value) if 0 < value < _END_OF_TIME else None
    return instant(value)
