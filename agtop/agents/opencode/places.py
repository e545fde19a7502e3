"""Where OpenCode and its fork Kilo keep their sessions.

The data folder is `$XDG_DATA_HOME/opencode`, else `~/.local/share/opencode` on every system. In it
lie `opencode.db` (of other release channels `opencode-<channel>.db`) and, from before 1.2,
`storage/session/<project>/<id>.json` with `storage/message` and `storage/part` beside it.
`OPENCODE_DB` moves the database.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from agtop.agents import database
from agtop.agents.walk import Walk

SUFFIX = ".db"


def roots(name: str, home: Path, environment: Mapping[str, str]) -> tuple[Path, ...]:
    """The data folder of `name`, and the database where it lies elsewhere."""
    shared = environment.get("XDG_DATA_HOME")
    own = environment.get(f"{name.upper()}_DATA_DIR")
    folder = Path(own) if own else (Path(shared) if shared else home / ".local/share") / name
    moved = environment.get(f"{name.upper()}_DB")
    if not moved or moved == ":memory:":
        return (folder,)
    return (folder, folder / moved)


def transcripts(name: str, root: Path, walk: Walk) -> Iterator[str]:
    """The databases, and the session files of releases before them."""
    if root.suffix == SUFFIX:
        walk.watch(str(root))
        if root.is_file():
            yield str(root)
        return
    for entry in walk.files(root, (SUFFIX,), deep=False):
        if entry.name == f"{name}{SUFFIX}" or entry.name.startswith(f"{name}-"):
            yield entry.path
    for entry in walk.files(root / "storage" / "session", (".json",)):
        yield entry.path


def companions(path: str) -> tuple[str, ...]:
    """The log of a database; of a session file what changes while its newest message grows.

    Messages and parts are written anew in place, which changes no folder.
    """
    if path.endswith(SUFFIX):
        return database.companions(path)
    folder = message_folder(path)
    newest = _newest(folder)
    if newest is None:
        return (folder,)
    parts = part_folder(path, newest.removesuffix(".json"))
    last = _newest(parts)
    found = (folder, os.path.join(folder, newest), parts)
    return found if last is None else (*found, os.path.join(parts, last))


def session_of_file(path: str) -> str | None:
    """The session of a file; a database holds many."""
    name = os.path.basename(path)
    is_session = name.startswith("ses_") and name.endswith(".json")
    return name.removesuffix(".json") if is_session else None


def message_folder(session_file: str) -> str:
    name = os.path.basename(session_file).removesuffix(".json")
    return os.path.join(_storage(session_file), "message", name)


def part_folder(session_file: str, message_id: str) -> str:
    return os.path.join(_storage(session_file), "part", message_id)


def _storage(session_file: str) -> str:
    return os.path.dirname(os.path.dirname(os.path.dirname(session_file)))


def _newest(folder: str) -> str | None:
    """Ids rise with time."""
    try:
        return max((n for n in os.listdir(folder) if n.endswith(".json")), default=None)
    except OSError:
        return None
