"""What is new about the budgets: what to say, each once, and whom to stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from agtop.budgets.budget import Action, amount_text
from agtop.budgets.standing import Standing
from agtop.locks import locked
from agtop.model import Record, Session
from agtop.paths import write_atomically
from agtop.units import percent

FILE_NAME = "alerts.jsonl"
KEPT = 5000
"""Alerts remembered; older ones are of days that do not come back."""


class Alert(Record):
    """A budget has passed a threshold."""

    standing: Standing
    threshold: int

    @property
    def key(self) -> str:
        return f"{self.standing.key}|{self.threshold}"

    @property
    def sentence(self) -> str:
        standing = self.standing
        whose = f" of {standing.subject}" if standing.subject else ""
        bound = "~" if standing.is_estimated else "≥" if standing.is_partial else ""
        used = amount_text(standing.kind, standing.used)
        limit = amount_text(standing.kind, standing.limit)
        share = percent(standing.percent)
        return f"budget {standing.budget.target}{whose}: {bound}{used} of {limit} used ({share})"


class Act(Record):
    """A live session is to be paused or stopped, for its budget is used up."""

    action: Action
    session: Session
    standing: Standing

    @property
    def key(self) -> str:
        """Once for each process: the session may be gone on with, on purpose, in another."""
        process = self.session.process
        which = f"{process.pid}@{process.started_at:.0f}" if process else ""
        return f"{self.standing.key}|{self.action}|{self.session.key}|{which}"


def alerts(standings: Iterable[Standing], given: Collection[str]) -> tuple[Alert, ...]:
    """The thresholds passed that were not told yet, each budget's lowest first.

    Args:
        standings: how the budgets stand.
        given: keys of the alerts given before.
    """
    found = [
        Alert(standing, threshold)
        for standing in standings
        for threshold in sorted(set(standing.budget.thresholds))
        if (standing.percent or 0.0) >= threshold
    ]
    return tuple(alert for alert in found if alert.key not in given)


def acts(
    standings: Iterable[Standing], sessions: Iterable[Session], given: Collection[str]
) -> tuple[Act, ...]:
    """Who is to be paused or stopped now, each process once.

    Nobody on numbers that are an estimate, unless the budget says so; nobody whose process is not
    known beyond doubt. One session gets the strongest act of all its budgets.
    """
    sessions = [each for each in sessions if each.is_live and each.process is not None]
    found: dict[str, Act] = {}
    for standing in standings:
        if not _is_enforced(standing):
            continue
        for session in sessions:
            act = Act(standing.budget.action, session, standing)
            if not _is_meant(standing, session) or act.key in given:
                continue
            known = found.get(session.key)
            if known is None or (known.action, act.action) == ("pause", "stop"):
                found[session.key] = act
    return tuple(found.values())


def _is_enforced(standing: Standing) -> bool:
    budget = standing.budget
    if budget.action == "warn" or not standing.is_used_up:
        return False
    return budget.on_estimates or not standing.is_estimated


def _is_meant(standing: Standing, session: Session) -> bool:
    if session.match.confidence not in ("high", "medium"):
        return False
    if standing.subject:
        return session.key == standing.subject
    return standing.budget.target.covers(session)


class AlertLog:
    """Keys of what was told and done, over restarts; several agtops may share it."""

    def __init__(self, folder: Path, wait: Callable[[float], object] = time.sleep) -> None:
        self.path = folder / FILE_NAME
        self._lock = folder / f"{FILE_NAME}.lock"
        self._wait = wait

    def read(self) -> frozenset[str]:
        """Raises OSError."""
        return frozenset(self._keys())

    def add(self, keys: Iterable[str]) -> frozenset[str]:
        """Remember `keys`; those of them that nobody else had added. Raises OSError."""
        import json

        with locked(self._lock, self._wait):
            before = self._keys()
            new = [key for key in dict.fromkeys(keys) if key not in before]
            if new:
                lines = [*before, *new][-KEPT:]
                text = "".join(f"{json.dumps(line)}\n" for line in lines)
                write_atomically(self.path, text.encode())
        return frozenset(new)

    def _keys(self) -> dict[str, None]:
        try:
            lines = self.path.read_bytes().split(b"\n")
        except (FileNotFoundError, NotADirectoryError):
            return {}
        return {key: None for line in lines if (key := _key(line)) is not None}


def _key(line: bytes) -> str | None:
    import json  # takes time to load, and most runs tell nothing

    try:
        found: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, str) else None
