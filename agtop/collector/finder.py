"""Finds an agent's transcripts again and again without looking at all of them each time.

A history is ten thousand files, of which twenty are being written. So what is likely to change is
looked at in every round, and the rest a share at a time, each file and folder once in a while:

* hot files, every round: those the caller names (of live processes) and the newest ones;
* hot folders, every round: where those lie, up to the top, what lies below them, and what changed
  lately: a new session appears beside a live one, its subagents below it, a day or a project in a
  folder further up, and a new folder gets its first file when the user asks the first thing;
* cold files and folders, in turn: an old session is taken up again, a project is new to a machine;
* everything, every few minutes: what neither a folder's mtime nor a turn can tell, such as the
  target of a link.
"""

from __future__ import annotations

import heapq
import math
import os
import stat
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field

from agtop.agents.base import Agent
from agtop.agents.walk import UNSETTLED, Folder, Identity, Walk, unreadable
from agtop.collector.work import Work
from agtop.model import Problem

NEWEST = 40
"""Files that stay hot however long ago they were written: the sessions of last week on a Monday."""
RECENT = 2 * 3600.0
"""Seconds for which a file that was written stays hot: people come back to a session."""
HOT_MOST = 200
"""Recent files beyond this many wait their turn: a copied history is new as a whole."""
FILES_TURN = 30.0
"""Seconds in which every cold file has its turn; with a round every 2 s, 1/15 of them each."""
FOLDERS_TURN = 14.0
"""Seconds in which every cold folder has its turn: 1/7 per round. Shorter, for a folder's mtime
stands for all the files that may have appeared in it."""
LEAST_SHARE = 1 / 60
"""Of a turn per round, however fast the rounds, so that every turn ends."""
FILES_MOST, FOLDERS_MOST = 100, 60
"""Cold ones per round: in a history of ten thousand files a turn takes two or three minutes, and
idling next to nothing. What a running process may write is hot."""
USUAL = 2.0
"""Seconds between two rounds."""
WALK_EVERY = 300.0
"""Seconds between two full walks."""


class Look(Struct):
    """What a round's look found."""

    seen: dict[str, os.stat_result | None] = field(default_factory=dict[str, os.stat_result | None])
    """The transcripts that are hot, new or not what they were; None of the new ones, for at the
    start that is all."""
    gone: list[str] = field(default_factory=list[str])
    """Transcripts that are no longer there."""


