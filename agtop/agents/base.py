"""What an agent is to agtop: where its files lie, how they are read, how its processes look."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from agtop.block import Block
from agtop.model import (
    Author,
    Capabilities,
    Claim,
    Event,
    Limit,
    Problem,
    Process,
    Reading,
    Record,
    Registration,
    Signature,
)


class Meter(Protocol):
    """Reads one transcript forward and keeps its totals. Owned by the collector's thread."""

    @property
    def path(self) -> str: ...

    @property
    def bytes_read(self) -> int:
        """All bytes ever taken from the source."""
        ...

    def changed(self, status: os.stat_result | None = None) -> bool:
        """Whether a read could find anything new. Raises OSError.

        Args:
            status: of the transcript, where the caller has just looked at it.
        """
        ...

    def read(self) -> tuple[Reading, ...]:
        """Take in what was added; the same objects when nothing was.

        Raises:
            OSError, sqlite3.Error: the source cannot be read; what was known is kept.
        """
        ...

    @property
    def restarts(self) -> int:
        """How often the transcript was replaced by another and read from its start again."""
        ...

    def claims(self) -> list[Claim]:
        """The responses seen since the last call, for the ledger."""
        ...


class EventReader(Protocol):
    """Tells what one transcript says, in events. Owned by whoever follows it."""

    @property
    def path(self) -> str: ...

    def changed(self) -> bool:
        """Whether a read could find anything new. Raises OSError."""
        ...

    def pass_over(self, most: int, /) -> int:
        """Leave out what was added but for about its last `most` bytes, where only the newest is
        wanted; how many bytes that were. What an earlier read has not told is left out with it.

        Raises:
            OSError: the source cannot be looked at.
        """
        ...

    def read(self) -> Iterator[Event]:
        """What was added, in the transcript's order; to be used up before the next read.

        Raises:
            OSError, sqlite3.Error: the source cannot be read; where it stood is kept.
        """
        ...


class Scanned(Record):
    """A transcript that was read once, from its start to its end."""

    readings: tuple[Reading, ...]
    block: Block
    """Its responses."""
    bytes_read: int


class Agent(Record):
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
    compacts_at: Callable[[int], int] | None = None
    """The size of the context window → the use at which it sums up by itself, unless the user
    chose otherwise; None where that is not known."""
    meter_version: str = "1"
    """Raised whenever a meter would make something else of the same bytes: what the index holds
    by another version is read again."""
    scan: Callable[[str, bool], Scanned] | None = None
    """(path, sparsely) → what a settled transcript says, for a history of gigabytes: no meter is
    kept for it. Sparsely, only usage, head and tail are read: what is passed over is unknown in
    its readings. Raises OSError."""
    holds_transcript: bool = False
    """Its processes keep the transcript open while they serve it."""
    session_of_file: Callable[[str], str | None] = lambda _path: None
    """An open file's path → the session it belongs to."""
    written_by: Callable[[Process], tuple[str, ...]] | None = None
    """The transcripts a running process may write, where they lie in the folder it works in and
    not in one place; those found once are remembered."""
    companions: Callable[[str], tuple[str, ...]] = lambda _path: ()
    """A transcript's path → files and folders beside it that change with what it says: the log of
    a database, settings, a title."""
    resume: Callable[[str], str | None] = lambda _session_id: None
    """The command that takes up a session again."""
    retention: Callable[[Path], float | None] = lambda _root: None
    """A root → days after which the agent deletes its own transcripts; None where it keeps them,
    or that cannot be told."""
    limit_files: Callable[[Path], tuple[str, ...]] = lambda _root: ()
    """A root → the files, there or not, that tell of the plan's limits beside transcripts."""
    account: Callable[[Path], str | None] = lambda _root: None
    """A root → a sign of the account that is logged in there, the same for the same account; None
    where that cannot be told. Never shown."""
    limits: Callable[[bytes, float], tuple[Limit, ...]] = lambda _data, _written_at: ()
    """(contents, when it was written) of such a file, or of one agtop keeps → the limits in it."""
    events: Callable[[str, Author, int], EventReader] | None = None
    """(path, author, backlog) → what tells its work, from `backlog` bytes before the end on;
    None where nobody reads its transcripts for Trace yet."""


_DATA = (".jsonl", ".db", ".sqlite", ".sqlite3")
"""Kinds of file that agents keep sessions in, and little else."""

NOT_A_FILE = "is not a regular file, so it is not read; move it away"

Identity = tuple[int, int]
"""(device, inode): one file, however many names it has."""

UNSETTLED = -1
"""Stands for the mtime of a folder that must be listed again."""
_GRAIN = 2_000_000_000
"""Nanoseconds within which two changes of a folder may leave the same mtime: two seconds on the
coarsest file systems."""


class Folder(Struct):
    """A folder as it was when it was listed."""

    identity: Identity
    mtime_ns: int
    """Changes when a file or folder appears or disappears in it, not when one grows."""
    below: tuple[str, ...] = ()
    """The folders in it."""
    files: tuple[str, ...] = ()
    """The transcripts in it."""
    data: tuple[str, ...] = ()
    """Files in it that may hold sessions, by their kind."""
    listed: bool = True
    """False where it could not be read, so that nothing here says what is in it."""


