"""What an agent is to agtop: where its files lie, how they are read, how its processes look."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from agtop.agents.walk import Walk
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