class Finder:
    """Knows where an agent's transcripts are. Owned by the collector's thread."""

    def __init__(self, agent: Agent, roots: Sequence[Path], work: Work) -> None:
        self.files: dict[str, tuple[Identity, int, int]] = {}
        """Path of every transcript → what it and its companions were when last looked at:
        identity, newest mtime_ns, size in all."""
        self._agent = agent
        self._roots = roots
        self._work = work
        self._folders: dict[str, Folder] = {}
        self._tops: set[str] = set()
        self._known: dict[Identity, str] = {}
        self._problems: dict[str, Problem] = {}
        self._recent = _Recent(NEWEST, HOT_MOST)
        self._recent_folders = _Recent(0, HOT_MOST)
        self._has_twins = False
        self._file_turn = _Turn(FILES_TURN, FILES_MOST)
        self._folder_turn = _Turn(FOLDERS_TURN, FOLDERS_MOST)
        self._walked_at: float | None = None
        self._looked_at = 0.0
        self._look = Look()

    @property
    def problems(self) -> Iterable[Problem]:
        return self._problems.values()

    def stamp(self, path: str) -> tuple[int, int, int, int]:
        """Of a transcript with its companions: device, inode, size in all, newest mtime_ns."""
        identity, mtime_ns, size = self.files[path]
        return (*identity, size, mtime_ns)

    def look(self, now: float, near: Collection[str] = ()) -> Look:
        """Look at what is due.

        Args:
            near: transcripts that a running process may write next, where there are such files.
        """
        self._look = Look()
        for path in near:
            if path not in self.files:
                self._take_file(path, None)
        elapsed = now - self._looked_at
        self._looked_at = now
        if self._walked_at is None or not 0 <= now - self._walked_at < WALK_EVERY:
            self._walked_at = now
            self._walk(None)
            self._recent.start({path: file[1] for path, file in self.files.items()})
            self._recent_folders.start({p: folder.mtime_ns for p, folder in self._folders.items()})
            return self._look
        hot = [*self._recent.now(), *near]
        folders = self._hot_folders(hot)
        folders.update(self._recent_folders.now())
        folders.update(self._folder_turn.share(self._folders, elapsed))
        self._look_at_folders(folders)
        self._look_at_files(hot, are_hot=True)
        self._look_at_files(self._file_turn.share(self.files, elapsed), are_hot=False)
        return self._look

    # ---- what is hot

    def _hot_folders(self, files: Iterable[str]) -> set[str]:
        """Where files may appear that belong to these, or follow them."""
        hot = set(self._tops)
        for path in files:
            above = _folder_of(path)
            while above not in hot and above in self._folders:
                hot.add(above)
                above = _folder_of(above)
            # Claude Code keeps a session's subagents in a folder of the session's name.
            below = [path.rpartition(".")[0]]
            while below:
                folder = self._folders.get(own := below.pop())
                if folder is not None:
                    hot.add(own)
                    below += folder.below
        return hot

    # ---- looking

    def _look_at_folders(self, paths: Iterable[str]) -> None:
        changed: list[str] = []
        for path in paths:
            self._work.folders_stated += 1
            folder = self._folders.get(path)
            try:
                status = os.stat(path)
            except (FileNotFoundError, NotADirectoryError):
                self._lose_folder(path)
                continue
            except OSError as error:
                self._problems[path] = Problem(path, unreadable(error))
                continue
            now = ((status.st_dev, status.st_ino), status.st_mtime_ns)
            if folder is None or (folder.identity, folder.mtime_ns) != now:
                changed.append(path)
            elif self._problems:
                self._problems.pop(path, None)
        if changed:
            self._walk(changed)

    def _look_at_files(self, paths: Iterable[str], are_hot: bool) -> None:
        seen, files = self._look.seen, self.files
        for path in paths:
            if path in seen or path not in files:
                continue
            self._work.files_stated += 1
            try:
                status = os.stat(path)
            except (FileNotFoundError, NotADirectoryError):
                self._lose(path)
                continue
            except OSError as error:
                self._problems[path] = Problem(path, unreadable(error))
                continue
            if are_hot or files[path] != self._file(path, status) or path in self._problems:
                self._see(path, status)

    def _walk(self, only: Collection[str] | None) -> None:
        """List folders, and those below them that are new; all of them if `only` is None."""
        noted: list[Problem] = []
        walk = Walk(noted, self._known, only, () if only is None else self._folders)
        found: dict[str, list[str]] = {}
        for root in self._roots:
            for path in self._agent.transcripts(root, walk):
                found.setdefault(_folder_of(path), []).append(path)
        self._tops |= walk.tops
        self._has_twins |= walk.has_twins
        self._work.folders_listed += len(walk.folders)
        self._forgive(walk.folders)
        self._problems.update((problem.source, problem) for problem in noted)
        for path, folder in walk.folders.items():
            self._take_folder(path, folder, tuple(found.get(path, ())))
        if only is None:
            for path in self._folders.keys() - walk.folders.keys():
                if not self._is_out_of_sight(path):
                    self._lose_folder(path)
        for path in [path for paths in found.values() for path in paths]:
            self._take_file(path, walk.statuses.pop(path, None))

    def _take_folder(self, path: str, folder: Folder, files: tuple[str, ...]) -> None:
        old = self._folders.get(path)
        if not folder.listed:  # what was known of it stays
            folder.files, folder.below = (old.files, old.below) if old is not None else ((), ())
        elif old is not None and set(old.files) == set(files):
            folder.files = old.files  # the same strings, not their equals
        else:
            folder.files = files
        folder.data = tuple(set(folder.data).difference(folder.files, folder.below))
        self._folders[path] = folder
        if old is None or old.mtime_ns != folder.mtime_ns:
            self._recent_folders.put(path, folder.mtime_ns)
        if old is not None:
            for lost in set(old.files).difference(folder.files):
                self._lose(lost)
            for lost in set(old.below).difference(folder.below):
                self._lose_folder(lost)

    def _is_out_of_sight(self, path: str) -> bool:
        """A full walk did not come by because a folder above cannot be listed: it may be there."""
        above = _folder_of(path)
        while above in self._folders:
            if not self._folders[above].listed:
                return True
            above = _folder_of(above)
        return False

    def _take_file(self, path: str, status: os.stat_result | None) -> None:
        try:
            if status is None:  # named by the agent without a walk
                status = os.stat(path)
                if not stat.S_ISREG(status.st_mode):
                    return
            self._work.files_stated += 1
            self._see(path, status)
        except OSError:
            return  # gone since it was listed

    def _see(self, path: str, status: os.stat_result) -> None:
        self._look.seen[path] = status if path in self.files else None
        if self._problems:
            self._problems.pop(path, None)
        file = self._file(path, status)
        if self.files.get(path) != file:
            self.files[path] = file
            self._known.pop(file[0], None)  # its equal would stay, and be kept twice
            self._known[file[0]] = path
            self._recent.put(path, file[1])

    def _file(self, path: str, status: os.stat_result) -> tuple[Identity, int, int]:
        identity, mtime_ns, size = _file(status)
        for beside in self._agent.companions(path):
            self._work.files_stated += 1
            try:
                status = os.stat(beside)
            except OSError:
                continue
            mtime_ns, size = max(mtime_ns, status.st_mtime_ns), size + status.st_size
        return identity, mtime_ns, size

    @property
    def strangers(self) -> Iterator[str]:
        """Files that may hold sessions beside the transcripts: of another age, perhaps."""
        for folder in self._folders.values():
            yield from folder.data

    # ---- losing

    def _lose(self, path: str) -> None:
        file = self.files.pop(path, None)
        if file is None:
            return
        self._look.gone.append(path)
        self._look.seen.pop(path, None)
        self._recent.drop(path)
        self._problems.pop(path, None)
        self._unname(path, file[0])

    def _lose_folder(self, path: str) -> None:
        folder = self._folders.pop(path, None)
        if folder is None:
            return
        self._forgive([path])
        self._recent_folders.drop(path)
        self._unname(path, folder.identity)
        for lost in folder.files:
            self._lose(lost)
        for lost in folder.below:
            self._lose_folder(lost)

    def _unname(self, path: str, identity: Identity) -> None:
        if self._known.get(identity) == path:
            del self._known[identity]
        if self._has_twins:
            self._walked_at = None  # its other name may come into its own

    def _forgive(self, folders: Collection[str]) -> None:
        """What was said of these folders and what is in them will be said again if it holds."""
        for source in list(self._problems):
            if source in folders or (source not in self.files and _folder_of(source) in folders):
                del self._problems[source]