class Walk:
    """Regular files below a folder, each once, however links loop; problems are noted.

    What was met is kept, so that nobody needs to look twice: `statuses`, `folders`, `tops`.
    """

    def __init__(
        self,
        problems: list[Problem],
        known: dict[Identity, str] | None = None,
        only: Collection[str] | None = None,
        listed: Container[str] = (),
    ) -> None:
        """
        Args:
            known: the names of files and folders met in earlier walks; taken on.
            only: the folders to list, instead of everything.
            listed: folders not to go down into.
        """
        self.problems = problems
        self.statuses: dict[str, os.stat_result] = {}
        """Of the files that were found, by path."""
        self.folders: dict[str, Folder] = {}
        """The folders that were listed."""
        self.tops: set[str] = set()
        """The folders that were asked for, whether or not they exist."""
        self.has_twins = False
        """Something was left out because it goes by another name already."""
        self._known = {} if known is None else known
        self._only = only
        self._listed = listed
        self._met: set[Identity] = set()

    def files(
        self,
        root: Path,
        suffixes: tuple[str, ...],
        deep: bool = True,
        strange: Callable[[str], bool] = lambda _path: False,
    ) -> Iterator[os.DirEntry[str]]:
        """Files whose name ends in one of `suffixes`, in no particular order.

        Args:
            deep: in the folders below, too.
            strange: path → whether such a file may hold sessions, too, besides the usual kinds.
        """
        top = str(root)
        self.tops.add(top)
        queue = [top]
        if self._only is not None:
            below = top + os.sep
            queue = [p for p in self._only if p == top or (deep and p.startswith(below))]
        links: list[os.DirEntry[str]] = []
        while queue:
            yield from self._list(queue.pop(), suffixes, strange, queue, links)
            if not deep:
                break
        yield from (link for link in links if self._is_file(link))

    def watch(self, path: str) -> None:
        """A file that names transcripts: they are asked for again when it changes."""
        self.tops.add(path)
        try:
            status = os.stat(path)
        except OSError:
            return
        identity = (status.st_dev, status.st_ino)
        self.folders[path] = Folder(identity, _settled(status))

    def _list(
        self,
        path: str,
        suffixes: tuple[str, ...],
        strange: Callable[[str], bool],
        queue: list[str],
        links: list[os.DirEntry[str]],
    ) -> Iterator[os.DirEntry[str]]:
        """Links are left for last: a file goes by its own name where that is met, too."""
        below: list[str] = []
        data: list[str] = []
        folder = Folder((0, 0), UNSETTLED, listed=False)
        try:
            status = os.stat(path)
            folder.identity = (status.st_dev, status.st_ino)
            if not self._is_new(folder.identity, path):
                return
            self.folders[path] = folder
            with os.scandir(path) as entries:
                for entry in entries:
                    if entry.name.endswith(_DATA) or strange(entry.path):
                        data.append(entry.path)
                    if self._is_folder(entry):
                        below.append(entry.path)
                        if entry.path not in self._listed:
                            queue.insert(0 if entry.is_symlink() else len(queue), entry.path)
                    elif entry.name.endswith(suffixes):
                        if entry.is_symlink():
                            links.append(entry)
                        elif self._is_file(entry):
                            yield entry
        except FileNotFoundError:
            self.folders.pop(path, None)
            return
        except OSError as error:
            self.folders[path] = folder
            self.note(path, error)
            return
        folder.mtime_ns, folder.listed = _settled(status), True
        folder.below, folder.data = tuple(below), tuple(data)

    def _is_folder(self, entry: os.DirEntry[str]) -> bool:
        try:
            return entry.is_dir()
        except OSError as error:
            self.note(entry.path, error)
            return False

    def _is_file(self, entry: os.DirEntry[str]) -> bool:
        try:
            status = entry.stat()
            if not status.st_ino:  # Windows tells it only when asked for this very file
                status = os.stat(entry.path)
        except FileNotFoundError:
            return False  # gone, or a link to nowhere
        except OSError as error:
            self.note(entry.path, error)
            return False
        if not stat.S_ISREG(status.st_mode):
            self.problems.append(Problem(entry.path, NOT_A_FILE))
            return False
        if not self._is_new((status.st_dev, status.st_ino), entry.path):
            return False
        self.statuses[entry.path] = status
        return True

    def _is_new(self, identity: Identity, path: str) -> bool:
        """Whether this is the one name under which the file or folder is taken."""
        if identity in self._met:
            return False
        known = self._known.get(identity)
        if known is not None and known != path and _is_at(known, identity):
            self.has_twins = True
            return False
        self._met.add(identity)
        self._known[identity] = path
        return True

    def note(self, path: str, error: OSError) -> None:
        self.problems.append(Problem(path, unreadable(error)))


def _is_at(path: str, identity: Identity) -> bool:
    """Whether it still goes by this name, and was not moved away from it."""
    try:
        status = os.stat(path)
    except OSError:
        return False
    return (status.st_dev, status.st_ino) == identity


def _settled(status: os.stat_result) -> int:
    """The mtime, unless what happens next could leave the same one."""
    age = abs(time.time_ns() - status.st_mtime_ns)
    return status.st_mtime_ns if age > _GRAIN else UNSETTLED


def unreadable(error: OSError) -> str:
    """What an OSError on a source means for a person."""
    reason = (error.strerror or str(error)).lower()
    advice = "; check its permissions" if isinstance(error, PermissionError) else ""
    return f"cannot be read ({reason}){advice}"
