"""Cursor's agent (`cursor-agent`): what was said and called, but neither tokens nor times.

Layout below `~/.cursor` (or `CURSOR_CONFIG_DIR`): `projects/<directory with dashes>/
agent-transcripts/<id>/<id>.jsonl`, below it `subagents/<id>.jsonl`; and
`chats/<workspace>/<id>/store.db` with `meta.json` beside it. No file holds what a request used,
so tokens and cost stay unknown. (Known from other readers of these files; the program itself
could not be looked at.)
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import msgspec

from agtop.agents import database
from agtop.agents.base import Agent, Capabilities, EventReader
from agtop.agents.decode import Decoder, plain
from agtop.agents.document import Document
from agtop.agents.facts import Facts
from agtop.agents.lines import LineMeter
from agtop.agents.signatures import CURSOR
from agtop.agents.store import other_age
from agtop.agents.walk import Walk
from agtop.model import Author, Claim, Reading, replace

STORE = "store.db"
_TRANSCRIPTS = "agent-transcripts"
WRITING = frozenset(
    (
        "edit_file",
        "search_replace",
        "write",
        "write_file",
        "create_file",
        "delete_file",
        "apply_patch",
        "StrReplace",
        "Write",
        "Edit",
        "Delete",
    )
)
_ARGUMENTS = ("path", "target_file", "file_path", "command", "query", "pattern", "url")


class Part(msgspec.Struct):
    type: str | None = None
    text: str | None = None
    id: str | None = None
    name: str | None = None
    input: msgspec.Raw = msgspec.Raw()
    tool_use_id: str | None = None
    is_error: bool | None = None


class Message(msgspec.Struct):
    content: list[Part] | str | None = None


class Line(msgspec.Struct):
    role: str | None = None
    message: Message | None = None


class CursorMeter(LineMeter):
    """One transcript of messages. They have no times: the file's own stand for them."""

    def __init__(self, path: str) -> None:
        self._rows = Decoder(Line)
        super().__init__(path)

    def _named(self) -> str:
        return os.path.basename(self.path).removesuffix(".jsonl")

    def _begin(self) -> None:
        super()._begin()
        self._calls: dict[str, tuple[str, str]] = {}
        """Call id → (tool, path) of calls that may write."""
        self._count = 0
        folder, _, below = self.path.rpartition(f"{os.sep}subagents{os.sep}")
        if folder and below:
            self._facts.parent_id = os.path.basename(folder)
        self._facts.cwd = _unslugged(_project(self.path))

    def _look_beside(self) -> bool:
        self._facts.seen(self._tail.mtime_ns / 1e9)
        return True

    def _take(self, line: bytes) -> bool:
        row = self._rows.decode(line)
        if row is None:
            return False
        parts = row.message.content if row.message is not None else None
        if isinstance(parts, str):
            parts = [Part("text", parts)]
        if parts is None:
            self._facts.strange.meet(row.role)
        for part in parts or ():
            self._take_part(row.role or "", part)
        return True

    def _take_part(self, role: str, part: Part) -> None:
        facts, at = self._facts, None
        if part.type == "tool_use":
            self._count += 1
            call = part.id or str(self._count)
            told = _argument(part.input)
            facts.called(call, part.name or "tool", told, at)
            facts.replied(call)
            if part.name in WRITING:
                self._calls[call] = (part.name, told)
        elif part.type == "tool_result":
            call = part.tool_use_id or ""
            facts.resolved(call, at, bool(part.is_error))
            _, path = self._calls.pop(call, ("", ""))
            if path and not part.is_error:
                facts.writes.add(path, at, None, None, cwd=facts.cwd)
        elif part.type == "text" and role == "user":
            facts.prompted(without_tags(part.text or ""), at)
        elif part.type == "text":
            self._count += 1
            facts.replied(str(self._count))
            facts.answered(part.text or "", at)
        else:
            facts.strange.meet(part.type)


class Meta(msgspec.Struct):
    cwd: str | None = None
    createdAtMs: float | None = None  # noqa: N815
    updatedAtMs: float | None = None  # noqa: N815


