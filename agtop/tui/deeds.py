"""What can be done to sessions: whom it hits, whether it can be undone, and doing it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from threading import Event

from agtop.control import SIGNALS, Plan, Sent, Step, deliver, plan, stop, summary
from agtop.control.ladder import PATIENCE
from agtop.errors import RefusedError
from agtop.model import Process, Record, Session, replace
from agtop.tui.hands import Hands

END = "END"
"""Ask to end, and force what has not ended: the ladder."""
OPPOSITE = {"STOP": "CONT", "CONT": "STOP"}


class Deed(Record):
    """An entry of the menu, for the process alone or for all below it too."""

    name: str
    tree: bool = True
    by: str = "you"
    patience: float = PATIENCE
    """Seconds between asking to end and forcing it."""

    @property
    def is_reversible(self) -> bool:
        return self.name in OPPOSITE


class Planned(Record):
    """Whom a deed would hit, and who was refused."""

    deed: Deed
    plans: tuple[Plan, ...]
    refused: tuple[str, ...] = ()

    def __str__(self) -> str:
        whom = ", ".join(map(str, self.plans[:2]))
        more = len(self.plans) - 2
        return f"{self.deed.name} to {whom}" + (f" and {more} more" if more > 0 else "")


class Told(Record):
    """Something happened on the way: a signal was sent, or why none was."""

    whom: str
    sentence: str


def processes_of(sessions: Iterable[Session]) -> tuple[list[Process], list[str]]:
    """The processes that serve `sessions`, each once, and why some have none."""
    found: dict[tuple[int, float], Process] = {}
    without: list[str] = []
    for session in sessions:
        if session.process is not None:
            found[session.process.identity] = session.process
        elif session.match.confidence == "ambiguous":
            pids = ", ".join(map(str, session.match.candidates[:5]))
            without.append(f"{session.key} could be any of pids {pids}; agtop kill PID takes one")
        else:
            without.append(f"{session.key} has no process; it is not running")
    return list(found.values()), without


def planned(deed: Deed, sessions: Iterable[Session], hands: Hands) -> Planned:
    """Look afresh whom `deed` would hit."""
    return aimed(deed, *processes_of(sessions), hands)


def aimed(
    deed: Deed, processes: Iterable[Process], without: Iterable[str], hands: Hands
) -> Planned:
    """The same for processes.

    Args:
        without: why some that were meant have none.
    """
    refused = list(without)
    plans: list[Plan] = []
    for process in processes:
        try:
            plans.append(plan(process, hands.processes, hands.me, deed.tree))
        except RefusedError as error:
            refused.append(str(error))
    return Planned(deed, tuple(plans), tuple(refused))


def perform(wish: Planned, hands: Hands, bell: Event, tell: Callable[[Told], object]) -> Planned:
    """Do it, telling every step; what of it can be undone."""
    undone: list[Plan] = []
    for each in wish.plans:
        if bell.is_set():
            tell(Told(str(each), "called off before anything was sent"))
        elif wish.deed.name == END:
            _end(each, wish.deed.patience, hands, bell, tell)
        else:
            undone += _send(each, wish.deed, hands, tell)
    back = OPPOSITE.get(wish.deed.name, "")
    return Planned(replace(wish.deed, name=back), tuple(undone) if back else ())


def _end(
    each: Plan, patience: float, hands: Hands, bell: Event, tell: Callable[[Told], object]
) -> None:
    def step(taken: Step) -> None:
        tell(Told(str(each), taken.sentence))

    def wait(seconds: float) -> bool:
        return hands.wait(bell, seconds)

    stop(each, hands.processes, hands.me, step, hands.clock, wait, patience)


def _send(each: Plan, deed: Deed, hands: Hands, tell: Callable[[Told], object]) -> Iterator[Plan]:
    signal = SIGNALS[deed.name]
    try:
        sent: tuple[Sent, ...] = deliver(each, signal, hands.processes, hands.me)
    except RefusedError as error:
        tell(Told(str(each), str(error)))
        return
    tell(Told(str(each), summary(each, signal, sent)))
    reached = tuple(one.aim for one in sent if one.outcome == "sent")
    if reached:
        yield replace(each, aims=reached)
