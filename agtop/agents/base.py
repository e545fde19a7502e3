"""What an agent is to agtop: where its files lie, how they are read, how its processes look."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from agtop.model import Claim, Problem, Reading, Registration, Signature

Extent = Literal["exact", "partial", "none"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this agent's files can tell."""

    tokens: Extent
    cost: Extent = "none"
    """The agent's own record of money; agtop prices tokens itself."""
    state: Extent = "none"
    context: Extent = "none"
    writes: Extent = "none"
    limits: Extent = "none"


class Meter(Protocol):
    """Reads one transcript forward and keeps its totals. Owned by the collector's thread."""

    @property
    def path(self) -> str: ...

    def changed(self) -> bool:
        """Whether a read could find anything new. Raises OSError."""
        ...

    def read(self) -> tuple[Reading, ...]:
        """Take in what was added; the same objects when nothing was.

        Raises:
            OSError, sqlite3.Error: the source cannot be read; what was known is kept.
        """
        ...

    def claims(self) -> list[Claim]:
        """The responses seen since the last call, for the ledger."""
        ...


@dataclass(frozen=True, slots=True)
class Agent:
    """A coding program."""

    name: str
    """The key in config, `--agent` and JSON: `claude`."""
    label: str
    provider: str
    """Who serves its models unless the transcript says otherwise."""
    capabilities: Capabilities
    signature: Signature
    roots: Callable[[Path, Mapping[str, str]], tuple[Path, ...]]
    """(home, environment) → the folders its transcripts lie under."""
    transcripts: Callable[[Path, Walk], Iterator[str]]
    """(root, walk) → the paths of its transcripts."""
    meter: Callable[[str], Meter]
    """A path → a meter that reads everything."""
    registrations: Callable[[Path, list[Problem]], Iterable[Registration]]
    """(root, problems) → its own notes of which process serves which session."""
    scan: Callable[[str], Meter] | None = None
    """A path → a meter that reads the usage of a large file, its head and its tail: for a history
    of gigabytes. What it passes over is unknown in its reading."""
    holds_transcript: bool = False
    """Its processes keep the transcript open while they serve it."""
    session_of_file: Callable[[str], str | None] = lambda _path: None
    """An open file's path → the session it belongs to."""
    resume: Callable[[str], str | None] = lambda _session_id: None
    """The command that takes up a session again."""


class Walk:
    """Regular files below a folder, each once, however links loop; problems are noted."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self._seen: set[tuple[int, int]] = set()

    def files(self, root: Path, suffixes: tuple[str, ...]) -> Iterator[os.DirEntry[str]]:
        """Files whose name ends in one of `suffixes`, in no particular order."""
        folders = [str(root)]
        while folders:
            folder = folders.pop()
            try:
                status = os.stat(folder)
                if (status.st_dev, status.st_ino) in self._seen:
                    continue
                self._seen.add((status.st_dev, status.st_ino))
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if self._is_folder(entry):
                            folders.append(entry.path)
                        elif entry.name.endswith(suffixes) and self._is_file(entry):
                            yield entry
            except FileNotFoundError:
                continue
            except OSError as error:
                self.note(folder, error)

    def _is_folder(self, entry: os.DirEntry[str]) -> bool:
        try:
            return entry.is_dir()
        except OSError as error:
            self.note(entry.path, error)
            return False

    def _is_file(self, entry: os.DirEntry[str]) -> bool:
        try:
            status = entry.stat()
        except FileNotFoundError:
            return False  # gone, or a link to nowhere
        except OSError as error:
            self.note(entry.path, error)
            return False
        if not entry.is_file():
            self.problems.append(
                Problem(entry.path, "is not a regular file, so it is not read; move it away")
            )
            return False
        identity = (status.st_dev, status.st_ino)
        if identity in self._seen:
            return False
        self._seen.add(identity)
        return True

    def note(self, path: str, error: OSError) -> None:
        self.problems.append(Problem(path, unreadable(error)))


def unreadable(error: OSError) -> str:
    """What an OSError on a source means for a person."""
    reason = (error.strerror or str(error)).lower()
    advice = "; check its permissions" if isinstance(error, PermissionError) else ""
    return f"cannot be read ({reason}){advice}"
