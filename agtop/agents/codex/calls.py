"""Tool calls: how many, which failed, which are under way, and what they wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import msgspec

from agtop.agents.codex import writes
from agtop.agents.codex.records import Call, Event, Item, Output
from agtop.agents.repeats import Repeats

ACTION_LENGTH = 120
QUESTIONS = frozenset({"request_user_input", "ask_user", "ask_user_question"})
AT_ONCE = frozenset({"exec_command", "shell", "shell_command", "local_shell", "apply_patch"})
"""Tools that begin a process or are over at once, as soon as the user allows them."""
_TELLING = ("cmd", "command", "query", "path", "file_path", "pattern", "message", "prompt", "chars")
_EXIT = re.compile(r"^(?:Process exited with code|Exit code:) (-?\d+)", re.MULTILINE)
_HEAD = 500
"""Characters of a tool's output that can hold its exit code; what follows is the command's."""
_FAILED = frozenset({"failed", "declined", "error", "cancelled"})


class Pending(NamedTuple):
    name: str
    argument: str
    at: float | None

    @property
    def action(self) -> str:
        whole = f"{self.name}: {self.argument}" if self.argument else self.name
        return whole if len(whole) <= ACTION_LENGTH else whole[: ACTION_LENGTH - 1] + "…"


class Calls:
    """The tool calls of one thread."""

    def __init__(self) -> None:
        self.count = 0
        self.searches = 0
        """Web searches since the last response: they are billed with the next."""
        self.pending: dict[str, Pending] = {}
        """By call id, oldest first."""
        self.writes = writes.Writes()
        self.repeats = Repeats()
        self._failed: set[str] = set()
        self._patches: dict[str, str] = {}

    @property
    def errors(self) -> int:
        return len(self._failed)

    def begin(self, call: Call, at: float | None) -> None:
        self.count += 1
        if call.type == "web_search_call":
            self.searches += call.action is None or call.action.type in (None, "search")
            return
        if not call.call_id:
            return
        arguments = arguments_of(call)
        name = call.name or call.type.removesuffix("_call")
        pending = self.pending[call.call_id] = Pending(name, telling(arguments), at)
        self.repeats.add(name, repr(arguments).encode("utf-8", "replace"), pending.action)
        if patch := patch_in(arguments):
            self._patches[call.call_id] = patch

    def end(self, output: Output, cwd: str | None, at: float | None) -> None:
        """The tool's answer to the model: proves a patch that no event has proven yet."""
        if not output.call_id:
            return
        self.pending.pop(output.call_id, None)
        code = exit_code(output.output)
        if code:
            self._failed.add(output.call_id)
        patch = self._patches.pop(output.call_id, None)
        if patch is not None and code == 0:
            self.writes.take(writes.of_patch(patch), cwd, at)

    def item(self, item: Item, cwd: str | None, at: float | None) -> None:
        """A finished item of a paginated history."""
        if item.id and has_failed(item):
            self._failed.add(item.id)
        if item.type == "FileChange":
            self._patches.pop(item.id or "", None)
            if item.status == "completed" and item.changes:
                self.writes.take(writes.of_changes(item.changes), cwd, at)

    def event(self, event: Event, cwd: str | None, at: float | None) -> None:
        """The end of a command or patch in a legacy history."""
        if event.call_id and (event.exit_code or event.success is False):
            self._failed.add(event.call_id)
        if event.changes is not None:
            self._patches.pop(event.call_id or "", None)
            if event.success:
                self.writes.take(writes.of_changes(event.changes), cwd, at)

    def stop(self) -> None:
        """The turn is over: nothing will answer any more."""
        self.pending.clear()
        self.repeats.clear()
        self._patches.clear()


def has_failed(item: Item) -> bool:
    return bool(item.exit_code) or item.status in _FAILED


def exit_code(output: object) -> int | None:
    """The exit code a tool's output tells of, in any of the ways Codex has written it."""
    text = _text(output)
    if text.startswith("{"):
        return _exit_code_in_json(text)
    found = _EXIT.search(text[:_HEAD].split("\nOutput:", 1)[0])
    return int(found[1]) if found else None


def _exit_code_in_json(text: str) -> int | None:
    try:
        plain: object = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        return None
    metadata = _mapping(_mapping(plain).get("metadata"))
    code = metadata.get("exit_code")
    return code if type(code) is int else None


def _text(output: object) -> str:
    """Output is a string, or an object or list that holds one."""
    if isinstance(output, str):
        return output
    if isinstance(output, dict):
        return _text(_mapping(cast("object", output)).get("content"))
    if isinstance(output, list) and output:
        first = _mapping(cast("list[object]", output)[0])
        return _text(first.get("text"))
    return ""


def arguments_of(call: Call) -> object:
    if call.input is not None:
        return call.input
    if call.action is not None:
        return {"command": call.action.command, "query": call.action.query}
    if isinstance(call.arguments, str):
        try:
            return msgspec.json.decode(call.arguments)
        except (msgspec.MsgspecError, RecursionError):
            return call.arguments
    return call.arguments


def telling(arguments: object) -> str:
    """The argument that says most about a call, on one line."""
    if isinstance(arguments, str):
        patched = [edit.path for edit in writes.of_patch(patch_in(arguments) or "")]
        return " ".join(patched) if patched else _one_line(arguments)
    values = _mapping(arguments)
    for name in _TELLING:
        if value := values.get(name):
            return _one_line(_command(value))
    return next((_one_line(v) for v in values.values() if isinstance(v, str)), "")


def _command(value: object) -> str:
    """A command line; of `bash -lc SCRIPT`, the script."""
    if not isinstance(value, list):
        return str(value)
    words = [str(word) for word in cast("list[object]", value)]
    if len(words) == 3 and words[1] in ("-c", "-lc"):
        return words[2]
    return " ".join(words)


def _one_line(text: str) -> str:
    return " ".join(text[: 4 * ACTION_LENGTH].split())


def patch_in(arguments: object) -> str | None:
    """A patch among the arguments: of `apply_patch` itself, or of a shell that runs it."""
    candidates: list[object] = [arguments]
    for value in _mapping(arguments).values():
        candidates += cast("list[object]", value) if isinstance(value, list) else [value]
    for value in candidates:
        if isinstance(value, str) and writes.BEGIN in value:
            return value
    return None


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}
