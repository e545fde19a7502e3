"""What was typed behind `:`, across restarts."""

from __future__ import annotations

from pathlib import Path

from agtop.paths import write_atomically

MOST = 200
"""Lines that are kept."""
_LONGEST = 1000


class History:
    """The lines, the newest last, and the one that is looked at.

    A file that cannot be read or written costs the lines of other times, nothing else.
    """

    def __init__(self, path: Path | None = None) -> None:
        """
        Args:
            path: None keeps nothing beyond the end.
        """
        self._path = path
        self.lines = self._kept()
        self._place = len(self.lines)

    def add(self, line: str) -> None:
        """The newest line; one that was there is moved. Others may have written meanwhile."""
        line = " ".join(line.split())[:_LONGEST]
        if line:
            before = self._kept() if self._path is not None else self.lines
            self.lines = [*(each for each in before if each != line), line][-MOST:]
            self._keep()
        self._place = len(self.lines)

    def older(self) -> str | None:
        """The line before the one that is looked at; None at the oldest."""
        if not self._place:
            return None
        self._place -= 1
        return self.lines[self._place]

    def newer(self) -> str:
        """The line after; nothing after the newest."""
        self._place = min(self._place + 1, len(self.lines))
        return self.lines[self._place] if self._place < len(self.lines) else ""

    def rewind(self) -> None:
        self._place = len(self.lines)

    def _kept(self) -> list[str]:
        if self._path is None:
            return []
        try:
            text = self._path.read_bytes().decode("utf-8", "replace")
        except OSError:
            return []
        return [line[:_LONGEST] for line in text.split("\n") if line.strip()][-MOST:]

    def _keep(self) -> None:
        if self._path is None:
            return
        try:
            write_atomically(self._path, "".join(f"{each}\n" for each in self.lines).encode())
        except (OSError, UnicodeEncodeError):
            pass
