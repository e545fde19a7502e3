"""One signal to one process, which is looked at once more at that very moment.

Where the system has pidfds, the descriptor is opened first and the process behind it looked at
after that: a pid that changes hands in between can then not be hit.
"""

from __future__ import annotations

import os
import signal as signals
from collections import Counter
from collections.abc import Iterable
from typing import Literal

from agtop.control.aims import GONE, Aim, Me, Plan, Processes
from agtop.control.signals import Signal
from agtop.errors import RefusedError
from agtop.model import Record

Outcome = Literal["sent", "ended", "replaced", "refused", "failed"]


class Sent(Record):
    """What came of one signal."""

    aim: Aim
    outcome: Outcome
    why: str = ""

    def __str__(self) -> str:
        return f"{self.aim} {self.why}"


def deliver(plan: Plan, signal: Signal, processes: Processes, me: Me) -> tuple[Sent, ...]:
    """Send `signal` to everything planned. Raises RefusedError where the system has none such."""
    return send_all(plan.aims, signal, processes, me)


def send_all(aims: Iterable[Aim], signal: Signal, processes: Processes, me: Me) -> tuple[Sent, ...]:
    """As `deliver`, in the order in which the signal does no harm on its way."""
    aims = tuple(aims)
    launchers = [aim for aim in aims if aim.part == "launcher"]
    others = [aim for aim in aims if aim.part != "launcher"]
    if signal.name == "CONT":
        others.reverse()  # nobody is to wake up above a child that is still paused
    ordered = [*launchers[::-1], *others] if signal.launchers == "first" else [*others, *launchers]
    return tuple(send(aim, signal, processes, me) for aim in ordered)


def send(aim: Aim, signal: Signal, processes: Processes, me: Me) -> Sent:
    """Send `signal` if `aim` is still the process that was meant and may still be signalled."""
    number = signal.number
    if number is None:
        raise RefusedError(f"this system has no signal {signal.name}; kill ends the process")
    if me.objection(aim.pid, me.owner) is not None:
        return Sent(aim, "refused", me.objection(aim.pid, me.owner) or "")
    try:
        descriptor = _pidfd(aim.pid)
    except ProcessLookupError:
        return Sent(aim, "ended", "has ended")
    try:
        return _objection(aim, processes, me) or _send(aim, number, descriptor)
    finally:
        if descriptor is not None:
            os.close(descriptor)


def is_alive(aim: Aim, processes: Processes) -> bool:
    """A zombie has ended: all that is left is for its parent to take note."""
    vitals = processes.vitals(aim.pid)
    return vitals is not None and vitals.status not in GONE and aim.is_at(vitals)


def is_paused(aim: Aim, processes: Processes) -> bool:
    """Whether it is the very process that was meant, and is stopped."""
    vitals = processes.vitals(aim.pid)
    return vitals is not None and vitals.status == "stopped" and aim.is_at(vitals)


def _objection(aim: Aim, processes: Processes, me: Me) -> Sent | None:
    vitals = processes.vitals(aim.pid)
    if vitals is None:
        return Sent(aim, "ended", "has ended")
    if not aim.is_at(vitals):
        return Sent(aim, "replaced", "has ended; another process has its pid now")
    if vitals.status in GONE:
        return Sent(aim, "ended", "has ended")
    objection = me.objection(aim.pid, processes.owner(aim.pid))
    return Sent(aim, "refused", objection) if objection is not None else None


def _pidfd(pid: int) -> int | None:
    """Raises ProcessLookupError."""
    if not hasattr(os, "pidfd_open") or not hasattr(signals, "pidfd_send_signal"):
        return None
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        raise
    except OSError:
        return None  # an old kernel, or a sandbox that forbids them


def _send(aim: Aim, number: int, descriptor: int | None) -> Sent:
    try:
        if descriptor is not None:
            signals.pidfd_send_signal(descriptor, number)
        else:
            os.kill(aim.pid, number)
    except ProcessLookupError:
        return Sent(aim, "ended", "has ended")
    except PermissionError:
        return Sent(aim, "failed", "may not be signalled by this user")
    except OSError as error:
        return Sent(aim, "failed", f"cannot be signalled ({(error.strerror or '').lower()})")
    return Sent(aim, "sent", "got it")


def summary(plan: Plan, signal: Signal, sent: Iterable[Sent]) -> str:
    """What came of it, as a sentence."""
    sent = tuple(sent)
    counts = Counter(each.outcome for each in sent)
    wrong = [str(each) for each in sent if each.outcome in ("replaced", "refused", "failed")]
    said = f"sent {signal.name} to {plan}"
    if counts["sent"] < len(sent):
        said = f"sent {signal.name} to {counts['sent']} of {len(sent)}: {plan}"
    ended = counts["ended"]
    if ended:
        wrong.append(f"{ended} had ended already")
    return "; ".join([said, *wrong])
