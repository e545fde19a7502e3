"""`agtop statusline`: has Claude Code tell agtop what no transcript holds, or no longer."""

from __future__ import annotations

from collections.abc import Callable

from agtop.statusline import StatusLine


def statusline(deed: str, line: StatusLine, tell: Callable[[str], None]) -> int:
    """`install`, `print` or `remove` it, telling what was done in sentences. The exit code.

    Raises:
        StatusLineError: the settings cannot be understood, so nothing was changed.
        OSError: something cannot be written.
    """
    if deed == "print":
        _show(line, tell)
        return 0
    for sentence in line.install() if deed == "install" else line.remove():
        tell(sentence)
    return 0


def _show(line: StatusLine, tell: Callable[[str], None]) -> None:
    """What `install` would write, and nothing else on stdout: it can be compared with diff."""
    for text in line.planned().splitlines():
        tell(text)
