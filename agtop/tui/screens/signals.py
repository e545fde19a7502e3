"""The menu of signals, for the selected or tagged sessions."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from agtop.control import SIGNALS
from agtop.text import cut, line
from agtop.tui.deeds import END, Deed
from agtop.tui.keys import bind
from agtop.tui.tones import QUIET, TITLE
from agtop.tui.words import toned

_ENTRIES = (
    (END, "ask to end, wait 5 s, force what is left (TERM, then KILL)"),
    *((entry.name, entry.about) for entry in SIGNALS.values() if entry.number is not None),
)


class SignalMenu(ModalScreen[Deed | None]):
    """Answers with what is to be done, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("signal.close", "escape,q,f9", "dismiss(None)", "Close", "Send nothing", show=True),
        bind("signal.tree", "t", "tree", "Tree", "Its process alone, or all below it too"),
        bind("signal.down", "j", "down", "Down", "The next signal"),
        bind("signal.up", "k", "up", "Up", "The signal before"),
    ]

    def __init__(self, whom: str, asks: bool) -> None:
        """
        Args:
            whom: the sessions, for the title.
            asks: what cannot be undone is armed first.
        """
        super().__init__()
        self._whom, self._asks = whom, asks
        self._tree = True

    def compose(self) -> ComposeResult:
        menu = OptionList(*(Option(_line(name, about), id=name) for name, about in _ENTRIES))
        menu.border_title = toned(f" Signal to {cut(line(self._whom), 50)} ", TITLE)
        menu.highlighted = 0
        yield menu

    def on_mount(self) -> None:
        self._tell()

    def _tell(self) -> None:
        whom = "with all below it" if self._tree else "its process alone"
        then = "arms" if self._asks else "sends"
        self.query_one(OptionList).border_subtitle = Content(f" Enter {then}   t: {whom} ")

    def action_tree(self) -> None:
        self._tree = not self._tree
        self._tell()

    def action_down(self) -> None:
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        self.query_one(OptionList).action_cursor_up()

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(Deed(event.option_id or END, self._tree))


def _line(name: str, about: str) -> Content:
    return Content.assemble(f" {name:<6} ", (about, QUIET))
