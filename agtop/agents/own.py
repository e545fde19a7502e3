"""Agents that only the user knows, described in config.toml.

One with transcripts says which known agent's they look like; one without has a row as long as its
process runs, with what the process table tells.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from agtop.agents.base import Agent, Capabilities, Meter
from agtop.agents.walk import Walk
from agtop.model import Signature, replace

_WILD = re.compile(r"[*?\[]")


def own_agent(
    name: str,
    label: str,
    command: str,
    transcripts: str | None,
    known: Agent | None,
    provider: str | None,
) -> Agent:
    """An agent from its description.

    Args:
        command: a shell pattern of its program's name.
        transcripts: a pattern of paths; `**` stands for any folders, `~` for the home.
        known: the agent whose transcripts they look like.
        provider: who serves its models.
    """
    bare = Agent(
        name=name,
        label=label,
        provider=provider or (known.provider if known else "unknown"),
        capabilities=Capabilities(tokens="none"),
        signature=Signature(frozenset(), patterns=(command,)),
        roots=lambda _home, _environ: (),
        transcripts=lambda _root, _walk: iter(()),
        meter=_unread,
        registrations=lambda _root, _problems: (),
    )
    if transcripts is None or known is None:
        return bare
    folder, below = _split(transcripts)

    def roots(home: Path, _environ: Mapping[str, str]) -> tuple[Path, ...]:
        return (_top(folder, home),)

    def matching(root: Path, walk: Walk) -> Iterator[str]:
        return _matching(root, walk, below)

    return replace(
        bare,
        capabilities=known.capabilities,
        roots=roots,
        transcripts=matching,
        meter=known.meter,
        scan=known.scan,
        meter_version=f"{known.name}-{known.meter_version}",
        companions=known.companions,
        session_of_file=known.session_of_file,
    )


def _unread(path: str) -> Meter:
    raise FileNotFoundError(path)  # nothing is ever found to be read


def _split(pattern: str) -> tuple[str, str]:
    """The folder above the first wildcard, and the pattern below it."""
    fixed = pattern[: found.start()] if (found := _WILD.search(pattern)) else pattern
    folder = fixed.rpartition("/")[0]
    return folder or "/", pattern[len(folder) :].lstrip("/")


def _top(folder: str, home: Path) -> Path:
    return home / folder[2:] if folder.startswith("~/") else home if folder == "~" else Path(folder)


def _matching(root: Path, walk: Walk, pattern: str) -> Iterator[str]:
    wanted = re.compile(_regex(pattern))
    _, dot, ending = pattern.rpartition(".")
    suffix = dot + ending if not _WILD.search(ending) else ""
    for entry in walk.files(root, (suffix,)):
        if wanted.fullmatch(os.path.relpath(entry.path, root).replace(os.sep, "/")):
            yield entry.path


def _regex(pattern: str) -> str:
    """A path's shell pattern, where `*` stops at a folder and `**` does not."""
    words = {"**/": r"(?:.*/)?", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return "".join(words.get(part, re.escape(part)) for part in parts)
