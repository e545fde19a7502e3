"""How long Claude Code keeps its transcripts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

DAYS = 30.0
"""Where nothing is set."""
_LARGEST = 1 << 20
"""Bytes of settings worth reading."""


def days_kept(root: Path) -> float | None:
    """Days after their last record, from the settings of that config home; None where they
    cannot be read."""
    path = root / "settings.json"
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST)
    except FileNotFoundError:
        return DAYS
    except OSError:
        return None
    try:
        settings = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(settings, dict):
        return None
    days = cast("dict[str, Any]", settings).get("cleanupPeriodDays", DAYS)
    if isinstance(days, bool) or not isinstance(days, int | float) or not 0 <= days < 1e6:
        return None
    return float(days)
