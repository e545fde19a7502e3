"""OpenCode: `opencode.db` under `~/.local/share/opencode`, and the JSON files of older releases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from agtop.agents.base import Agent, Capabilities, EventReader, Meter
from agtop.agents.opencode import places
from agtop.agents.signatures import OPENCODE
from agtop.agents.walk import Walk
from agtop.model import Author, Signature

__all__ = ["AGENT", "relative"]


def _meter(path: str) -> Meter:
    if path.endswith(places.SUFFIX):
        from agtop.agents.opencode.store import (
            OpenCodeStore,  # only where there is something to read
        )

        return OpenCodeStore(path)
    from agtop.agents.opencode.files import FilesMeter

    return FilesMeter(path)


def _events(path: str, author: Author, backlog: int) -> EventReader:
    from agtop.agents.opencode.events import events

    return events(path, author, backlog)


def relative(name: str, label: str, signature: Signature) -> Agent:
    """OpenCode, or a program made from it: the same records in a folder of its own name."""

    def roots(home: Path, environment: Mapping[str, str]) -> tuple[Path, ...]:
        return places.roots(name, home, environment)

    def transcripts(root: Path, walk: Walk) -> Iterator[str]:
        return places.transcripts(name, root, walk)

    return Agent(
        name=name,
        label=label,
        provider=name,
        capabilities=Capabilities(
            tokens="exact", cost="exact", state="partial", context="exact", writes="partial"
        ),
        signature=signature,
        roots=roots,
        transcripts=transcripts,
        meter=_meter,
        events=_events,
        registrations=lambda _root, _problems: (),
        session_of_file=places.session_of_file,
        companions=places.companions,
        resume=partial(_resume, name),
    )


def _resume(name: str, session_id: str) -> str:
    return f"{name} --session {session_id}"


AGENT = relative("opencode", "OpenCode", OPENCODE)
