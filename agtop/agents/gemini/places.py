"""Where Gemini CLI keeps its conversations, and which directory one was held in.

Layout: `$GEMINI_CLI_HOME/.gemini` (default `~/.gemini`) holds `tmp/<project>/chats/session-*.jsonl`
(until 0.35 `.json`), below `chats/<session>/` its subagents, and `tmp/<project>/.project_root`,
`history/<project>/.project_root` and `projects.json`, which say what directory a project is. In
releases before these a project is the hash of its directory.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath

import msgspec

from agtop.agents.decode import Decoder
from agtop.agents.walk import Walk
from agtop.tail import contents

_LIMIT = 1 << 20
_MARKER = ".project_root"


class Projects(msgspec.Struct):
    """`projects.json`."""

    projects: dict[str, str] | None = None


_PROJECTS = Decoder(Projects)


def roots(home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    given = environ.get("GEMINI_CLI_HOME", "").strip()
    return ((Path(given) if given else home) / ".gemini",)


def transcripts(root: Path, walk: Walk) -> Iterator[str]:
    yield from conversations(root / "tmp", walk, (".jsonl", ".json"))


def conversations(top: Path, walk: Walk, suffixes: tuple[str, ...]) -> Iterator[str]:
    """Sessions in a project's `chats`, subagents in a folder of their session's name."""
    for entry in walk.files(top, suffixes):
        folders = entry.path[len(str(top)) + 1 :].split(os.sep)[:-1]
        is_session = len(folders) == 2 and entry.name.startswith("session-")
        is_subagent = len(folders) == 3 and entry.name.endswith(".jsonl")
        if (is_session or is_subagent) and folders[1] == "chats":
            yield entry.path


def parent_of(path: str) -> str | None:
    """The session a subagent's file lies under."""
    folder = os.path.dirname(path)
    above = os.path.basename(os.path.dirname(folder))
    return os.path.basename(folder) if above == "chats" else None


def named(path: str) -> str:
    """The session's id as far as the file's name tells it: of a main session the beginning."""
    stem = os.path.basename(path).partition(".")[0]
    return stem.rpartition("-")[2] if stem.startswith("session-") else stem


def project_root(path: str, project_hash: str | None, places: Iterable[str]) -> str | None:
    """The directory that a conversation was held in.

    Args:
        project_hash: the hash of that directory.
        places: paths that may lie in it.
    """
    chats = os.path.dirname(path)
    if parent_of(path) is not None:
        chats = os.path.dirname(chats)
    project = os.path.dirname(chats)
    name, home = os.path.basename(project), os.path.dirname(os.path.dirname(project))
    for folder in (project, os.path.join(home, "history", name)):
        if marked := _marked(os.path.join(folder, _MARKER)):
            return marked
    registered = _registered(os.path.join(home, "projects.json"))
    for directory, slug in registered.items():
        if slug == name:
            return directory
    wanted = {project_hash or name, name}
    for directory in (*registered, *_above(places)):
        if _hash(directory) in wanted or _hash(directory.lower()) in wanted:
            return directory
    return None


def _marked(path: str) -> str | None:
    try:
        return contents(path, _LIMIT).decode("utf-8", "replace").strip() or None
    except OSError:
        return None


def _registered(path: str) -> dict[str, str]:
    try:
        known = _PROJECTS.decode(contents(path, _LIMIT))
    except OSError:
        return {}
    return (known.projects if known is not None else None) or {}


def _above(places: Iterable[str]) -> Iterator[str]:
    """Every directory above these paths, each once."""
    met: set[str] = set()
    for place in places:
        for folder in (PurePath(place), *PurePath(place).parents):
            if str(folder) not in met:
                met.add(str(folder))
                yield str(folder)


def _hash(directory: str) -> str:
    import hashlib  # loads all of OpenSSL

    return hashlib.sha256(directory.encode("utf-8", "replace")).hexdigest()
