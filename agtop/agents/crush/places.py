"""Where Crush's projects are, by the list that Crush keeps of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from agtop.agents.decode import Decoder
from agtop.agents.walk import Walk
from agtop.tail import contents

_DATABASE = "crush.db"
_FOLDER = ".crush"
_MOST = 4 << 20
"""Bytes of the list that are read."""


class Project(msgspec.Struct):
    path: str = ""
    data_dir: str = ""


class ProjectList(msgspec.Struct):
    projects: list[Project] = []


class Places:
    """The databases, and the directories that their sessions work in."""

    def __init__(self) -> None:
        self._projects: dict[str, set[str]] = {}
        """Data folder → the projects that keep their sessions in it."""

    def transcripts(self, root: Path, walk: Walk) -> Iterator[str]:
        listed = str(root / "projects.json")
        walk.watch(listed)
        folders = [str(root)]
        for project in _listed(listed):
            folder = os.path.join(project.path, project.data_dir or _FOLDER)
            self._projects.setdefault(folder, set()).add(project.path)
            folders.append(folder)
        for folder in dict.fromkeys(folders):
            for entry in walk.files(Path(folder), (_DATABASE,), deep=False):
                if entry.name == _DATABASE:
                    yield entry.path

    def project(self, path: str) -> str | None:
        """The directory of a database's sessions, where there is but one."""
        folder = os.path.dirname(path)
        if os.path.basename(folder) == _FOLDER:
            return os.path.dirname(folder)
        known = self._projects.get(folder, set())
        return next(iter(known)) if len(known) == 1 else None


def roots(home: Path, environment: Mapping[str, str]) -> tuple[Path, ...]:
    """The folder of the list; a database of all projects may lie in it, too."""
    if moved := environment.get("CRUSH_GLOBAL_DATA"):
        return (Path(moved),)
    if shared := environment.get("XDG_DATA_HOME"):
        return (Path(shared) / "crush",)
    if sys.platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return (Path(local) / "crush" if local else home / "AppData/Local/crush",)
    return (home / ".local/share/crush",)


def _listed(path: str) -> list[Project]:
    try:
        found = Decoder(ProjectList).decode(contents(path, _MOST))
    except OSError:
        return []
    return [project for project in found.projects if project.path] if found is not None else []
