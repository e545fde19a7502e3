"""`sessions/<pid>.json`: Claude Code's own note of which process serves which session."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from agtop.agents.claude.records import SessionFile
from agtop.agents.decode import Decoder
from agtop.agents.walk import unreadable
from agtop.model import Problem, Registration
from agtop.tail import contents

_FILES = Decoder(SessionFile)
_LIMIT = 1 << 20
_SERVERS = ("daemon",)
_WRITING = 1.0
"""Seconds after its last change in which a file that makes no sense may be half-written."""
_MOMENT = 0.002
"""Seconds that writing one takes at most."""


def registrations(root: Path, problems: list[Problem]) -> Iterator[Registration]:
    """One per readable file; a file caught half-written is looked at once more.

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
            record = _FILES.decode(contents(path, _LIMIT)) or _once_more(path)
        except OSError:
            continue  # gone between listing and opening, not ours to read, or no file at all
        if record is not None and _serves(record) and _is_here(record.pid_domain):
            yield _registration(record, path)


def _serves(record: SessionFile) -> bool:
    """Daemons serve none, and a spare one only once it was claimed."""
    return record.kind not in _SERVERS and not record.spare


def _once_more(path: str) -> SessionFile | None:
    """Claude Code writes in place, so a file may be caught half-written. Raises OSError."""
    if not -_WRITING < time.time() - os.stat(path).st_mtime < _WRITING:
        return None
    time.sleep(_MOMENT)
    return _FILES.decode(contents(path, _LIMIT))


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
        terminal=record.tmux,
    )


def _is_here(domain: str | None) -> bool:
    """Whether `linux:<machine>:pid:[<namespace>]` is this one; unknown counts as yes.

    A home may be shared over a network, and the first namespace has the same number everywhere.
    """
    if domain is None or ":pid:" not in domain:
        return True
    machine, _, space = domain.removeprefix("linux:").partition(":pid:")
    if machine and _machine() and machine != _machine():
        return False
    try:
        return os.readlink("/proc/self/ns/pid") == f"pid:{space}"
    except OSError:
        return True


@cache
def _machine() -> str:
    """The id of this machine; empty where it has none."""
    try:
        return contents("/etc/machine-id", _LIMIT).decode("ascii", "replace").strip()
    except OSError:
        return ""
