"""The project a directory belongs to: its repository, or itself."""

from __future__ import annotations

import os

LONGEST = 4096
"""Bytes of the longest path that systems open: longer ones are no directories."""


class Projects:
    """Names repositories by their directory; each directory is looked up once, without git."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def name(self, cwd: str | None) -> str | None:
        """The repository's (for a worktree: the main one's) or else the directory's name."""
        if not cwd:
            return None
        if cwd not in self._names:
            self._names[cwd] = os.path.basename(repository(cwd) or cwd.rstrip("/\\")) or cwd
        return self._names[cwd]


def repository(cwd: str) -> str | None:
    """The repository a directory is in; for a worktree the main one."""
    folder = cwd
    while os.path.isabs(folder) and len(folder) <= LONGEST:
        mark = os.path.join(folder, ".git")
        if os.path.isdir(mark):
            return folder
        if os.path.isfile(mark):
            return _main_of_worktree(mark) or folder
        above = os.path.dirname(folder)
        if above in (folder, ""):
            return None
        folder = above
    return None


def _main_of_worktree(mark: str) -> str | None:
    """A worktree's `.git` is a file: `gitdir: <main>/.git/worktrees/<name>`."""
    try:
        with open(mark, encoding="utf-8", errors="replace") as file:
            target = file.readline(4096).removeprefix("gitdir:").strip()
    except OSError:
        return None
    main, marker, _name = target.partition(f"{os.sep}.git{os.sep}worktrees{os.sep}")
    return main if marker else None
