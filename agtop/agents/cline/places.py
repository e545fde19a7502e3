"""Where Cline keeps its sessions, and which of them run in a process of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from agtop.agents.cline.records import Hub, Manifest
from agtop.agents.document import Document
from agtop.agents.walk import Walk, unreadable
from agtop.model import Problem, Registration
from agtop.units import instant

MESSAGES = ".messages.json"
_LIVE = ("running", "idle", "pending")


def roots(home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    def given(name: str) -> Path | None:
        value = environ.get(name, "").strip()
        return Path(os.path.expanduser(value)) if value else None

    data = given("CLINE_DATA_DIR") or (given("CLINE_DIR") or home / ".cline") / "data"
    return (given("CLINE_SESSION_DATA_DIR") or data / "sessions",)


def transcripts(root: Path, walk: Walk) -> Iterator[str]:
    for entry in walk.files(root, (MESSAGES,), strange=_may_be_session):
        yield entry.path


def _may_be_session(path: str) -> bool:
    return path.endswith(".json") and path != manifest_beside(path)


def session_of_file(path: str) -> str | None:
    name = os.path.basename(path)
    return name.removesuffix(MESSAGES) if name.endswith(MESSAGES) else None


def manifest_beside(path: str) -> str:
    """Of the session in whose folder the conversation lies."""
    folder = os.path.dirname(path)
    return os.path.join(folder, f"{os.path.basename(folder)}.json")


def registrations(root: Path, problems: list[Problem]) -> Iterator[Registration]:
    """The sessions that run in a process of their own.

    Where the hub serves a session, its pid stands there: it is the process of none.
    """
    manifests = _manifests_of(str(root))
    try:
        names = sorted(os.listdir(root))
    except FileNotFoundError:
        return
    except OSError as error:
        problems.append(Problem(str(root), unreadable(error)))
        return
    hub = manifests.hub_pid()
    for name in names:
        known = manifests.read(name)
        if known is None or known.pid in (None, hub) or known.ended_at is not None:
            continue
        if known.status in _LIVE:
            began = instant(known.started_at)
            yield Registration(
                agent="cline",
                pid=known.pid or 0,
                session_id=known.session_id or name,
                path=str(root / name / f"{name}.json"),
                made_at=began,
                cwd=known.cwd,
                status_at=began,
                interactive=known.interactive is not False,
            )


class _Manifests:
    """Those of one folder; each is read again only when it changed."""

    def __init__(self, root: str) -> None:
        self._root = root
        data = os.path.dirname(root)
        self._hub = Document(os.path.join(data, "locks", "hub", "production.json"), Hub)
        self._known: dict[str, Document[Manifest]] = {}

    def hub_pid(self) -> int | None:
        self._hub.look()
        return self._hub.value.pid if self._hub.value is not None else None

    def read(self, name: str) -> Manifest | None:
        document = self._known.get(name)
        if document is None:
            path = os.path.join(self._root, name, f"{name}.json")
            document = self._known[name] = Document(path, Manifest)
        document.look()
        return document.value


@lru_cache(maxsize=32)
def _manifests_of(root: str) -> _Manifests:
    return _Manifests(root)
