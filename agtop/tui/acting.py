"""An app that acts on sessions: modes, signals, what is armed, undone and remembered."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from threading import Event
from typing import TYPE_CHECKING

from textual import on, work
from textual.message import Message
from textual.reactive import var

from agtop.activity import Activity, Effect, Entry
from agtop.model import Process, Session, Snapshot
from agtop.text import line, printable
from agtop.tui import strip
from agtop.tui.collecting import Collecting
from agtop.tui.messages import SnapshotTaken
from agtop.tui.modes import ABOUT, Mode, Modes
from agtop.tui.picking import Picking
from agtop.tui.screens.activity import ActivityScreen
from agtop.tui.session_table import SessionTable

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from agtop.tui.deeds import Deed, Planned, Told
    from agtop.tui.hands import Hands

Lend = Callable[[], "Hands"]
Find = Callable[[], tuple[Iterable[Process], Iterable[str]]]
"""Processes, and sentences about what has none."""


class Acting(Collecting):
    """Sends signals, as far as its mode lets it."""

    mode: var[Mode] = var("observe")

    @dataclass
    class Looked(Message):
        """Whom a deed would hit is known."""

        planned: Planned

    @dataclass
    class Stepped(Message):
        """A step was taken."""

        planned: Planned
        told: Told

    @dataclass
    class Finished(Message):
        """It is over; `back` undoes it."""

        planned: Planned
        back: Planned | None

    def __init__(
        self,
        collect: Callable[[], Snapshot] | None,
        ansi_color: bool | None = None,
        lend: Lend | None = None,
        readonly: bool = False,
    ) -> None:
        """
        Args:
            collect: Takes a snapshot.
            lend: What to act with, made when it is first needed. Without it nothing is sent.
            readonly: Nothing is sent, whatever is pressed.
        """
        super().__init__(collect, ansi_color)
        self._lend = lend
        self.modes = Modes(lambda: self.clock(), readonly)
        self.activity = Activity()
        self._armed: Planned | None = None
        self._armed_at = 0.0
        self._queue: deque[Planned] = deque()
        self._busy: Planned | None = None
        """What is under way."""
        self._step = ""
        self._began_at = 0.0
        self._last = ""
        self.called_off = Event()
        self._back: Planned | None = None

    @cached_property
    def hands(self) -> Hands | None:
        return self._lend() if self._lend is not None else None

    def clock(self) -> float:
        return time.monotonic() if self.hands is None else self.hands.clock()

    def on_mount(self) -> None:
        self._ticking = self.set_interval(strip.TURN, self.tick, pause=True)

    def on_unmount(self) -> None:
        self.called_off.set()  # nobody is forced to end by a screen that is gone

    def targets(self) -> tuple[Session, ...]:
        """The tagged sessions; without any, the selected one."""
        return self.screen_stack[0].query_one(Picking).picked

    def say(
        self, sentence: str, severity: SeverityLevel = "information", timeout: float | None = None
    ) -> None:
        """In a toast; names in it may come from outside."""
        text = line(printable(sentence))
        self.notify(text, severity=severity, timeout=timeout, markup=False)

    # The mode

    def action_mode(self) -> None:
        if self.modes.is_locked:
            self.say(self.modes.advice, severity="warning")
            return
        self.mode = self.modes.next()
        self.disarm()
        self.say(ABOUT[self.mode])

    @on(SnapshotTaken)
    def keep_mode(self) -> None:
        """Trust ends by itself."""
        if self.mode != self.modes.now:
            self.mode = self.modes.now
            self.say("30 minutes of trust are over: agtop asks again.")

    def may_act(self) -> bool:
        self.keep_mode()
        if self.mode == "observe":
            self.say(self.modes.advice, severity="warning")
            return False
        if self._lend is None:
            self.say("Processes are not at hand here; nothing was sent.")
            return False
        if self.is_working:
            self.say(f"{self._busy or self._step} is still under way; Esc calls it off.")
            return False
        return True

    # Signals

    def action_signal(self) -> None:
        """Open the menu; when something is armed already, do it."""
        if self._armed is not None:
            self._run_armed()
        elif self.may_act():
            self._open_menu(self.targets())

    def _open_menu(self, sessions: tuple[Session, ...]) -> None:
        from agtop.tui.deeds import processes_of  # rarely wanted, so not at the start
        from agtop.tui.screens.signals import SignalMenu

        processes, without = processes_of(sessions)
        if not processes:
            why = "; ".join(without[:3]) or "no session is selected"
            self.say(why, severity="warning")
            return

        def chosen(deed: Deed | None) -> None:
            if deed is not None and self.may_act():
                self.aim(deed, partial(processes_of, sessions), len(processes))

        first = processes[0]
        name = first.recognition.agent if first.recognition else first.name
        more = f" and {len(processes) - 1} more" if len(processes) > 1 else ""
        self.push_screen(SignalMenu(f"{name} (pid {first.pid}){more}", self.mode == "ask"), chosen)

    def aim(self, deed: Deed, find: Find, count: int) -> None:
        """Look whom a deed would hit; then arm it or do it.

        Args:
            find: the processes it is meant for, and why others have none; runs in a thread.
            count: how many there are.
        """
        self.begin("looking for the process" if count == 1 else f"looking for {count} processes")
        self._look(deed, find)

    @work(thread=True, exit_on_error=False, group="act")
    def _look(self, deed: Deed, find: Find) -> None:
        """In a thread: every process of the machine is looked at."""
        from agtop.tui.deeds import Planned, aimed

        wish = Planned(deed, ())
        try:
            if self.hands is not None:
                wish = aimed(deed, *find(), self.hands)
        finally:
            self.post_message(self.Looked(wish))

    @on(Looked)
    def looked(self, message: Looked) -> None:
        wish = message.planned
        self.rest()
        for sentence in wish.refused:
            self.say(sentence, severity="warning")
        for each in wish.plans:
            for spared in each.spared:
                self.say(str(spared))
        if not wish.plans or self.called_off.is_set() or self.mode == "observe":
            return
        if self.mode == "ask" and not wish.deed.is_reversible:
            self._armed, self._armed_at = wish, self.clock()
            self.tick()
            self._ticking.resume()
        else:
            self.start(wish)

    def _run_armed(self) -> None:
        wish = self._armed
        still = self.clock() - self._armed_at < strip.ARMED
        self.disarm()
        if wish is not None and still:
            self.start(wish)

    def disarm(self) -> None:
        self._armed = None
        self.tick()

    # Doing it

    def start(self, wish: Planned) -> None:
        """Do it, in a thread; what agtop may not touch here is only told."""
        if self.hands is not None and self.hands.excuse:
            self.note("signal", str(wish), f"nothing was sent: {self.hands.excuse}", wish.deed.by)
            self.say(f"Nothing was sent: {self.hands.excuse}")
            return
        if self.is_working:
            self._queue.append(wish)
            return
        self.begin(str(wish), wish)
        self._perform(wish)

    @work(thread=True, exit_on_error=False, group="act")
    def _perform(self, wish: Planned) -> None:
        from agtop.tui.deeds import perform

        def tell(told: Told) -> None:
            self.post_message(self.Stepped(wish, told))

        back = None
        try:
            if self.hands is not None:
                back = perform(wish, self.hands, self.called_off, tell)
        finally:
            self.post_message(self.Finished(wish, back))

    @on(Stepped)
    def stepped(self, message: Stepped) -> None:
        wish, told = message.planned, message.told
        self._step = self._last = told.sentence
        self.note("signal", f"{wish.deed.name} to {told.whom}", told.sentence, wish.deed.by)
        self.tick()

    @on(Finished)
    def finished(self, message: Finished) -> None:
        back = message.back
        can_undo = back is not None and bool(back.plans)
        if can_undo:
            self._back = back
        self.rest()
        if self._last:
            hint = "; u undoes it" if can_undo else ""
            self.say(f"{self._last}{hint}")
        if self._queue:
            self.start(self._queue.popleft())
        self.action_refresh_now()

    def action_undo(self) -> None:
        """Take the last pause or wake-up back."""
        if not self.may_act():
            return
        wish, self._back = self._back, None
        if wish is None:
            self.say("There is nothing to undo; only STOP and CONT can be.")
        else:
            self.start(wish)

    # What is under way

    def begin(self, step: str, wish: Planned | None = None) -> None:
        self._busy, self._step, self._last = wish, step, ""
        self.is_working = True
        self._began_at = self.clock()
        self.called_off = Event()
        self._ticking.resume()

    is_working = False

    def rest(self) -> None:
        self._busy, self.is_working = None, False
        self.tick()

    def tick(self) -> None:
        """Draw the strip for this instant."""
        now = self.clock()
        if self._armed is not None and now - self._armed_at >= strip.ARMED:
            self._armed = None
        shown = None
        if self.is_working:
            shown = strip.under_way(self._step, now - self._began_at)
        elif self._armed is not None:
            left = strip.ARMED - (now - self._armed_at)
            shown = strip.armed(str(self._armed), "F9 or k", left)
        else:
            self._ticking.pause()
        self.screen_stack[0].query_one(strip.Strip).say(shown)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc belongs to others while there is nothing to call off."""
        if action == "call_off":
            is_wanted = self._armed is not None or self.is_working
            return is_wanted and len(self.screen_stack) == 1
        return super().check_action(action, parameters)

    def action_call_off(self) -> None:
        if self._armed is not None:
            self.disarm()
        self.called_off.set()

    # What was done

    def note(self, effect: Effect, what: str, result: str, by: str = "you") -> None:
        """Remember an effect for the log."""
        self.activity.add(Entry(self._now(), effect, what, result, by))

    def _now(self) -> float:
        return time.time() if self.hands is None else self.hands.now()

    def action_activity(self) -> None:
        self.push_screen(ActivityScreen(self.activity, self._now()))

    def action_environment(self) -> None:
        from agtop.tui.screens.environment import EnvironmentScreen

        selected = self.screen_stack[0].query_one(SessionTable).selected
        process = None if selected is None else selected.process
        if process is None or self.hands is None:
            self.say("No process is at hand: it is not running.")
            return
        vitals = self.hands.processes.vitals(process.pid)
        is_same = vitals is not None and abs(vitals.started_at - process.started_at) <= 2.0
        names = self.hands.variables(process.pid) if is_same else None
        self.push_screen(EnvironmentScreen(f"{process.name} (pid {process.pid})", names))
