"""What agents do by the clock: names, cadences, last and next runs; never what they are told."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, cast

from agtop.inventory.cadence import read
from agtop.inventory.files import Found, Table, names_in, read_json, read_toml, word
from agtop.inventory.rows import MOST, Where, row
from agtop.model import SourceRow
from agtop.privacy import REDACTED, label
from agtop.units import instant, iso

_FAILED = frozenset({"failed", "failure", "error", "errored", "timeout", "cancelled"})
_SUCCESS = frozenset({"success", "succeeded", "ok", "completed", "complete", "done"})
_FILES = ("scheduled-tasks.json", "scheduled_tasks.json")


def codex(folder: Path, now: float) -> Iterator[SourceRow]:
    """`automations/<name>/automation.toml`."""
    for name, path in names_in(folder / "automations")[:MOST]:
        found = read_toml(path / "automation.toml")
        if found.status != "missing":
            yield _row("codex", word(found.table.get("name")) or name, found.table, found, now)


def claude(where: Where, folder: Path, now: float) -> Iterator[SourceRow]:
    """Tasks of the desktop program, of the terminal's own clock, and old task files."""
    folders = [folder, *_desktop(where)]
    if where.repository is not None and where.repository / ".claude" != folder:
        folders.append(where.repository / ".claude")
    files = [path / name for path in folders for name in _FILES]
    for path in files:
        found = read_json(path)
        if found.status == "degraded":
            yield _row("claude", path.stem, {}, found, now)
        yield from islice(_tasks(found, now), MOST)
    for name, path in names_in(folder / "tasks")[:MOST]:
        if name.endswith(".json") and os.path.isfile(path):
            found = read_json(path)
            yield _row(
                "claude", word(found.table.get("name")) or path.stem, found.table, found, now
            )


def _desktop(where: Where) -> list[Path]:
    roaming = where.environ.get("APPDATA")
    if sys.platform == "win32" and roaming:
        return [Path(roaming) / "Claude"]
    if sys.platform == "darwin":
        return [where.home / "Library" / "Application Support" / "Claude"]
    return [Path(where.environ.get("XDG_CONFIG_HOME") or where.home / ".config") / "Claude"]


def _tasks(found: Found, now: float) -> Iterator[SourceRow]:
    for key in ("scheduledTasks", "tasks"):
        listed = found.table.get(key)
        for each in cast("list[Any]", listed) if isinstance(listed, list) else []:
            if isinstance(each, dict):
                task = cast("Table", each)
                name = word(task.get("name")) or word(task.get("id")) or REDACTED
                yield _row("claude", name, task, found, now)


def _row(agent: str, name: str, task: Table, found: Found, now: float) -> SourceRow:
    notation = _first(task, "rrule", "cronExpression", "cron", "schedule")
    cadence = read(notation)
    enabled = _is_on(task)
    outcome = "failed" if found.status == "degraded" else _outcome(task)
    upcoming = cadence.next(now) if cadence is not None and enabled else None
    is_readable = found.status != "degraded" and (cadence is not None or notation is None)
    return row(
        agent,
        "automation",
        "user",
        name,
        "ready" if is_readable else "degraded",
        None,
        found.at,
        cadence=None if cadence is None else cadence.text,
        lastRun=iso(_time(task, "lastRunAt", "last_run_at", "lastRun", "lastFiredAt")),
        nextRun=iso(upcoming),
        outcome=outcome,
        enabled=enabled,
        model=label(word(task.get("model"))),
    )


def _first(task: Table, *keys: str) -> str | None:
    return next((told for key in keys if (told := word(task.get(key))) is not None), None)


def _is_on(task: Table) -> bool:
    enabled, status = task.get("enabled"), word(task.get("status"))
    if isinstance(enabled, bool):
        return enabled
    return status is None or status.upper() != "PAUSED"


def _outcome(task: Table) -> str:
    for key in ("lastStatus", "last_status", "lastResult", "status"):
        told = (word(task.get(key)) or "").lower()
        if told in _FAILED:
            return "failed"
        if told in _SUCCESS:
            return "success"
    return "pending"


def _time(task: Table, *keys: str) -> float | None:
    """Seconds, milliseconds or ISO 8601."""
    for key in keys:
        value = task.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value / 1000.0 if abs(value) > 1e11 else float(value)
        at = instant(value)
        if at is not None:
            return at
    return None
