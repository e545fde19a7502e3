"""One sample: everything the logs tell of one instant."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from agtop.metrics.effort import Effort, Efforts
from agtop.metrics.spent import Crowd, Purse, Spent
from agtop.model import Process, Record, Snapshot, Totals, Weight, Window

Pair = tuple[int, int]


class Load(Record):
    """The machine, whoever uses it."""

    memory: Pair | None = None
    """(used, total) bytes."""
    swap: Pair | None = None
    averages: tuple[float, float, float] | None = None
    """Of 1, 5 and 15 minutes."""


class Sizes(Record):
    """Bytes of agtop's own files; None where it keeps none."""

    databases: int | None = None
    all: int | None = None


class Sample(Record):
    """What is known at one instant."""

    at: float
    efforts: tuple[Effort, ...] = ()
    """By agent."""
    spent: tuple[Spent, ...] = ()
    """By agent and model."""
    crowds: tuple[Crowd, ...] = ()
    """By agent."""
    totals: Totals = Totals()
    limits: tuple[Window, ...] = ()
    load: Load = Load()
    sizes: Sizes = Sizes()
    weight: Weight = Weight(0)
    """What agtop itself takes."""
    problems: int = 0
    is_first: bool = False
    """Nothing is known yet of how fast anything goes."""


class Meter:
    """Takes samples of snapshots; one for each run, since speeds and sums need what was before."""

    def __init__(self, efforts: Efforts, purse: Purse, folders: Sequence[Path] = ()) -> None:
        """
        Args:
            folders: where agtop keeps its own files.
        """
        self._efforts = efforts
        self._purse = purse
        self._folders = folders
        self._is_first = True

    def sample(
        self,
        snapshot: Snapshot,
        processes: Sequence[Process],
        tick: float,
        swap: Pair | None = None,
    ) -> Sample:
        """Everything known now.

        Args:
            processes: the agents' own.
            tick: by a clock that nobody sets.
            swap: (used, total) bytes.
        """
        self._purse.look(snapshot)
        is_first, self._is_first = self._is_first, False
        host = snapshot.host
        memory = None
        if host.memory_used is not None and host.memory_total is not None:
            memory = (host.memory_used, host.memory_total)
        return Sample(
            snapshot.taken_at,
            self._efforts.look(processes, snapshot.taken_at, tick),
            self._purse.spent(),
            self._purse.crowds(),
            snapshot.totals,
            snapshot.limits,
            Load(memory, swap, averages()),
            sizes(self._folders),
            snapshot.weight,
            len(snapshot.problems),
            is_first,
        )


def averages() -> tuple[float, float, float] | None:
    """The machine's load, where the system keeps it."""
    try:
        return os.getloadavg()
    except (AttributeError, OSError):
        return None


def sizes(folders: Iterable[Path]) -> Sizes:
    """What agtop's own files take."""
    found = [each for folder in folders for each in _files(folder)]
    if not found:
        return Sizes()
    return Sizes(sum(size for name, size in found if ".sqlite" in name), sum(s for _, s in found))


def _files(folder: Path) -> Iterable[tuple[str, int]]:
    for where, _folders, names in os.walk(folder):
        for name in names:
            try:
                yield name, os.lstat(os.path.join(where, name)).st_size
            except OSError:
                pass  # it went between the two
