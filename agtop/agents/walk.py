"""Looks for the files below a folder, and keeps what it met so that nobody looks twice."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Collection, Container, Iterator
from pathlib import Path

from msgspec import Struct

from agtop.model import Problem

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
