"""Where Kimi CLI keeps its sessions, and what their folders are called after."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import msgspec

from agtop.agents.document import Document
from agtop.agents.walk import Walk
from agtop.model import Record
from agtop.tail import contents

LOG = "wire.jsonl"
CONTEXT = "context.jsonl"
_CONFIG_MOST = 1 << 20


class _Directory(msgspec.Struct):
    path: str = ""


class _Known(msgspec.Struct):
    work_dirs: list[_Directory] | None = None


def roots(home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    given = environ.get("KIMI_SHARE_DIR", "").strip()
    return (Path(os.path.expanduser(given)) if given else home / ".kimi",)


def transcripts(root: Path, walk: Walk) -> Iterator[str]:
    """Logs, and the contexts of sessions older than logs."""
    sessions = str(root / "sessions")
    for entry in walk.files(Path(sessions), (".jsonl",)):
        folders = entry.path[len(sessions) + 1 :].split(os.sep)[:-1]
        is_subagent = len(folders) == 4 and folders[2] == "subagents"
        is_own = entry.name == LOG and (len(folders) == 2 or is_subagent)
        if is_own or (_is_context(folders, entry.name) and not _has_log(entry.path)):
            yield entry.path


def is_log(path: str) -> bool:
    return os.path.basename(path) == LOG


def _is_context(folders: list[str], name: str) -> bool:
    return len(folders) == 1 or (len(folders) == 2 and name == CONTEXT)


def _has_log(path: str) -> bool:
    """Of a context: beside it, or in the folder that its session moved to."""
    folder, name = os.path.split(path)
    if name != CONTEXT:
        folder = os.path.join(folder, name.removesuffix(".jsonl"))
    return os.path.exists(os.path.join(folder, LOG))


class Place(Record):
    """What a log's path says."""

    session: str
    subagent: str | None
    folder: str
    """Of the log."""
    hashed: str
    """Stands for the directory; with the name of another machine before it."""
    root: str

    @property
    def name(self) -> str:
        return f"{self.session}:{self.subagent}" if self.subagent is not None else self.session


def place_of(path: str) -> Place:
    folder = os.path.dirname(path)
    above, own = os.path.split(folder)
    subagent = None
    if os.path.basename(above) == "subagents":
        subagent = own
        above, own = os.path.split(os.path.dirname(above))
    root = os.path.dirname(os.path.dirname(above))
    return Place(own, subagent, folder, os.path.basename(above), root)


def companions(path: str) -> tuple[str, ...]:
    if not is_log(path):
        return ()
    place = place_of(path)
    return (os.path.join(place.folder, "meta.json" if place.subagent else "state.json"),)


class Home:
    """What all the sessions of one home share. No session records it, so it is looked up."""

    def __init__(self, root: str) -> None:
        self._known = Document(os.path.join(root, "kimi.json"), _Known)
        self._directories: dict[str, str] = {}
        self._config = os.path.join(root, "config.toml")
        self._stamp: tuple[int, int] | None = None
        self._models: dict[str, str] = {}
        self._default: str | None = None

    def directory(self, hashed: str) -> str | None:
        """The directory that a folder of sessions is called after."""
        if self._known.look() and self._known.value is not None:
            named = [each.path for each in self._known.value.work_dirs or ()]
            self._directories = {_hash(path): path for path in named}
        return self._directories.get(hashed.rpartition("_")[2])

    def model(self, alias: str | None = None) -> str | None:
        """The model that goes by a name of the user's, or the one used unless told otherwise."""
        self._look_at_config()
        alias = alias or self._default
        return self._models.get(alias, alias) if alias else None

    def _look_at_config(self) -> None:
        try:
            status = os.stat(self._config)
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp == self._stamp:
                return
            self._stamp = stamp
            import tomllib  # only where there is a config

            config = tomllib.loads(contents(self._config, _CONFIG_MOST).decode("utf-8", "replace"))
        except (OSError, ValueError):
            return  # gone or half written: what it said before still holds
        default = config.get("default_model")
        self._default = default if isinstance(default, str) and default else None
        self._models = dict(_models(config.get("models")))


@cache
def home_of(root: str) -> Home:
    return Home(root)


def _models(table: object) -> Iterator[tuple[str, str]]:
    """(the user's name, the model)."""
    if not isinstance(table, dict):
        return
    for alias, each in cast("dict[str, Any]", table).items():
        if isinstance(each, dict):
            model = cast("dict[str, Any]", each).get("model")
            if isinstance(model, str) and model:
                yield alias, model


def _hash(path: str) -> str:
    import hashlib  # loads all of OpenSSL

    return hashlib.md5(path.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
