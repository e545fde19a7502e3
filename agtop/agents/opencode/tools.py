"""What a tool part says: the call, whether it is over, and the files it wrote."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from agtop.agents.loose import fields, objects, text
from agtop.agents.opencode.records import Part, Times, ToolState, seconds
from agtop.agents.writes import sign_of
from agtop.model import Record, Sign, WriteKind

ASKING = frozenset({"question", "plan_exit", "plan_enter"})
"""Tools that put something to the user; that a permission is asked for is recorded nowhere."""
AT_ONCE = frozenset({"bash", "edit", "write", "multiedit", "patch", "apply_patch"})
"""Tools that begin a process or are over at once, as soon as they are allowed."""
_BEST = ("filePath", "path", "command", "pattern", "query", "url", "description", "prompt", "name")
_ARGUMENT = 320
_Status = Literal["written", "open", "done", "failed"]
_STATUSES: dict[str, _Status] = {"pending": "written", "completed": "done", "error": "failed"}


class Write(NamedTuple):
    path: str
    added: int
    removed: int
    kind: WriteKind | None = "edit"


class Call(Record):
    """A tool call as its part stands now."""

    call_id: str
    name: str
    argument: str
    status: _Status
    """Nothing can have begun of a call that is still being written."""
    began_at: float | None
    ended_at: float | None
    writes: tuple[Write, ...] = ()
    refusal: tuple[Sign, str] | None = None
    """What a failed write says of others, and of which file."""


def call(part_id: str, part: Part) -> Call:
    state = part.state or ToolState()
    given, time = fields(state.input), state.time or Times()
    name = part.tool or "tool"
    is_done = state.status == "completed"
    return Call(
        part.call_id or part_id,
        name,
        next((said[:_ARGUMENT] for key in _BEST if (said := text(given.get(key)))), ""),
        _STATUSES.get(state.status or "", "open"),
        seconds(time.start),
        seconds(time.end),
        tuple(_writes(name, given, fields(state.metadata))) if is_done else (),
        _refusal(name, given, state),
    )


def _refusal(name: str, given: dict[str, object], state: ToolState) -> tuple[Sign, str] | None:
    path = text(given.get("filePath"))
    if path is None or name not in ("write", "edit", "multiedit") or state.status != "error":
        return None
    sign = sign_of(bytes(state.error).decode("utf-8", "replace"))
    return None if sign is None else (sign, path)


def _writes(name: str, given: dict[str, object], metadata: dict[str, object]) -> Iterator[Write]:
    """The parts called `patch` list what anybody changed meanwhile; only tools prove a write."""
    path = text(given.get("filePath"))
    if name in ("patch", "apply_patch"):
        yield from _patched(metadata)
    elif path is None:
        return
    elif name == "write":
        lines = len((text(given.get("content")) or "").splitlines())
        kind = "create" if metadata.get("exists") is False else "edit"
        yield Write(path, *(_changed(metadata) or (lines, 0)), kind)
    elif name in ("edit", "multiedit"):
        yield Write(path, *(_changed(metadata) or _results(metadata)))


def _patched(metadata: dict[str, object]) -> Iterator[Write]:
    for each in objects(metadata.get("files")):
        named = (text(each.get(key)) for key in ("movePath", "filePath", "path", "file"))
        if path := next(filter(None, named), None):
            yield Write(path, *_counted(each))


def _changed(metadata: dict[str, object]) -> tuple[int, int] | None:
    """Lines that an edit added and removed, as counted by OpenCode or told by its diff."""
    if counted := fields(metadata.get("filediff")):
        return _counted(counted)
    diff = text(metadata.get("diff"))
    if diff is None:
        return None
    lines = [line for line in diff.splitlines() if not line.startswith(("+++ ", "--- "))]
    return (
        sum(line.startswith("+") for line in lines),
        sum(line.startswith("-") for line in lines),
    )


def _results(metadata: dict[str, object]) -> tuple[int, int]:
    """Of several edits in one call."""
    found = [_changed(each) or (0, 0) for each in objects(metadata.get("results"))]
    return sum(added for added, _ in found), sum(removed for _, removed in found)


def _counted(lines: dict[str, object]) -> tuple[int, int]:
    return _number(lines.get("additions")), _number(lines.get("deletions"))


def _number(value: object) -> int:
    return int(value) if isinstance(value, int | float) and 0 <= value < 2**31 else 0
