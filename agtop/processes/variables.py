"""Variables of one process's environment, read only when somebody asks for them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from agtop.model import Process
from agtop.processes.source import Source, system_source

_SLACK = 2.0
"""Seconds by which two ways of telling when a process began may differ."""


def variables(
    process: Process, names: frozenset[str], source: Source | None = None
) -> Mapping[str, str] | None:
    """Those of `names` that it has; None when it is gone or its environment cannot be read."""
    environ = _environ(process.pid) if _is_same(process, source or system_source()) else None
    return None if environ is None else {name: environ[name] for name in names & environ.keys()}


def _is_same(process: Process, source: Source) -> bool:
    """Another may have its number by now."""
    vitals = source.vitals(process.pid)
    if vitals is None:
        return False
    if process.start_ticks is not None:
        return vitals.start_ticks == process.start_ticks
    return abs(vitals.started_at - process.started_at) <= _SLACK


def _environ(pid: int) -> Mapping[str, str] | None:
    if not sys.platform.startswith("linux"):
        return _environ_elsewhere(pid)
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            data = file.read()
    except OSError:
        return None
    pairs = (entry.partition(b"=") for entry in data.split(b"\0"))
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs} if data else None


def _environ_elsewhere(pid: int) -> Mapping[str, str] | None:
    import psutil

    try:
        return psutil.Process(pid).environ()
    except (psutil.Error, OSError):
        return None
