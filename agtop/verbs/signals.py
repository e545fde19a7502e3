"""`agtop kill`, `pause` and `resume`."""

from __future__ import annotations

from collections.abc import Sequence

from agtop.control import SIGNALS, Plan, Signal, deliver, plan, stop, summary
from agtop.control.ladder import PATIENCE
from agtop.verbs.means import FAILED, OK, Means
from agtop.verbs.targets import process_of, registered


def kill(
    targets: Sequence[str], means: Means, tree: bool = True, patience: float = PATIENCE
) -> int:
    """Ask each to end and force those that do not. Raises AgtopError before anything is sent."""
    left = False
    for each in _plans(targets, means, tree):
        ending = stop(
            each,
            means.processes,
            means.me,
            lambda step: means.say(step.sentence),
            means.clock,
            means.wait,
            patience,
        )
        left = left or not ending.has_ended
        if any(step.rung == "cancelled" for step in ending.steps):
            break
    registered(means)  # which sweeps out those that have ended
    return FAILED if left else OK


def signal(targets: Sequence[str], wanted: Signal, means: Means, tree: bool = True) -> int:
    """Send one signal to each. Raises AgtopError before anything is sent."""
    failed = False
    for each in _plans(targets, means, tree):
        sent = deliver(each, wanted, means.processes, means.me)
        means.say(summary(each, wanted, sent))
        failed = failed or all(one.outcome != "sent" for one in sent)
    return FAILED if failed else OK


def pause(targets: Sequence[str], means: Means, tree: bool = True) -> int:
    return signal(targets, SIGNALS["STOP"], means, tree)


def resume(targets: Sequence[str], means: Means, tree: bool = True) -> int:
    return signal(targets, SIGNALS["CONT"], means, tree)


def _plans(targets: Sequence[str], means: Means, tree: bool) -> list[Plan]:
    """All of them or none: a word that means nothing must not leave half of it done."""
    meant = {(p := process_of(word, means)).identity: p for word in targets}
    plans = [plan(process, means.processes, means.me, tree) for process in meant.values()]
    for each in plans:
        for spared in each.spared:
            means.say(str(spared))
    return plans
