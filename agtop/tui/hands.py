"""What the screen acts with: the processes as they are this instant, clocks, and a bell to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event

from agtop.control import Me, Processes
from agtop.model import Record

DEMO = "this is the demo, and its agents are invented; agtop without --demo acts on real ones"


def wait_or_stop(bell: Event, seconds: float) -> bool:
    return bell.wait(seconds)


def nobody(_pid: int) -> tuple[str, ...] | None:
    return None


class Hands(Record):
    """Everything from outside that acting needs."""

    processes: Processes
    me: Me
    clock: Callable[[], float] = time.monotonic
    """Seconds that only go forward."""
    now: Callable[[], float] = time.time
    wait: Callable[[Event, float], bool] = wait_or_stop
    """Lets so many seconds pass; true once the bell rang."""
    variables: Callable[[int], tuple[str, ...] | None] = nobody
    """pid → the names of its environment's variables."""
    excuse: str = ""
    """Why nothing is ever sent, though all else is shown."""


def borrow(is_demo: bool) -> Hands:
    """The system's own processes; those of the demo are left alone."""
    from agtop.processes.environment import variables
    from agtop.processes.source import system_source

    source = system_source()
    return Hands(source, Me.of(source), variables=variables, excuse=DEMO if is_demo else "")
