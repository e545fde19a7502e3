"""The app: snapshots come in by one door, go down to the widgets, and messages come up."""

from __future__ import annotations

import logging
import os
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on, work
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import Footer
from textual.worker import (
    Worker,
    WorkerState,
    get_current_worker,  # pyright: ignore[reportUnknownVariableType]
)

from agtop import columns
from agtop.filters import EVERYTHING, Filter, parse, readable
from agtop.model import Snapshot
from agtop.text import line, printable
from agtop.tui.commands import page_commands, sort_commands
from agtop.tui.filter_bar import FilterBar
from agtop.tui.header import WIDE, Header
from agtop.tui.keys import APP_KEYS, KEY_NAMES
from agtop.tui.messages import NOTHING, Selection, SnapshotTaken
from agtop.tui.panel import Panel, TabsRule
from agtop.tui.rule import SessionsRule
from agtop.tui.screens.help import HelpScreen
from agtop.tui.screens.problems import ProblemsScreen
from agtop.tui.screens.sheet import Page, Sheet
from agtop.tui.screens.sort import SortMenu
from agtop.tui.screens.why import Priced, Why, WhyScreen
from agtop.tui.session_table import SessionTable
from agtop.tui.tabs.base import Tab
from agtop.tui.tabs.cost import CostTab
from agtop.tui.tabs.info import Info, Resume, no_resume
from agtop.tui.tabs.process import ProcessTab
from agtop.tui.themes import AGTOP

if TYPE_CHECKING:
    from agtop.sources import Probe
    from agtop.tui.screens.inventory import Take
    from agtop.tui.screens.sources import Reports, SourcesScreen

LOG = logging.getLogger("agtop.tui")
LOG.addHandler(logging.NullHandler())  # else the last resort would write over the screen

TALL = 30
"""Lines from which the tabs show from the start."""

_RETRY = 10.0
"""Seconds after which a round that failed is tried again."""


