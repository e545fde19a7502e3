"""What the user typed last, which is written down before the model's router has even answered."""

from __future__ import annotations

import os
import re

from agtop.agents.gemini.places import parent_of
from agtop.units import instant

_LOG = "logs.json"
_NEWEST = 1 << 16
"""Bytes at the log's end that are looked at."""
_ENTRY = re.compile(
    rb'"sessionId": "([^"\\]+)",\s+"messageId": \d+,\s+"type": "user",\s+"message": "(.)'
    rb'.*?",\s+"timestamp": "([^"\\]+)"',
    re.DOTALL,
)
_COMMANDS = (b"/", b"?", b"!")
"""What begins the prompts that no model answers."""


class Entered:
    """The log of prompts of the project that a conversation belongs to."""

    def __init__(self, path: str) -> None:
        """
        Args:
            path: of the conversation; a subagent is asked by its parent.
        """
        project = os.path.dirname(os.path.dirname(path))
        self._path = os.path.join(project, _LOG) if parent_of(path) is None else None
        self._stamp: tuple[int, int] | None = None
        self._newest: dict[str, float] = {}

    def changed(self) -> bool:
        return self._stamp != self._now()

    def at(self, session_id: str) -> float | None:
        """When the newest prompt was entered."""
        stamp = self._now()
        if stamp != self._stamp:
            self._stamp = stamp
            self._newest = dict(self._read())
        return self._newest.get(session_id)

    def _now(self) -> tuple[int, int] | None:
        if self._path is None:
            return None
        try:
            status = os.stat(self._path)
        except OSError:
            return None
        return status.st_size, status.st_mtime_ns

    def _read(self) -> list[tuple[str, float]]:
        if self._path is None or self._stamp is None:
            return []
        try:
            with open(self._path, "rb") as file:
                file.seek(max(0, self._stamp[0] - _NEWEST))
                text = file.read(_NEWEST)
        except OSError:
            return []
        entries = [e for e in _ENTRY.findall(text) if e[1] not in _COMMANDS]
        told = [
            (e[0].decode(errors="replace"), instant(e[2].decode(errors="replace"))) for e in entries
        ]
        return [(session_id, at) for session_id, at in told if at is not None]
