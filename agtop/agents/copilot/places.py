"""Where Copilot CLI keeps its files, and which process has which session."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from agtop.agents.walk import Walk, unreadable
from agtop.model import Problem, Registration
from agtop.tail import contents

SESSIONS = "session-state"
_EVENTS = "events.jsonl"
_LIMIT = 1 << 16
_GRAIN = 2_000_000_000
"""Nanoseconds within which two changes of a folder may leave the same mtime."""


def roots(home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """`$COPILOT_HOME`; else `~/.copilot`, or where early versions followed XDG."""
    given = environ.get("COPILOT_HOME", "").strip()
    if given:
        return (Path(os.path.expanduser(given)),)
    xdg = [environ.get(name) for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME")]
    early = [Path(folder) / ".copilot" for folder in xdg if folder]
    found = [home / ".copilot", *(folder for folder in early if (folder / SESSIONS).is_dir())]
    return tuple(dict.fromkeys(found))


def transcripts(root: Path, walk: Walk) -> Iterator[str]:
    """`<session>/events.jsonl`, of early versions `<session>.jsonl`."""
    top = str(root / SESSIONS)
    for entry in walk.files(root / SESSIONS, (".jsonl",)):
        folders = entry.path[len(top) + 1 :].split(os.sep)
        if len(folders) == 1 or (len(folders) == 2 and folders[1] == _EVENTS):
            yield entry.path


def session_of_file(path: str) -> str | None:
    folder, name = os.path.split(path)
    above, session_id = os.path.split(folder)
    if name == _EVENTS and os.path.basename(above) == SESSIONS:
        return session_id
    if name.endswith(".jsonl") and session_id == SESSIONS:
        return name.removesuffix(".jsonl")
    return None


def home_of(path: str) -> str | None:
    """The root that a transcript lies under."""
    above, found, _ = path.rpartition(f"{os.sep}{SESSIONS}{os.sep}")
    return above if found else None


def title_of(path: str) -> str | None:
    """The `name` in a `workspace.yaml`, which holds plain `key: value` lines."""
    try:
        text = contents(path, _LIMIT).decode("utf-8", "replace")
    except OSError:
        return None
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key == "name":
            return _unquoted(value.strip()) or None
    return None


def registrations(root: Path, problems: list[Problem]) -> Iterator[Registration]:
    """`session-state/<session>/inuse.<pid>.lock`, made when a process takes a session up.

    One that was killed leaves its lock behind. A process that was there before the lock was made
    and has the pid in its name made it.
    """
    try:
        with os.scandir(root / SESSIONS) as sessions:
            folders = sorted(each.path for each in sessions if each.is_dir())
    except FileNotFoundError:
        return
    except OSError as error:
        problems.append(Problem(str(root / SESSIONS), unreadable(error)))
        return
    for folder in folders:
        yield from _locks(folder)


_listed: dict[str, tuple[int, tuple[str, ...]]] = {}
"""Session's folder → its mtime_ns when it was listed, the locks in it."""


def _lock_names(folder: str) -> tuple[str, ...]:
    """A folder is listed again when it changed, or did so a moment before it was listed."""
    mtime_ns = os.stat(folder).st_mtime_ns
    known = _listed.get(folder)
    if known is not None and known[0] == mtime_ns:
        return known[1]
    names = tuple(name for name in os.listdir(folder) if name.startswith("inuse."))
    if abs(time.time_ns() - mtime_ns) > _GRAIN:
        _listed[folder] = (mtime_ns, names)
    return names


def _locks(folder: str) -> Iterator[Registration]:
    try:
        names = _lock_names(folder)
    except OSError:
        return  # it went meanwhile, or is not ours to read, which its transcript will tell
    for name in names:
        parts = name.split(".")
        if len(parts) != 3 or parts[2] != "lock" or not parts[1].isdecimal() or len(parts[1]) > 9:
            continue
        path = os.path.join(folder, name)
        try:
            made_at = os.stat(path).st_mtime
        except OSError:
            continue
        session_id = os.path.basename(folder)
        yield Registration(
            "copilot", int(parts[1]), session_id, path, made_at=made_at, status_at=made_at
        )


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1].replace("''", "'")
    if len(value) > 1 and value[0] == value[-1] == '"':
        try:
            return str(json.loads(value))
        except ValueError:
            return value[1:-1]
    return "" if value in ("|", ">", "|-", ">-", "null", "~") else value
