"""The app: snapshots come in by one door, go down to the widgets, and messages come up."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import Footer

from agtop import columns
from agtop.filters import parse
from agtop.model import Snapshot
from agtop.text import line, printable
from agtop.themes import Theme
from agtop.tui.acting import Lend
from agtop.tui.arranging import Arranging
from agtop.tui.attending import Attending
from agtop.tui.budget_bar import BudgetBar
from agtop.tui.command_bar import CommandBar
from agtop.tui.commands import Command, key_commands, only, palette
from agtop.tui.ending import close_when_told
from agtop.tui.entry import Entry
from agtop.tui.filter_bar import FilterBar
from agtop.tui.header import Header
from agtop.tui.history import History
from agtop.tui.keys import APP_KEYS, KEY_NAMES
from agtop.tui.listening import Listening
from agtop.tui.messages import NOTHING, Selection, SnapshotTaken
from agtop.tui.narrowing import Narrowing
from agtop.tui.opening import Glimpse
from agtop.tui.overview import Overview
from agtop.tui.panel import Panel, TabsRule
from agtop.tui.picking import TABLE_KEYS, Picking
from agtop.tui.places import TALL, WIDE
from agtop.tui.remembered import Memory
from agtop.tui.rule import SessionsRule
from agtop.tui.screens.help import HelpScreen
from agtop.tui.screens.problems import ProblemsScreen
from agtop.tui.screens.setup import SetupScreen
from agtop.tui.screens.sheet import Page, Sheet
from agtop.tui.screens.signals import SignalMenu
from agtop.tui.screens.sort import SortMenu
from agtop.tui.screens.why import Priced, Why, WhyScreen
from agtop.tui.search_bar import SearchBar
from agtop.tui.session_table import SessionTable
from agtop.tui.session_tree import SessionTree
from agtop.tui.spending import Spending
from agtop.tui.strip import Strip
from agtop.tui.tabs.base import Tab
from agtop.tui.tabs.bus import BusTab
from agtop.tui.tabs.changes import ChangesTab
from agtop.tui.tabs.cost import CostTab
from agtop.tui.tabs.info import Info, Resume, no_resume
from agtop.tui.tabs.limits import LimitsTab
from agtop.tui.tabs.process import ProcessTab
from agtop.tui.tabs.stream import Stream
from agtop.tui.tabs.trace import TraceTab
from agtop.tui.tracing import Tracing

if TYPE_CHECKING:
    from agtop.bus.feed import Feed
    from agtop.sources import Probe
    from agtop.trace.follow import Open
    from agtop.tui.purse import Purse
    from agtop.tui.screens.inventory import Take
    from agtop.tui.screens.sources import Reports, SourcesScreen
    from agtop.tui.spending import Spent


class Agtop(Narrowing, Arranging, Overview, Tracing, Attending, Spending, Listening):
    """Every agent session on the machine, on one screen."""

    TITLE = "agtop"
    CSS_PATH = "agtop.tcss"
    ENABLE_COMMAND_PALETTE = True
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [*APP_KEYS]

    snapshot: var[Snapshot] = var(NOTHING)
    selection: var[Selection] = var(Selection())
    shown: var[int] = var(0)
    """How many sessions the table holds."""
    tab: var[str] = var("info")

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
        spent: Spent | None = None,
        readers: Mapping[str, Open] | None = None,
        keymap: Mapping[str, str] | None = None,
        glimpse: Glimpse | None = None,
        first: Snapshot | None = None,
        started: Callable[[], None] | None = None,
        theme: Theme = "dark",
        ascii: bool = False,  # noqa: A002
        history: History | None = None,
        highlights: bool = False,
        memory: Memory | None = None,
        feed: Feed | None = None,
        lend: Lend | None = None,
        readonly: bool = False,
        purse: Purse | None = None,
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
            spent: What was used, which runs in a thread, and how weeks and budgets are.
            readers: Agent → what opens its transcripts for Trace; they run in a thread.
            keymap: Binding id → keys, separated by commas.
            glimpse: What to show until the first snapshot is there.
            first: A snapshot that was taken already.
            started: Called when the terminal is the app's.
            theme: One of `agtop.themes.THEMES`.
            ascii: Draw nothing but ASCII.
            history: The commands of other times.
            highlights: Show which cells of the table changed.
            memory: How the screen begins, in place of the order and the filter; told how it is
                left.
            feed: What hears the bus; the app starts it, and who made it closes it.
            lend: What signals are sent with, made when it is first needed.
            readonly: Nothing is ever sent.
            purse: The budgets.
        """
        # Without colour the terminal's own must be kept, or Textual would turn them into greys.
        colours = True if "NO_COLOR" in os.environ else None
        super().__init__(collect, ansi_color=colours, lend=lend, readonly=readonly, purse=purse)
        if memory is not None:
            (sort, reverse), filter = memory.order, memory.start.filter  # noqa: A001
        columns.find(sort)
        self.dress(theme, ascii)
        self.history = history or History()
        self.animation_level = "none"
        self._why, self._price, self._resume = why, price, resume
        self._keys = dict(keymap or {})
        self.set_keymap(self._keys)
        self.set_reactive(Agtop.delay, delay)
        self.set_reactive(Agtop.filter, parse(filter))
        self.set_reactive(Agtop.sort, sort)
        self.set_reactive(Agtop.reverse, reverse)
        self.set_reactive(Agtop.snapshot, first or NOTHING)
        self._rule = SessionsRule(glimpse)
        self.table = Picking(glimpse, highlights)
        self.find_as_left(memory or Memory())
        self._look_into, self._started = look_into, started
        self._looked_into: set[str] = set()
        self.feed = feed
        self._sources, self._app_server, self._readers = sources, app_server, readers
        self._inventory = inventory
        self.spent = spent
        self._sources_screen: SourcesScreen | None = None
        """While it is open."""

    # What is on the screen

    def compose(self) -> ComposeResult:
        if self._started is not None:
            self._started()
        yield Header().data_bind(Agtop.snapshot, Agtop.delay, Agtop.mode, Agtop.enforces)
        yield self._rule.data_bind(Agtop.snapshot, Agtop.filter, Agtop.show_ended, Agtop.shown)
        yield self.table.data_bind(
            Agtop.snapshot, Agtop.filter, Agtop.show_ended, Agtop.sort, Agtop.reverse
        )
        limits = LimitsTab().data_bind(Agtop.snapshot)
        changes = ChangesTab(lambda: self.snapshot.conflicts)
        trace = TraceTab(self._readers, lambda: self.snapshot.sessions)
        tabs = (
            *(Info(self._resume), ProcessTab(), CostTab()),
            *(trace, BusTab(self.feed), changes, limits),
        )
        yield Panel(tabs).data_bind(Agtop.selection, active=Agtop.tab)
        yield FilterBar(self.filter.text)
        yield BudgetBar()
        yield Strip()
        yield SearchBar()
        yield self.command_bar()
        yield Footer(show_command_palette=False)

    def on_load(self) -> None:
        close_when_told(self)  # before the terminal is Textual's

    def on_mount(self) -> None:
        self.panel.display = self.size.height >= TALL
        self.table.focus()
        if self.collect is not None:
            self.call_after_refresh(self.collect_forever)

    @property
    def panel(self) -> Panel:
        return self.query_one(Panel)

    # What comes in

    @on(SnapshotTaken)
    def take(self, message: SnapshotTaken) -> None:
        self.snapshot = self.newest(self.with_bus(message.snapshot))
        # The table says so too, but in a message of its own: that would be a second frame.
        self.selection = self.table.selection
        if self._sources_screen is not None:
            self._examine(self._sources_screen)

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
        self.push_screen(HelpScreen(Agtop.every_binding(), self._keys))

    @staticmethod
    def every_binding() -> list[BindingType]:
        from agtop.tui.screens.proxy import ProxyScreen  # rarely wanted, so not at the start
        from agtop.tui.screens.spend import SpendScreen

        return [
            *Agtop.BINDINGS, *TABLE_KEYS, *Panel.BINDINGS, *Tab.BINDINGS,
            *TraceTab.BINDINGS, *BusTab.BINDINGS, *Stream.BINDINGS, *Entry.BINDINGS,
            *FilterBar.BINDINGS, *SearchBar.BINDINGS, *CommandBar.BINDINGS,
            *SortMenu.BINDINGS, *SetupScreen.BINDINGS, *Page.BINDINGS, *Sheet.BINDINGS,
            *SignalMenu.BINDINGS, *BudgetBar.BINDINGS, *SpendScreen.BINDINGS,
            *ProxyScreen.BINDINGS,
        ]  # fmt: skip

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
        self.ask(partial(screen.find, self._why, self._price))
        self.answer_soon()

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
        self.answer_soon()

    def _examine(self, screen: SourcesScreen) -> None:
        """Ask with the next round: asking at once in every round would never end."""
        if self._sources is not None:
            self.ask(partial(screen.find, self.snapshot, self._sources))

    def action_inventory(self) -> None:
        from agtop.tui.screens.inventory import InventoryScreen  # as rarely wanted

        self.push_screen(InventoryScreen(self._inventory))

    def action_copy_id(self) -> None:
        session = self.selection.session
        if session is not None:
            self.copy_to_clipboard(printable(session.session_id))
            self.notify(f"Copied {line(printable(session.session_id))}", markup=False)

    # Commands

    def commands(self) -> Iterator[Command]:
        tabs = only(lambda: self.panel.names)
        yield Command("tab", "Show a tab", self._show_tab_named, "NAME", tabs)
        yield from super().commands()
        yield from key_commands([*SessionTree.BINDINGS, *Picking.BINDINGS], self._act_on_table)

    async def _act_on_table(self, action: str) -> None:
        await self.run_action(action, self.table)

    @on(CommandBar.Left)
    def leave_command(self) -> None:
        self.screen.set_focus(self.table)

    def _show_tab_named(self, name: str) -> None:
        names = self.panel.names
        if name.casefold() not in names:
            raise ValueError(f'there is no tab "{name}"; there are {", ".join(names)}')
        self.action_show_tab(name.casefold())

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002
        yield from palette(self.table_of_commands, self.act)

    def get_key_display(self, binding: Binding) -> str:
        if binding.key_display or binding.key not in KEY_NAMES:
            return super().get_key_display(binding)
        return KEY_NAMES[binding.key]
