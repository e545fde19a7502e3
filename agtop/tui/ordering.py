"""An app whose commands act on sessions: signals, the mode, budgets, and whose trace shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from agtop.budgets import ACTIONS
from agtop.columns.cells import short_id
from agtop.config import meant, one_of
from agtop.errors import AgtopError
from agtop.model import Process
from agtop.tui.budget_bar import Wish, parse
from agtop.tui.commands import Command, any_of, only
from agtop.tui.modes import ABOUT, MODES
from agtop.tui.picking import Picking
from agtop.tui.running import Running, words
from agtop.units import parse_delay

if TYPE_CHECKING:
    from agtop.tui.errand import Errands, Scene

SIGNAL_NAMES = ("INT", "TERM", "KILL", "STOP", "CONT", "HUP")
ABOUTS = {
    "kill": "End the selected, tagged or named: TERM, wait, KILL; or send one signal",
    "pause": "Stop the selected, tagged or named where they are (STOP)",
    "resume": "Let the selected, tagged or named go on (CONT)",
}


class Ordering(Running):
    """As the keys do, but for whom is named."""

    def commands(self) -> Iterator[Command]:
        for verb, about in ABOUTS.items():
            takes = "[SIGNAL] [TARGET…]" if verb == "kill" else "[TARGET…]"
            offers = partial(self._order_words, verb)
            yield Command(verb, about, partial(self._send, verb), takes, offers)
        yield Command(
            "mode", "Only observe, ask first, or trust", self._go_to, "[MODE]", only(lambda: MODES)
        )
        yield Command(
            *("budget", "Set a budget, or none to take it away", self._budget),
            *("[TARGET] AMOUNT|none [ACTION]", self._budget_words),
        )
        yield Command("delay", "Seconds between refreshes", self._wait_for, "TIME")
        yield from super().commands()

    def called(self) -> Iterable[str]:
        """How the sessions that run can be named."""
        table = self.screen_stack[0].query_one(Picking)
        live = [each for each in table.snapshot.sessions if each.is_live]
        return [*self.registered(), *(short_id(each).partition("+")[0] for each in live)]

    # Signals

    def _order_words(self, verb: str, before: Sequence[str]) -> Iterable[str]:
        from agtop.tui.orders import flags_of

        signals = SIGNAL_NAMES if verb == "kill" and not before else ()
        return any_of(lambda: (*signals, *self.called(), *flags_of(verb)))(before)

    def _send(self, verb: str, text: str) -> None:
        from agtop.tui.deeds import processes_of
        from agtop.tui.orders import order

        wanted = order(verb, words(text))
        if not self.may_act():
            return
        if wanted.targets:
            if self.errands is None:
                raise ValueError("names are not at hand here; select a session instead")
            find = partial(_named, self.errands, wanted.targets, self.scene())
            self.aim(wanted.deed, find, len(wanted.targets))
            return
        sessions = self.targets()
        processes, without = processes_of(sessions)
        if not processes:
            raise ValueError("; ".join(without[:3]) or "no session is selected")
        self.aim(wanted.deed, partial(processes_of, sessions), len(processes))

    # The mode, the pace

    def _go_to(self, text: str) -> None:
        name = text.casefold()
        if not name:
            self.action_mode()
            return
        if name not in MODES:
            raise ValueError(f'there is no mode "{text}"{meant(text, MODES)}: {one_of(MODES)}')
        if self.modes.is_locked:
            raise ValueError(self.modes.advice)
        while self.mode != name:
            self.mode = self.modes.next()
        self.disarm()
        self.say(ABOUT[self.mode])

    def _wait_for(self, text: str) -> None:
        self.delay = parse_delay(text)
        self.action_refresh_now()

    # Budgets

    def _budget_words(self, before: Sequence[str]) -> Iterable[str]:
        if not before:
            agents = sorted({each.agent for each in self._table.snapshot.sessions})
            return ("day", "week", "all", "session", *(f"agent:{a}" for a in agents))
        return () if before[-1] in ACTIONS else (*ACTIONS, "none")

    def _budget(self, text: str) -> None:
        if not text:
            self.action_budget()
            return
        wish = parse(text)
        selected = self._table.selected
        self.change_budget(self.owner_of(wish, None if selected is None else selected.key), wish)

    def owner_of(self, wish: Wish, session: str | None) -> Callable[[], str]:
        if wish.whose is None or self.errands is None:
            return super().owner_of(wish, session)
        return partial(_session_named, self.errands, wish.whose, self.scene())

    @property
    def _table(self) -> Picking:
        return self.screen_stack[0].query_one(Picking)


def _named(
    errands: Errands, targets: Sequence[str], scene: Scene
) -> tuple[list[Process], list[str]]:
    """All of them or none: a word that means nothing must not leave half of it done."""
    found: dict[tuple[int, float], Process] = {}
    for word in targets:
        try:
            process = errands.process(word, scene)
        except (AgtopError, OSError) as error:
            return [], [str(error)]
        found[process.identity] = process
    return list(found.values()), []


def _session_named(errands: Errands, word: str, scene: Scene) -> str:
    return f"session:{errands.session(word, scene).key}"
