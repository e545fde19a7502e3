"""`sessions/<pid>.json`: Claude Code's own note of which process serves which session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from agtop.agents.base import unreadable
from agtop.agents.claude.records import SessionFile
from agtop.agents.decode import Decoder
from agtop.model import Problem, Registration

_FILES = Decoder(SessionFile)
_LIMIT = 1 << 20
_SERVERS = ("daemon",)


def registrations(root: Path, problems: list[Problem]) -> Iterator[Registration]:
    """One per readable file; a file caught half-written is skipped until the next round.

    Files of killed processes stay behind, so a pid alone says nothing: the start time decides.
    """
    folder = root / "sessions"
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".json"))
    except FileNotFoundError:
        return
    except OSError as error:
        problems.append(Problem(str(folder), unreadable(error)))
        return
    for name in names:
        path = str(folder / name)
        try:
            with open(path, "rb", opener=_without_waiting) as file:
                record = _FILES.decode(file.read(_LIMIT))
        except OSError:
            continue  # gone between listing and opening, or not ours to read
        if record is not None and record.kind not in _SERVERS and _is_here(record.pid_domain):
            yield _registration(record, path)


def _registration(record: SessionFile, path: str) -> Registration:
    ticks = str(record.proc_start or "")
    return Registration(
        agent="claude",
        pid=record.pid,
        session_id=record.session_id,
        path=path,
        start_ticks=int(ticks) if ticks.isdecimal() and len(ticks) < 20 else None,
        started_at=None if record.started_at is None else record.started_at / 1000,
        cwd=record.cwd,
        status=record.status,
        waiting_for=record.waiting_for,
        status_at=None if record.status_updated_at is None else record.status_updated_at / 1000,
        interactive=not (record.entrypoint or "").startswith("sdk"),
    )


def _is_here(domain: str | None) -> bool:
    """Whether `linux:<machine>:pid:[<namespace>]` is this pid namespace; unknown counts as yes."""
    if domain is None or ":pid:" not in domain:
        return True
    try:
        return domain.endswith(os.readlink("/proc/self/ns/pid").removeprefix("pid:"))
    except OSError:
        return True


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
