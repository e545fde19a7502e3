"""What verbs work with."""

from __future__ import annotations

from collections.abc import Callable

from agtop.budgets import Spending, as_told
from agtop.control import Me, Processes
from agtop.model import Process, Record, Snapshot
from agtop.registry import Registry

OK, FAILED = 0, 1


class Means(Record):
    """Everything from outside that a verb needs."""

    processes: Processes
    """As they are this instant."""
    sample: Callable[[], tuple[Process, ...]]
    """The agents' processes."""
    snapshot: Callable[[], Snapshot]
    """All sessions; reads their transcripts, so it is asked for only when nothing else helps."""
    registry: Registry
    me: Me
    say: Callable[[str], object]
    """Prints a line, made harmless."""
    now: float
    clock: Callable[[], float]
    wait: Callable[[float], object]
    cells: int | None = None
    """The width of the terminal; None where nobody looks."""
    spending: Callable[[Snapshot], Spending] = as_told
    """As of a snapshot that `snapshot` took."""
