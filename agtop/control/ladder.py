"""From a request to force: TERM, five seconds, KILL, each step told as it is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from agtop.control.aims import Aim, Me, Plan, Processes, latecomers
from agtop.control.delivery import Sent, is_alive, is_paused, send_all
from agtop.control.signals import SIGNALS, Signal
from agtop.model import Record

PATIENCE = 5.0
"""Seconds a process has to end by itself."""
GRACE = 1.0
"""Seconds the system has to clear away what was forced."""
POLL = 0.1

Rung = Literal["asked", "woken", "ended", "forced", "cancelled", "left"]


class Step(Record):
    """One rung, for a person."""

    rung: Rung
    sentence: str
    elapsed: float
    """Seconds since the first signal."""


class Ending(Record):
    """How it came out."""

    survivors: tuple[Aim, ...]
    forced: bool
    """KILL was needed."""
    elapsed: float
    steps: tuple[Step, ...]

    @property
    def has_ended(self) -> bool:
        return not self.survivors


def stop(
    plan: Plan,
    processes: Processes,
    me: Me,
    tell: Callable[[Step], object],
    clock: Callable[[], float],
    wait: Callable[[float], object],
    patience: float = PATIENCE,
) -> Ending:
    """End everything that is planned.

    Args:
        plan: whom.
        processes: asked afresh at each look.
        me: who sends.
        tell: gets each step as it is taken.
        clock: seconds that only go forward.
        wait: sleeps for so many seconds; what it returns is true once the user calls it off.
        patience: seconds between asking and forcing.
    """
    return _Climb(plan, processes, me, tell, clock, wait).run(patience)


class _Climb:
    def __init__(
        self,
        plan: Plan,
        processes: Processes,
        me: Me,
        tell: Callable[[Step], object],
        clock: Callable[[], float],
        wait: Callable[[float], object],
    ) -> None:
        self.plan, self.processes, self.me = plan, processes, me
        self.tell, self.clock, self.wait = tell, clock, wait
        self.began_at = clock()
        self.aims = plan.aims
        self.steps: list[Step] = []

    @property
    def elapsed(self) -> float:
        return self.clock() - self.began_at

    def run(self, patience: float) -> Ending:
        sent = self._send(self.aims, SIGNALS["TERM"])
        self._say("asked", f"asked {self.plan} to end (TERM){_trouble(sent)}")
        left, called_off = self._left_after(patience, wake=True)
        if not left:
            return self._over(forced=False)
        if called_off:
            return self._called_off(left)
        return self._force(left, patience)

    def _force(self, left: Sequence[Aim], patience: float) -> Ending:
        self.aims = (*left, *latecomers(self.plan, left, self.processes))
        sent = self._send(self.aims, SIGNALS["KILL"])
        told = f"{_count(len(left))} not ended within {patience:g}s: forced (KILL)"
        self._say("forced", f"{told}{_trouble(sent)}")
        left, _ = self._left_after(GRACE)
        return self._over(forced=True) if not left else self._survived(left)

    def _left_after(self, seconds: float, wake: bool = False) -> tuple[tuple[Aim, ...], bool]:
        """Who still lives when all have ended, the time is over or the user calls it off."""
        until = self.clock() + seconds
        left = self._living()
        while left and (rest := until - self.clock()) > 0:
            if wake:
                self._wake(left)
            called_off = bool(self.wait(min(POLL, rest)))
            left = self._living()
            if called_off:
                return left, True
        return left, False

    def _wake(self, left: Sequence[Aim]) -> None:
        """A paused process ends only once it goes on; a pause may take effect late."""
        paused = [aim for aim in left if is_paused(aim, self.processes)]
        if not paused:
            return
        self._send(paused, SIGNALS["CONT"])
        if not any(step.rung == "woken" for step in self.steps):
            self._say("woken", f"{_count(len(paused))} been paused: woken to hear it (CONT)")

    def _over(self, forced: bool) -> Ending:
        whole = "it" if len(self.aims) == 1 else f"all {len(self.aims)}"
        self._say("ended", f"{whole} ended after {self.elapsed:.1f}s")
        return Ending((), forced, self.elapsed, tuple(self.steps))

    def _called_off(self, left: tuple[Aim, ...]) -> Ending:
        self._say("cancelled", f"called off before force; {_count(len(left))} not ended yet")
        return Ending(left, False, self.elapsed, tuple(self.steps))

    def _survived(self, left: tuple[Aim, ...]) -> Ending:
        who = ", ".join(map(str, left[:3])) + (" …" if len(left) > 3 else "")
        self._say(
            "left", f"still there after {self.elapsed:.1f}s: {who}; the system holds on to it"
        )
        return Ending(left, True, self.elapsed, tuple(self.steps))

    def _living(self) -> tuple[Aim, ...]:
        return tuple(aim for aim in self.aims if is_alive(aim, self.processes))

    def _send(self, aims: Sequence[Aim], signal: Signal) -> tuple[Sent, ...]:
        return send_all(aims, signal, self.processes, self.me)

    def _say(self, rung: Rung, sentence: str) -> None:
        step = Step(rung, sentence, self.elapsed)
        self.steps.append(step)
        self.tell(step)


def _count(number: int) -> str:
    return "1 process has" if number == 1 else f"{number} processes have"


def _trouble(sent: Sequence[Sent]) -> str:
    wrong = [str(each) for each in sent if each.outcome in ("replaced", "refused", "failed")]
    return "".join(f"; {sentence}" for sentence in wrong)