def _folder_of(path: str) -> str:
    """As a walk spelled it; `os.path.dirname` takes ten times as long to say the same."""
    return path.rpartition(os.sep)[0]


def _file(status: os.stat_result) -> tuple[Identity, int, int]:
    return ((status.st_dev, status.st_ino), status.st_mtime_ns, status.st_size)


class _Recent:
    """What changed last, so that it may soon change again."""

    def __init__(self, least: int, most: int) -> None:
        self._least = least
        self._most = most
        self._mtimes: dict[str, float] = {}
        """Path → mtime, roughly the oldest first."""

    def start(self, mtimes: Mapping[str, int]) -> None:
        found = ((_mtime(mtime_ns), path) for path, mtime_ns in mtimes.items())
        newest = heapq.nlargest(self._most, found)
        self._mtimes = {path: mtime for mtime, path in reversed(newest)}

    def put(self, path: str, mtime_ns: int) -> None:
        self._mtimes.pop(path, None)
        self._mtimes[path] = _mtime(mtime_ns)

    def drop(self, path: str) -> None:
        self._mtimes.pop(path, None)

    def now(self) -> Collection[str]:
        """Those still recent; the others are let go."""
        mtimes, since = self._mtimes, time.time() - RECENT
        while len(mtimes) > self._least:
            oldest = next(iter(mtimes))
            if len(mtimes) <= self._most and mtimes[oldest] > since:
                break
            del mtimes[oldest]
        return mtimes.keys()


def _mtime(mtime_ns: int) -> float:
    return time.time() if mtime_ns == UNSETTLED else mtime_ns / 1e9


class _Turn:
    """Hands out everything once per turn, a share at a time."""

    def __init__(self, seconds: float, most: int) -> None:
        self._seconds = seconds
        self._most = most
        self._rest: list[str] = []
        self._size = 0

    def share(self, everything: Iterable[str], elapsed: float) -> list[str]:
        """The next ones, as many as are due after `elapsed` seconds."""
        if not self._rest:
            self._rest = list(everything)
            self._size = len(self._rest)
        part = min(1.0, max(LEAST_SHARE, elapsed / self._seconds))
        # Rounds far apart make up for it.
        most = self._most * max(1.0, elapsed / USUAL)
        count = min(math.ceil(self._size * part), math.ceil(most))
        due = self._rest[-count:]
        del self._rest[-count:]
        return due
