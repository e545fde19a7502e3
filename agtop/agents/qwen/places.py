"""Where Qwen Code keeps its files, and what their names tell.

Layout: `$QWEN_RUNTIME_DIR` (default `$QWEN_HOME`, default `~/.qwen`) holds
`projects/<directory>/chats/<session>.jsonl`, archived ones in `chats/archive/`, subagents in
`projects/<directory>/subagents/<session>/agent-<id>.jsonl` with an `agent-<id>.meta.json`.
Releases before 0.5 wrote `tmp/<hash>/chats/session-*.json`, as Gemini CLI did.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from agtop.agents.decode import Decoder
from agtop.agents.gemini.places import conversations
from agtop.agents.walk import Walk
from agtop.tail import contents

_AGENT = re.compile(r"agent-(.+)\.jsonl")
_LIMIT = 1 << 20


class Advanced(msgspec.Struct):
    runtimeOutputDir: str | None = None  # noqa: N815


class Settings(msgspec.Struct):
    advanced: Advanced | None = None


_SETTINGS = Decoder(Settings)


def roots(home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The home with its pid files, and the folder the transcripts lie in where that is another."""
    given = environ.get("QWEN_HOME", "").strip()
    own = _folder(given, home) if given else home / ".qwen"
    moved = environ.get("QWEN_RUNTIME_DIR", "").strip() or _configured(own)
    runtime = _folder(moved, home) if moved else own
    return (own,) if runtime == own else (own, runtime)


def _folder(text: str, home: Path) -> Path:
    return home / text[2:] if text.startswith("~/") else Path(text)


def _configured(own: Path) -> str:
    """A relative folder is one of each project, and cannot be known."""
    try:
        known = _SETTINGS.decode(contents(str(own / "settings.json"), _LIMIT))
    except OSError:
        return ""
    folder = (known.advanced.runtimeOutputDir if known and known.advanced else None) or ""
    return folder if folder.startswith("~/") or os.path.isabs(folder) else ""


def transcripts(root: Path, walk: Walk) -> Iterator[str]:
    projects = root / "projects"
    for entry in walk.files(projects, (".jsonl",)):
        folders = entry.path[len(str(projects)) + 1 :].split(os.sep)[1:-1]
        if _is_session(folders, entry.name) or _is_subagent(folders, entry.name):
            yield entry.path
    yield from conversations(root / "tmp", walk, (".json",))


def _is_session(folders: list[str], name: str) -> bool:
    if name.endswith(".ledger.jsonl") or name.startswith("."):
        return False  # a copy in the making, or what was kept of one
    return folders in (["chats"], ["chats", "archive"])


def _is_subagent(folders: list[str], name: str) -> bool:
    return len(folders) == 2 and folders[0] == "subagents" and _AGENT.fullmatch(name) is not None


def agent_of(path: str) -> str | None:
    """The id of the subagent that a transcript is of."""
    found = _AGENT.fullmatch(os.path.basename(path))
    return found[1] if found and os.path.basename(_above(path, 2)) == "subagents" else None


def session_above(path: str) -> str:
    """The session that a subagent's transcript lies under."""
    return os.path.basename(_above(path, 1))


def meta_of(path: str) -> str:
    return path.removesuffix(".jsonl") + ".meta.json"


def transcripts_of(path: str) -> Iterator[str]:
    """Where the transcript of a subagent's session is, or was put."""
    chats = os.path.join(_above(path, 3), "chats")
    name = f"{session_above(path)}.jsonl"
    yield os.path.join(chats, name)
    yield os.path.join(chats, "archive", name)


def subagent_of(path: str, agent_id: str) -> str:
    """Where a session's subagent is written down."""
    project = path
    while os.path.basename(project) not in ("chats", ""):
        project = os.path.dirname(project)
    session = os.path.basename(path).removesuffix(".jsonl")
    folder = os.path.join(os.path.dirname(project), "subagents", session)
    return os.path.join(folder, f"agent-{agent_id}.jsonl")


def session_of_file(path: str) -> str | None:
    """The session of a transcript that a process holds open."""
    name = os.path.basename(path)
    is_chat = os.path.basename(os.path.dirname(path)) == "chats"
    return name.removesuffix(".jsonl") if is_chat and name.endswith(".jsonl") else None


def _above(path: str, levels: int) -> str:
    for _ in range(levels):
        path = os.path.dirname(path)
    return path