class Agtop(App[None]):
    """Every agent session on the machine, on one screen."""

    TITLE = "agtop"
    CSS_PATH = "agtop.tcss"
    ENABLE_COMMAND_PALETTE = True
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [*APP_KEYS]

    snapshot: var[Snapshot] = var(NOTHING)
    selection: var[Selection] = var(Selection())
    filter: var[Filter] = var(EVERYTHING)
    sort: var[str] = var(columns.DEFAULT_SORT)
    reverse: var[bool] = var(False)
    show_ended: var[bool] = var(True)
    shown: var[int] = var(0)
    """How many sessions the table holds."""
    tab: var[str] = var("info")
    delay: var[float] = var(2.0)

    def __init__(
        self,
        collect: Callable[[], Snapshot] | None,
        *,
        delay: float = 2.0,
        filter: str = "",  # noqa: A002
        sort: str = columns.DEFAULT_SORT,
        reverse: bool = False,
        why: Why | None = None,
        look_into: Callable[[str], None] | None = None,
        price: Priced | None = None,
        resume: Resume = no_resume,
        sources: Reports | None = None,
        app_server: Probe | None = None,
        inventory: Take | None = None,
        keymap: Mapping[str, str] | None = None,
    ) -> None:
        """
        Args:
            collect: Takes a snapshot; runs in a thread of its own. Without it, whoever holds the
                app posts `SnapshotTaken` itself.
            delay: Seconds between rounds; at least twice as long as a round takes.
            filter: What `agtop.filters.parse` reads. Raises ValueError with a sentence.
            sort: The name of a column. Raises KeyError.
            why: A session's key → the responses behind its figures; runs in a thread.
            look_into: Told the key of a session whose details are missing and looked at.
            price: A session's response → what it cost.
            resume: A session → the command that takes it up again.
            sources: What was found of each agent; runs in a thread.
            app_server: Asks the app server that was named; runs in a thread of its own.
            inventory: Looks at what agents are set up with; runs in a thread of its own.
            keymap: Binding id → keys, separated by commas.
        """
        # Without colour the terminal's own must be kept, or Textual would turn them into greys.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        columns.find(sort)
        self.register_theme(AGTOP)
        self.theme = AGTOP.name
        self.animation_level = "none"
        self._collect, self._why, self._price, self._resume = collect, why, price, resume
        self._keys = dict(keymap or {})
        self.set_keymap(self._keys)
        self.set_reactive(Agtop.delay, delay)
        self.set_reactive(Agtop.filter, parse(filter))
        self.set_reactive(Agtop.sort, sort)
        self.set_reactive(Agtop.reverse, reverse)
        self._look_into = look_into
        self._looked_into: set[str] = set()
        self._sources, self._app_server, self._inventory = sources, app_server, inventory
        self._sources_screen: SourcesScreen | None = None
        """While it is open."""
        self._questions: deque[Callable[[], None]] = deque()
        self._bug = ""
        """The last bug that a toast told of."""

    # What is on the screen

    def compose(self) -> ComposeResult:
        yield Header().data_bind(Agtop.snapshot, Agtop.delay)
        yield SessionsRule().data_bind(Agtop.snapshot, Agtop.filter, Agtop.show_ended, Agtop.shown)
        yield SessionTable().data_bind(
            Agtop.snapshot, Agtop.filter, Agtop.show_ended, Agtop.sort, Agtop.reverse
        )
        yield Panel((Info(self._resume), ProcessTab(), CostTab())).data_bind(
            Agtop.selection, active=Agtop.tab
        )
        yield FilterBar(self.filter.text)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.panel.display = self.size.height >= TALL
        self.table.focus()
        if self._collect is not None:
            self.call_after_refresh(self.collect_forever)

    @property
    def table(self) -> SessionTable:
        return self.query_one(SessionTable)

    @property
    def panel(self) -> Panel:
        return self.query_one(Panel)

    # What comes in

    @work(thread=True, exclusive=True, exit_on_error=False, group="collect")
    def collect_forever(self) -> None:
        """Take snapshots, and answer what is asked of the collector, until the app closes."""
        worker = _this_worker()
        while not worker.is_cancelled:
            began = monotonic()
            self._answer_questions()
            complete = self._take_snapshot(worker)
            # While transcripts are still being read the next round goes on at once.
            pause = max(self.delay, 2 * (monotonic() - began)) if complete else 0.0
            worker.cancelled_event.wait(pause)
            # `r` and questions ring the same bell without cancelling: listen for the next ring.
            worker.cancelled_event.clear()

    def _take_snapshot(self, worker: Worker[object]) -> bool:
        """Post a snapshot; whether it holds everything."""
        if self._collect is None or worker.is_cancelled:
            return True
        snapshot = self._collect()
        if not worker.is_cancelled:
            self.post_message(SnapshotTaken(snapshot))
        return snapshot.complete

    @work(thread=True, exclusive=True, exit_on_error=False, group="why")
    def _answer_without_collector(self) -> None:
        self._answer_questions()

    def _answer_questions(self) -> None:
        """In the collector's own thread: nobody else may look at what it keeps."""
        while self._questions:
            self._questions.popleft()()

    @on(SnapshotTaken)
    def take(self, message: SnapshotTaken) -> None:
        self.snapshot = message.snapshot
        if self._sources_screen is not None:
            self._examine(self._sources_screen)

    @on(Worker.StateChanged)
    def report(self, message: Worker.StateChanged) -> None:
        """A bug in a thread: what was known stays on the screen, and the log has the rest."""
        worker = cast("Worker[object]", message.worker)  # pyright: ignore[reportUnknownMemberType]
        if message.state is not WorkerState.ERROR or worker.error is None:
            return
        error = worker.error
        LOG.error("%s", "".join(traceback.format_exception(error)))
        if worker.group == "collect":
            self.set_timer(max(self.delay, _RETRY), self.collect_forever)
        if isinstance(self.screen, Sheet):
            self.screen.fail("The records could not be read; the details are in the log.")
        what = f"{type(error).__name__}: {line(printable(str(error)))}"
        if what != self._bug:
            self._bug = what
            text = f"A bug in agtop: {what}. What was known stays; the details are in the log."
            self.notify(text, severity="error", markup=False)

    @on(SessionTable.Selected)
    def select(self, message: SessionTable.Selected) -> None:
        self.selection = message.selection
        session = message.selection.session
        if self._look_into is None or session is None or not session.reading.partial:
            return
        if session.key not in self._looked_into:
            self._looked_into.add(session.key)
            self._look_into(session.key)
            self.action_refresh_now()

    @on(SessionTable.Listed)
    def count(self, message: SessionTable.Listed) -> None:
        self.shown = message.count

    # Order

    @on(SessionTable.SortChosen)
    def sort_chosen(self, message: SessionTable.SortChosen) -> None:
        self.action_sort(message.column)

    def action_sort(self, column: str) -> None:
        """Sort by `column`; when that is done already, turn the order round."""
        if column == self.sort:
            self.reverse = not self.reverse
        else:
            self.sort, self.reverse = column, False

    def action_invert(self) -> None:
        self.reverse = not self.reverse

    def action_sort_next(self, step: int) -> None:
        names = self.table.shown_columns
        here = names.index(self.sort) if self.sort in names else 0
        self.sort, self.reverse = names[(here + step) % len(names)], False

    def action_sort_menu(self) -> None:
        def chosen(column: str | None) -> None:
            if column is not None:
                self.action_sort(column)

        self.push_screen(SortMenu(self.sort, self.reverse), chosen)

    # Filter

    def action_filter(self) -> None:
        self.query_one(FilterBar).open()

    @on(FilterBar.Typed)
    def typed(self, message: FilterBar.Typed) -> None:
        """Take what can be read, and say what cannot."""
        self.filter, error = readable(message.text)
        self.query_one(FilterBar).error = error

    @on(FilterBar.Closed)
    def closed(self, message: FilterBar.Closed) -> None:
        if not message.keep:
            self.filter = EVERYTHING
        self.table.focus()

    def action_clear_filter(self) -> None:
        self.query_one(FilterBar).action_clear()

    def action_toggle_ended(self) -> None:
        self.show_ended = not self.show_ended

    # Tabs

    @on(SessionTable.Opened)
    def action_open(self) -> None:
        """Show the tabs; when they show already, give them the keys."""
        if self.panel.display:
            self.panel.take_focus()
        self.panel.display = True

    def action_toggle_panel(self) -> None:
        self.panel.display = not self.panel.display
        self.table.focus()

    def action_show_tab(self, name: str) -> None:
        self.panel.display = True
        self.tab = name

    def action_next_tab(self, step: int) -> None:
        names = self.panel.names
        self.action_show_tab(names[(names.index(self.tab) + step) % len(names)])

    @on(TabsRule.Chosen)
    def tab_chosen(self, message: TabsRule.Chosen) -> None:
        self.action_show_tab(message.tab)

    @on(Panel.Left)
    def leave_panel(self) -> None:
        self.table.focus()

    # The rest

    def action_help(self) -> None:
        bindings = [
            *Agtop.BINDINGS, *SessionTable.BINDINGS, *Panel.BINDINGS, *Tab.BINDINGS,
            *FilterBar.BINDINGS, *SortMenu.BINDINGS, *Page.BINDINGS, *Sheet.BINDINGS,
        ]  # fmt: skip
        self.push_screen(HelpScreen(bindings, self._keys))

    @on(SessionsRule.ProblemsWanted)
    def action_problems(self) -> None:
        self.push_screen(ProblemsScreen(self.snapshot))

    def action_why(self) -> None:
        session = self.selection.session
        if session is None:
            return
        if self._why is None:
            self.notify("The records behind the figures are not at hand here.", markup=False)
            return
        screen = WhyScreen(session, self.selection.now)
        self.push_screen(screen)
        self._questions.append(partial(screen.find, self._why, self._price))
        self._answer_soon()

    def _answer_soon(self) -> None:
        if self._collect is None:
            self._answer_without_collector()
        else:
            self.action_refresh_now()

    def action_sources(self) -> None:
        if self._sources is None:
            self.notify("What agtop found where is not at hand here.", markup=False)
            return
        from agtop.tui.screens.sources import SourcesScreen  # rarely wanted, so not at the start

        def closed(_: object) -> None:
            self._sources_screen = None

        self._sources_screen = SourcesScreen(self._app_server)
        self.push_screen(self._sources_screen, closed)
        self._examine(self._sources_screen)
        self._answer_soon()

    def _examine(self, screen: SourcesScreen) -> None:
        """Ask with the next round: asking at once in every round would never end."""
        if self._sources is not None:
            self._questions.append(partial(screen.find, self.snapshot, self._sources))

    def action_inventory(self) -> None:
        from agtop.tui.screens.inventory import InventoryScreen  # as rarely wanted

        self.push_screen(InventoryScreen(self._inventory))

    def action_copy_id(self) -> None:
        session = self.selection.session
        if session is not None:
            self.copy_to_clipboard(printable(session.session_id))
            self.notify(f"Copied {line(printable(session.session_id))}", markup=False)

    def action_refresh_now(self) -> None:
        """Wake the worker that waits for the next round."""
        for worker in self.workers:
            if worker.group == "collect" and worker.is_running:
                worker.cancelled_event.set()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        yield from super().get_system_commands(screen)  # pyright: ignore[reportUnknownMemberType]
        yield from page_commands(self.action_sources, self.action_inventory)
        yield from sort_commands(self.action_sort)

    def get_key_display(self, binding: Binding) -> str:
        if binding.key_display or binding.key not in KEY_NAMES:
            return super().get_key_display(binding)
        return KEY_NAMES[binding.key]


def _this_worker() -> Worker[object]:
    return cast("Worker[object]", get_current_worker())