class StoreMeter:
    """One chat's database, of which only its own description is read: name, model, age."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.bytes_read = 0
        self.restarts = 0
        self._meta = Document(os.path.join(os.path.dirname(path), "meta.json"), Meta)
        self._readings: tuple[Reading, ...] = ()

    def changed(self, status: os.stat_result | None = None) -> bool:
        del status
        return True  # asked only when its stamp is another

    def claims(self) -> list[Claim]:
        return []

    def read(self) -> tuple[Reading, ...]:
        described = database.consult(self.path, _description)
        self._meta.look()
        facts = Facts(os.path.basename(os.path.dirname(self.path)))
        facts.title = _word(described.get("name"))
        facts.model = _word(described.get("lastUsedModel"))
        facts.seen(_seconds(described.get("createdAt")))
        if self._meta.value is not None:
            facts.cwd = self._meta.value.cwd
            facts.seen(_seconds(self._meta.value.createdAtMs))
            facts.seen(_seconds(self._meta.value.updatedAtMs))
        facts.seen(os.stat(self.path).st_mtime)
        facts.records = 1
        facts.replied("unknown")  # something was asked, and what it used is recorded nowhere
        facts.act("done", None, "its database does not tell what is going on")
        reading = facts.freeze(self.path)
        frozen = (replace(reading, user_turns=None, tool_calls=None, tool_errors=None),)
        self._readings = self._readings if frozen == self._readings else frozen
        return self._readings


def _description(base: sqlite3.Connection) -> dict[str, object]:
    """`meta` holds JSON, in most versions written as hexadecimal digits."""
    there = database.tables(base)
    if "meta" not in there:
        if there:  # else it is just being made
            raise other_age("table meta")
        return {}
    for (value,) in base.execute("SELECT value FROM meta WHERE key = '0'"):
        text = value if isinstance(value, bytes) else str(value).encode()
        with contextlib.suppress(ValueError):
            text = bytes.fromhex(text.decode())
        found = plain(text)
        if isinstance(found, dict):
            return cast("dict[str, object]", found)
    return {}


def _seconds(value: object) -> float | None:
    """From milliseconds."""
    is_one = isinstance(value, int | float) and 0 < value < 1e14
    return value / 1000 if is_one and isinstance(value, int | float) else None


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _argument(raw: msgspec.Raw) -> str:
    given = plain(raw)
    return argument(cast("dict[str, object]", given)) if isinstance(given, dict) else ""


def argument(given: Mapping[str, object]) -> str:
    """The most telling argument of a call; of one that writes, the file."""
    found = (given.get(name) for name in _ARGUMENTS)
    return next((value for value in found if isinstance(value, str) and value), "")


def without_tags(text: str) -> str:
    """The prompt itself; Cursor wraps it in `<user_query>` after what it adds."""
    _, found, rest = text.partition("<user_query>")
    return (rest.partition("</user_query>")[0] if found else text).strip()


def _project(path: str) -> str:
    """The folder's name below `projects`."""
    before, _, _ = path.partition(f"{os.sep}{_TRANSCRIPTS}{os.sep}")
    return os.path.basename(before)


def _unslugged(name: str) -> str | None:
    """The directory whose separators were turned into dashes, if there is exactly one such."""
    found = {os.sep}
    for word in name.split("-"):
        found = {
            path
            for known in found
            for path in (os.path.join(known, word), f"{known}-{word}", f"{known}.{word}")
            if known != os.sep or path.startswith(os.sep)
        }
        found = {path for path in found if _may_lead_on(path)}
    there = [path for path in found if os.path.isdir(path)]
    return there[0] if len(there) == 1 else None


def _may_lead_on(path: str) -> bool:
    """Whether a folder of that name, or one whose name goes on after it, exists."""
    if os.path.isdir(path):
        return True
    above, name = os.path.split(path)
    try:
        return any(entry.startswith((f"{name}-", f"{name}.")) for entry in os.listdir(above))
    except OSError:
        return False


def roots(home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """`CURSOR_CONFIG_DIR`, or `~/.cursor` and XDG's folder where that exists."""
    given = environ.get("CURSOR_CONFIG_DIR")
    if given:
        return (Path(os.path.expanduser(given)),)
    xdg = Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "cursor"
    return (home / ".cursor", *([xdg] if xdg.is_dir() else []))


def transcripts(root: Path, walk: Walk) -> Iterator[str]:
    for entry in walk.files(root / "projects", (".jsonl",)):
        if f"{os.sep}{_TRANSCRIPTS}{os.sep}" in entry.path:
            yield entry.path
    for entry in walk.files(root / "chats", (STORE,)):
        if entry.name == STORE:
            yield entry.path


def _companions(path: str) -> tuple[str, ...]:
    if not path.endswith(STORE):
        return ()
    return (*database.companions(path), os.path.join(os.path.dirname(path), "meta.json"))


def _events(path: str, author: Author, backlog: int) -> EventReader:
    from agtop.agents.cursor_events import events

    return events(path, author, backlog)


AGENT = Agent(
    name="cursor",
    label="Cursor",
    provider="cursor",
    capabilities=Capabilities(tokens="none", state="partial", writes="partial"),
    signature=CURSOR,
    roots=roots,
    transcripts=transcripts,
    meter=lambda path: StoreMeter(path) if path.endswith(STORE) else CursorMeter(path),
    events=_events,
    registrations=lambda _root, _problems: (),
    companions=_companions,
    resume=lambda session_id: f"cursor-agent --resume {session_id}",
)
