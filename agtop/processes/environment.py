"""The names of the variables a process was started with: what they hold is dropped at once."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.()]{0,99}")


def variables(pid: int, root: str = "/proc") -> tuple[str, ...] | None:
    """In order; None where they cannot be read."""
    if sys.platform.startswith("linux"):
        try:
            with open(f"{root}/{pid}/environ", "rb") as file:
                entries = file.read().split(b"\0")
        except OSError:
            return None
        return _names(os.fsdecode(name) for name, sign, _ in map(_halves, entries) if sign)
    import psutil

    try:
        return _names(psutil.Process(pid).environ())
    except (psutil.Error, OSError):
        return None


def _halves(entry: bytes) -> tuple[bytes, bytes, bytes]:
    return entry.partition(b"=")


def _names(found: Iterable[str]) -> tuple[str, ...]:
    """A title written over the environment leaves scraps: only what can be a name is one."""
    return tuple(sorted({name for name in found if _NAME.fullmatch(name)}))
