"""How Claude Code names its files."""

from __future__ import annotations


def is_uuid(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4
