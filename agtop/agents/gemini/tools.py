"""What Gemini CLI, and Qwen Code that came from it, record of a tool: its argument, its write."""

from __future__ import annotations

import os

import msgspec

from agtop.agents.decode import Decoder, count
from agtop.model import WriteKind

WRITING = frozenset({"write_file", "replace", "edit"})
"""Tools that write the file they name; anything else proves a write by a diff in its result."""


class Arguments(msgspec.Struct):
    """The arguments that tell one call from another."""

    file_path: str | None = None
    absolute_path: str | None = None
    path: str | None = None
    dir_path: str | None = None
    command: str | None = None
    pattern: str | None = None
    query: str | None = None
    url: str | None = None
    description: str | None = None
    prompt: str | None = None
    content: str | None = None
    old_string: str | None = None
    new_string: str | None = None

    @property
    def file(self) -> str | None:
        return self.file_path or self.absolute_path

    @property
    def best(self) -> str:
        """What a call is known by."""
        place = self.file or self.path or self.dir_path
        asked = self.command or self.pattern or self.query or self.url
        return asked or place or self.description or self.prompt or ""

    @property
    def places(self) -> tuple[str, ...]:
        """The absolute paths among them."""
        named = (self.file_path, self.absolute_path, self.path, self.dir_path)
        return tuple(path for path in named if path and os.path.isabs(path))


class DiffStat(msgspec.Struct):
    model_added_lines: int | None = None
    model_removed_lines: int | None = None
    user_added_lines: int | None = None
    """What the user changed in the proposal before it was written."""
    user_removed_lines: int | None = None


class Display(msgspec.Struct):
    """The result of a tool that wrote a file."""

    fileDiff: str | None = None  # noqa: N815
    fileName: str | None = None  # noqa: N815
    filePath: str | None = None  # noqa: N815
    diffStat: DiffStat | None = None  # noqa: N815
    isNewFile: bool | None = None  # noqa: N815
    originalContent: str | None = None  # noqa: N815


_ARGUMENTS = Decoder(Arguments)
_DISPLAYS = Decoder(Display)


def arguments(raw: msgspec.Raw) -> Arguments:
    return _ARGUMENTS.decode(bytes(raw)) or Arguments()


def display(raw: msgspec.Raw) -> Display:
    """Empty for a result that is only text."""
    data = bytes(raw)
    return (_DISPLAYS.decode(data) if data.startswith(b"{") else None) or Display()


def written(name: str, given: Arguments, shown: Display) -> str | None:
    """The file that a successful call wrote; None where it wrote none."""
    if name not in WRITING and shown.fileDiff is None:
        return None
    return shown.filePath or given.file or shown.fileName


def kind(shown: Display) -> WriteKind | None:
    """Whether the file was there before, as far as the result tells."""
    if shown.isNewFile is not None:
        return "create" if shown.isNewFile else "edit"
    if shown.originalContent is not None:
        return "edit" if shown.originalContent else "create"
    return None


def changed_lines(given: Arguments, shown: Display) -> tuple[int, int]:
    """Lines added and removed: by the agent's own count, else by what it was told to write."""
    stat = shown.diffStat
    if stat is not None:
        added = count(stat.model_added_lines) + count(stat.user_added_lines)
        return added, count(stat.model_removed_lines) + count(stat.user_removed_lines)
    if given.new_string is not None or given.old_string is not None:
        return _lines(given.new_string), _lines(given.old_string)
    return _lines(given.content), 0


def _lines(text: str | None) -> int:
    return len(text.splitlines()) if text else 0
