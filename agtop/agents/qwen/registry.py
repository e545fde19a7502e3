"""Qwen Code's own notes of which process serves which session.

`sessions/<pid>.json` in its home while a session runs; a lock per session in
`tmp/session-writer-locks` where a program drives it; and, in releases that had neither,
`projects/<directory>/chats/<session>.runtime.json`. All may outlive their process.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from agtop.agents.decode import Decoder
from agtop.agents.walk import unreadable
from agtop.model import Problem, Registration
from agtop.tail import contents
from agtop.units import instant

_LIMIT = 1 << 16
_NOTE = re.compile(r"\d+(-[0-9a-f]{8})?\.json")
_BOOT = "/proc/sys/kernel/random/boot_id"


class Note(msgspec.Struct, rename="camel"):
    """`<pid>.json`."""

    pid: int
    session_id: str
    proc_start: str | None = None
    """Linux: the boot's id, a colon, the process's start in ticks since."""
    pid_ns: int | None = None
    cwd: str | None = None
    started_at: float | None = None
    """When the session began in this process, in milliseconds."""
    kind: str | None = None


class Lock(msgspec.Struct):
    """`<session>.lock`."""

    pid: int
    session_id: str
    hostname: str | None = None
    state: str | None = None
    process_start_identity: str | None = None
    """`linux:`, and what a note's `procStart` says."""
    pid_namespace_id: int | None = None
    process_kind: str | None = None
    acquired_at: str | None = None


class Runtime(msgspec.Struct):
    """`<session>.runtime.json`."""

    pid: int
    session_id: str
    work_dir: str | None = None
    hostname: str | None = None
    started_at: float | None = None


_NOTES = Decoder(Note)
_LOCKS = Decoder(Lock)
_RUNTIMES = Decoder(Runtime)


def registrations(root: Path, problems: list[Problem]) -> Iterator[Registration]:
    """The best source first: of two notes of one process the first counts."""
    sessions = root / "sessions"
    for name in _names(sessions, problems):
        if _NOTE.fullmatch(name):
            yield from _note(str(sessions / name))
    locks = root / "tmp" / "session-writer-locks"
    for name in _names(locks, problems):
        if name.endswith(".lock"):
            yield from _lock(str(locks / name))
    if not sessions.is_dir():
        yield from _runtimes(root / "projects", problems)


def _note(path: str) -> Iterator[Registration]:
    note = _NOTES.decode(_read(path))
    if note is None or not _is_here(note.proc_start, note.pid_ns):
        return
    yield Registration(
        agent="qwen",
        pid=note.pid,
        session_id=note.session_id,
        path=path,
        start_ticks=_ticks(note.proc_start),
        started_at=None if note.started_at is None else note.started_at / 1000,
        cwd=note.cwd,
        interactive=note.kind in (None, "tui"),
    )


def _lock(path: str) -> Iterator[Registration]:
    lock = _LOCKS.decode(_read(path))
    if lock is None or lock.state not in (None, "active") or not _is_host(lock.hostname):
        return
    began = (lock.process_start_identity or "").removeprefix("linux:") or None
    if not _is_here(began, lock.pid_namespace_id):
        return
    yield Registration(
        agent="qwen",
        pid=lock.pid,
        session_id=lock.session_id,
        path=path,
        start_ticks=_ticks(began),
        started_at=instant(lock.acquired_at),
        interactive=lock.process_kind in (None, "interactive", "unknown"),
    )


def _runtimes(projects: Path, problems: list[Problem]) -> Iterator[Registration]:
    for project in _names(projects, problems):
        chats = projects / project / "chats"
        for name in _names(chats, problems):
            if not name.endswith(".runtime.json"):
                continue
            path = str(chats / name)
            known = _RUNTIMES.decode(_read(path))
            if known is not None and _is_host(known.hostname):
                yield Registration(
                    agent="qwen",
                    pid=known.pid,
                    session_id=known.session_id,
                    path=path,
                    started_at=known.started_at,
                    cwd=known.work_dir,
                )


def _names(folder: Path, problems: list[Problem]) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        problems.append(Problem(str(folder), unreadable(error)))
        return []


def _read(path: str) -> bytes:
    """Nothing where it is gone since it was listed, or not ours to read."""
    try:
        return contents(path, _LIMIT)
    except OSError:
        return b""


def _ticks(began: str | None) -> int | None:
    ticks = (began or "").rpartition(":")[2]
    return int(ticks) if ticks.isdecimal() and len(ticks) < 20 else None


def _is_here(began: str | None, namespace: int | None) -> bool:
    """Whether the note is of this boot and this pid namespace; unknown counts as yes."""
    boot = (began or "").rpartition(":")[0]
    if boot and _boot() and boot.lower() != _boot():
        return False
    try:
        return namespace is None or os.stat("/proc/self/ns/pid").st_ino == namespace
    except OSError:
        return True


def _is_host(name: str | None) -> bool:
    if name is None:
        return True
    import socket  # only where a note names a machine

    return name == socket.gethostname()


@cache
def _boot() -> str:
    """The id of this boot; empty where the system has none."""
    try:
        return contents(_BOOT, _LIMIT).decode("ascii", "replace").strip().lower()
    except OSError:
        return ""
