"""Everything known at one instant."""

from __future__ import annotations

from agtop.model.conflict import Conflict
from agtop.model.limits import Window
from agtop.model.record import Record
from agtop.model.session import Session
from agtop.model.totals import Totals


class Problem(Record):
    """Something wrong outside agtop that is worth showing: what, where, what to do."""

    source: str
    message: str
    at: float | None = None


class Host(Record):
    """The machine."""

    name: str
    os: str
    cpus: int | None = None
    cpu_percent: float | None = None
    memory_used: int | None = None
    memory_total: int | None = None
    load_1m: float | None = None


class Weight(Record):
    """What agtop itself costs."""

    pid: int
    cpu_percent: float | None = None
    rss: int | None = None


class Progress(Record):
    """How far the first reading of the transcripts has come."""

    read: int = 0
    total: int = 0


class Snapshot(Record):
    """Everything known at one instant."""

    taken_at: float
    sessions: tuple[Session, ...] = ()
    """Top-level sessions, live and past."""
    totals: Totals = Totals()
    host: Host = Host("", "")
    weight: Weight = Weight(0)
    plan: str = "retail"
    problems: tuple[Problem, ...] = ()
    complete: bool = True
    """False while transcripts are still being read for the first time."""
    progress: Progress = Progress()
    conflicts: tuple[Conflict, ...] = ()
    """Of the last day, the newest first."""
    limits: tuple[Window, ...] = ()
    """Of plans, by agent; the shortest first."""
